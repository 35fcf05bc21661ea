// Where requests go, and where they come in.

import { state } from "../store";
import type { Upstream } from "../types";
import { many } from "../words";
import { Ago } from "./small";

const BREAKERS: Record<string, string> = {
  closed: "its breaker is closed: requests pass",
  open: "its breaker is open: nothing is sent until it has rested",
  "half-open": "its breaker is half open: one request tries whether it is back",
};

export function Upstreams() {
  const known = state.value;
  if (!known) return null;
  return (
    <section>
      <h2>Where does it go?</h2>
      <ul class="plain">
        {known.upstreams.map((upstream) => (
          <li key={upstream.name}>{upstreamSays(upstream)}</li>
        ))}
      </ul>
      <p>
        Old programs call <code>{known.api}</code>. This gateway began <Ago at={known.started} />
        {known.ledger === "memory" && ", and remembers who calls in memory alone (ledger.file keeps it)"}
        {known.ledger === "off" && ", and remembers nobody (ledger.on = false)"}
        {known.ledger === "failing" && ", and cannot write its ledger: its log says why"}.
      </p>
    </section>
  );
}

function upstreamSays({ name, url, kind, breaker, connections }: Upstream) {
  return (
    <>
      <strong>{name}</strong> <code>{url}</code>, {kind}
      {connections !== null && `, ${many(connections, "connection")}`}, {BREAKERS[breaker] ?? breaker}.
    </>
  );
}
