// The keys, and the page that `?` opens about them.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { session } from "../contact";
import { address, go, PAGES } from "../route";

const asked = signal(false);
const AFTER_G = 1500;

const ROWS: [string, string][] = [
  ["/", "to the search"],
  ...PAGES.map(({ key, word }): [string, string] => [`g ${key}`, `to ${word}`]),
  ["space", "on Traffic: stop the lines, and let them go on"],
  ["Esc", "closes what is open"],
  ["?", "shows this"],
];

export function Keys() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (asked.value) dialog.current?.showModal();
  }, [asked.value]);
  return (
    <dialog ref={dialog} aria-labelledby="keys-title" onClose={() => (asked.value = false)}>
      <h2 id="keys-title">Keys</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">key</th>
            <th scope="col">what it does</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map(([key, what]) => (
            <tr key={key}>
              <td>
                <kbd>{key}</kbd>
              </td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>They rest while you type in a field.</p>
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}

/** Whether a key belongs to what has the focus, and not to the page. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, dialog") !== null;
}

function press(event: KeyboardEvent, before: { g: number }): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const isSecond = Date.now() - before.g < AFTER_G;
  before.g = event.key === "g" ? Date.now() : 0;
  const to = isSecond ? PAGES.find(({ key }) => key === event.key) : undefined;
  if (to) go(address(to.name));
  else if (event.key === "?") asked.value = true;
  else if (event.key === "/") document.getElementById("search")?.focus();
  else return;
  event.preventDefault();
}

export function useKeys(): void {
  const isIn = session.value === "in";
  useEffect(() => {
    if (!isIn) return;
    const before = { g: 0 };
    const listener = (event: KeyboardEvent) => press(event, before);
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, [isIn]);
}
