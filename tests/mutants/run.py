"""Whether the tests notice faults: seeds mutants over runtime/src and counts those that tests kill.

usage: run.py [COUNT] [--seed N] [--only FILE[:LINE],...] [--survivors] [--jobs N]

A mutant is one small change (mutate.py). It is compiled, twice: as it is, and with AddressSanitizer and
UndefinedBehaviorSanitizer; linked into a shared library that all test programs use; and met with the
tests that run its line, says build/coverage/lines.json, the fastest first. Killed: a test fails, or
takes far longer than usual. One whose machine code is that of the original is no mutant. Those that
live are listed, but for those that equivalent.txt explains; fails if less than 90 % are killed.
build/mutants/results.jsonl keeps what was found; a run goes on from there if nothing has changed.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import queue
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time

import mutate

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SOURCES = ROOT / "runtime/src"
WORK = ROOT / "build/mutants"
LINES = ROOT / "build/coverage/lines.json"
COMPILER = "clang"
VARIANTS = {
    "plain": ["-O2"],
    "checked": ["-O1", "-gline-tables-only", "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all"],
}
LEAST = 90.0  # percent that tests have to kill
INTEGRATION_SECONDS = 60  # of one mutant: what takes longer is not asked
LIBRARIES = ["libcurl", "libcrypto", "libcjson", "cmocka"]
MEMORY = 2 << 30  # bytes of address space; a mutant may ask for more and more


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Build:
    """Objects, libraries and test programs of the original, for both variants."""

    def __init__(self):
        self.commands = {}  # source -> compiler options
        for entry in json.loads((ROOT / "build/coverage/compile_commands.json").read_text()):
            words = shlex.split(entry["command"])
            source = pathlib.Path(entry["file"])
            drop = {"-g", "-Werror", "-fprofile-instr-generate", "-fcoverage-mapping",
                    "-fprofile-update=atomic", "-mllvm", "-runtime-counter-relocation", "-c", str(source)}
            options = [word for word in words[1:words.index("-o")] if word not in drop]
            self.commands[source] = [*options, "-w", "-fvisibility=default"]
        self.runtime = [source for source in self.commands
                        if source.is_relative_to(SOURCES) or "/generated/partitions/" in str(source)]
        self.libraries = output_of("pkg-config", "--libs", *LIBRARIES).split() + ["-pthread", "-lm"]

    def compile(self, variant, source, output, text_from=None):
        """text_from: the file to be compiled as if it were the source."""
        options = list(self.commands[source])
        file = text_from or source
        if text_from:
            options.append(f"-iquote{source.parent}")
        return subprocess.run([COMPILER, *options, *VARIANTS[variant], "-fPIC", "-c", file, "-o", output],
                              capture_output=True, text=True, timeout=120)

    def object(self, variant, source):
        return WORK / variant / (str(source.relative_to(ROOT)).replace("/", "-") + ".o")

    def link(self, variant, folder, replaced=None, by=None):
        """The runtime as a shared library, with one object replaced."""
        objects = [by if source == replaced else self.object(variant, source) for source in self.runtime]
        flags = [flag for flag in VARIANTS[variant] if flag.startswith("-fsanitize")]
        subprocess.run([COMPILER, "-shared", *flags, *objects, "-o", folder / "libcaws_tested.so",
                        *self.libraries], check=True, capture_output=True)

    def make(self, pool):
        """Everything of the original."""
        for variant in VARIANTS:
            (WORK / variant).mkdir(parents=True, exist_ok=True)
        wanted = [source for source in self.commands if any(part in str(source) for part in (
            "/runtime/src/", "/generated/", "/tests/runtime/", "/tests/codegen/golden/",
            "/tests/integration/test_"))]

        headers = max(path.stat().st_mtime for folder in ("runtime", "generated", "tests")
                      for path in (ROOT / folder).rglob("*.h"))

        def compile_one(job):
            variant, source = job
            output = self.object(variant, source)
            if output.exists() and output.stat().st_mtime > max(headers, source.stat().st_mtime):
                return
            done = self.compile(variant, source, output)
            if done.returncode:
                sys.exit(done.stderr)
        list(pool.map(compile_one, [(v, s) for v in VARIANTS for s in wanted]))
        generated = {"logs": "/generated/logs/", "zoo": "/golden/zoo/"}
        for variant in VARIANTS:
            self.link(variant, WORK / variant)
            for name, part in generated.items():
                archive = WORK / variant / f"libcaws_{name}.a"
                archive.unlink(missing_ok=True)
                subprocess.run(["ar", "rcs", archive, *(self.object(variant, source) for source in wanted
                                                       if part in str(source))], check=True)
        list(pool.map(lambda job: self.program(*job), [
            (v, s) for v in VARIANTS for s in wanted if s.is_relative_to(ROOT / "tests") and
            s.name.startswith("test_")]))

    def program(self, variant, source):
        flags = [flag for flag in VARIANTS[variant] if flag.startswith("-fsanitize")]
        if source.parent.name == "generated":
            flags.append("-Wl,--wrap=caws_call")
        folder = WORK / variant
        subprocess.run([COMPILER, *flags, self.object(variant, source), "-o", self.path_of(variant, source),
                        folder / "libcaws_zoo.a", folder / "libcaws_logs.a",
                        f"-L{folder}", "-lcaws_tested", *self.libraries], check=True)

    def path_of(self, variant, source):
        name = source.stem
        if source.parent.name != "runtime":
            name = name.replace("test_", f"{source.parent.name}_", 1)
        return WORK / variant / name


# --- running tests -------------------------------------------------------------------------------


def limited():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))


def limited_in_memory():
    limited()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def outcome(command, environment, seconds, memory=False):
    """"passed", "failed" or "timeout". Whatever the test has started ends with it."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               start_new_session=True,
                               preexec_fn=limited_in_memory if memory else limited)
    try:
        return "passed" if process.wait(seconds) == 0 else "failed"
    except subprocess.TimeoutExpired:
        return "timeout"
    finally:
        try:  # servers that a test has around it end by themselves on SIGTERM
            os.killpg(process.pid, signal.SIGTERM)
            if process.poll() is None:
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    pass
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


