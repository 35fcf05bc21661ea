// Where requests go, and where they come in.

import { counts } from "../counts";
import { state } from "../store";
import type { Upstream } from "../types";
import { exact, lasting, many, span } from "../words";
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
      <Calls connections={known.upstreams.length > 1 ? known.connections : null} />
      {known.certificate !== null && <Certificate end={known.certificate} now={known.now} />}
      <p>
        Old programs call <code>{known.api}</code>. This gateway began <Ago at={known.started} />
        {known.ledger === "memory" && ", and remembers who calls in memory alone (ledger.file keeps it)"}
        {known.ledger === "off" && ", and remembers nobody (ledger.on = false)"}
        {known.ledger === "failing" && ", and cannot write its ledger: its log says why"}.
      </p>
    </section>
  );
}

/** Upstream's part of the time; and the connections to all of them, where there are several. */
function Calls({ connections }: { connections: number | null }) {
  const asked = counts.value?.upstream;
  if (!asked?.calls && connections === null) return null;
  return (
    <p>
      {connections !== null && `${many(connections, "connection")} to all of them. `}
      {asked && asked.calls > 0 && (
        <>
          Upstream was asked {many(asked.calls, "time")} since this gateway began: half of its answers took no more than{" "}
          {span(asked.p50_us)}, and one of a hundred more than {span(asked.p99_us)}.
        </>
      )}
    </p>
  );
}

function Certificate({ end, now }: { end: number; now: number }) {
  return (
    <p>
      The certificate that clients are shown{" "}
      <time title={exact(end)}>{end > now ? `ends in ${lasting(end - now)}` : "has ended"}</time>.
    </p>
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
