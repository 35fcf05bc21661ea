// Playground: the old call on the left, what it becomes on the right, and then the answer and the code.

import { useEffect } from "preact/hooks";
import { explained, live, params, take, text } from "../call";
import { CallForm } from "../parts/form";
import { Becomes } from "../parts/becomes";
import { CodeWithPicker } from "../parts/code";
import { Returned, Send } from "../parts/send";
import { Copy } from "../parts/small";
import { address, say, shown } from "../route";
import { operations, state } from "../store";

export function Playground() {
  useEffect(live, []);
  useAddress();
  return (
    <>
      <h1 tabIndex={-1}>What does an old call become?</h1>
      <p>{state.value?.sandbox ? "Paste a call of your old program, or send this one." : "Paste a call of your old program, or change this one."}</p>
      <div class="two">
        <Old />
        <Becomes />
      </div>
      <Returned />
      <Instead />
    </>
  );
}

/** What the address asks for is put into the field; without anything, the first operation's example is. */
function useAddress(): void {
  const call = shown.value.get("call");
  const op = shown.value.get("op");
  const first = operations.value[0]?.name;
  useEffect(() => {
    if (call) text.value = call;
    else if (op) take(op);
    else if (text.value === "" && first) take(first);
  }, [call, op, first]);
}

function Old() {
  const name = explained.value?.operation ?? params().get("op") ?? "";
  return (
    <section class="pane" aria-labelledby="old-title">
      <h2 id="old-title">The old call</h2>
      <p class="row">
        <label for="operation">Operation</label>
        <select id="operation" value={name} onChange={(event) => choose(event.currentTarget.value)}>
          {!operations.value.some((known) => known.name === name) && <option value={name}>{name || "none"}</option>}
          {operations.value.map((known) => (
            <option key={known.name} value={known.name}>
              {known.name}
            </option>
          ))}
        </select>
      </p>
      <label for="call">A URL, a query, a curl line, raw HTTP, JSON, or a line of a program</label>
      <textarea
        id="call"
        rows={5}
        spellcheck={false}
        autocomplete="off"
        value={text.value}
        onInput={(event) => change(event.currentTarget.value)}
      />
      <Send />
      {params().has("op") && <CallForm name={name} />}
    </section>
  );
}

function choose(name: string): void {
  take(name);
  say({ op: name });
}

/** The address no longer tells what stands in the field. */
function change(call: string): void {
  text.value = call;
  if (location.hash) say({});
}

function Instead() {
  const said = explained.value;
  if (!said || said.refused) return null;
  const link = said.query ? new URL(address("playground", { call: said.query }), location.href).href : "";
  return (
    <section>
      <h2>What to write instead?</h2>
      <CodeWithPicker id="code-language" text={said.code} label="The same call in the chosen language" />
      {link && (
        <p class="row">
          <Copy text={link} what="link to this call" />
          <small>The link holds the call and never a token. It opens for who can reach this console.</small>
        </p>
      )}
    </section>
  );
}
