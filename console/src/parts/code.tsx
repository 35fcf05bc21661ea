// Code in the language that the reader has chosen, to be copied.

import { language, languages } from "../store";
import { Copy } from "./small";

export function LanguagePicker({ id }: { id: string }) {
  return (
    <span class="picker">
      <label for={id}>Language</label>
      <select id={id} value={language.value} onChange={(event) => (language.value = event.currentTarget.value)}>
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

export function CodeWithPicker({ id, text, label }: { id: string; text: string; label: string }) {
  return (
    <>
      <p class="row">
        <LanguagePicker id={id} />
        <Copy text={text} what="code" />
      </p>
      <Code text={text} label={label} />
    </>
  );
}
