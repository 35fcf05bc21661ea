// A gateway of cardboard for work on the pages: `node console/dev/mock.js`, then open the link that it prints. It serves
// console/dist, and answers as the contract says, from what is in world.js. It is no part of what is shipped.

import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { languages, operations, settings } from "./table.js";
import { explain, find } from "./translate.js";
import { clients, counts, history, line, lineOf, state } from "./world.js";

const DIST = new URL("../dist/", import.meta.url);
const PAGES = ["", "now", "traffic", "migration", "playground", "reference"];
const FILES = { "app.js": "text/javascript" };
const STYLE = /<style>(.*)<\/style>/s.exec(await readFile(new URL("index.html", DIST), "utf8"))[1];
const HEADERS = {
  "Content-Security-Policy":
    `default-src 'none'; script-src 'self'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'`,
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "X-Frame-Options": "DENY",
};

function reply(response, status, body, type = "application/json", more = {}) {
  const text = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  response.writeHead(status, { ...HEADERS, "Content-Type": type, ...more });
  response.end(status === 204 ? "" : text);
}

const refuse = (response, status, error, what) => reply(response, status, { error, what });

async function file(response, name) {
  reply(response, 200, await readFile(new URL(name, DIST)), FILES[name] ?? "text/html; charset=utf-8");
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString() || "{}");
}

const GETS = {
  state: (world) => state(world),
  history: (world, asked) => history(asked.get("of"), world.empty),
  counts: (world) => counts(world.empty),
  operations: () => operations,
  languages: () => languages,
  settings: () => settings,
  clients: (world) => report(world.clients),
  client: (world, asked) => report(world.clients.filter(({ client }) => client === asked.get("name"))),
  brownouts: (world) => ({
    paused: world.paused,
    windows: world.empty ? [] : [{ name: "first", from: 1796695200, to: 1796698800, state: "planned", rehearse: true, met: 0 }],
  }),
};

function report(some) {
  return { at: Date.now() / 1000, old_calls: some.reduce((all, { old_calls }) => all + old_calls, 0), json_calls: some.length * 900, left: some.length, clients: some };
}

const POSTS = {
  explain(_world, { text, as }) {
    const said = explain(text, as);
    return said ? [200, said] : [422, { error: "bad", what: "That holds no call: give a URL, a query such as op=useradd&addr=ana, a curl line, or raw HTTP." }];
  },
  send(world, { text, to, sure }) {
    if (to === "upstream" && !world.maySend) return [403, { error: "off", what: "Sending to the real upstream is off: an operator switches it on." }];
    const params = find(text);
    const row = operations.find(({ name }) => name === params?.get("op"));
    if (to === "upstream" && row?.effect !== "read" && !sure) return [409, { error: "sure", what: `${row?.name} changes something at https://api.mesibo.com/backend/.` }];
    return [200, sent(text, params)];
  },
  switch(world, { upstream }) {
    world.maySend = upstream;
    return [204];
  },
  decide(world, { client, what, reason, force }) {
    const one = world.clients.find((known) => known.client === client);
    if (!one) return [404, { error: "unknown", what: "No program of that name has called." }];
    if (what === "retired" && !force && one.facts.some(({ is_there }) => !is_there))
      return [409, { error: "sure", what: "It still calls by the old door." }];
    one.state = what === "open" ? "calling" : what;
    one.decision = what === "open" ? null : { at: Date.now() / 1000, reason };
    return [204];
  },
  brownouts(world, { pause }) {
    world.paused = pause;
    return [204];
  },
};

function sent(text, params) {
  const said = explain(text, "curl");
  const user = { uid: 101, address: params.get("addr") ?? "<b>ana</b>", token: "e220a8397b1dcdaf" };
  const old = said.refused ? { ...said.refused, op: said.operation, result: false } : { user, op: said.operation, result: true };
  return {
    old: { status: 200, body: JSON.stringify(old) },
    json: { asked: said.json, status: 200, body: JSON.stringify({ ...old, app: { aid: "1234" } }) },
    changed: said.refused ? [] : [`user ${user.address} was added (uid 101)`],
    took_us: 1240,
  };
}

