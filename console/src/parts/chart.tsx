// A chart: curves over time, as SVG that is coloured by the style sheet. What it shows stands as a table beside it,
// for who cannot see it. A drawing library would be half of what the console weighs, and draw no better.

import { clock } from "../words";

export type Curve = { colour: string; values: (number | null)[] };
type Props = { label: string; times: number[]; curves: Curve[]; unit: (value: number) => string };

const HEIGHT = 100;
const MARKS = 4;
/** Below so many seconds, the marks tell theirs. */
const SHORT = 600;

export function Chart({ label, times, curves, unit }: Props) {
  const top = roof(curves);
  const isShort = (times.at(-1) ?? 0) - (times[0] ?? 0) < SHORT;
  return (
    <div class="chart" role="img" aria-label={label}>
      <div class="heights" aria-hidden="true">
        {[top, top / 2, 0].map((value) => (
          <span key={value}>{unit(value)}</span>
        ))}
      </div>
      <svg viewBox={`0 0 ${Math.max(1, times.length - 1)} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {[0, HEIGHT / 2, HEIGHT].map((y) => (
          <path key={y} class="grid" d={`M0 ${y}H${times.length}`} />
        ))}
        {curves.map(({ colour, values }) => (
          <path key={colour} class={`curve ${colour}`} d={drawn(values, top)} />
        ))}
        {curves.map(({ colour, values }) => (
          <path key={`${colour} alone`} class={`curve alone ${colour}`} d={alone(values, top)} />
        ))}
      </svg>
      <div class="moments" aria-hidden="true">
        {marks(times).map((at) => (
          <span key={at}>{clock(at).slice(0, isShort ? 8 : 5)}</span>
        ))}
      </div>
    </div>
  );
}

/** The next round number over all values. */
function roof(curves: Curve[]): number {
  const high = curves.reduce((most, { values }) => values.reduce<number>((most, value) => Math.max(most, value ?? 0), most), 1);
  const zeros = 10 ** Math.floor(Math.log10(high));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8].find((step) => step * zeros >= high) ?? 10) * zeros;
}

type Values = (number | null)[];

const isThere = (value: number | null | undefined): value is number => value !== null && value !== undefined;

/** A line through what is known. */
function drawn(values: Values, top: number): string {
  return values.map((value, x) => (isThere(value) ? `${isThere(values[x - 1]) ? "L" : "M"}${x} ${height(value, top)}` : "")).join("");
}

/** A dot for each value without a neighbour, which no line goes through. */
function alone(values: Values, top: number): string {
  const isAlone = (x: number) => !isThere(values[x - 1]) && !isThere(values[x + 1]);
  return values.map((value, x) => (isThere(value) && isAlone(x) ? `M${x} ${height(value, top)}h.01` : "")).join("");
}

function height(value: number, top: number): number {
  return Math.round((HEIGHT - (HEIGHT * value) / top) * 10) / 10;
}

/** The times under the chart: the first, the last, and some between. */
function marks(times: number[]): number[] {
  const last = times.length - 1;
  const at = Array.from({ length: MARKS + 1 }, (_, index) => times[Math.round((last * index) / MARKS)]);
  return [...new Set(at.filter((time) => time !== undefined))];
}
