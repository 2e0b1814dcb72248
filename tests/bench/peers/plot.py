"""The figures as a picture: a panel for each metric, in it a dot for each peer's median on a
logarithmic axis, with a line from the least to the most."""

import html
import math
import statistics

from rows import METRICS

WIDTH, COLUMNS, MARGIN = 960, 2, 16
LINE, HEAD, FOOT = 17, 26, 30
NAMES, NUMBERS = 132, 62  # widths, left and right of a panel's axis
PANEL = (WIDTH - MARGIN * (COLUMNS + 1)) // COLUMNS
STYLE = """
    text { font: 12px sans-serif; fill: #24292f }
    .title { font-weight: bold }
    .number, .tick { fill: #57606a } .number { text-anchor: end } .tick { text-anchor: middle }
    .grid { stroke: #d0d7de } .dot { fill: #6e7781 } .span { stroke: #6e7781; stroke-width: 2 }
    .own .dot { fill: #0969da } .own .span { stroke: #0969da } .own text { font-weight: bold }
    .floor .dot { fill: none; stroke: #6e7781; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3 } .number, .tick { fill: #9198a1 } .grid { stroke: #3d444d }
        .dot { fill: #9198a1 } .span { stroke: #9198a1 } .floor .dot { stroke: #9198a1 }
        .own .dot { fill: #4493f8 } .own .span { stroke: #4493f8 }
    }"""


def text(x, y, words, kind):
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}">{html.escape(words)}</text>'


class Axis:
    """Of powers of ten, from the one below all values to the one above."""

    def __init__(self, values, left, right):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.left, self.right = left, right

    def x(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)

    def ticks(self):
        return [10.0**power for power in range(self.low, self.high + 1)]


def panel(metric, rows, number, x, y):
    """rows: (title, class, values). Returns its lines of SVG."""
    what = METRICS[metric]
    better = "more is better" if what.more_is_better else "less is better"
    axis = Axis([value for row in rows for value in row[2]], x + NAMES, x + PANEL - NUMBERS)
    top, bottom = y + HEAD, y + HEAD + LINE * len(rows)
    lines = [text(x, y + 12, f"{what.title}, {what.unit}: {better}", "title")]
    for tick in axis.ticks():
        at = axis.x(tick)
        lines.append(f'<path class="grid" d="M{at:.1f} {top}V{bottom}"/>')
        lines.append(text(at, bottom + 14, f"{tick:,g}", "tick"))
    for i, (title, kind, values) in enumerate(rows):
        middle = top + LINE * i + LINE / 2
        median = statistics.median(values)
        low, high = axis.x(values[0]), axis.x(values[-1])
        lines += [f'<g class="{kind}">', text(x, middle + 4, title, "name"),
                  f'<path class="span" d="M{low:.1f} {middle}H{high:.1f}"/>',
                  f'<circle class="dot" cx="{axis.x(median):.1f}" cy="{middle}" r="4"/>',
                  text(x + PANEL, middle + 4, number(median), "number"), "</g>"]
    return lines


def plot(results, figures, number):
    panels = []
    for metric, what in METRICS.items():
        rows = []
        for name, peer in results["peers"].items():
            values = figures(results, metric, name)
            if values and values[0] > 0 and (peer["is_sdk"] or not what.sdk_only):
                kind = "own" if name.startswith("caws") else "sdk" if peer["is_sdk"] else "floor"
                rows.append((peer["title"], kind, values))
        if rows:
            panels.append((metric, rows))
    lines, y = [], MARGIN
    for i in range(0, len(panels), COLUMNS):
        line = panels[i:i + COLUMNS]
        for column, (metric, rows) in enumerate(line):
            lines += panel(metric, rows, number, MARGIN + column * (PANEL + MARGIN), y)
        y += HEAD + FOOT + LINE * max(len(rows) for _, rows in line)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" '
            f'height="{y}" role="img" aria-label="caws beside other clients, see the table">\n'
            f"<style>{STYLE}\n</style>\n" + "\n".join(lines) + "\n</svg>\n")
