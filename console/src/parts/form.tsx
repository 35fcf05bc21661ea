// A form for the parameters of an operation. Each has its sentence, its unit and an example.

import { params, write } from "../call";
import { operations } from "../store";
import type { Param } from "../types";
import { many } from "../words";

export function CallForm({ name }: { name: string }) {
  const operation = operations.value.find((known) => known.name === name);
  if (!operation) return null;
  const all = params();
  const shown = new URLSearchParams(operation.example);
  const isFirst = ({ name, need }: Param) => need === "required" || shown.has(name);
  const first = operation.params.filter(isFirst);
  const rest = operation.params.filter((param) => !isFirst(param));
  return (
    <form class="call" aria-label={`Parameters of ${operation.name}`} onSubmit={(event) => event.preventDefault()}>
      <p>{operation.doc}.</p>
      {first.map((param) => (
        <ParamField key={`${name} ${param.name}`} param={param} value={all.get(param.name) ?? ""} />
      ))}
      {rest.length > 0 && (
        <details>
          <summary>
            {many(rest.length, "more parameter")}
            {used(rest, all)}
          </summary>
          {rest.map((param) => (
            <ParamField key={`${name} ${param.name}`} param={param} value={all.get(param.name) ?? ""} />
          ))}
        </details>
      )}
    </form>
  );
}

/** Which of the folded ones the call has all the same. */
function used(rest: Param[], all: URLSearchParams): string {
  const names = rest.filter(({ name }) => all.has(name)).map(({ name }) => name);
  return names.length > 0 ? `, with ${names.join(", ")} in use` : "";
}

function ParamField({ param, value }: { param: Param; value: string }) {
  const id = `param-${param.name}`;
  return (
    <div class="param">
      <label for={id}>
        <code>{param.name}</code>
        {param.unit && <small> in {param.unit}</small>}
      </label>
      {param.kind === "boolean" || param.kind === "bit" ? <Choice param={param} id={id} value={value} /> : <Text param={param} id={id} value={value} />}
      <small id={`${id}-doc`}>{hint(param)}</small>
    </div>
  );
}

type FieldProps = { param: Param; id: string; value: string };

function Text({ param, id, value }: FieldProps) {
  return (
    <input
      id={id}
      value={value}
      placeholder={param.example}
      spellcheck={false}
      autocomplete="off"
      aria-describedby={`${id}-doc`}
      onInput={(event) => write(param.name, event.currentTarget.value)}
    />
  );
}

function Choice({ param, id, value }: FieldProps) {
  return (
    <select id={id} value={value} aria-describedby={`${id}-doc`} onChange={(event) => write(param.name, event.currentTarget.value)}>
      {["", "1", "0"].includes(value) ? null : <option value={value}>{value}</option>}
      <option value="">not sent</option>
      <option value="1">1, yes</option>
      <option value="0">0, no</option>
    </select>
  );
}

const KINDS: Record<string, string> = {
  text: "",
  integer: "a number, decimal or 0x hex",
  list: "several, with commas between",
};

function hint({ kind, need, doc, most }: Param): string {
  const parts = [doc, KINDS[kind], need === "optional" ? "" : need, most === null ? "" : `at most ${most}`];
  return parts.filter(Boolean).join("; ");
}
