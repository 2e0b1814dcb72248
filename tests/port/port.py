"""Builds caws for other platforms, and runs the tests there: port.py [TARGET...]

Targets: i386, s390x, aarch64 (under qemu-user, where the processor cannot run them itself); bundled,
where libcurl, OpenSSL and cJSON are in the programs; and musl, where everything is. Without any: all. What each needs is put into build/port/TARGET.
Exit status 0: on all of them all compiled, and every test passed or said why it was skipped.
Where all is emulated the few integration tests that measure time are left out.
"""

import argparse
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree
from dataclasses import dataclass, field
from pathlib import Path

import debian
import own_libraries

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["libc6-dev", "libcurl4-openssl-dev", "libssl-dev", "libcjson-dev", "libcmocka-dev"]
ARCHITECTURES = {"i386": "i386", "s390x": "s390x", "aarch64": "arm64"}
OWN_LIBRARIES = {"bundled": "gcc", "musl": "musl-gcc"}
EMULATED = ["s390x", "aarch64"]
# They bound how long something takes, or how much is under way at once; emulation alone breaks that.
TIMED = "^integration_(loop_crowd|loop_options|networks)$"
COLUMNS = ["target", "compiler", "pointer", "byte order", "char", "time_t", "unit tests",
           "integration tests", "seconds"]


@dataclass
class Result:
    """A row of the table."""

    target: str
    compiler: str = "?"
    platform: dict = field(default_factory=dict)
    unit: str = "not run"
    integration: str = "not run"
    seconds: float = 0.0
    size: str = ""
    ok: bool = False

    def cells(self) -> list[str]:
        facts = self.platform
        return [self.target, self.compiler, facts.get("pointer", "?"), facts.get("order", "?"),
                facts.get("char", "?"), facts.get("time", "?"), self.unit, self.integration,
                f"{self.seconds:.0f}"]


class Failed(Exception):
    """A step did not succeed; its output is in a log."""


