// Small things that many pages use.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ahead } from "../store";
import type { Outcome } from "../types";
import { ago, exact } from "../words";
import { useNow } from "./silence";

const OUTCOMES: Record<Outcome, { word: string; shape: string; says: string }> = {
  done: { word: "done", shape: "●", says: "upstream answered that it is done" },
  failed: { word: "failed", shape: "✕", says: "upstream answered that it could not" },
  refused: { word: "refused", shape: "◇", says: "refused here, and nothing was sent" },
  unknown: { word: "unknown", shape: "?", says: "sent, and no answer came: it may have been done" },
};

export const outcomeSays = (outcome: Outcome): string => OUTCOMES[outcome]?.says ?? "";

/** An outcome by its word, its shape and its colour. */
export function OutcomeMark({ outcome }: { outcome: Outcome }) {
  const known = OUTCOMES[outcome] ?? { word: String(outcome), shape: "·", says: "" };
  return (
    <span class={`outcome ${known.word}`} title={known.says}>
      <span aria-hidden="true">{known.shape}</span> {known.word}
    </span>
  );
}

/** A time, relative to the gateway's clock, with the exact one on hover. */
export function Ago({ at }: { at: number }) {
  const now = useNow() + ahead.value;
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={exact(at)}>
      {ago(now - at)}
    </time>
  );
}

/** Copies a text, and says so in the button itself. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [said, say] = useState("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => say(""), 2000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => say((await copied(text)) ? "copied" : "not allowed here: select it and press Ctrl+C");
  return (
    <button type="button" class="quiet" onClick={copy} aria-live="polite" disabled={text === ""}>
      {said || `copy ${what}`}
    </button>
  );
}

/** The clipboard needs a safe address; elsewhere the old way does. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedTheOldWay(text);
  }
}

function copiedTheOldWay(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}

/** What is said where there is nothing yet: what would fill the place. */
export function Nothing({ children }: { children: ComponentChildren }) {
  return <div class="nothing">{children}</div>;
}

/** A command that can be copied. */
export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <pre tabIndex={0} role="group" aria-label={`Command: ${text}`}>
        <code>{text}</code>
      </pre>
      <Copy text={text} what="command" />
    </div>
  );
}

/** A refusal, in the gateway's own words. */
export function Fault({ what }: { what: string }) {
  return <div role="alert">{what && <p class="fault">{what}</p>}</div>;
}

/** A request that shows something to whoever has nothing yet. */
export function firstCall(api: string): string {
  return `curl '${api}?op=useradd&token=sandbox&addr=ana&appid=com.example.app'`;
}
