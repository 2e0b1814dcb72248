"""docs/peers.md and its plot are whole, as ./dev bench peers writes them."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bench/peers"))

from builds import PEERS
from report import BEGIN, END, PAGE, PLOT, cell, not_first, number, ranked
from rows import METRICS


def table():
    """Title of a row -> its cells."""
    text = PAGE.read_text()
    part = text[text.index(BEGIN) + len(BEGIN):text.index(END)]
    lines = re.findall(r"^\| *(.*?) *\|$", part, re.MULTILINE)
    cells = [re.split(r" *\| *", line) for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_every_peer_has_a_figure_in_every_row():
    rows = table()
    assert rows.pop("") == [peer.title for peer in PEERS.values()]
    del rows["---"]
    assert list(rows) == [f"{metric.title}, {metric.unit}" for metric in METRICS.values()]
    for title, cells in rows.items():
        assert len(cells) == len(PEERS), title
        for text in cells:
            assert re.fullmatch(r"\**[\d.,]+( \([\d.,]+–[\d.,]+\))?\**", text), f"{title}: {text}"


def test_plot_has_every_row():
    space = "{http://www.w3.org/2000/svg}"
    titles = [text.text for text in ElementTree.parse(PLOT).iter(f"{space}text")
              if text.get("class") == "title"]
    assert [title.rsplit(":", 1)[0] for title in titles] == \
        [f"{metric.title}, {metric.unit}" for metric in METRICS.values()]


def results(**values):
    return {"rows": {"calls": {"values": {name: {"calls.cpu": [value / 1e6 for value in figures]}
                                          for name, figures in values.items()}}},
            "peers": {name: {"title": name.upper(), "is_sdk": name != "curl"} for name in values}}


def test_who_is_first_and_who_is_not():
    found = results(caws=[20, 21, 30], curl=[10, 10, 10], rust=[15, 16, 17], go=[40, 50, 60])
    assert [name for _, name in ranked(found, "calls.cpu")] == ["rust", "caws", "go"]
    assert not_first(found)[2:] == [
        "- CreateExportTask, CPU per call: RUST 16.0 µs; CAWS 21.0 µs."]
    found = results(caws=[20, 21, 30], rust=[15, 16, 20])
    assert not_first(found)[2].endswith("; the spreads overlap.")
    assert len(not_first(results(caws=[15, 16, 17], rust=[16, 16, 20]))) == 1


def test_caws_is_no_rival_of_itself():
    found = results(**{"caws": [21], "caws-bundled": [10], "rust": [16], "go": [40]})
    assert not_first(found)[2:] == [
        "- CreateExportTask, CPU per call: RUST 16.0 µs; CAWS 21.0 µs; CAWS-BUNDLED 10.0 µs."]
    assert len(not_first(results(**{"caws": [21], "caws-bundled": [10], "rust": [30]}))) == 1


def test_numbers():
    values = (0.0025, 0.304, 0.994, 1, 9.99, 10, 99.94, 99.95, 12345)
    assert [number(value) for value in values] == \
        ["0.0025", "0.3", "0.99", "1.00", "9.99", "10.0", "99.9", "100", "12,345"]
    assert cell([1, 2, 4]) == "2.00 (1.00–4.00)"
    assert cell([3]) == "3.00"
    assert cell([]) == "–"
