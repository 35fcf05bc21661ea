// Which operations came since the gateway began, what of them did not end well, and what the cache and limits did.

import { counts } from "../counts";
import { address } from "../route";
import type { Came, Counts } from "../types";
import { many, number, share } from "../words";
import { Ago } from "./small";

export function ByOperation() {
  const known = counts.value;
  if (!known) return null;
  return (
    <section>
      <h2>Which operations?</h2>
      {known.operations.length === 0 ? <p>None since this gateway began.</p> : <All known={known} />}
    </section>
  );
}

function All({ known }: { known: Counts }) {
  return (
    <>
      <p>
        Since this gateway began, <Ago at={known.since} />:
      </p>
      <ul class="plain">
        {known.operations.map((came) => (
          <li key={came.name}>
            <a href={address("traffic", { find: came.name })}>{came.name}</a> {says(came)}
          </li>
        ))}
      </ul>
      <Cache said={known.cache} />
      {known.limits.map(({ name, refused }) => (
        <p key={name}>
          The limit <code>{name}</code> has refused {many(refused, "request")}.
        </p>
      ))}
    </>
  );
}

/** The labels are those of the log and the metrics. */
function says({ calls, ok, others }: Came): string {
  const rest = Object.entries(others).map(([label, count]) => `${number(count)} ${label}`);
  return [many(calls, "call"), ok === calls ? "all ok" : `${number(ok)} ok`, ...rest].join(", ");
}

function Cache({ said: { hit, stale, miss } }: { said: Counts["cache"] }) {
  const all = hit + stale + miss;
  if (all === 0) return null;
  return (
    <p>
      {share(hit + stale, all)} of {many(all, "read")} that may be kept came from the cache.
    </p>
  );
}
