"""Panels of a dashboard as HTML and SVG."""

import html
import re

UNIT, ROW = 60, 32
WIDTH = 24 * UNIT + 20
COLOURS = ["#3274d9", "#56a64b", "#e0b400", "#e02f44", "#8f3bb8", "#ff780a", "#37872d", "#1f60c4", "#a352cc", "#777777"]

STYLE = """
body { margin: 0; background: #f4f5f5; font: 12px sans-serif; color: #222; }
main { position: relative; }
section { position: absolute; box-sizing: border-box; background: #fff; border: 1px solid #dcdcdc; overflow: hidden; padding: 4px 8px; }
section.row { background: none; border: 0; font-weight: bold; font-size: 14px; padding-top: 8px; }
h2 { font-size: 12px; margin: 0 0 2px; }
.legend { font-size: 10px; line-height: 13px; height: 39px; overflow: hidden; color: #444; }
.legend i { display: inline-block; width: 8px; height: 8px; margin: 0 3px 0 6px; }
.number { font-size: 26px; text-align: center; margin-top: 14px; }
text { font-size: 9px; fill: #666; }
"""


def legend(form, labels):
    """A series' name, as Grafana fills `{{label}}`."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), form).strip() or "-"


def number(value, unit):
    """A number with its unit, short."""
    if unit == "percentunit":
        return f"{value * 100:.4g} %"
    if unit == "bool":
        return "yes" if value else "no"
    if unit == "s":
        steps = [(86400, "d"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs")]
    elif unit == "bytes":
        steps = [(2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "B")]
    else:
        steps = [(1e9, "G"), (1e6, "M"), (1e3, "k"), (1, "")]
    step, word = next(((step, word) for step, word in steps if abs(value) >= step), steps[-1] if value else (1, ""))
    return f"{value / step:.3g} {word}{'/s' if unit in ('reqps', 'ops') else ''}".strip()


def cell(panel, title, shown):
    at = panel["gridPos"]
    place = f"left:{10 + at['x'] * UNIT}px;top:{10 + at['y'] * ROW}px;width:{at['w'] * UNIT - 6}px;height:{at['h'] * ROW - 6}px"
    kind = "row" if panel["type"] == "row" else "panel"
    return at["y"] + at["h"], f'<section class="{kind}" style="{place}"><h2>{title}</h2>{shown}</section>'


def page(cells):
    """All cells as a page, and its height in pixels."""
    height = max(end for end, _ in cells) * ROW + 20
    body = "".join(text for _, text in cells)
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><main>{body}</main>", height


def panel(about, lines, begin, end):
    """What a panel shows: a number, or lines with their legend."""
    unit = about["fieldConfig"]["defaults"]["unit"]
    if about["type"] == "stat":
        return f'<div class="number">{number(lines[0][1][-1][1], unit) if lines else "no data"}</div>'
    width = about["gridPos"]["w"] * UNIT - 24
    height = about["gridPos"]["h"] * ROW - 75
    most = max((value for _, points in lines for _, value in points if value == value), default=0) or 1
    drawn = [axis(width, height, most, unit)]
    names = []
    for place, (name, points) in enumerate(lines):
        colour = COLOURS[place % len(COLOURS)]
        drawn.append(polyline(points, (begin, end), (width, height, most), colour))
        names.append(f'<i style="background:{colour}"></i>{html.escape(name)} {number(points[-1][1], unit)}')
    return f'<svg width="{width}" height="{height}">{"".join(drawn)}</svg><div class="legend">{"".join(names)}</div>'


def axis(width, height, most, unit):
    marks = []
    for part in (0, 0.5, 1):
        y = height - 6 - part * (height - 16)
        marks.append(f'<line x1="48" x2="{width}" y1="{y}" y2="{y}" stroke="#e8e8e8"/>')
        marks.append(f'<text x="44" y="{y + 3}" text-anchor="end">{number(most * part, unit)}</text>')
    return "".join(marks)


def polyline(points, times, size, colour):
    (begin, end), (width, height, most) = times, size
    shown = [
        f"{50 + (at - begin) / (end - begin) * (width - 52):.1f},{height - 6 - value / most * (height - 16):.1f}"
        for at, value in points
        if value == value
    ]
    return f'<polyline fill="none" stroke="{colour}" stroke-width="1.4" points="{" ".join(shown)}"/>'
