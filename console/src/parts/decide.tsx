// What a person decides about a program, with a reason; and the way back.

import { useState } from "preact/hooks";
import { post, Refused, sentence } from "../api";
import { state } from "../store";
import type { Client } from "../types";
import { Ago, Fault } from "./small";

type What = "done" | "retired" | "open";
type Doubt = { what: What; reason: string; says: string };

const WORDS: Record<"done" | "retired", string> = {
  done: "it needs the old door no more",
  retired: "close the old door for it: its old calls are refused, with a sentence that says so",
};

export function Decide({ client, decided }: { client: Client; decided: () => Promise<void> }) {
  const [fault, setFault] = useState("");
  const [doubt, setDoubt] = useState<Doubt | null>(null);
  const decide = async (what: What, reason: string, force = false) => {
    setFault("");
    setDoubt(null);
    try {
      await post("api/decide", { client: client.client, what, reason, force });
      await decided();
    } catch (error) {
      if (error instanceof Refused && error.status === 409) setDoubt({ what, reason, says: error.message });
      else setFault(sentence(error));
    }
  };
  return (
    <section>
      <h2>What do you decide?</h2>
      {client.decision ? <Decided client={client} decide={decide} /> : <Choice decide={decide} />}
      {doubt && (
        <div role="alert">
          <p class="fault">{doubt.says}</p>
          <button onClick={() => void decide(doubt.what, doubt.reason, true)}>Decide it all the same</button>
        </div>
      )}
      <Fault what={fault} />
    </section>
  );
}

type Act = { decide: (what: What, reason: string) => Promise<void> };

function Decided({ client, decide }: Act & { client: Client }) {
  if (!client.decision) return null;
  const { at, reason } = client.decision;
  return (
    <>
      <p>
        {client.state}, decided <Ago at={at} />: {reason}.{" "}
        {client.state === "retired" && "It can be undone; what was refused meanwhile stays refused."}
      </p>
      {mayAct() ? <button onClick={() => void decide("open", "undone in the console")}>Undo it</button> : <OnlyOperators />}
    </>
  );
}

function Choice({ decide }: Act) {
  const [what, setWhat] = useState<"done" | "retired">("done");
  const [reason, setReason] = useState("");
  if (!mayAct()) return <OnlyOperators />;
  const send = (event: Event) => {
    event.preventDefault();
    void decide(what, reason.trim());
  };
  return (
    <form class="stack" onSubmit={send}>
      <fieldset>
        <legend>Say that</legend>
        {(["done", "retired"] as const).map((word) => (
          <label key={word} class="choice">
            <input type="radio" name="what" checked={what === word} onChange={() => setWhat(word)} />
            <span>
              <strong>{word}</strong>: {WORDS[word]}
            </span>
          </label>
        ))}
      </fieldset>
      <label for="reason">Because</label>
      <input
        id="reason"
        required
        maxLength={200}
        placeholder="its owner has moved it"
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <p>
        <button disabled={reason.trim() === ""}>Decide it</button> <small>It can be undone here.</small>
      </p>
    </form>
  );
}

function mayAct(): boolean {
  return state.value?.role === "operate";
}

/** Who may, and how to become so. */
export function OnlyOperators() {
  return (
    <p>
      You may look, and not change anything. Who logs in with the token of <code>console.operate</code> may: it is in the file
      that the settings name, or in the link that the gateway printed when it started.
    </p>
  );
}
