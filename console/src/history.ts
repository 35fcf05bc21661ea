// The gateway's history, and the few numbers that are read from it.

import type { History, Series } from "./types";

export const WINDOWS = [
  { of: "seconds", word: "last 15 minutes" },
  { of: "minutes", word: "last 24 hours" },
] as const;

export type Window = (typeof WINDOWS)[number]["of"];

export type Total = Record<"requests" | "legacy" | "done" | "failed" | "refused" | "unknown", number>;

function sum(values: (number | null)[] | undefined): number {
  return (values ?? []).reduce<number>((all, value) => all + (value ?? 0), 0);
}

export function total({ series }: History): Total {
  const of = (name: Series) => sum(series[name]);
  return {
    requests: of("requests"),
    legacy: of("legacy"),
    done: of("done"),
    failed: of("failed"),
    refused: of("refused"),
    unknown: of("unknown"),
  };
}

export function times({ from, step, series }: History): number[] {
  return series.requests.map((_, index) => from + index * step);
}

/** Calls per second, also where a point stands for a minute. */
export function rate({ series, step }: History, name: Series): (number | null)[] {
  return (series[name] ?? []).map((value) => (value === null ? null : value / step));
}

/** What is rare: where there was none, nothing is drawn. */
export function rare(history: History, name: Series): (number | null)[] {
  return rate(history, name).map((value) => value || null);
}

/** The middle of the points' medians, each counted as often as it had requests. */
export function typical({ series }: History): number | null {
  const points = series.p50_us
    .map((value, index) => ({ value, weight: series.requests[index] ?? 0 }))
    .filter((point): point is { value: number; weight: number } => point.value !== null)
    .sort((a, b) => a.value - b.value);
  const half = points.reduce((all, { weight }) => all + weight, 0) / 2;
  let passed = 0;
  for (const { value, weight } of points) {
    passed += weight;
    if (passed >= half) return value;
  }
  return null;
}

export type Slowest = { at: number; us: number };

/** The point with the highest 99th percentile. */
export function slowest(history: History): Slowest | null {
  const at = times(history);
  return history.series.p99_us.reduce<Slowest | null>(
    (worst, us, index) => (us !== null && us > (worst?.us ?? -1) ? { at: at[index] ?? 0, us } : worst),
    null,
  );
}

export type Row = { at: number; total: Total; p99: number | null };

/** The same in a few rows, the newest first: for the table beside the charts. */
export function inRows(history: History, most: number): Row[] {
  const length = history.series.requests.length;
  const size = Math.max(1, Math.ceil(length / most));
  const starts = Array.from({ length: Math.ceil(length / size) }, (_, index) => index * size);
  return starts.map((start) => row(history, start, start + size)).reverse();
}

function row(history: History, start: number, end: number): Row {
  const cut = Object.entries(history.series).map(([name, values]) => [name, values.slice(start, end)]);
  const series = Object.fromEntries(cut) as History["series"];
  const p99 = series.p99_us.reduce<number | null>((most, us) => (us === null ? most : Math.max(us, most ?? 0)), null);
  return { at: history.from + start * history.step, total: total({ ...history, series }), p99 };
}
