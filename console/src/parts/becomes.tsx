// What the call becomes: the JSON with a reason for each member, what was dropped, or why it would be refused.

import { explained, unread } from "../call";
import type { Explained, Named } from "../types";
import { many } from "../words";
import { Json } from "./json";
import { Copy } from "./small";

export function Becomes() {
  const said = explained.value;
  const isOld = unread.value !== "";
  return (
    <section class="pane" aria-labelledby="new-title">
      <h2 id="new-title">What goes to mesibo</h2>
      <p role="status" class={isOld ? "fault" : "quiet"}>
        {isOld ? unread.value : said ? summary(said) : "Reading it."}
      </p>
      {said && (
        <div class={isOld ? "stale" : ""}>
          <Examples names={said.examples ?? []} />
          {said.refused ? <Refusal said={said} /> : said.json && <Members said={said} />}
          <Names title="Where each goes, with the value that the program has" all={said.json ? [] : places(said)} />
          <Names title="Dropped" all={said.dropped} />
          <Names title="Look at this" all={said.warnings ?? []} />
          {said.doubts?.map((doubt) => <p key={doubt}>{doubt}</p>)}
        </div>
      )}
    </section>
  );
}

function summary({ operation, door, fields, dropped, refused }: Explained): string {
  if (refused) return "It would be refused here, and nothing sent.";
  const how = door === "json" ? "JSON already" : many(fields.length, "parameter");
  return `${operation}: ${how}${dropped.length > 0 ? `, ${dropped.length} dropped` : ""}.`;
}

function Examples({ names }: { names: string[] }) {
  if (names.length === 0) return null;
  return (
    <p>
      The program knows {names.length === 1 ? "this value" : "these values"} only when it runs, so{" "}
      {names.length === 1 ? "an example stands" : "examples stand"} here: <code>{names.join(", ")}</code>
    </p>
  );
}

function Refusal({ said }: { said: Explained }) {
  return (
    <p class="refusal">
      <span class="outcome refused">
        <span aria-hidden="true">◇</span> {said.refused?.error}
      </span>{" "}
      {said.refused?.cause}
    </p>
  );
}

function Members({ said }: { said: Explained }) {
  return (
    <>
      <Json text={said.json} members={said.members} label="The JSON, with the reason of each member" />
      <p>
        <Copy text={said.json} what="JSON" />
      </p>
    </>
  );
}

/** Of a line of a program the places are known, and the values only when it runs. */
function places({ fields }: Explained): Named[] {
  return fields.map(({ name, to, why }) => ({ name, why: [to.join(", "), why].filter(Boolean).join(": ") }));
}

function Names({ title, all }: { title: string; all: Named[] }) {
  if (all.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="plain">
        {all.map(({ name, why }) => (
          <li key={name}>
            <code>{name}</code> {why}
          </li>
        ))}
      </ul>
    </>
  );
}
