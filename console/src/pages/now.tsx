// Now: does it work, how fast, who needs attention.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { get, sentence } from "../api";
import { useCounts } from "../counts";
import { total, type Window, WINDOWS } from "../history";
import { Attention } from "../parts/attention";
import { ByOperation } from "../parts/byoperation";
import { Speed, Table, Works } from "../parts/numbers";
import { Command, Fault, firstCall, Nothing } from "../parts/small";
import { Upstreams } from "../parts/upstreams";
import { address, say, shown } from "../route";
import { repeat, state } from "../store";
import type { History, State } from "../types";

const history = signal<History | null>(null);
const isPaused = signal(false);

export function Now() {
  const of = shown.value.get("of") === "minutes" ? "minutes" : "seconds";
  const [fault, setFault] = useState("");
  useCounts();
  useEffect(() => {
    history.value = null;
    return repeat(() => ask(of).then(setFault), of === "seconds" ? 2000 : 10_000);
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
