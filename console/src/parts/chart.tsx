// A chart, drawn by uPlot on a canvas. What it shows stands as a table beside it, for who cannot see it.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { clock } from "../words";

export type Curve = { word: string; colour: string; dash?: number[]; fill?: boolean; values: (number | null)[] };
type Props = { label: string; times: number[]; curves: Curve[]; unit: (value: number) => string };

const HEIGHT = 160;

export function Chart({ label, times, curves, unit }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const data = [times, ...curves.map(({ values }) => values)] as uPlot.AlignedData;
  useEffect(() => {
    const drawn = draw(place, curves, unit, data);
    chart.current = drawn.chart();
    const anew = () => {
      chart.current = drawn.anew();
    };
    const look = matchMedia("(prefers-color-scheme: dark)");
    look.addEventListener("change", anew);
    const watch = new ResizeObserver(() => chart.current?.setSize(size(place.current)));
    if (place.current) watch.observe(place.current);
    return () => {
      look.removeEventListener("change", anew);
      watch.disconnect();
      chart.current?.destroy();
    };
  }, []);
  useEffect(() => chart.current?.setData(data), [times, curves]);
  return <div class="chart" ref={place} role="img" aria-label={label} />;
}

function draw(place: { current: HTMLDivElement | null }, curves: Curve[], unit: Props["unit"], data: uPlot.AlignedData) {
  let made: uPlot | null = null;
  const chart = () => {
    made = place.current && new uPlot(options(place.current, curves, unit), data, place.current);
    return made;
  };
  const anew = () => {
    const kept = made?.data ?? data;
    made?.destroy();
    data = kept;
    return chart();
  };
  return { chart, anew };
}

function size(place: HTMLElement | null) {
  return { width: place?.clientWidth ?? 300, height: HEIGHT };
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function options(place: HTMLElement, curves: Curve[], unit: Props["unit"]): uPlot.Options {
  const font = "13px system-ui, sans-serif";
  const axis = { stroke: colour("muted"), font, ticks: { show: false }, grid: { stroke: colour("line"), width: 1 } };
  return {
    ...size(place),
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_chart, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      { ...axis, grid: { show: false }, space: 70, values: (_chart, marks) => marks.map((at) => clock(at).slice(0, 5)) },
      { ...axis, size: 64, space: 36, values: (_chart, marks) => marks.map(unit) },
    ],
    series: [{}, ...curves.map(curve)],
  };
}

function curve({ word, colour: name, dash, fill }: Curve): uPlot.Series {
  const stroke = colour(name);
  return {
    label: word,
    stroke,
    width: 1.5,
    points: { show: false },
    ...(dash ? { dash } : {}),
    ...(fill ? { fill: colour(`${name}-soft`) } : {}),
  };
}
