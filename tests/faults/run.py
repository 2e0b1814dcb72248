"""Runs every cell of the fault table, judges it, and prints the table:

    run.py BUILD_DIR [--only TEXT] [--jobs N] [--verbose]

A fault (http_faults.py and its neighbours) x {sync, async} x {first connection, reused connection} is
a cell: a client process of its own (cell.c) against a server of its own (lying_server.py). In each
the client makes a call that is served well (reused only), the call that is lied to, and a third one
after the server has repented, which has to be served well again. botocore is asked for its opinion
on retries, at the same servers.
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

import lying_server
from fault import CREDENTIALS, OK

HERE = pathlib.Path(__file__).parent
COLUMNS = [(mode, column) for mode in ("sync", "async") for column in ("first", "reused")]
SLACK_MS = 4000  # beyond a deadline: for a busy machine
MOST_KB = 64 * 1024  # of memory, whatever the server sends; with a sanitizer it is not looked at
CELL_SECONDS = 90
SILENT_JOBS = 40
FORBIDDEN = ("cookie", "expect", "proxy-authorization", "upgrade", "alt-used", "referer")


@dataclasses.dataclass
class Cell:
    fault: object  # as its column has it
    mode: str
    column: str

    @property
    def name(self):
        return f"{self.fault.point}: {self.fault.name} [{self.mode}, {self.column}]"


@dataclasses.dataclass
class Result:
    cell: Cell
    text: str = ""  # for the table
    problems: list = dataclasses.field(default_factory=list)
    lines: dict = dataclasses.field(default_factory=dict)


def load_faults():
    import answer_faults
    import credential_faults
    import http_faults
    import stream_faults
    import tls_faults

    return [*http_faults.FAULTS, *answer_faults.FAULTS, *tls_faults.FAULTS, *stream_faults.FAULTS,
            *credential_faults.FAULTS]


def cells_of(fault):
    for mode, column in COLUMNS:
        if fault.kind == "stream" and mode == "async":
            continue  # streams of events have no asynchronous form
        if fault.only in (None, column):
            yield Cell(fault.at(column), mode, column)


class Driver:
    """The client's process. Lines go in and come out one by one."""

    def __init__(self, build, cell, url, environment, ca_file):
        fault = cell.fault
        kind = fault.kind if fault.kind in ("call", "large", "stream") else "call"
        self.process = subprocess.Popen(
            [build / "tests/faults/fault_cell", kind, cell.mode, url, str(fault.timeout_ms),
             str(fault.call_deadline_ms), str(fault.attempts), str(fault.most_bytes), ca_file or "-"],
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
        judge(result, server, seen, strayed)
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


# --- judging ------------------------------------------------------------------------------------


SANITIZED = False  # main finds out


def figures(value):
    return value if isinstance(value, tuple) else (value,)


def judge(result, server, seen, strayed):
    lines, problems = result.lines, result.problems
    for name in ("warm", "after"):
        if name in lines:
            judge_good_call(problems, name, lines[name])
    judged = lines["judged"]
    if judged is None:
        problems.append("no word about the call")
        return
    fault = result.cell.fault
    result.text = outcome(judged, len(seen))
    judge_end(problems, fault, judged)
    if fault.kind in ("imds", "container"):
        judge_credentials(result, judged, seen, strayed)
    else:
        judge_requests(problems, fault, judged, seen)
        if strayed:
            problems.append(f"{len(strayed)} requests went elsewhere")
    judge_connections(problems, result.cell, server)
    for request in [*seen, *server.requests(False)]:
        odd = [name for name, _ in request.headers if name.lower() in FORBIDDEN]
        if odd:
            problems.append(f"a request has the headers {odd}")


def outcome(judged, full):
    name = judged["code"] or judged["status"]
    if judged["status"] == "HttpError":
        name = f"HTTP {judged['code']}"
    return f"{name} {judged['attempts']}/{full}"


def judge_good_call(problems, name, line):
    if line is None:
        problems.append(f"no word about the call {name}")
    elif line["status"] != OK or line["answer"] != name or line["callbacks"] != 1:
        problems.append(f"the call {name} had {line['status']} ({line['message']}), "
                        f"answer {line['answer']!r}, {line['callbacks']} callbacks")


def judge_end(problems, fault, judged):
    words = judged["status"], judged["code"]
    if not set(words) & set(fault.statuses):
        problems.append(f"{words}, not {fault.statuses}: {judged['message']}")
    if fault.http is not None and judged["http"] != fault.http:
        problems.append(f"HTTP status {judged['http']}, not {fault.http}")
    if judged["attempts"] not in figures(fault.tries):
        problems.append(f"{judged['attempts']} attempts, not {fault.tries}: {judged['message']}")
    if judged["status"] != OK and judged["error_attempts"] != judged["attempts"]:
        problems.append(f"the error tells of {judged['error_attempts']} attempts")
    if judged["callbacks"] != 1:
        problems.append(f"{judged['callbacks']} callbacks")
    if judged["status"] == OK and fault.answer is not None and judged["answer"] != fault.answer:
        problems.append(f"the answer is {judged['answer']!r}")
    if judged["peak_kb"] > MOST_KB and not SANITIZED:
        problems.append(f"{judged['peak_kb']} KB of memory")
    bound = fault.call_deadline_ms if fault.kind != "stream" else fault.timeout_ms * 4
    if judged["ms"] > bound + SLACK_MS:
        problems.append(f"{judged['ms']} ms, deadline {bound} ms")


def judge_requests(problems, fault, judged, seen):
    """What the server got whole: as many as expected, each counted by the client as an attempt."""
    full = figures(fault.tries if fault.full is None else fault.full)
    if len(seen) not in full:
        problems.append(f"the server got {len(seen)} whole requests, not {full}")
    if len(seen) > judged["attempts"]:
        problems.append(f"{len(seen)} whole requests in {judged['attempts']} attempts")
    marks = collections.Counter(
        (r.header("amz-sdk-invocation-id"), r.header("amz-sdk-request")) for r in seen)
    twice = [mark for mark, count in marks.items() if count > 1]
    if twice:
        problems.append(f"sent twice without being counted: {twice}")
    if len({one for one, _ in marks}) > 1:
        problems.append("attempts of one call with different invocation ids")


def judge_connections(problems, cell, server):
    """What is to be a kept connection is one."""
    lied_on = server.lied_on()
    new = cell.column == "first" or cell.fault.fresh or cell.fault.idle is not None
    if not new and lied_on[:1] != [1]:
        problems.append(f"the connection was not reused: {lied_on}")


def judge_credentials(result, judged, seen, strayed):
    """Without credentials nothing may be sent to the service; and a provider's redirection is
    followed nowhere."""
    problems, fault = result.problems, result.cell.fault
    calls = [lying_server.call_of(request) for request in strayed]
    served = calls.count("judged") - (result.cell.column == "reused" and fault.kind == "container")
    if served != (judged["status"] == OK) or set(calls) - {"warm", "judged"}:
        problems.append(f"{judged['status']}, and the service got {calls}")
    if len(seen) not in figures(fault.full):
        problems.append(f"the provider got {len(seen)} whole requests, not {fault.full}")


# --- the table ----------------------------------------------------------------------------------


def print_table(faults, results, opinions):
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
        futures = [(silent if fault.stall or fault.kind in ("imds", "container") else busy)
                   .submit(run, fault, cell)
                   for fault in faults for cell in cells_of(fault)]
        return [future.result() for future in futures]


def main():
    parser = argparse.ArgumentParser(prog="./dev faults", description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="the build directory (./dev gives it)")
    parser.add_argument("--only", default="", help="faults with this in their name or point")
    parser.add_argument("--jobs", type=int, default=8, help="that do not only wait; %(default)s")
    parser.add_argument("--verbose", action="store_true", help="each cell's lines too")
    parser.add_argument("--no-botocore", action="store_true", help="do not ask it")
    options = parser.parse_args()
    faults = [fault for fault in load_faults() if options.only in f"{fault.point}: {fault.name}"]
    global SANITIZED
    cache = options.build / "CMakeCache.txt"
    SANITIZED = "-fsanitize" in cache.read_text() if cache.exists() else False
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="caws-faults-") as folder:
        import tls_faults

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
    print(f"{len(faults)} faults, {len(results)} cells: {len(results) - len(failed)} passed, "
          f"{len(failed)} failed; botocore asked about {len(opinions)}, {len(quarrels)} differ "
          f"unexplained; {time.monotonic() - began:.0f} s")
    return 1 if failed or quarrels else 0


if __name__ == "__main__":
    sys.exit(main())
