// Code in the language that the reader has chosen, to be copied.

import type { Signal } from "@preact/signals";
import { language, languages } from "../store";
import { Copy } from "./small";

type Choice = { id: string; chosen?: Signal<string>; own?: string };

/** Chooses a language; `own` is the word for the one that nobody has chosen. */
export function LanguagePicker({ id, chosen = language, own }: Choice) {
  return (
    <span class="picker">
      <label for={id}>Language</label>
      <select id={id} value={chosen.value} onChange={(event) => (chosen.value = event.currentTarget.value)}>
        {own && <option value="">{own}</option>}
        {languages.value.map(({ name, shown }) => (
          <option key={name} value={name}>
            {shown}
          </option>
        ))}
      </select>
    </span>
  );
}

export function Code({ text, label }: { text: string; label: string }) {
  return (
    <pre class="code" tabIndex={0} role="group" aria-label={label}>
      <code>{text}</code>
    </pre>
  );
}

export function CodeWithPicker({ text, label, ...choice }: Choice & { text: string; label: string }) {
  return (
    <>
      <p class="row">
        <LanguagePicker {...choice} />
        <Copy text={text} what="code" />
      </p>
      <Code text={text} label={label} />
    </>
  );
}
