// Which page is shown. The path names it; what it shows stands in the fragment, which no server ever sees.

import { signal } from "@preact/signals";

export const PAGES = [
  { name: "now", word: "Now", key: "n" },
  { name: "traffic", word: "Traffic", key: "t" },
  { name: "migration", word: "Migration", key: "m" },
  { name: "playground", word: "Playground", key: "p" },
  { name: "reference", word: "Reference", key: "r" },
] as const;

export type Page = (typeof PAGES)[number]["name"];

/** The page; null as long as only /console/ was asked for. */
export const page = signal<Page | null>(named(location.pathname));

/** What the fragment says, as names and values. */
export const shown = signal(new URLSearchParams(location.hash.slice(1)));

function named(path: string): Page | null {
  const name = path.replace(/^\/console\/?/, "").replace(/\/$/, "");
  return PAGES.find((known) => known.name === name)?.name ?? null;
}

function read(): void {
  page.value = named(location.pathname);
  shown.value = new URLSearchParams(location.hash.slice(1));
}

export function address(name: Page, fragment: Record<string, string> = {}): string {
  const said = new URLSearchParams(fragment).toString();
  return `/console/${name}${said ? `#${said}` : ""}`;
}

/** Goes to an address of the console, as a link does. */
export function go(to: string): void {
  const before = page.value;
  history.pushState(null, "", to);
  read();
  if (page.value !== before || to.includes("#client=")) scrollTo(0, 0);
  requestAnimationFrame(() => document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true }));
}

/** Says in the address what the page shows, without a new entry in the browser's history. */
export function say(fragment: Record<string, string>): void {
  const filled = Object.entries(fragment).filter(([, value]) => value !== "");
  history.replaceState(null, "", address(page.value ?? "now", Object.fromEntries(filled)));
}

/** Puts a page's address in the place of the one that was asked for. */
export function settle(name: Page): void {
  history.replaceState(null, "", address(name));
  read();
}

/** Follows links of the console without loading the document again. */
export function listen(): void {
  addEventListener("popstate", read);
  addEventListener("hashchange", read);
  addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !isPlain || link.target || link.origin !== location.origin) return;
    if (!link.pathname.startsWith("/console/") || !named(link.pathname)) return;
    event.preventDefault();
    go(link.pathname + link.hash);
  });
}
