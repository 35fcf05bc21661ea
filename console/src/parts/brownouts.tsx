// The planned pauses of the old door, and the button that stops them all.

import { useEffect, useState } from "preact/hooks";
import { get, post, sentence } from "../api";
import { repeat, state } from "../store";
import type { Brownout, Brownouts as Said } from "../types";
import { exact, many } from "../words";
import { Fault } from "./small";

export function Brownouts() {
  const [said, set] = useState<Said | null>(null);
  const [fault, setFault] = useState("");
  const ask = async () => set(await get<Said>("api/brownouts"));
  useEffect(() => repeat(ask, 5000), []);
  const pause = async (is: boolean) => {
    try {
      await post("api/brownouts", { pause: is });
      setFault("");
      await ask();
    } catch (error) {
      setFault(sentence(error));
    }
  };
  if (!said) return null;
  const all = said.windows;
  return (
    <section>
      <h2>When does the old door pause?</h2>
      {all.length === 0 && (
        <p>
          Never: no pause is planned. A <code>[[brownout]]</code> in the settings plans one, and{" "}
          <code>mesigate brownout --forecast</code> says whom it would meet.
        </p>
      )}
      {all.length > 0 && (
        <ul class="plain">
          {all.map((brownout) => (
            <li key={brownout.name}>{planned(brownout)}</li>
          ))}
        </ul>
      )}
      {said.paused && <p>They are stopped: none refuses anybody until you let them go on, or the next start.</p>}
      {all.length > 0 && state.value?.role === "operate" && (
        <button onClick={() => void pause(!said.paused)}>{said.paused ? "Let them go on" : "Stop them all now"}</button>
      )}
      <Fault what={fault} />
    </section>
  );
}

function planned({ name, from, to, state, rehearse, met }: Brownout) {
  const kind = rehearse ? "a rehearsal that refuses nobody" : "a real one";
  return (
    <>
      <strong>{name}</strong>, {kind}, {moment(from)} to {moment(to)}, {state}: {many(met, "call")} {rehearse ? "would have been refused" : "refused"}.
    </>
  );
}

function moment(at: string | number): string {
  return typeof at === "number" ? exact(at) : at;
}
