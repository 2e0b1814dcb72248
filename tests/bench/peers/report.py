"""The table: on the terminal, and with the plot in docs/."""

import datetime
import os
import pathlib
import platform
import re
import statistics
import textwrap

from builds import ROOT
from plot import plot
from rows import METRICS

PAGE = ROOT / "docs/peers.md"
PLOT = ROOT / "docs/peers.svg"
OWN = ("caws", "caws-bundled")
BEGIN, END = "<!-- peers:begin (written by ./dev bench peers) -->\n", "<!-- peers:end -->\n"


def machine():
    """Its parts, in words."""
    def first(path, pattern, default):
        found = re.search(pattern, pathlib.Path(path).read_text(), re.MULTILINE)
        return found[1] if found else default

    kib = int(first("/proc/meminfo", r"^MemTotal:\s+(\d+)", "0"))
    processor = first("/proc/cpuinfo", r"^model name.*: (.+)", platform.machine())
    return ", ".join([
        f"{os.cpu_count()} cores of {processor}",
        f"{kib / 2**20:.0f} GiB of memory",
        first("/etc/os-release", r'^PRETTY_NAME="(.+)"', platform.system()),
        f"Linux {platform.release().split('-')[0]}",
    ])


def number(value):
    """Three digits that count; two of what is less than 1."""
    if value >= 99.95:
        return f"{value:,.0f}"
    if value >= 9.995:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 0.995 else f"{value:.2g}"


def figures(results, metric, name):
    """Its values in the metric's unit, sorted; empty if there are none."""
    row = results["rows"].get(metric.split(".")[0], {"values": {}})
    values = row["values"].get(name, {}).get(metric, [])
    return sorted(value * METRICS[metric].scale for value in values)


def cell(values, separator=" "):
    if not values:
        return "–"
    middle = number(statistics.median(values))
    if len(values) == 1 or values[0] == values[-1]:
        return middle
    return f"{middle}{separator}({number(values[0])}–{number(values[-1])})"


def text_table(results, metrics, names):
    lines = []
    for metric in metrics:
        lines.append(f"    {METRICS[metric].title}, {METRICS[metric].unit}")
        for name in names:
            values = figures(results, metric, name)
            lines.append(f"      {results['peers'][name]['title']:22} {cell(values)}")
    return "\n".join(lines)


def ranked(results, metric):
    """Of those that do the same work, best first: (median, name)."""
    medians = [(statistics.median(values), name) for name, peer in results["peers"].items()
               if peer["is_sdk"] and (values := figures(results, metric, name))]
    return sorted(medians, reverse=METRICS[metric].more_is_better)


def markdown_table(results):
    names = list(results["peers"])
    titles = [results["peers"][name]["title"] for name in names]
    lines = ["| | " + " | ".join(titles) + " |", "|---|" + "--:|" * len(names)]
    for metric, what in METRICS.items():
        ranks = ranked(results, metric)
        if not ranks:
            continue
        best = number(ranks[0][0])
        cells = []
        for name in names:
            values = figures(results, metric, name)
            text = cell(values)
            is_sdk = results["peers"][name]["is_sdk"]
            if what.sdk_only and not is_sdk:
                text = f"*{text}*"
            elif what.ranked and is_sdk and values and \
                    number(statistics.median(values)) == best:
                text = f"**{text}**"
            cells.append(text)
        lines.append(f"| {what.title}, {what.unit} | " + " | ".join(cells) + " |")
    return lines


def not_first(results):
    """Where one of others is before caws as it is linked by default."""
    lines = []
    for metric, what in METRICS.items():
        ranks = ranked(results, metric)
        own = {name: value for value, name in ranks if name in OWN}
        others = [rank for rank in ranks if rank[1] not in OWN]
        if "caws" not in own or not others or not what.ranked:
            continue
        value, name = others[0]
        better = value > own["caws"] if what.more_is_better else value < own["caws"]
        if not better or number(value) == number(own["caws"]):
            continue
        mine, other = figures(results, metric, "caws"), figures(results, metric, name)
        overlap = mine[0] <= other[-1] and other[0] <= mine[-1]
        told = [f"{results['peers'][one]['title']} {number(own[one])} {what.unit}" for one in own]
        lines.append(f"- {what.title}: {results['peers'][name]['title']} {number(value)} "
                     f"{what.unit}; {'; '.join(sorted(told))}"
                     f"{'; the spreads overlap' if overlap else ''}.")
    return ["Where caws is not the first of those that do the same work:", "", *lines] if lines \
        else ["Of those that do the same work, caws is the first in every row that is a contest."]


def libraries(results):
    """What the loader maps for caws."""
    sizes = results["peers"].get("caws", {}).get("libraries", {})
    if not sizes:
        return []
    own = [name for name in sizes if name.startswith(("libcurl.", "libssl.", "libcrypto.",
                                                      "libcjson."))]
    mebibytes = sum(sizes[name] for name in own) / 2**20
    return [f"Of caws's {len(sizes)} libraries, {', '.join(own)} are {number(mebibytes)} MiB; the "
            "others are what this system's libcurl was built with.", ""]


def markdown(results):
    dates = sorted({row["date"] for row in results["rows"].values()})
    versions = [f"{peer['title']} ({', '.join(f'{k} {v}' for k, v in peer['versions'].items())})"
                for peer in results["peers"].values()]
    runs = sorted({row["runs"] for name, row in results["rows"].items()
                   if name not in ("size", "build")})
    def wrapped(words, indent=""):
        return textwrap.fill(words, 104, subsequent_indent=indent, break_on_hyphens=False)

    when = " to ".join(sorted({dates[0], dates[-1]}))
    return "\n".join([
        wrapped(f"{when}, {results['machine']}. Medians of {' or '.join(map(str, runs))} runs, "
                "with the least and the most."),
        "", *markdown_table(results), "",
        *(wrapped(line, "  ") for line in not_first(results)), "",
        *map(wrapped, libraries(results)),
        wrapped("Versions: " + "; ".join(versions) + "."), ""])


def write(results):
    before, rest = PAGE.read_text().split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(before + BEGIN + markdown(results) + END + after)
    PLOT.write_text(plot(results, figures, number))
    print(f"  {PAGE.relative_to(ROOT)}, {PLOT.relative_to(ROOT)}: written "
          f"{datetime.datetime.now():%H:%M}")
