// What the mock knows: a gateway that has served for a while, or one that nobody has called yet.

const HOUR = 3600;
const DAY = 24 * HOUR;
export const HOSTILE = `"><img src=x onerror=alert(1)>{{7*7}}`;

const now = () => Date.now() / 1000;

/** A wave with some noise that is the same each time. */
function wave(length, size, every) {
  return Array.from({ length }, (_, x) => {
    const noise = ((x * 7919) % 13) / 13;
    return Math.round(size * (1 + 0.5 * Math.sin(x / every) + 0.3 * noise));
  });
}

export function history(of, isEmpty) {
  const [length, step] = of === "minutes" ? [1440, 60] : [900, 1];
  const none = Array.from({ length }, () => 0);
  const requests = isEmpty ? none : wave(length, 12 * step, 60);
  const rare = (every) => requests.map((_, x) => (!isEmpty && x % every === 0 ? 2 : 0));
  const [refused, unknown, failed] = [rare(41), rare(300), rare(67)];
  const spans = (size) => (isEmpty ? none.map(() => null) : wave(length, size, 45));
  return {
    step,
    from: Math.floor(now()) - length * step,
    series: {
      requests,
      legacy: requests.map((count) => Math.round(count * 0.6)),
      done: requests.map((count, x) => Math.max(0, count - refused[x] - unknown[x] - failed[x])),
      failed,
      refused,
      unknown,
      p50_us: spans(400),
      p99_us: spans(2100),
    },
  };
}

export function counts(isEmpty) {
  const operations = [
    { name: "message", calls: 8412, ok: 8400, others: { failed: 10, no_answer: 2 } },
    { name: "useradd", calls: 961, ok: 961, others: {} },
    { name: "groupgetmembers", calls: 300, ok: 258, others: { limited: 42 } },
  ];
  return {
    since: now() - 3 * DAY,
    operations: isEmpty ? [] : operations,
    cache: isEmpty ? { hit: 0, stale: 0, miss: 0, bypass: 0 } : { hit: 210, stale: 0, miss: 48, bypass: 9415 },
    limits: isEmpty ? [] : [{ name: "groupgetmembers", refused: 42 }],
    upstream: isEmpty ? { calls: 0, p50_us: null, p99_us: null } : { calls: 9421, p50_us: 380, p99_us: 1800 },
  };
}

const FACTS = [
  "all that it does by the old door has been done in JSON, and answered",
  "its JSON says what its old calls say",
  "a rehearsal or a brownout has passed without it",
  "it has been silent for long enough",
];

function shape(operation, params, count, habits = []) {
  const endings = { ok: count, failed: 0, refused: 1, unsure: 0, "held off": 0 };
  return { operation, params, habits, style: "GET /api.php query", endings, first: now() - 40 * DAY, last: now() - 120, days: {} };
}

function client(name, state, there, share, shapes) {
  const lacks = ["no useradd as JSON has been sent yet", "not all of it has been sent as JSON yet", "no rehearsal or brownout that was for it is over", "it called today, and 14 days are needed"];
  return {
    client: name,
    name: null,
    state,
    facts: FACTS.map((fact, index) => ({ fact, is_there: index < there, lacks: index < there ? [] : [lacks[index]] })),
    decision: null,
    old_calls: share * 12,
    share,
    last_7_days: share,
    "7_days_before": share + 40,
    first: now() - 40 * DAY,
    last: now() - share * 3,
    longest_silence_days: 1,
    shapes,
  };
}

export function clients() {
  return [
    client("shop/PHP", "twinned", 1, 610, [shape("useradd", ["addr", "appid", "expiry"], 4200, ["hex"]), shape("message", ["from", "to", "msg"], 3100)]),
    client("nightly/python-requests", "calling", 0, 370, [shape("groupgetmembers", ["gid", "count"], 90)]),
    client(`token:7005e4bc86e05e37/${HOSTILE}`, "agreeing", 2, 20, [shape("groupadd", ["name", "flag"], 12)]),
  ];
}

const AGENTS = ["PHP", "okhttp", "python-requests", null, HOSTILE];
const CALLS = [
  ["useradd", "done", "OK"],
  ["message", "done", "OK"],
  ["groupgetmembers", "done", "OK"],
  ["message", "failed", "NOUSER"],
  ["groupadd", "refused", "BADPARAM"],
  ["useradd", "unknown", "TIMEOUT"],
  [null, "refused", "NOOP"],
];

/** A line of a call by the old door that really came. */
export function lineOf(n, { method, headers }, operation) {
  const agent = headers["user-agent"] ?? null;
  return { ...line(0), n, app: null, door: "legacy", operation, outcome: "done", label: "OK", agent, method };
}

export function line(n) {
  const [operation, outcome, label] = CALLS[n % CALLS.length];
  return {
    n,
    at: now(),
    app: [null, "shop", "bank"][n % 3],
    door: n % 4 === 0 ? "json" : "legacy",
    operation,
    outcome,
    label,
    took_us: outcome === "refused" ? 90 : 1800 + ((n * 317) % 900),
    agent: AGENTS[n % AGENTS.length],
    method: n % 2 ? "GET" : "POST",
    path: "/api.php",
    dropped: n % 5 === 0 ? 2 : 0,
    cache: operation === "groupgetmembers" ? "hit" : null,
    status: 200,
  };
}

export function state(world) {
  return {
    name: "mesigate",
    version: "0.1.0",
    sandbox: world.sandbox,
    stage: "serving",
    workers: 2,
    started: now() - 3 * DAY,
    now: now(),
    role: world.role,
    api: `${world.base}/api.php`,
    may_send_upstream: world.maySend,
    connections: 14,
    certificate: null,
    upstreams: [{ name: "default", url: world.sandbox ? "http://127.0.0.1:35465/backend/" : "https://api.mesibo.com/backend/", kind: "cloud", breaker: "closed", connections: 14 }],
    attention: world.empty ? [] : [{ what: "1 app held back: shop (TOKENBREACH, 12 min left)", todo: "Give it a new token, then mesigate reload.", page: "/console/reference" }],
    ledger: "memory",
  };
}
