// Numbers and times as people read them: each with its unit.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export function many(count: number, word: string, words = `${word}s`): string {
  return `${whole.format(count)} ${count === 1 ? word : words}`;
}

/** A count without a unit of its own, as in a column whose head has it. */
export function number(count: number): string {
  return (count < 10 ? one : whole).format(count);
}

/** A span that came in microseconds. */
export function span(us: number | null): string {
  if (us === null) return "–";
  if (us < 1000) return `${whole.format(us)} µs`;
  if (us < 1_000_000) return `${one.format(us / 1000)} ms`;
  return `${one.format(us / 1_000_000)} s`;
}

export function share(part: number, all: number): string {
  if (all === 0) return "–";
  const percent = (100 * part) / all;
  return `${percent > 99 && percent < 100 ? (Math.floor(percent * 100) / 100).toFixed(2) : one.format(percent)} %`;
}

const STEPS: [number, string][] = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** The largest unit of a span in seconds: `3 days`. */
export function lasting(seconds: number): string {
  const [size, word] = STEPS.find(([size]) => seconds >= size) ?? [1, "second"];
  return many(Math.max(0, Math.floor(seconds / size)), word);
}

export function ago(seconds: number): string {
  return seconds < 1.5 ? "just now" : `${lasting(seconds)} ago`;
}

/** A point in time, exact, in this browser's own zone. */
export function exact(at: number): string {
  const date = new Date(at * 1000);
  return `${day(date)} ${clock(at)}`;
}

function day(date: Date): string {
  return [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
}

/** The time of day, with thousandths if asked for. */
export function clock(at: number, thousandths = false): string {
  const date = new Date(at * 1000);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return thousandths ? `${time}.${String(date.getMilliseconds()).padStart(3, "0")}` : time;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
