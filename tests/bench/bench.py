"""Measures caws side by side with its floor, in one run:

    bench.py BUILD_DIR [ROW...] [--calls N] [--signatures N] [--turns N] [--rounds N]

Rows: calls, threads, flight, start, signatures, codec, generate, compile; without any, all. Sizes are
./dev size's.
Both sides of a comparison take turns, and each figure is the median over the turns with the middle
half of them, so that what else the machine does meets both alike.
"""

import argparse
import os
import pathlib
import platform
import statistics
import sys
import tempfile
import time

from codec import bench_codec
from making import bench_compile, bench_generate
from server import nginx
from turns import columns, ratios, run, show

def compare(title, unit, caws, floor, floor_name):
    show(title, unit, {"caws": caws, floor_name: floor, "ratio": ratios(caws, floor)})


def bench_calls(build, calls):
    with nginx() as url:
        figures = run(build / "tests/bench/bench_calls", str(calls), url)
    caws_cpu, caws_wall, bare_cpu, bare_wall = columns(figures, 4)
    compare("CreateExportTask, CPU time per call", "us", caws_cpu, bare_cpu, "bare libcurl")
    compare("CreateExportTask, wall time per call", "us", caws_wall, bare_wall, "bare libcurl")


def bench_threads(build, calls, threads=16):
    with nginx() as url:
        figures = run(build / "tests/bench/bench_calls", str(calls), url, str(threads))
    caws_cpu, caws_wall, bare_cpu, bare_wall = columns(figures, 4)
    title = f"{threads} threads that share a client, {threads} handles of libcurl's"
    compare(f"{title}: CPU time per call", "us", caws_cpu, bare_cpu, "bare libcurl")
    compare(f"{title}: calls per second", "thousand", [1e3 / wall for wall in caws_wall],
            [1e3 / wall for wall in bare_wall], "bare libcurl")


def take_turns(rounds, *commands):
    """What each command prints, as columns. The first turn is the warm-up."""
    figures = [[] for _ in commands]
    for turn in range(rounds + 1):
        for lines, command in zip(figures, commands):
            lines.append(run(*command))
    return [list(zip(*lines[1:])) for lines in figures]


def bench_flight(build, calls, rounds, flight=1000):
    program = build / "tests/bench/bench_flight"
    with nginx() as url:
        caws, bare = take_turns(rounds, *((program, side, str(calls), url, str(flight))
                                          for side in ("caws", "bare")))
    title = f"{flight:,} calls in flight on one thread, a connection each"
    for column, (what, unit) in enumerate((("CPU time per call", "us"), ("wall time per call", "us"),
                                           ("most memory", "KiB"))):
        compare(f"{title}: {what}", unit, caws[column], bare[column], "bare multi")


def wall_microseconds(*command):
    began = time.monotonic()
    cpu, kib = run(*command)
    return (time.monotonic() - began) * 1e6, cpu, kib


def bench_start(build, rounds):
    """Region and keys come from shared files, as on a machine that is set up for the AWS CLI."""
    sides = [(build / "tests/bench" / name) for name in ("bench_start", "bench_start_bare")]
    figures = [[], []]
    with nginx() as url, tempfile.TemporaryDirectory() as folder:
        files = {"AWS_CONFIG_FILE": "[default]\nregion = us-east-1\noutput = json\n",
                 "AWS_SHARED_CREDENTIALS_FILE": "[default]\naws_access_key_id = AKIDEXAMPLE\n"
                                                "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG\n"}
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.write_text(text)
            os.environ[name] = str(path)
        for turn in range(rounds + 3):
            for lines, program in zip(figures, sides):
                lines.append(wall_microseconds(program, url))
    caws, bare = (list(zip(*lines[3:])) for lines in figures)
    title = "a fresh process, from its start to its end with one answer"
    for column, (what, unit) in enumerate((("wall time", "us"), ("CPU time", "us"),
                                           ("most memory", "KiB"))):
        compare(f"{title}: {what}", unit, caws[column], bare[column], "bare libcurl")


def bench_signatures(build, signatures, rounds):
    program = build / "tests/bench/bench_sign"
    caws, floor = [], []
    for _ in range(rounds):
        caws += run(program, "caws", str(signatures))
        floor += run(program, "hash", str(signatures))
    compare("signature, CPU time", "us", caws, floor, "hashes alone")
    print(f"signatures per second: {1e6 / statistics.median(caws):,.0f}\n", flush=True)


ROWS = {
    "calls": lambda o: bench_calls(o.build, o.calls),
    "threads": lambda o: bench_threads(o.build, o.calls),
    "flight": lambda o: bench_flight(o.build, o.calls, o.rounds),
    "start": lambda o: bench_start(o.build, 20 * o.rounds),
    "signatures": lambda o: bench_signatures(o.build, o.signatures, o.rounds),
    "codec": lambda o: bench_codec(o.build, o.rounds, o.turns),
    "generate": lambda o: bench_generate(3),
    "compile": lambda o: bench_compile(3),
}


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="the build directory (./dev gives it)")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; else all")
    parser.add_argument("--calls", type=int, default=40000, help="of each side (%(default)s)")
    parser.add_argument("--signatures", type=int, default=300000, help="per round (%(default)s)")
    parser.add_argument("--turns", type=int, default=50, help="of codec per round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=7,
                        help="of what runs a process a turn (%(default)s)")
    options = parser.parse_intermixed_args()
    for row in options.rows:
        if row not in ROWS:
            parser.error(f"no row {row}: there are {', '.join(ROWS)}")
    if options.rounds < 2:
        parser.error("--rounds: 2 or more")
    if not (options.build / "tests/bench/bench_calls").exists():
        sys.exit(f"bench: {options.build} is not built")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    print(f"{platform.machine()}, {platform.system()} {platform.release()}; "
          f"both sides of each comparison take turns\n")
    for row in options.rows or ROWS:
        ROWS[row](options)


if __name__ == "__main__":
    main()