class Runner:
    """Runs the steps of one target, their output in a log each."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.build = folder / "build"

    def step(self, name: str, *command, check=True) -> str:
        log = self.folder / f"{name}.log"
        with log.open("w") as output:
            status = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
                                    check=False).returncode
        text = log.read_text(errors="replace")
        if check and status != 0:
            print("\n".join(text.splitlines()[-60:]))
            raise Failed(f"{name} failed; its output is in {log}")
        return text

    def test(self, label: str, *options) -> tuple[bool, str]:
        """Whether all tests with the label passed, and a summary."""
        results = self.folder / f"{label}.xml"
        results.unlink(missing_ok=True)
        log = self.step(label, "ctest", "--test-dir", self.build, "-L", f"^{label}$", "-j",
                        str(os.cpu_count()), "--output-on-failure", "--output-junit", results,
                        *options, check=False)
        cases = list(xml.etree.ElementTree.parse(results).getroot().iter("testcase"))
        bad = [case.get("name") for case in cases if case.get("status") == "fail"]
        skipped = sum(case.get("status") not in ("run", "fail") for case in cases)
        passed = len(cases) - len(bad) - skipped
        if bad:
            print("\n".join(line for line in log.splitlines() if re.search(
                r"\*\*\*|ERROR +\]|LINE +\]|\[  FAILED", line)))
        summary = f"{passed} passed, {len(bad)} failed" + (f", {skipped} skipped" if skipped else "")
        return not bad and passed > 0, summary


def prepare(target: str, folder: Path) -> None:
    if target in OWN_LIBRARIES:
        own_libraries.make(folder, OWN_LIBRARIES[target])
    else:
        debian.unpack(folder, ARCHITECTURES[target], PACKAGES)


def run(target: str, result: Result, arguments) -> None:
    folder = ROOT / "build" / "port" / target
    folder.mkdir(parents=True, exist_ok=True)
    runner = Runner(folder)
    # In a process of its own, for its output to have a log.
    runner.step("prepare", sys.executable, __file__, "--prepare", target)
    started = time.monotonic()
    runner.step("configure", "cmake", "-G", "Ninja", "-S", ROOT, "-B", runner.build, "--toolchain",
                ROOT / "cmake" / "toolchains" / f"{target}.cmake", "-DCMAKE_BUILD_TYPE=Release")
    result.compiler = compiler(runner.build)
    runner.step("compile", "cmake", "--build", runner.build)
    result.platform = platform(runner)
    unit_ok, result.unit = runner.test("unit")
    integration_ok = True
    if not arguments.unit:
        options = ["-E", TIMED] if target in EMULATED else []
        integration_ok, result.integration = runner.test("integration", *options)
    if target in OWN_LIBRARIES:
        result.size = whole_example(runner, target)
        if not arguments.unit:
            runner.step("demo", ROOT / ".venv" / "bin" / "python",
                        ROOT / "tests" / "integration" / "demo.py", runner.build)
            result.size += "; it exported a log group from a local server to a bucket"
    result.seconds = time.monotonic() - started
    result.ok = unit_ok and integration_ok


def compiler(build: Path) -> str:
    found = next(build.glob("CMakeFiles/*/CMakeCCompiler.cmake")).read_text()
    path = re.search(r'^set\(CMAKE_C_COMPILER "(.*)"\)$', found, re.MULTILINE)[1]
    version = subprocess.run([path, "-dumpfullversion"], text=True, capture_output=True,
                             check=True).stdout.strip()
    return f"{Path(path).name} {version}"


def platform(runner: Runner) -> dict:
    """What the target says of itself (platform.c)."""
    text = runner.step("platform", "ctest", "--test-dir", runner.build, "-R", "^platform$", "-V")
    line = re.search(r"platform: (.*)", text)[1]
    return dict(word.split("=") for word in line.split())


def whole_example(runner: Runner, target: str) -> str:
    """Checks that the example needs nothing to run but the kernel, or glibc; tells its size."""
    example = runner.build / "examples" / "create_export_task"
    headers = runner.step("headers", "readelf", "--program-headers", "--dynamic", example)
    needed = re.findall(r"NEEDED.*\[(.*)\]", headers)
    if target == "musl" and ("INTERP" in headers or needed):
        raise Failed(f"{example} is not static")
    if not {"libc.so.6", "libm.so.6"}.issuperset(needed):
        raise Failed(f"{example} needs {', '.join(needed)}")
    stripped = runner.folder / "create_export_task"
    runner.step("strip", "strip", "-o", stripped, example)
    text, data, bss = runner.step("size", "size", stripped).splitlines()[1].split()[:3]
    return (f"{target}: {example.relative_to(ROOT)}, with libcurl and OpenSSL inside: "
            f"{stripped.stat().st_size:,} bytes stripped "
            f"(text {int(text):,}, data {int(data):,}, bss {int(bss):,})")


def table(rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
                     for row in rows)


def main() -> int:
    targets = [*ARCHITECTURES, *OWN_LIBRARIES]
    parser = argparse.ArgumentParser(prog="./dev port", description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="*", help=f"of {', '.join(targets)}; none: all")
    parser.add_argument("--unit", action="store_true", help="leave out the integration tests")
    parser.add_argument("--prepare", metavar="TARGET", help="only install what a target needs")
    arguments = parser.parse_args()
    for name in [*arguments.target, *filter(None, [arguments.prepare])]:
        if name not in targets:
            parser.error(f"unknown target: {name} (there are {', '.join(targets)})")
    if arguments.prepare:
        prepare(arguments.prepare, ROOT / "build" / "port" / arguments.prepare)
        return 0
    sys.stdout.reconfigure(line_buffering=True)
    results = []
    for target in arguments.target or targets:
        result = Result(target)
        print(f"{target} ...")
        try:
            run(target, result, arguments)
        except (Failed, OSError, subprocess.SubprocessError) as failure:
            print(f"{target}: {failure}")
        results.append(result)
    print(table([COLUMNS, *(result.cells() for result in results)]))
    for result in results:
        if result.size:
            print(result.size)
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
