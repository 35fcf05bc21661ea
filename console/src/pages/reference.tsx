// Reference: the settings in force, the operations, and the description for other tools.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { get, sentence } from "../api";
import { session } from "../contact";
import { logout } from "../login";
import { Command, Fault } from "../parts/small";
import { address, say, shown } from "../route";
import { operations } from "../store";
import type { Operation, Param, Setting } from "../types";
import { many } from "../words";

const settings = signal<Setting[]>([]);

export function Reference() {
  const [fault, setFault] = useState("");
  useEffect(() => {
    get<Setting[]>("api/settings").then(
      (said) => (settings.value = said),
      (error) => setFault(sentence(error)),
    );
  }, []);
  return (
    <>
      <h1 tabIndex={-1}>What holds here?</h1>
      <Fault what={settings.value.length === 0 ? fault : ""} />
      <Find />
      <Settings />
      <Operations />
      <Others />
    </>
  );
}

function matches(...texts: string[]): boolean {
  const find = (shown.value.get("find") ?? "").toLowerCase();
  return texts.some((text) => text.toLowerCase().includes(find));
}

function Find() {
  const find = (text: string) => {
    say({ find: text });
    shown.value = new URLSearchParams({ find: text });
  };
  return (
    <p class="row">
      <label for="find">Show only</label>
      <input
        id="find"
        placeholder="timeout"
        autocomplete="off"
        spellcheck={false}
        value={shown.value.get("find") ?? ""}
        onInput={(event) => find(event.currentTarget.value)}
      />
    </p>
  );
}

const LAYERS: Record<string, string> = {
  default: "as shipped",
  file: "from the settings file",
  environment: "from the environment",
  flag: "from the command line",
  profile: "from the profile",
};

function Settings() {
  const isFound = (shown.value.get("find") ?? "") !== "";
  const some = settings.value.filter(({ key, doc, value }) => matches(key, doc ?? "", value));
  const own = some.filter(({ from }) => from !== "default");
  const shipped = some.filter(({ from }) => from === "default");
  return (
    <section>
      <h2>Settings in force</h2>
      <p>
        {many(own.length, "setting")} of your own{isFound && " with that in it"}. A secret is never shown, only where it was set. Change
        them in the file, then <code>mesigate reload</code>.
      </p>
      <SettingList some={own} />
      {shipped.length > 0 && (
        <details open={isFound}>
          <summary>{many(shipped.length, "setting")} as shipped</summary>
          <SettingList some={shipped} />
        </details>
      )}
    </section>
  );
}

function SettingList({ some }: { some: Setting[] }) {
  return (
    <dl class="settings">
      {some.map(({ key, value, from, doc }) => (
        <div key={key}>
          <dt>
            <code>{key}</code>
          </dt>
          <dd>
            <code class="value">{value === "" ? '""' : value}</code> <small>{LAYERS[from] ?? from}</small>
            <Doc text={doc ?? ""} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

const SHORT = 240;

/** What a setting is for; of a long text the first sentence, and the rest on demand. */
function Doc({ text }: { text: string }) {
  const end = text.length > SHORT ? text.indexOf(". ") + 1 : 0;
  if (end === 0) return <div>{text}</div>;
  return (
    <details class="doc">
      <summary>{text.slice(0, end)}</summary>
      {text.slice(end)}
    </details>
  );
}

function Operations() {
  const some = operations.value.filter(({ name, doc, params }) => matches(name, doc, ...params.map(({ name }) => name)));
  return (
    <section>
      <h2>Operations</h2>
      {some.length === 0 && <p>None has that in its name, its parameters or its sentence.</p>}
      {some.map((operation) => (
        <details key={operation.name} class="shape">
          <summary>
            <code>{operation.name}</code> {operation.doc}
          </summary>
          <OperationDetails operation={operation} />
        </details>
      ))}
    </section>
  );
}

function OperationDetails({ operation }: { operation: Operation }) {
  return (
    <>
      <p>
        Sent as <code>{operation.sends}</code>; effect: {operation.effect}. <a href={address("playground", { op: operation.name })}>Try it</a>
      </p>
      <dl class="settings">
        {operation.params.map((param) => (
          <div key={param.name}>
            <dt>
              <code>{param.name}</code>
            </dt>
            <dd>
              {describe(param)}
              <br />
              {param.to.length > 0 ? <code>{param.to.join(", ")}</code> : "has no place in the JSON"}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function describe({ kind, need, doc, most, unit }: Param): string {
  const end = most === null ? "" : `; at most ${most}${unit ? ` ${unit}` : ""}`;
  return `${kind}, ${need}: ${doc}${end}`;
}

function Others() {
  return (
    <section>
      <h2>For other tools</h2>
      <ul class="plain">
        <li>
          <a href="/openapi.json" target="_blank" rel="noreferrer">
            OpenAPI 3.1 of both doors
          </a>
          : any explorer loads it from that address.
        </li>
        <li>
          <a href="/metrics" target="_blank" rel="noreferrer">
            Metrics
          </a>{" "}
          in Prometheus' form.
        </li>
      </ul>
      <Command text={`curl ${location.origin}/openapi.json > mesigate.openapi.json`} />
      {session.value === "in" && (
        <p>
          <button onClick={() => void logout()}>Log out of this console</button>
        </p>
      )}
    </section>
  );
}
