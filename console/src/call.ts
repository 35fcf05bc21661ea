// The call in the playground: its text, and what the gateway says that it becomes, live while it is typed.

import { effect, signal } from "@preact/signals";
import { sentence } from "./api";
import { explain } from "./explain";
import { language, operations } from "./store";
import type { Explained } from "./types";

const AFTER = 150;

/** What stands in the field; the one place where a pasted token is, and only in memory. */
export const text = signal("");
export const explained = signal<Explained | null>(null);
/** Why the text holds no call. */
export const unread = signal("");

let stop = new AbortController();

async function ask(call: string): Promise<void> {
  stop.abort();
  stop = new AbortController();
  try {
    explained.value = await explain(call, stop.signal);
    unread.value = "";
  } catch (error) {
    unread.value = sentence(error) || unread.value;
  }
}

/** Asks again a moment after each change of the text or the language, until it is stopped. */
export function live(): () => void {
  return effect(() => {
    const call = text.value;
    void language.value;
    if (call.trim() === "" || operations.value.length === 0) return;
    const timer = setTimeout(() => void ask(call), AFTER);
    return () => clearTimeout(timer);
  });
}

/** The call as old parameters: its own text if it is a query, else the gateway's reading of it. */
export function params(): URLSearchParams {
  const own = text.value.trim();
  const isQuery = /^[a-z0-9_]+=[^\s]*$/i.test(own);
  return new URLSearchParams(isQuery ? own : (explained.value?.query ?? undefined));
}

/** Writes one parameter; an empty one is left out. */
export function write(name: string, value: string): void {
  const all = params();
  if (value === "") all.delete(name);
  else all.set(name, value);
  text.value = all.toString();
}

/** Puts an operation's example into the field. */
export function take(name: string): void {
  const known = operations.value.find((operation) => operation.name === name);
  if (known) text.value = known.example;
}
