// What is computed in the browser: numbers in words, the history's numbers, the lines of JSON. No browser is needed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/** A module of src, bundled as the page has it. */
async function load(path) {
  const entryPoints = [fileURLToPath(new URL(`../src/${path}`, import.meta.url))];
  const jsx = { jsx: "automatic", jsxImportSource: "preact" };
  const { outputFiles } = buildSync({ entryPoints, bundle: true, format: "esm", write: false, ...jsx });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

test("a number has its unit, and a share never rounds a loss away", async () => {
  const { many, share, span, lasting, ago } = await load("words.ts");
  assert.deepEqual([many(1, "call"), many(1234, "call")], ["1 call", "1,234 calls"]);
  assert.deepEqual([span(90), span(2310), span(3_000_000), span(null)], ["90 µs", "2.3 ms", "3 s", "–"]);
  assert.deepEqual([share(99_999, 100_000), share(1, 1), share(1, 3), share(0, 0)], ["99.99 %", "100 %", "33.3 %", "–"]);
  assert.deepEqual([lasting(59), lasting(3600), lasting(172_900), ago(0.4)], ["59 seconds", "1 hour", "2 days", "just now"]);
});

const history = {
  step: 60,
  from: 6000,
  series: {
    requests: [60, 0, 120],
    legacy: [60, 0, 0],
    done: [59, 0, 118],
    failed: [0, 0, 1],
    refused: [1, 0, 0],
    unknown: [0, 0, 1],
    p50_us: [900, null, 300],
    p99_us: [5000, null, 1000],
  },
};

test("of a history the totals, the rate, the busiest median and the slowest minute are told", async () => {
  const { total, rate, rare, typical, slowest, inRows } = await load("history.ts");
  assert.deepEqual(total(history), { requests: 180, legacy: 60, done: 177, failed: 1, refused: 1, unknown: 1 });
  assert.deepEqual(rate(history, "requests"), [1, 0, 2]);
  assert.deepEqual(rare(history, "refused"), [1 / 60, null, null]);
  assert.equal(typical(history), 300, "the minute with the most requests counts most");
  assert.deepEqual(slowest(history), { at: 6000, us: 5000 });
  assert.deepEqual(inRows(history, 2).map(({ at, p99, total: { requests } }) => [at, p99, requests]), [[6120, 1000, 120], [6000, 5000, 60]]);
});

test("a history in which nothing happened has no median and no slowest minute", async () => {
  const { typical, slowest } = await load("history.ts");
  const none = { ...history, series: Object.fromEntries(Object.keys(history.series).map((name) => [name, name.endsWith("us") ? [null] : [0]])) };
  assert.deepEqual([typical(none), slowest(none)], [null, null]);
});

test("a line of JSON knows its place, and no digit of a large number is lost", async () => {
  const { rows, laidOut } = await load("parts/json.tsx");
  const json = { op: "useradd", user: { token: { appid: "a: \"b\"" }, ids: [{ at: 1 }] }, last: true };
  const at = rows(JSON.stringify(json, null, 2)).map((row) => row.at).filter(Boolean);
  assert.deepEqual(at, ["op", "user", "user.token", "user.token.appid", "user.ids", "user.ids..at", "last"]);
  assert.match(laidOut('{"uid":12345678901234567890}'), /12345678901234567890/);
  assert.equal(laidOut("<html>"), "<html>");
});
