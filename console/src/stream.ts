// The live lines: one stream a tab, closed while the tab is hidden, kept in a ring.

import { effect, signal } from "@preact/signals";
import { heard, session } from "./contact";
import type { Line } from "./types";

const KEPT = 500;

export type Stream = "closed" | "opening" | "open" | "busy";

export const lines = signal<Line[]>([]);
export const missed = signal(0);
export const stream = signal<Stream>("closed");

let waiting: Line[] = [];
let frame = 0;

function take(line: Line): void {
  waiting.push(line);
  frame ||= window.setTimeout(flush, 100);
}

/** Lines are shown ten times a second, however many come. */
function flush(): void {
  frame = 0;
  const fresh = waiting;
  waiting = [];
  lines.value = [...fresh.reverse(), ...lines.value].slice(0, KEPT);
}

function parsed<T>(event: Event): T | null {
  try {
    return JSON.parse((event as MessageEvent<string>).data) as T;
  } catch {
    return null;
  }
}

function open(): EventSource {
  const source = new EventSource("/console/api/traffic");
  stream.value = "opening";
  source.addEventListener("open", () => {
    heard();
    stream.value = "open";
  });
  source.addEventListener("line", (event) => {
    const line = parsed<Line>(event);
    if (line) take(line);
  });
  source.addEventListener("missed", (event) => {
    missed.value += parsed<{ lines: number }>(event)?.lines ?? 0;
  });
  return source;
}

/** Opens the stream while there is a session and the tab can be seen; after a refusal it tries again in a while. */
export function follow(): void {
  let source: EventSource | null = null;
  let timer = 0;
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
    stream.value = "closed";
  };
  const start = () => {
    close();
    if (document.hidden || session.value !== "in") return;
    source = open();
    source.addEventListener("error", failed);
  };
  const failed = () => {
    const isRefused = source?.readyState === EventSource.CLOSED;
    stream.value = isRefused ? "busy" : "opening";
    if (isRefused) timer = window.setTimeout(start, 10_000);
  };
  document.addEventListener("visibilitychange", start);
  effect(() => {
    if (session.value === "in") start();
    else close();
  });
}
