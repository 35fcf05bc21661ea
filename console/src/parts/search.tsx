// The search over everything: pages, operations, settings, programs that call.

import { computed, signal } from "@preact/signals";
import { get } from "../api";
import { address, go, PAGES } from "../route";
import { operations } from "../store";
import type { Clients, Setting } from "../types";

type Found = { word: string; kind: string; to: string };

const MOST = 8;
const asked = signal("");
const chosen = signal(0);
const isOpen = signal(false);
const settings = signal<Setting[]>([]);
const callers = signal<{ word: string; client: string }[]>([]);

const everything = computed<Found[]>(() => [
  ...PAGES.map(({ name, word }) => ({ word, kind: "page", to: address(name) })),
  ...operations.value.map(({ name }) => ({ word: name, kind: "operation, try it", to: address("playground", { op: name }) })),
  ...operations.value.map(({ name }) => ({ word: name, kind: "operation, its lines", to: address("traffic", { find: name }) })),
  ...callers.value.map(({ word, client }) => ({ word, kind: "program", to: address("migration", { client }) })),
  ...settings.value.map(({ key }) => ({ word: key, kind: "setting", to: address("reference", { find: key }) })),
]);

const found = computed<Found[]>(() => {
  const parts = asked.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (parts.length === 0) return [];
  const has = ({ word, kind }: Found) => parts.every((part) => `${word} ${kind}`.toLowerCase().includes(part));
  return everything.value.filter(has).slice(0, MOST);
});

async function prepare(): Promise<void> {
  isOpen.value = true;
  const [known, clients] = await Promise.allSettled([get<Setting[]>("api/settings"), get<Clients>("api/clients")]);
  if (known.status === "fulfilled") settings.value = known.value;
  if (clients.status === "fulfilled") callers.value = clients.value.clients.map(({ name, client }) => ({ word: name ?? client, client }));
}

function close(): void {
  isOpen.value = false;
  chosen.value = 0;
}

function take(result: Found | undefined): void {
  if (!result) return;
  asked.value = "";
  close();
  document.getElementById("search")?.blur();
  go(result.to);
}

function press(event: KeyboardEvent): void {
  const last = found.value.length - 1;
  if (event.key === "ArrowDown") chosen.value = Math.min(last, chosen.value + 1);
  else if (event.key === "ArrowUp") chosen.value = Math.max(0, chosen.value - 1);
  else if (event.key === "Enter") take(found.value[chosen.value]);
  else if (event.key === "Escape") {
    asked.value = "";
    (event.currentTarget as HTMLElement).blur();
  } else return;
  event.preventDefault();
}

export function Search() {
  const isShown = isOpen.value && asked.value.trim() !== "";
  return (
    <div class="search" role="search">
      <input
        id="search"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder="Search  /"
        aria-label="Search pages, operations, programs and settings"
        aria-expanded={isShown}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={isShown && found.value.length > 0 ? `found-${chosen.value}` : undefined}
        value={asked.value}
        onFocus={() => void prepare()}
        onBlur={close}
        onKeyDown={press}
        onInput={(event) => {
          asked.value = event.currentTarget.value;
          chosen.value = 0;
        }}
      />
      <ul id="found" role="listbox" aria-label="Found" hidden={!isShown || found.value.length === 0}>
        {found.value.map((result, index) => (
          <li
            key={result.to}
            id={`found-${index}`}
            role="option"
            aria-selected={index === chosen.value}
            onMouseDown={(event) => {
              event.preventDefault();
              take(result);
            }}
          >
            {result.word} <small>{result.kind}</small>
          </li>
        ))}
      </ul>
      {isShown && found.value.length === 0 && <p class="found-nothing">Nothing here has that in its name.</p>}
    </div>
  );
}
