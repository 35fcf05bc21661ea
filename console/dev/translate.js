// A small stand-in for the gateway's translation: enough for pages to have something to show. The real one is in Rust.

import { operations } from "./table.js";

export function find(text) {
  const called = /(?:^|[?&'" ])((?:op|token)=[^'"\s]*)/.exec(text.replaceAll("\\\n", " "));
  if (!called) return null;
  const params = new URLSearchParams(called[1]);
  return params.get("op") ? params : null;
}

export function explain(text, as) {
  const params = find(text);
  if (!params) return null;
  const row = operations.find(({ name }) => name === params.get("op"));
  if (!row) return refused(params, "BADOP", `\`${params.get("op")}\` is no operation: see the reference`);
  const known = row.params.filter(({ name }) => params.has(name));
  const lacks = row.params.find(({ name, need }) => need === "required" && !params.get(name));
  if (lacks) return refused(params, "MISSINGPARAM", `\`${lacks.name}\` is missing: ${lacks.doc}`);
  const wrong = known.find(({ name, kind }) => kind === "integer" && !/^(0x[0-9a-f]+|\d+)$/i.test(params.get(name)));
  if (wrong) return refused(params, "BADPARAM", `\`${wrong.name}\` is not a number: give decimal digits or hex such as 0x20`);
  return explained(row, known, params, as);
}

function explained(row, known, params, as) {
  const json = { op: row.sends, token: "TOKEN" };
  for (const param of known) put(json, param.to[0].split("."), value(param, params.get(param.name)));
  const dropped = [...params.keys()].filter((name) => !["op", "token"].includes(name) && !row.params.some((param) => param.name === name));
  const pretty = JSON.stringify(json, null, 2);
  return {
    operation: row.name,
    door: "old",
    fields: known.map(({ name, to, kind, doc }) => ({ name, sent: params.get(name), to, as: kind, why: doc })),
    dropped: dropped.map((name) => ({ name, why: "has no place in the JSON API" })),
    json: pretty,
    members: [
      { at: "op", from: "op", why: "the operation" },
      { at: "token", from: "token", why: "the application token, untouched" },
      ...known.map(({ name, to, doc, unit }) => ({ at: to[0], from: name, why: unit ? `${doc}, in ${unit}` : doc })),
    ],
    code: `# ${as}\ncurl 'https://api.mesibo.com/backend/' -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(json)}'\n`,
    query: query(params),
    refused: null,
  };
}

function refused(params, error, cause) {
  const bare = { operation: params.get("op"), door: "old", fields: [], dropped: [], json: "", members: [], code: "" };
  return { ...bare, query: query(params), refused: { error, cause } };
}

function query(params) {
  const hidden = new URLSearchParams(params);
  if (hidden.has("token")) hidden.set("token", "TOKEN");
  return hidden.toString();
}

function value({ kind }, text) {
  if (kind === "integer") return Number(text);
  return kind === "boolean" ? text === "1" : text;
}

function put(json, [first, ...rest], value) {
  if (rest.length === 0) json[first] = value;
  else put((json[first] ??= {}), rest, value);
}
