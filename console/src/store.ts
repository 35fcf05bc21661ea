// What every page needs: the gateway's state, its operations, its languages. Asked once, or again and again.

import { effect, signal } from "@preact/signals";
import { get, Refused } from "./api";
import { session, silentSince } from "./contact";
import type { Language, Operation, State } from "./types";

export const state = signal<State | null>(null);
export const operations = signal<Operation[]>([]);
export const languages = signal<Language[]>([]);

/** The language that code is shown in, on all pages. Kept in memory alone. */
export const language = signal("");

/** The language that replaces a program's calls; empty for that of the program. */
export const languageOfProgram = signal("");

/** The seconds by which the gateway's clock is ahead of this browser's. */
export const ahead = signal(0);

const PACE = 2000;

export async function askState(): Promise<void> {
  try {
    const said = await get<State>("api/state");
    ahead.value = said.now - Date.now() / 1000;
    state.value = said;
    session.value = "in";
  } catch (error) {
    if (error instanceof Refused && error.status === 401) session.value = "out";
  }
}

async function askTables(): Promise<void> {
  const [table, names] = await Promise.all([get<Operation[]>("api/operations"), get<Language[]>("api/languages")]);
  operations.value = table;
  languages.value = names;
  language.value ||= names[0]?.name ?? "";
}

/** Repeats `what` at its pace while the page can be seen, and slower while the gateway is not heard. */
export function repeat(what: () => Promise<unknown>, pace = PACE): () => void {
  let timer = 0;
  let ended = false;
  const round = async () => {
    if (!document.hidden) await what().catch(() => undefined);
    if (!ended) timer = window.setTimeout(round, silentSince.value ? pace * 2 : pace);
  };
  void round();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** Begins to ask once there is a session, and stops when it ends. */
export function begin(): void {
  effect(() => {
    if (session.value !== "in") return;
    void askTables().catch(() => undefined);
    return repeat(askState);
  });
}
