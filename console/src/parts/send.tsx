// Sends the call: to the sandbox at a click; to the real upstream only where an operator has switched it on, and a
// call that changes something only after one more question.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { post, Refused, sentence } from "../api";
import { explained, text } from "../call";
import { askState, state } from "../store";
import type { Sent, State } from "../types";
import { Answers } from "./answers";
import { OnlyOperators } from "./decide";
import { Fault } from "./small";

type To = "sandbox" | "upstream";

const sent = signal<(Sent & { to: To }) | null>(null);
const fault = signal("");
const isSending = signal(false);
/** The sentence that asks whether it is really to be sent. */
const question = signal("");
/** Typed here, it stays in memory and goes to the gateway alone. */
const token = signal("");

async function send(to: To, sure = false): Promise<void> {
  isSending.value = true;
  fault.value = "";
  try {
    const call = { text: text.value, to, sure };
    const said = await post<Sent>("api/send", token.value ? { ...call, token: token.value } : call);
    sent.value = { ...said, to };
  } catch (error) {
    if (error instanceof Refused && error.status === 409) question.value = error.message;
    else fault.value = sentence(error);
  }
  isSending.value = false;
}

async function turn(on: boolean): Promise<void> {
  try {
    await post("api/switch", { upstream: on });
    fault.value = "";
    await askState();
  } catch (error) {
    fault.value = sentence(error);
  }
}

export function Send() {
  const known = state.value;
  if (!known) return null;
  return (
    <div class="send">
      <ToSandbox />
      {!known.sandbox && (
        <details>
          <summary>Or send it to the real upstream</summary>
          <ToUpstream known={known} />
        </details>
      )}
      <Question />
      <Fault what={fault.value} />
    </div>
  );
}

/** The answer to what was sent last; it comes into view by itself. */
export function Returned() {
  const place = useRef<HTMLElement>(null);
  const said = sent.value;
  useEffect(() => place.current?.scrollIntoView({ block: "nearest" }), [said]);
  if (!said || !state.value) return null;
  return (
    <section ref={place}>
      <h2>What came back from {said.to === "sandbox" ? "the sandbox" : "upstream"}?</h2>
      <Answers sent={said} known={state.value} isSandbox={said.to === "sandbox"} />
    </section>
  );
}

function ToSandbox() {
  return (
    <p>
      <button class="first" disabled={!explained.value || isSending.value} onClick={() => void send("sandbox")}>
        Send to the sandbox
      </button>
    </p>
  );
}

function ToUpstream({ known }: { known: State }) {
  const host = known.upstreams[0]?.url ?? "upstream";
  if (!known.may_send_upstream) return <Off host={host} isOperator={known.role === "operate"} />;
  if (known.role !== "operate") return <OnlyOperators />;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send("upstream");
      }}
    >
      <label for="token">Application token, if the call has none</label>
      <input
        id="token"
        class="masked"
        autocomplete="off"
        spellcheck={false}
        aria-describedby="token-doc"
        value={token.value}
        onInput={(event) => (token.value = event.currentTarget.value)}
      />
      <small id="token-doc">It stays in this page's memory, and goes to the gateway and upstream alone.</small>
      <p class="row">
        <button class="first" disabled={!explained.value || isSending.value}>
          Send to {host}
        </button>
        <button type="button" class="quiet" onClick={() => void turn(false)}>
          switch sending off
        </button>
      </p>
    </form>
  );
}

function Off({ host, isOperator }: { host: string; isOperator: boolean }) {
  return (
    <>
      <p>
        Nothing goes to <code>{host}</code> from here until an operator allows it.
      </p>
      {isOperator ? <button onClick={() => void turn(true)}>Allow sending to the real upstream</button> : <OnlyOperators />}
    </>
  );
}

function Question() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (question.value) dialog.current?.showModal();
  }, [question.value]);
  const answer = () => {
    const isYes = dialog.current?.returnValue === "yes";
    question.value = "";
    if (isYes) void send("upstream", true);
  };
  return (
    <dialog ref={dialog} aria-labelledby="sure-title" onClose={answer}>
      <h2 id="sure-title">Send it to the real upstream?</h2>
      <p>{question.value}</p>
      <form method="dialog" class="row">
        <button value="no">Do not send it</button>
        <button value="yes" class="first">
          Send it
        </button>
      </form>
    </dialog>
  );
}
