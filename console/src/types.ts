// What the gateway says under /console/api, as it comes. Numbers that are times are seconds since 1970.

export type Role = "view" | "operate";
export type Outcome = "done" | "failed" | "refused" | "unknown";

export type Upstream = { name: string; url: string; kind: string; breaker: string; connections: number | null };
export type Attention = { what: string; todo: string; page: string };

export type State = {
  name: string;
  version: string;
  sandbox: boolean;
  stage: string;
  workers: number;
  started: number;
  now: number;
  role: Role;
  api: string;
  may_send_upstream: boolean;
  /** Connections to all upstreams together. */
  connections: number;
  /** When the certificate ends that clients are shown; null without TLS. */
  certificate: number | null;
  upstreams: Upstream[];
  attention: Attention[];
  ledger: string;
};

export type Series = "requests" | "legacy" | "done" | "failed" | "refused" | "unknown" | "p50_us" | "p99_us";
export type History = { step: number; from: number; series: Record<Series, (number | null)[]> };

export type Came = { name: string; calls: number; ok: number; others: Record<string, number> };
export type Counts = {
  since: number;
  operations: Came[];
  cache: Record<"hit" | "stale" | "miss" | "bypass", number>;
  limits: { name: string; refused: number }[];
  upstream: { calls: number; p50_us: number | null; p99_us: number | null };
};

export type Param = {
  name: string;
  kind: string;
  need: string;
  doc: string;
  example: string;
  unit: string | null;
  most: number | null;
  to: string[];
};
export type Operation = {
  name: string;
  aliases: string[];
  sends: string;
  effect: string;
  doc: string;
  example: string;
  params: Param[];
};
export type Language = { name: string; shown: string };

export type Refusal = { error: string; cause: string };
export type Named = { name: string; why: string };
export type Field = Named & { sent: string | null; to: string[]; as: string | null };
export type Member = { at: string; from: string; why: string };
export type Explained = {
  operation: string | null;
  door: "old" | "json";
  fields: Field[];
  dropped: Named[];
  warnings?: Named[];
  doubts?: string[];
  json: string;
  members: Member[];
  code: string;
  query: string | null;
  /** Parameters of a line of a program that have an example's value, since it knows them only when it runs. */
  examples?: string[];
  refused: Refusal | null;
};

export type Answer = { status: number; body: string };
export type Sent = {
  old: Answer | null;
  json: (Answer & { asked: string }) | null;
  changed: string[];
  took_us: number;
};

export type Fact = { fact: string; is_there: boolean; lacks: string[] };
export type Shape = {
  operation: string;
  params: string[];
  habits: string[];
  style: string;
  endings: Record<string, number>;
  first: number;
  last: number;
  days: Record<string, number>;
  code?: string;
};
export type Client = {
  client: string;
  name: string | null;
  state: string;
  facts: Fact[];
  decision: { at: number; reason: string } | null;
  old_calls: number;
  share: number;
  last_7_days: number;
  "7_days_before": number;
  first: number;
  last: number;
  longest_silence_days: number;
  shapes: Shape[];
};
export type Clients = { at: number; old_calls: number; json_calls: number; left: number; clients: Client[] };

export type Brownout = {
  name: string;
  from: string | number;
  to: string | number;
  state: string;
  rehearse: boolean;
  met: number;
};
export type Brownouts = { paused: boolean; windows: Brownout[] };

export type Setting = { section: string; key: string; value: string; from: string; doc: string | null };

export type Line = {
  n: number;
  at: number;
  app: string | null;
  door: string;
  operation: string | null;
  outcome: Outcome;
  label: string;
  took_us: number;
  agent: string | null;
  method: string;
  path: string;
  dropped: number;
  cache: string | null;
  status: number;
};
