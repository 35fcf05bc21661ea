// One request, explained: what came, what became of it, what would be written instead. The gateway keeps no value
// of it, so its shape is explained by the example of its operation.

import { useEffect, useState } from "preact/hooks";
import { explain } from "../explain";
import { address } from "../route";
import { language, operations } from "../store";
import type { Explained, Line, Operation } from "../types";
import { exact, many, span } from "../words";
import { CodeWithPicker } from "./code";
import { Json } from "./json";
import { outcomeSays } from "./small";

export function LineDetails({ line }: { line: Line }) {
  const operation = operations.value.find(({ name, aliases }) => name === line.operation || aliases.includes(line.operation ?? ""));
  return (
    <>
      <h2 class="small">What came</h2>
      <p>{came(line)}</p>
      <h2 class="small">What became of it</h2>
      <p>{became(line)}</p>
      {operation ? <Instead operation={operation} id={`as-${line.n}`} /> : <p>It names no operation of the table, so there is nothing to write instead.</p>}
    </>
  );
}

const DOORS: Record<string, string> = {
  legacy: "by the old door",
  json: "as JSON",
  unread: "in a form that could not be read",
};

function came({ at, method, path, door, agent, app, operation, dropped }: Line): string {
  const who = app ? `the app ${app}` : "a caller without an app of the settings";
  const left = dropped > 0 ? ` ${many(dropped, "parameter")} had no place in the JSON and went no further.` : "";
  return `At ${exact(at)}, from ${who}, ${agent ? `with the program ${agent}` : "without a User-Agent"}: ${method} ${path}, ${operation ?? "no operation"}, ${DOORS[door] ?? door}.${left}`;
}

function became({ outcome, label, took_us, cache, status }: Line): string {
  const why = label === "OK" ? "" : `, ${label}`;
  const kept = cache === "hit" ? " It was answered from the cache." : "";
  return `${outcome}${why}: ${outcomeSays(outcome)}. The caller had HTTP ${status} after ${span(took_us)}.${kept}`;
}

function Instead({ operation, id }: { operation: Operation; id: string }) {
  const [said, set] = useState<Explained | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    explain(operation.example, stop.signal).then(set, () => set(null));
    return () => stop.abort();
  }, [operation, language.value]);
  return (
    <>
      <h2 class="small">What to write instead</h2>
      <p>
        {operation.name}: {operation.doc}. Of a call no value is kept; this is the operation's example.{" "}
        <a href={address("playground", { op: operation.name })}>Try it with values of your own</a>
      </p>
      {said?.json && (
        <>
          <Json text={said.json} members={said.members} label={`JSON of ${operation.name}`} />
          <CodeWithPicker id={id} text={said.code} label={`Code of ${operation.name}`} />
        </>
      )}
    </>
  );
}
