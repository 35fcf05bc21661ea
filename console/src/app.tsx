// The frame around the pages: the top, what is said on every page, and the page itself.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { session } from "./contact";
import { Login } from "./pages/login";
import { Migration } from "./pages/migration";
import { Now } from "./pages/now";
import { Playground } from "./pages/playground";
import { Reference } from "./pages/reference";
import { Traffic } from "./pages/traffic";
import { Keys, useKeys } from "./parts/keys";
import { Safe } from "./parts/safe";
import { Silence } from "./parts/silence";
import { SandboxLine, Top } from "./parts/top";
import { type Page, PAGES, page, settle } from "./route";
import { state } from "./store";

const BODIES: Record<Page, () => JSX.Element> = {
  now: Now,
  traffic: Traffic,
  migration: Migration,
  playground: Playground,
  reference: Reference,
};

export function App() {
  useKeys();
  useTitle();
  useFirstPage();
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        To the content
      </a>
      <header>
        <Top />
        <SandboxLine />
        <Silence />
      </header>
      <main id="main">{body()}</main>
      <Keys />
    </>
  );
}

function body() {
  if (session.value === "out") return <Login />;
  if (page.value && session.value === "in") {
    const Body = BODIES[page.value];
    return (
      <Safe key={page.value}>
        <Body />
      </Safe>
    );
  }
  return <h1 tabIndex={-1}>Asking the gateway</h1>;
}

function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("main h1")?.focus();
}

function useTitle(): void {
  const word = PAGES.find(({ name }) => name === page.value)?.word;
  const name = state.value?.name ?? "mesigate";
  useEffect(() => {
    document.title = word ? `${word} · ${name}` : name;
  }, [word, name]);
}

/** Who asks for no page is led to the playground of a sandbox, else to what happens now. */
function useFirstPage(): void {
  const asked = page.value;
  const known = state.value;
  useEffect(() => {
    if (!asked && known) settle(known.sandbox ? "playground" : "now");
  }, [asked, known]);
}
