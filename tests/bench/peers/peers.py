"""Measures caws beside what else a program may call AWS with, in one run on one machine:

    peers.py [--only PEER,...] [--rows ROW,...] [--runs N] [--write]

Peers: caws, caws-bundled, curl, curl-sigv4, boto3, rust, go, javascript, java. Rows: calls, tls,
flight, encode, decode, start, size, build. Without any, all; and the table and the plot go to docs/peers.md and
docs/peers.svg. What was measured is kept in build/peers/results.json: --write makes both from it
after a run of some rows.

In each of the runs the peers take turns, each in a fresh process, warmed up.
"""

import argparse
import datetime
import json
import sys

from builds import BUILD, PEERS, Missing
from place import open_place
from process import Failed
from report import machine, text_table, write
from rows import METRICS, PROCESSES, Bench
from same import check_same

ROWS = ["calls", "tls", "flight", "encode", "decode", "start", "size", "build"]
ONCE = {"size", "build"}


def built(names, builds):
    """The peers that are there to be measured, by name; and the seconds of their builds."""
    peers, seconds = {}, {}
    for name in names:
        peer = PEERS[name](name)
        try:
            seconds[name] = peer.ready(builds)
            peers[name] = peer
        except Missing as error:
            print(f"  {name} is left out: {error}", file=sys.stderr, flush=True)
    return peers, seconds


def measure_row(row, bench, peers, runs):
    """Peer -> metric -> values. A peer that fails is left out of the row."""
    values = {name: {} for name in peers}
    names = list(peers)
    count = 1 if row in ONCE else runs * PROCESSES.get(row, 1)
    for run in range(count):
        first = run % len(names)
        for name in names[first:] + names[:first]:
            if name not in values:
                continue
            try:
                figures = getattr(bench, row)(peers[name])
            except Failed as error:
                print(f"  {name} fails in {row}: {error}", file=sys.stderr, flush=True)
                del values[name]
                continue
            for metric, value in figures.items():
                values[name].setdefault(metric, []).append(value)
    return values


def keep(results, row, values, runs):
    entry = {"date": datetime.date.today().isoformat(), "runs": runs, "values": values}
    old = results["rows"].get(row)
    if old is not None:
        entry["values"] = old["values"] | values
    results["rows"][row] = entry
    (BUILD / "results.json").write_text(json.dumps(results, indent=1))


def some_of(all_names):
    def parse(text):
        names = text.split(",")
        for name in names:
            if name not in all_names:
                raise argparse.ArgumentTypeError(f"no {name}: there are {', '.join(all_names)}")
        return [name for name in all_names if name in names]
    return parse


def main():
    parser = argparse.ArgumentParser(prog="./dev bench peers", description=__doc__.splitlines()[0])
    parser.add_argument("--only", type=some_of(list(PEERS)), default=list(PEERS),
                        help=f"of {','.join(PEERS)}; else all")
    parser.add_argument("--rows", type=some_of(ROWS), default=ROWS,
                        help=f"of {','.join(ROWS)}; else all")
    parser.add_argument("--runs", type=int, default=5, help="of each peer a row (%(default)s)")
    parser.add_argument("--builds", type=int, default=1,
                        help="clean builds of each, of which those before count (%(default)s)")
    parser.add_argument("--seconds", type=float, default=1.5,
                        help="of what is measured in a run, about (%(default)s)")
    parser.add_argument("--write", action="store_true", help="docs/peers.md and .svg, from all "
                        "that is kept; a run of everything does without being asked")
    options = parser.parse_args()
    if options.runs < 1 or options.builds < 1:
        parser.error("--runs, --builds: 1 or more")

    saved = BUILD / "results.json"
    whole = options.rows == ROWS and options.only == list(PEERS)
    BUILD.mkdir(parents=True, exist_ok=True)
    results = json.loads(saved.read_text()) if saved.exists() and not whole else {"rows": {}}
    peers, seconds = built(options.only, options.builds)
    if not peers:
        sys.exit("peers: none is there")
    results["machine"] = machine()
    results["peers"] = results.get("peers", {}) | {
        name: {"title": peer.title, "is_sdk": peer.is_sdk, "versions": peer.versions(),
               "libraries": {path.name: path.stat().st_size for path in peer.carried()
                             if ".so" in path.name}}
        for name, peer in peers.items()}
    with open_place() as place:
        for name in check_same(peers, place):
            del peers[name]
        bench = Bench(place, options.seconds)
        for row in options.rows:
            print(f"  {row} ...", flush=True)
            if row == "build":
                values = {name: {"build.wall": seconds[name]} for name in peers}
            else:
                values = measure_row(row, bench, peers, options.runs)
            keep(results, row, values, options.runs)
            print(text_table(results, [name for name in METRICS if name.split(".")[0] == row],
                             list(peers)), flush=True)
    if whole or options.write:
        write(results)


if __name__ == "__main__":
    main()
