// The top of every page: five words, the search, and the gateway's own state.

import { session } from "../contact";
import { address, PAGES, page } from "../route";
import { state } from "../store";
import type { State } from "../types";
import { many } from "../words";
import { Search } from "./search";

const STAGES: Record<string, string> = { serving: "ready", announced: "ending soon", ending: "ending" };

export function Top() {
  const known = state.value;
  return (
    <div class="top">
      <a class="brand" href="/console/">
        {known?.name ?? "mesigate"}
      </a>
      <nav aria-label="Pages">
        {PAGES.map(({ name, word }) => (
          <a key={name} href={address(name)} aria-current={page.value === name ? "page" : undefined}>
            {word}
          </a>
        ))}
      </nav>
      {session.value === "in" && <Search />}
      {known && session.value === "in" && <p class="standing">{standing(known)}</p>}
    </div>
  );
}

function standing({ stage, workers, version, role }: State): string {
  return [STAGES[stage] ?? stage, many(workers, "worker"), version, `you may ${role}`].join(" · ");
}

/** Nobody shall take a sandbox for the real thing. */
export function SandboxLine() {
  if (!state.value?.sandbox || session.value !== "in") return null;
  return (
    <p class="sandbox">
      <strong>Sandbox.</strong> Nothing here reaches mesibo, and what it remembers ends with the process.
    </p>
  );
}
