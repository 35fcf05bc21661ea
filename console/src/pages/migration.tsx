// Migration: who still calls by the old door, and what each of them has to write instead.

import { useEffect, useState } from "preact/hooks";
import { get, sentence } from "../api";
import { Brownouts } from "../parts/brownouts";
import { Ago, Command, Fault, firstCall, Nothing } from "../parts/small";
import { address, shown } from "../route";
import { repeat, state } from "../store";
import type { Client, Clients } from "../types";
import { many, number, share } from "../words";
import { OneClient } from "./client";

export function Migration() {
  const name = shown.value.get("client");
  return name ? <OneClient key={name} name={name} /> : <All />;
}

function All() {
  const [said, set] = useState<Clients | null>(null);
  const [fault, setFault] = useState("");
  useEffect(() => {
    const ask = async () => {
      try {
        set(await get<Clients>("api/clients"));
        setFault("");
      } catch (error) {
        setFault(sentence(error));
      }
    };
    return repeat(ask, 5000);
  }, []);
  return (
    <>
      <h1 tabIndex={-1}>Who still calls by the old door?</h1>
      {!said && !fault && <p class="skeleton" />}
      {!said && <Fault what={fault} />}
      {said && (said.clients.length > 0 ? <Table said={said} /> : <Nobody />)}
      <Brownouts />
    </>
  );
}

function Nobody() {
  return (
    <Nothing>
      <p>Nobody has called by the old door yet. This call is one:</p>
      <Command text={firstCall(state.value?.api ?? "")} />
    </Nothing>
  );
}

function Table({ said }: { said: Clients }) {
  const all = said.old_calls + said.json_calls;
  return (
    <>
      <p class="big">
        {said.left} of {many(said.clients.length, "program")} still {said.left === 1 ? "needs" : "need"} it
      </p>
      <p>
        {many(said.old_calls, "call")} came by the old door, {number(said.json_calls)} as JSON: {share(said.json_calls, all)} have
        moved. A program is a caller and the first name in its User-Agent.
      </p>
      <table class="clients">
        <thead>
          <tr>
            {["program", "still sends", "last call", "share of old calls", "how far"].map((word) => (
              <th key={word} scope="col">
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {said.clients.map((client) => (
            <Row key={client.client} client={client} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function Row({ client }: { client: Client }) {
  return (
    <tr>
      <th scope="row">
        <a href={address("migration", { client: client.client })}>{client.name ?? client.client}</a>
      </th>
      <td data-head="still sends">{sends(client)}</td>
      <td data-head="last call">
        <Ago at={client.last} />
      </td>
      <td data-head="share of old calls">{share(client.share, 1000)}</td>
      <td data-head="how far">
        <Far client={client} />
      </td>
    </tr>
  );
}

function sends({ shapes }: Client): string {
  const names = new Map<string, number>();
  for (const { operation } of shapes) names.set(operation, (names.get(operation) ?? 0) + 1);
  return [...names].map(([name, count]) => (count > 1 ? `${name} (${count} shapes)` : name)).join(", ") || "nothing";
}

/** The state's word, and how many of its four facts are there. */
export function Far({ client }: { client: Client }) {
  const there = client.facts.filter(({ is_there }) => is_there).length;
  return (
    <span class={`state ${client.state}`}>
      {client.state} <small>{`${there} of ${client.facts.length} facts`}</small>
    </span>
  );
}