function stream(world, request, response) {
  response.writeHead(200, { ...HEADERS, "Content-Type": "text/event-stream" });
  response.write(": here\n\n");
  world.streams.add(response);
  request.on("close", () => world.streams.delete(response));
}

function tell(world, line) {
  for (const response of world.streams) {
    response.write(`event: line\nid: ${line.n}\ndata: ${JSON.stringify(line)}\n\n`);
    if (line.n % 50 === 0) response.write(`event: missed\ndata: {"lines":12}\n\n`);
  }
}

/** What an old program would call: it is answered, and makes a line. */
function call(world, request, response, url) {
  world.n += 1;
  world.empty = false;
  tell(world, lineOf(world.n, request, url.searchParams.get("op")));
  reply(response, 200, { op: url.searchParams.get("op"), result: true });
}

const isIn = (world, request) => world.sessions.has(/mesigate_console=(\w+)/.exec(request.headers.cookie ?? "")?.[1]);

async function login(world, request, response) {
  const { token } = await body(request);
  if (token !== world.token) return refuse(response, 401, "login", "That link is not good any more: take the one that the gateway printed last.");
  const session = randomBytes(16).toString("hex");
  world.sessions.add(session);
  reply(response, 204, "", "text/plain", { "Set-Cookie": `mesigate_console=${session}; HttpOnly; SameSite=Strict; Path=/console` });
}

async function api(world, request, response, name, asked) {
  if (!isIn(world, request)) return refuse(response, 401, "login", "Open the link that the gateway printed.");
  if (request.method === "GET" && name === "traffic") return stream(world, request, response);
  if (request.method === "GET" && GETS[name]) return reply(response, 200, GETS[name](world, asked));
  if (request.method !== "POST" || !POSTS[name]) return refuse(response, 404, "unknown", "There is nothing here.");
  if (request.headers["x-mesigate-console"] !== "1") return refuse(response, 403, "origin", "Only the console's own pages may ask this.");
  const [status, said] = POSTS[name](world, await body(request));
  reply(response, status, said ?? "");
}

async function route(world, request, response) {
  const url = new URL(request.url, "http://mock");
  const path = url.pathname.replace(/^\/console\//, "");
  if (url.pathname === "/console") return reply(response, 308, "", "text/plain", { Location: "/console/" });
  if (url.pathname === "/openapi.json") return reply(response, 200, { openapi: "3.1.0" });
  if (url.pathname === "/api.php") return call(world, request, response, url);
  if (!url.pathname.startsWith("/console/")) return refuse(response, 404, "unknown", "There is nothing here.");
  if (path === "login") return login(world, request, response);
  if (path === "logout") {
    world.sessions.clear();
    return reply(response, 204, "");
  }
  if (path.startsWith("api/")) return api(world, request, response, path.slice(4), url.searchParams);
  if (PAGES.includes(path)) return file(response, "index.html");
  return FILES[path] ? file(response, path) : refuse(response, 404, "unknown", "There is nothing here.");
}

/** Starts a mock on a port of its own; `end` ends it and every connection to it. */
export async function start(options = {}) {
  const defaults = { sandbox: true, empty: false, role: "operate", maySend: false, pace: 0, port: 0 };
  const world = { ...defaults, ...options, token: randomBytes(16).toString("hex"), sessions: new Set(), streams: new Set(), paused: false, n: 0 };
  world.clients = world.empty ? [] : clients();
  const server = createServer((request, response) => {
    route(world, request, response).catch((error) => refuse(response, 400, "bad", String(error)));
  });
  await new Promise((done) => server.listen(world.port, "127.0.0.1", done));
  const base = `http://127.0.0.1:${server.address().port}`;
  world.base = base;
  const timer = world.pace && setInterval(() => tell(world, line((world.n += 1))), world.pace);
  const end = () => {
    clearInterval(timer);
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { base, link: `${base}/console/#login=${world.token}`, end, world };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { link } = await start({ pace: 300, port: Number(process.env.PORT ?? 0), empty: process.argv.includes("--empty"), sandbox: !process.argv.includes("--real") });
  console.log(link);
}
