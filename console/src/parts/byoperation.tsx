// Which operations came, counted in this browser while the console is open.

import { address } from "../route";
import { counted, since } from "../stream";
import { many, number, share } from "../words";
import { Ago } from "./small";

export function ByOperation() {
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
