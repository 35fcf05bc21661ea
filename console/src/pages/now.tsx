// Now: does it work, how fast, who needs attention.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { get, sentence } from "../api";
import { inRows, rare, rate, slowest, times, total, typical, type Window, WINDOWS } from "../history";
import { Chart } from "../parts/chart";
import { Ago, Command, Fault, firstCall, Nothing } from "../parts/small";
import { address, say, shown } from "../route";
import { repeat, state } from "../store";
import { counted, since } from "../stream";
import type { History, State, Upstream } from "../types";
import { clock, exact, many, number, share, span } from "../words";

const history = signal<History | null>(null);
const isPaused = signal(false);

export function Now() {
  const of = shown.value.get("of") === "minutes" ? "minutes" : "seconds";
  const [fault, setFault] = useState("");
  useEffect(() => {
    history.value = null;
    return repeat(() => ask(of).then(setFault), of === "seconds" ? 1000 : 10_000);
  }, [of]);
  return (
    <>
      <h1 tabIndex={-1}>What is happening now?</h1>
      <Choices of={of} />
      <Fault what={fault} />
      <Attention />
      {history.value && state.value && <Numbers said={history.value} known={state.value} of={of} />}
      {!history.value && !fault && <p class="skeleton" />}
      <ByOperation />
      <Upstreams />
    </>
  );
}

async function ask(of: Window): Promise<string> {
  if (isPaused.value && history.value) return "";
  try {
    history.value = await get<History>(`api/history?of=${of}`);
    return "";
  } catch (error) {
    return history.value ? "" : sentence(error);
  }
}

function Choices({ of }: { of: Window }) {
  return (
    <p class="row">
      <label for="window">Of the</label>
      <select id="window" value={of} onChange={(event) => choose(event.currentTarget.value)}>
        {WINDOWS.map(({ of, word }) => (
          <option key={of} value={of}>
            {word}
          </option>
        ))}
      </select>
      <button type="button" class="quiet" aria-pressed={isPaused.value} onClick={() => (isPaused.value = !isPaused.value)}>
        {isPaused.value ? "go on" : "pause"}
      </button>
    </p>
  );
}

function choose(of: string): void {
  say({ of });
  shown.value = new URLSearchParams({ of });
}

function Numbers({ said, known, of }: { said: History; known: State; of: Window }) {
  const all = total(said);
  if (all.requests === 0) return <NothingYet known={known} of={of} />;
  return (
    <>
      <Works said={said} />
      <Speed said={said} />
      <Table said={said} />
    </>
  );
}

function NothingYet({ known, of }: { known: State; of: Window }) {
  return (
    <Nothing>
      <p>
        No request in the {WINDOWS.find((window) => window.of === of)?.word}. {known.sandbox ? "This one" : "A call like this"}{" "}
        makes the first number appear:
      </p>
      <Command text={firstCall(known.api)} />
      <p>
        Or <a href={address("playground")}>send one from the playground</a>.
      </p>
    </Nothing>
  );
}

function Works({ said }: { said: History }) {
  const all = total(said);
  const answered = all.done + all.failed;
  return (
    <section>
      <h2>Does it work?</h2>
      <p class="big">{share(answered, all.requests)} answered by upstream</p>
      <p>
        Of {many(all.requests, "request")}, {number(all.done)} were done, upstream said no to {number(all.failed)},{" "}
        {number(all.refused)} were refused here with nothing sent, and of {number(all.unknown)} the outcome is unknown.{" "}
        {share(all.legacy, all.requests)} came by the old door.{" "}
        {all.refused + all.unknown > 0 && <a href={address("traffic", { find: all.unknown ? "unknown" : "refused" })}>See which</a>}
      </p>
      <Chart
        label="Requests a second over time: all, those refused here, and those whose outcome is unknown. The table below has the numbers."
        times={times(said)}
        unit={(value) => `${number(value)}/s`}
        curves={[
          { colour: "all", values: rate(said, "requests") },
          { colour: "refused", values: rare(said, "refused") },
          { colour: "unknown", values: rare(said, "unknown") },
        ]}
      />
      <p class="legend">
        <span class="all">━ requests a second</span> <span class="refused">▪ refused here</span> <span class="unknown">● unknown</span>
      </p>
    </section>
  );
}

function Speed({ said }: { said: History }) {
  const worst = slowest(said);
  const point = said.step === 1 ? "second" : "minute";
  return (
    <section>
      <h2>How fast?</h2>
      <p class="big">p50 {span(typical(said))}</p>
      <p>
        Half of the requests were answered within that.
        {worst && (
          <>
            {" "}
            In the slowest {point}, at <time title={exact(worst.at)}>{clock(worst.at)}</time>, one of a hundred took more than{" "}
            {span(worst.us)} (p99).
          </>
        )}
      </p>
      <Chart
        label="The 50th and 99th percentile of the time to answer. The table below has the numbers."
        times={times(said)}
        unit={span}
        curves={[
          { colour: "all", values: said.series.p50_us },
          { colour: "p99", values: said.series.p99_us },
        ]}
      />
      <p class="legend">
        <span class="all">━ p50</span> <span>╍ p99</span>
      </p>
    </section>
  );
}

function Table({ said }: { said: History }) {
  const most = said.step === 1 ? 15 : 24;
  return (
    <details>
      <summary>The same as a table</summary>
      <div class="wide" tabIndex={0} role="group" aria-label="History as a table">
        <table class="numbers">
          <thead>
            <tr>
              {["from", "requests", "done", "failed", "refused", "unknown", "highest p99"].map((word) => (
                <th key={word} scope="col">
                  {word}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {inRows(said, most).map(({ at, total: { requests, done, failed, refused, unknown }, p99 }) => (
              <tr key={at}>
                <th scope="row">{clock(at).slice(0, 5)}</th>
                {[requests, done, failed, refused, unknown].map((count, index) => (
                  <td key={index}>{number(count)}</td>
                ))}
                <td>{span(p99)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Attention() {
  const all = state.value?.attention ?? [];
  if (all.length === 0) return null;
  return (
    <section class="attention">
      <h2>What needs you?</h2>
      <ul>
        {all.map(({ what, todo, page }) => (
          <li key={what}>
            <strong>{what}</strong> {todo} {page && page !== address("now") && <a href={page}>Look there</a>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function ByOperation() {
  const rows = [...counted.value].sort(([, a], [, b]) => b.calls - a.calls);
  return (
    <section>
      <h2>Which operations?</h2>
      {rows.length === 0 ? (
        <p>
          None since you opened this console, <Ago at={since / 1000} />. It counts while it is open.
        </p>
      ) : (
        <>
          <p>
            Seen since you opened this console, <Ago at={since / 1000} />.
          </p>
          <ul class="plain">
            {rows.map(([name, { calls, notDone, cached }]) => (
              <li key={name}>
                <a href={address("traffic", { find: name })}>{name}</a> {many(calls, "call")}
                {notDone > 0 && `, ${number(notDone)} not done`}
                {cached > 0 && `, ${share(cached, calls)} from the cache`}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

const BREAKERS: Record<string, string> = {
  closed: "its breaker is closed: requests pass",
  open: "its breaker is open: nothing is sent until it has rested",
  "half-open": "its breaker is half open: one request tries whether it is back",
};

function Upstreams() {
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
