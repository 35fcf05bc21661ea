// Traffic: each request as it comes, and what became of it.

import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isTyping } from "../parts/keys";
import { LineDetails } from "../parts/line";
import { Command, firstCall, Nothing, OutcomeMark } from "../parts/small";
import { say, shown } from "../route";
import { state } from "../store";
import { lines, missed, stream } from "../stream";
import type { Line } from "../types";
import { clock, exact, many, span } from "../words";

const MOST = 200;
const find = computed(() => shown.value.get("find") ?? "");
const held = signal<Line[] | null>(null);
const opened = signal<number | null>(null);

const matching = computed(() => {
  const parts = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  return (held.value ?? lines.value).filter((line) => parts.every((part) => has(line, part)));
});

/** `op=useradd` asks one thing; a bare word may stand anywhere. */
function has(line: Line, part: string): boolean {
  const [name, value] = part.includes("=") ? part.split("=", 2) : ["", part];
  const places: Record<string, string | null> = {
    op: line.operation,
    app: line.app,
    door: line.door,
    outcome: line.outcome,
    label: line.label,
    agent: line.agent,
    path: line.path,
  };
  const searched = name ? [places[name] ?? ""] : Object.values(places);
  return searched.some((text) => text?.toLowerCase().includes(value ?? ""));
}

export function Traffic() {
  usePause();
  const some = matching.value;
  return (
    <>
      <h1 tabIndex={-1}>What comes in?</h1>
      <Bar />
      <p class="quiet" role="status">
        {standing(some.length)}
      </p>
      {lines.value.length === 0 ? <NothingYet /> : <List all={some.slice(0, MOST)} />}
    </>
  );
}

function standing(count: number): string {
  const left = count > MOST ? `, of which the newest ${MOST} are shown` : "";
  const lost = missed.value > 0 ? ` ${many(missed.value, "line")} left out: more came than a page can show.` : "";
  const how = held.value ? "Stopped." : STREAMS[stream.value];
  return `${how} ${many(count, "line")}${find.value ? " that match" : ""}${left}.${lost}`;
}

const STREAMS: Record<typeof stream.value, string> = {
  open: "Live.",
  opening: "Waiting for the gateway.",
  closed: "Not connected.",
  busy: "The gateway gives no more live lines: eight pages may watch at once, so close one. This one tries again every 10 seconds.",
};

function Bar() {
  return (
    <p class="row">
      <label for="find">Show only</label>
      <input
        id="find"
        placeholder="op=useradd outcome=refused"
        autocomplete="off"
        spellcheck={false}
        aria-describedby="find-hint"
        value={find.value}
        onInput={(event) => filter(event.currentTarget.value)}
      />
      <button type="button" aria-pressed={held.value !== null} onClick={pause}>
        {held.value ? "go on" : "pause"}
      </button>
      <small id="find-hint">Any words; or op=, app=, door=, outcome=, label=, agent=, path= and a part of it.</small>
    </p>
  );
}

function filter(text: string): void {
  say({ find: text });
  shown.value = new URLSearchParams({ find: text });
}

function pause(): void {
  held.value = held.value ? null : lines.value;
}

function usePause(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isFree = !isTyping(event.target) && !(event.target instanceof Element && event.target.closest("button, a, summary"));
      if (event.key !== " " || !isFree) return;
      event.preventDefault();
      pause();
    };
    addEventListener("keydown", press);
    return () => {
      removeEventListener("keydown", press);
      held.value = null;
    };
  }, []);
}

function NothingYet() {
  return (
    <Nothing>
      <p>Nothing has come since this page was opened. This call makes the first line appear:</p>
      <Command text={firstCall(state.value?.api ?? "")} />
    </Nothing>
  );
}

function List({ all }: { all: Line[] }) {
  return (
    <ol class="lines" aria-label="Requests, the newest first">
      {all.map((line) => (
        <li key={line.n}>
          <Row line={line} />
          {opened.value === line.n && (
            <div id={`line-${line.n}`} class="opened">
              <LineDetails line={line} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}

function Row({ line }: { line: Line }) {
  const isOpen = opened.value === line.n;
  return (
    <button
      type="button"
      class="line"
      aria-expanded={isOpen}
      aria-controls={isOpen ? `line-${line.n}` : undefined}
      onClick={() => (opened.value = isOpen ? null : line.n)}
    >
      <time title={exact(line.at)}>{clock(line.at, true)}</time>
      <span class="app">{line.app ?? "–"}</span>
      <span class="door">{line.door}</span>
      <span class="operation">{line.operation ?? "not read"}</span>
      <OutcomeMark outcome={line.outcome} />
      <span class="label">{line.label === "OK" ? "" : line.label}</span>
      <span class="took">{span(line.took_us)}</span>
      <span class="agent">{line.agent ?? "no User-Agent"}</span>
    </button>
  );
}
