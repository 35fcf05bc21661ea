// One shape of a call: how often it came, how it ended, and the JSON and the code that take its place.

import { useEffect, useState } from "preact/hooks";
import { explain } from "../explain";
import { address } from "../route";
import { language, languageOfProgram, operations } from "../store";
import type { Explained, Operation, Shape } from "../types";
import { many } from "../words";
import { CodeWithPicker } from "./code";
import { Json } from "./json";
import { Ago } from "./small";

const HABITS: Record<string, string> = {
  hex: "numbers as hex",
  undocumented: "parameters that no page documents",
};

export function ShapeDetails({ shape, isOpen, id }: { shape: Shape; isOpen: boolean; id: string }) {
  const [open, set] = useState(isOpen);
  return (
    <details class="shape" open={open} onToggle={(event) => set(event.currentTarget.open)}>
      <summary>
        <code>
          {shape.operation} ({shape.params.join(", ")})
        </code>{" "}
        {many(calls(shape), "call")}
      </summary>
      {open && <Inside shape={shape} id={id} />}
    </details>
  );
}

function calls({ endings }: Shape): number {
  return Object.values(endings).reduce((all, count) => all + count, 0);
}

function Inside({ shape, id }: { shape: Shape; id: string }) {
  const text = example(shape, operations.value);
  const said = useExplained(text);
  const code = shape.code ?? said?.code ?? "";
  const habits = shape.habits.map((habit) => HABITS[habit] ?? habit).join(", ");
  return (
    <>
      <p>
        It comes as {shape.style}
        {habits && `, with ${habits}`}; first <Ago at={shape.first} />, last <Ago at={shape.last} />; {ended(shape)}.
      </p>
      <h3>What to write instead</h3>
      <p>
        Of its values none is kept: those here are examples. <a href={address("playground", { call: text })}>Try it</a>
      </p>
      {said?.refused && <p>Such a call is refused: {said.refused.cause}</p>}
      {said?.json && <Json text={said.json} members={said.members} label={`JSON of ${shape.operation}`} />}
      {code && (
        <CodeWithPicker id={id} chosen={languageOfProgram} own="that of the program" text={code} label={`Code of ${shape.operation}`} />
      )}
    </>
  );
}

function ended({ endings }: Shape): string {
  const some = Object.entries(endings).filter(([, count]) => count > 0);
  return some.map(([word, count]) => `${count} ${word}`).join(", ") || "none has ended";
}

/** A call of this shape with the examples of the table. */
function example({ operation, params }: Shape, table: Operation[]): string {
  const row = table.find(({ name }) => name === operation);
  const value = (name: string) => row?.params.find((param) => param.name === name)?.example ?? "";
  const pairs = params.map((name): [string, string] => [name, value(name)]);
  return new URLSearchParams([["op", operation], ["token", "TOKEN"], ...pairs]).toString();
}

function useExplained(text: string): Explained | null {
  const [said, set] = useState<Explained | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    explain(text, stop.signal).then(set, () => undefined);
    return () => stop.abort();
  }, [text, language.value]);
  return said;
}
