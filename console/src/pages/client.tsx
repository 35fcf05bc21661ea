// One program: what it still sends, shape by shape, what to write instead, and how far it has come.

import { useEffect, useState } from "preact/hooks";
import { get, sentence } from "../api";
import { Decide } from "../parts/decide";
import { ShapeDetails } from "../parts/shape";
import { Ago, Fault } from "../parts/small";
import { address } from "../route";
import { languageOfProgram, repeat } from "../store";
import type { Client, Clients, Fact } from "../types";
import { many, share } from "../words";
import { Far } from "./migration";

export function OneClient({ name }: { name: string }) {
  const [client, set] = useState<Client | null>(null);
  const [fault, setFault] = useState("");
  const as = languageOfProgram.value;
  const ask = async () => {
    try {
      const query = new URLSearchParams(as ? { name, as } : { name });
      const said = await get<Clients>(`api/client?${query}`);
      set(said.clients[0] ?? null);
      setFault(said.clients.length > 0 ? "" : "No program of that name has called.");
    } catch (error) {
      setFault(sentence(error));
    }
  };
  useEffect(() => repeat(ask, 5000), [name, as]);
  return (
    <>
      <p>
        <a href={address("migration")}>All programs</a>
      </p>
      <h1 tabIndex={-1}>What does {client?.name ?? name} still need?</h1>
      {!client && !fault && <p class="skeleton" />}
      {!client && <Fault what={fault} />}
      {client && <Body client={client} decided={ask} />}
    </>
  );
}

function Body({ client, decided }: { client: Client; decided: () => Promise<void> }) {
  return (
    <>
      <p>
        <Far client={client} />. {many(client.old_calls, "old call")}, {share(client.share, 1000)} of all; the last <Ago at={client.last} />,{" "}
        {many(client.last_7_days, "call")} in the last 7 days and {many(client["7_days_before"], "call")} in the 7 days before.
      </p>
      <section>
        <h2>How far has it come?</h2>
        <ol class="facts">
          {client.facts.map((fact) => (
            <FactLine key={fact.fact} fact={fact} />
          ))}
        </ol>
      </section>
      <section>
        <h2>What does it still send?</h2>
        {client.shapes.length === 0 && <p>Nothing by the old door.</p>}
        {client.shapes.map((shape, index) => (
          <ShapeDetails key={`${shape.operation} ${shape.params} ${shape.style}`} shape={shape} isOpen={index === 0} id={`shape-${index}`} />
        ))}
      </section>
      <Decide client={client} decided={decided} />
    </>
  );
}

function FactLine({ fact: { fact, is_there, lacks } }: { fact: Fact }) {
  return (
    <li class={is_there ? "there" : "lacking"}>
      <strong>{is_there ? "Yes:" : "Not yet:"}</strong> {fact}
      {lacks.length > 0 && (
        <ul>
          {lacks.map((lack) => (
            <li key={lack}>{lack}</li>
          ))}
        </ul>
      )}
    </li>
  );
}