class Tests:
    """What lines.json knows of the C tests, and what they cost."""

    def __init__(self):
        lines = json.loads(LINES.read_text())
        self.lines = {test: {file: set(numbers) for file, numbers in files.items()}
                      for test, files in lines.items()}
        self.seconds = {}  # of the original: (variant, test)

    @staticmethod
    def environment(folder, variant):
        return {key: value for key, value in os.environ.items() if not key.startswith("AWS_")} | {
            "LD_LIBRARY_PATH": str(folder), "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "ASAN_OPTIONS": "hard_rss_limit_mb=2048:allocator_may_return_null=1"}

    @staticmethod
    def command(variant, test):
        program = WORK / variant / test.split(".")[-1]
        if test.startswith("integration"):
            return [sys.executable, ROOT / "tests/integration/with_servers.py", "--", program]
        return [program]

    def run(self, variant, test, folder):
        usual = self.seconds.get((variant, test))
        limit = 10 * usual + 10 if usual and not test.startswith("integration") else \
            3 * usual + 30 if usual else 240
        return outcome(self.command(variant, test), self.environment(folder, variant), limit,
                       memory=variant == "plain" and not test.startswith("integration"))

    def measure(self, pool, chosen):
        """Runs the tests of these mutants on the original; those that fail are left out."""
        everything = [(variant, test) for variant in VARIANTS for test in self.lines if is_asked(test)]
        self.seconds = dict.fromkeys(everything, 0.0)
        jobs = [job for job in everything if any(job[1] in self.of(job[0], m) for m in chosen)]
        self.seconds = {}

        def one(job):
            variant, test = job
            began = time.monotonic()
            end = self.run(variant, test, WORK / variant)
            return job, end, time.monotonic() - began
        for job, end, seconds in pool.map(one, jobs):
            if end == "passed":
                self.seconds[job] = seconds
            else:
                print(f"left out, for it fails on the original: {job[1]} ({job[0]})", flush=True)

    def of(self, variant, mutant):
        """The tests that run a mutant's line, the quickest first; where no test runs it, as it is
        the case for tables, those that run anything of the file."""
        around = range(mutant.line, mutant.last_line + 1)
        found = [test for test, files in self.lines.items() if (variant, test) in self.seconds and (
            mutant.file in files if mutant.outside else
            not files.get(mutant.file, set()).isdisjoint(around))]
        own = f"unit.test_{pathlib.Path(mutant.file).stem}"
        found.sort(key=lambda test: (test.startswith("integration"), not test.startswith(own),
                                     self.seconds[variant, test]))
        spent, chosen = 0.0, []
        for test in found:
            if test.startswith("integration"):
                spent += self.seconds[variant, test]
                if spent > INTEGRATION_SECONDS:
                    break
            chosen.append(test)
        return chosen


def is_asked(test):
    """C tests that judge what comes out: seeds of the fuzz targets only show that nothing breaks."""
    return not test.startswith(("tests-", "fuzz.", "platform"))


# --- mutants -------------------------------------------------------------------------------------


class Placed:
    """A mutant with its text."""

    def __init__(self, mutant, text):
        self.mutant, self.text = mutant, text
        self.file, self.line = mutant.file, mutant.line
        self.last_line = self.line + text.count("\n", mutant.start, mutant.end)
        # Of functions, in a table or an enumeration: the last line from column 0 is no function's.
        self.outside = re.findall(r"^[^\s/#].*", text[:mutant.start], re.MULTILINE)[-1] != "{"
        self.source = text.splitlines()[self.line - 1].strip()
        self.change = mutant.describe(text)

    def key(self):
        return f"{self.file}:{self.mutant.start}:{self.mutant.end}:{self.mutant.replacement}"

    def __str__(self):
        return f"{self.file}:{self.line}: {self.change}   in: {self.source}"


def choose(count, seed, only):
    """Mutants spread over all files at random, the same for the same seed and sources."""
    found = []
    for path in sorted(SOURCES.glob("*.c")):
        text = path.read_text()
        found += [(mutant, text) for mutant in mutate.mutants(path.name, text)]
    if only:
        places = {tuple(place.split(":")) for place in only.split(",")}
        return [pair for pair in found if (pair[0].file,) in places or
                (pair[0].file, str(pair[0].line)) in places]
    return random.Random(seed).sample(found, min(count, len(found)))


def explanations():
    """(file, change, line of source) -> why no test can notice it."""
    found = {}
    for line in (HERE / "equivalent.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            file, change, source, reason = line.split(" :: ")
            found[file, change, source] = reason
    return found


class Workshop:
    """A folder for one mutant at a time."""

    def __init__(self, build, tests, number):
        self.build, self.tests = build, tests
        self.folder = WORK / f"worker-{number}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def judge(self, placed):
        """("killed" | "timeout" | "survived" | "same code" | "not compilable", by which test)."""
        source = SOURCES / placed.file
        changed = self.folder / placed.file
        changed.write_text(placed.mutant.apply(placed.text))
        for variant in VARIANTS:
            result = self.folder / "changed.o"
            if self.build.compile(variant, source, result, changed).returncode:
                return "not compilable", ""
            if variant == "plain" and self.code(result) == self.original_code(source):
                return "same code", ""
            self.build.link(variant, self.folder, source, result)
            for test in self.tests.of(variant, placed):
                end = self.tests.run(variant, test, self.folder)
                if end != "passed":
                    return ("killed" if end == "failed" else end), f"{test} ({variant})"
        return "survived", ""

    def code(self, path):
        stripped = self.folder / "stripped.o"
        subprocess.run(["objcopy", "--strip-debug", "--remove-section=.comment", path, stripped], check=True)
        return stripped.read_bytes()

    def original_code(self, source):
        """Compiled from a copy in the same place, for its name is in the object."""
        copy = self.folder / source.name
        text = copy.read_text()
        copy.write_text(source.read_text())
        output = self.folder / "original.o"
        self.build.compile("plain", source, output, copy)
        copy.write_text(text)
        return self.code(output)


def fingerprint():
    """Of everything that results depend on."""
    digest = hashlib.sha256()
    for folder in ("runtime", "tests/runtime", "tests/generated", "tests/integration", "tests/mutants"):
        for path in sorted((ROOT / folder).rglob("*.[chp]*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def judge_all(chosen, build, tests, jobs, results, file):
    """Adds to results, and to the file, what becomes of each mutant that is not in it."""
    waiting = queue.SimpleQueue()
    for placed in chosen:
        if placed.key() not in results:
            waiting.put(placed)
    lock = threading.Lock()

    def work(number):
        workshop = Workshop(build, tests, number)
        while True:
            try:
                placed = waiting.get_nowait()
            except queue.Empty:
                return
            end, by = workshop.judge(placed)
            with lock:
                results[placed.key()] = (end, by)
                file.write(json.dumps([placed.key(), end, by]) + "\n")
                file.flush()
                print(f"{len(results)}/{len(chosen)} {end}: {placed} {by}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(work, range(jobs)))


def report(chosen, results):
    known, used = explanations(), set()
    counts = collections.Counter()
    alive = []
    for placed in chosen:
        end, _ = results[placed.key()]
        if end == "survived" and (placed.file, placed.change, placed.source) in known:
            end = "explained"
            used.add((placed.file, placed.change, placed.source))
        counts[end] += 1
        if end == "survived":
            alive.append(placed)
    for placed in sorted(alive, key=lambda p: (p.file, p.line)):
        print(f"survived: {placed}")
    killed = counts["killed"] + counts["timeout"]
    judged = killed + counts["survived"]
    share = 100 * killed / judged if judged else 100
    print(f"mutants: {len(chosen)} made; {counts['killed']} killed by failing tests, "
          f"{counts['timeout']} by time-outs, {counts['survived']} survived: {share:.1f} % killed "
          f"(at least {LEAST:g} %); not counted: {counts['same code']} with the same machine code, "
          f"{counts['explained']} explained as equivalent, {counts['not compilable']} not compilable")
    return 0 if share >= LEAST else 1


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", metavar="FILE[:LINE],...", help="all mutants of these")
    parser.add_argument("--survivors", action="store_true",
                        help="tests were added: judge anew only what has survived")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    if not LINES.exists():
        sys.exit("mutants: ./dev coverage has to run first: it finds which test runs which line")

    WORK.mkdir(parents=True, exist_ok=True)
    build, tests = Build(), Tests()
    chosen = [Placed(mutant, text)
              for mutant, text in choose(arguments.count, arguments.seed, arguments.only)]
    kept, mark = WORK / "results.jsonl", WORK / "fingerprint"
    if not arguments.survivors and (not mark.exists() or mark.read_text() != fingerprint()):
        kept.unlink(missing_ok=True)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        build.make(pool)
    results = {}
    if kept.exists():
        for line in kept.read_text().splitlines():
            key, end, by = json.loads(line)
            if not (arguments.survivors and end == "survived"):
                results[key] = (end, by)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        tests.measure(pool, [placed for placed in chosen if placed.key() not in results])
    mark.write_text(fingerprint())
    with kept.open("a") as file:
        judge_all(chosen, build, tests, arguments.jobs, results, file)
    sys.exit(report(chosen, results))


if __name__ == "__main__":
    main()
