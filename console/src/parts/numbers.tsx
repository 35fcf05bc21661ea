// Two questions and their numbers: does it work, and how fast. Each has a chart, and both have one table.

import { inRows, rare, rate, slowest, times, total, typical } from "../history";
import { address } from "../route";
import type { History } from "../types";
import { clock, exact, many, number, share, span } from "../words";
import { Chart } from "./chart";

export function Works({ said }: { said: History }) {
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

export function Speed({ said }: { said: History }) {
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

export function Table({ said }: { said: History }) {
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
