"""Runs every cell of the fault table, judges it, and prints the table:

    run.py BUILD_DIR [--only TEXT] [--jobs N] [--verbose]

A fault (http_faults.py and its neighbours) x {sync, async} x {first connection, reused connection}
is a cell: a client process of its own (cell.c) against a server of its own (lying_server.py). In
each the client makes a call that is served well (reused only), the call that is lied to, and a
third one after the server has repented, which has to be served well again. botocore is asked for
its opinion on retries, at the same servers.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import answer_faults
import credential_faults
import http_faults
import judge
import lying_server
import stream_faults
import tls_faults
from fault import pace
from judge import Cell, Result

HERE = pathlib.Path(__file__).parent
COLUMNS = [(mode, column) for mode in ("sync", "async") for column in ("first", "reused")]
CELL_SECONDS = 90
SILENT_JOBS = 48


def load_faults():
    return [*http_faults.FAULTS, *answer_faults.FAULTS, *tls_faults.FAULTS, *stream_faults.FAULTS,
            *credential_faults.FAULTS]


def cells_of(fault):
    for mode, column in COLUMNS:
        if fault.only in (None, column):
            yield Cell(fault.at(column), mode, column)


class Driver:
    """The client's process. Lines go in and come out one by one."""

    def __init__(self, build, cell, url, environment, ca_file):
        fault = cell.fault
        kind = fault.kind if fault.kind in ("call", "large", "stream") else "call"
        self.process = subprocess.Popen(
            [build / "tests/faults/fault_cell", kind, cell.mode, url, str(fault.timeout_ms),
             str(fault.call_deadline_ms), str(fault.attempts), str(fault.most_bytes),
             ca_file or "-"],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        self._timer = threading.Timer(CELL_SECONDS, self.process.kill)
        self._timer.start()

    def call(self, name):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{name}\n")
            self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) | {"peak_kb": self._peak_kb()} if line else None

    def _peak_kb(self):
        """The most memory it had so far; 0 where there is no such file. What getrusage tells began
        with the memory of this process."""
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
        return 0

    def end(self):
        """Returns whether it ended in good order, and what it complained of."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        last = self.process.stdout.read()
        complaint = self.process.stderr.read()
        status = self.process.wait()
        self._timer.cancel()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()
        return status == 0 and '"end":true' in last and not complaint, f"{status} {complaint}"


def run_cell(cell, build, secure):
    """Makes the three calls of a cell and judges them."""
    fault, result = cell.fault, Result(cell)
    warm = cell.column == "reused" and fault.kind != "imds"
    credentials = fault.kind in ("imds", "container")
    tls = secure.context(fault.secure)
    with contextlib.ExitStack() as stack:
        def serve(*arguments, **more):
            server = lying_server.LyingServer(*arguments, **more)
            stack.callback(server.close)
            return server

        elsewhere = serve(lying_server.HONEST)
        server = serve(fault, tls, lying=not warm, once=fault.fresh)
        server.elsewhere = elsewhere.port
        server.secure = secure
        url = elsewhere.url if credentials else server.url
        environment = client_environment(fault, server)
        driver = Driver(build, cell, url, environment, secure.ca_file if tls else None)
        stack.callback(driver.process.kill)
        if warm:
            result.lines["warm"] = driver.call("warm")
            elsewhere.expires = True
            server.lie()
        result.lines["judged"] = driver.call("judged")
        server.settle()
        seen = server.requests(True)
        strayed = elsewhere.requests(False)
        server.repent()
        result.lines["after"] = driver.call("after")
        ended, complaint = driver.end()
        if not ended:
            result.problems.append(f"the client ended badly: {complaint}")
        judge.judge(result, server, seen, strayed)
        return result


def client_environment(fault, server):
    environment = {name: value for name, value in os.environ.items()
                   if not name.upper().startswith("AWS_") and not name.lower().endswith("_proxy")}
    environment |= {"AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": os.devnull,
                    "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    if fault.kind == "imds":
        return environment | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url}
    if fault.kind == "container":
        return environment | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/credentials",
                              "AWS_EC2_METADATA_DISABLED": "true"}
    return environment | {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "secret"}


# --- the table ----------------------------------------------------------------------------------


LEGEND = """How calls end that are lied to, and A/W: requests that the client counts as its
attempts, and those that the server got whole. The lie lasts; 2 attempts are allowed, or 1 where a
fault says so. W above 1 is a call that may have been done twice. That is so, by AWS's rules, after
a connection that failed or was silent, after an answer that broke off or is no HTTP, and after
HTTP 429, 500, 502, 503 and 504; not after any other answer, nor when events were delivered. The
last column is botocore's end, and how often it sent the request; where that is another number, the
reason. In tables of credentials, A counts requests to the service, W those to the provider."""


def print_table(faults, results, opinions):
    print(LEGEND)
    by_cell = {(id(r.fault), r.result.cell.mode, r.result.cell.column): r.result for r in results}
    point = None
    for fault in faults:
        if fault.point != point:
            point = fault.point
            print(f"\n### {point}\n\n| fault | " +
                  " | ".join(f"{mode}, {column}" for mode, column in COLUMNS) +
                  " | botocore |\n|---|" + "---|" * (len(COLUMNS) + 1))
        texts = []
        for mode, column in COLUMNS:
            result = by_cell.get((id(fault), mode, column))
            texts.append("-" if result is None else
                         result.text + (" **FAILED**" if result.problems else ""))
        print(f"| {fault.name} | " + " | ".join(texts) + f" | {opinions.get(id(fault), '-')} |")


def print_summary(results):
    """How many cells ended how; and how many calls the server got whole more than once."""
    calls = [done.result for done in results if "judged" in done.result.lines
             and done.result.lines["judged"]]
    ends = collections.Counter(result.lines["judged"]["status"] for result in calls)
    print("ends: " + ", ".join(f"{name} {count}" for name, count in ends.most_common()))
    twice = collections.Counter(
        result.lines["judged"]["status"] for result in calls
        if result.whole > 1 and result.cell.fault.kind not in ("imds", "container"))
    print("got whole twice: " + ", ".join(f"{name} {n}" for name, n in twice.most_common()))


@dataclasses.dataclass
class Done:
    fault: object  # the whole one
    result: Result


def run_all(faults, build, secure, jobs):
    """Cells that only wait are run beside those that work."""
    def run(fault, cell):
        try:
            return Done(fault, run_cell(cell, build, secure))
        except Exception as error:  # noqa: BLE001 - a cell that fails is a line of the table
            return Done(fault, Result(cell, problems=[f"{type(error).__name__}: {error}"]))

    with concurrent.futures.ThreadPoolExecutor(SILENT_JOBS) as silent, \
            concurrent.futures.ThreadPoolExecutor(jobs) as busy:
        futures = [(silent if fault.is_timed or fault.kind in ("imds", "container") else busy)
                   .submit(run, fault, cell)
                   for fault in faults for cell in cells_of(fault)]
        all_done = [future.result() for future in futures]
    return [run_again(done, run) for done in all_done]


def run_again(done, run):
    """What is a matter of time gets more of it, and the machine for itself, before it fails."""
    if not done.result.problems or not done.fault.is_timed:
        return done
    factor, pace.factor = pace.factor, pace.factor * 4
    try:
        second = run(done.fault, done.result.cell)
    finally:
        pace.factor = factor
    second.result.text += " (slowly)"
    return second


def main():
    parser = argparse.ArgumentParser(prog="./dev faults", description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="the build directory (./dev gives it)")
    parser.add_argument("--only", default="", help="faults with this in their name or point")
    parser.add_argument("--jobs", type=int, default=8, help="that do not only wait; %(default)s")
    parser.add_argument("--verbose", action="store_true", help="each cell's lines too")
    parser.add_argument("--no-botocore", action="store_true", help="do not ask it")
    options = parser.parse_args()
    faults = [fault for fault in load_faults() if options.only in f"{fault.point}: {fault.name}"]
    if not (options.build / "tests/faults/fault_cell").exists():
        print("1 skipped: tests/faults/fault_cell is not built: codegen/caws.toml may leave out "
              "operations that it calls")
        return 0
    cache = options.build / "CMakeCache.txt"
    if cache.exists() and "-fsanitize" in cache.read_text():
        judge.most_kb, pace.factor = None, 3
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="caws-faults-") as folder:
        secure = tls_faults.Secure(folder)
        results = run_all(faults, options.build, secure, options.jobs)
        opinions, quarrels = {}, []
        if not options.no_botocore:
            import oracle

            opinions, quarrels = oracle.ask(faults, secure)
    print_table(faults, results, opinions)
    failed = [done.result for done in results if done.result.problems]
    print()
    for result in [done.result for done in results] if options.verbose else failed:
        print(f"{'FAILED' if result.problems else 'ok'}: {result.cell.name}")
        for problem in result.problems:
            print(f"    {problem}")
        if options.verbose:
            for line in result.lines.values():
                print(f"    {line}")
    for quarrel in quarrels:
        print(f"FAILED: {quarrel}")
    print_summary(results)
    print(f"{len(faults)} faults, {len(results)} cells: {len(results) - len(failed)} passed, "
          f"{len(failed)} failed; botocore asked about {len(opinions)}, {len(quarrels)} differ "
          f"unexplained; {time.monotonic() - began:.0f} s")
    return 1 if failed or quarrels else 0


if __name__ == "__main__":
    sys.exit(main())
