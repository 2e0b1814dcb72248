"""Which lines and branches of runtime/src the tests run.

usage: measure.py BUILD_DIR [--report]

BUILD_DIR is of the preset "coverage". Runs the C tests and the Python tests that take a build, prints a
table, and each branch that no test takes in a file below 95 % of branches and that justified.txt does
not have; fails if there are any, or if a justification is of no use. --report: prints anew what the last
run has found. Keeps BUILD_DIR/lines.json, the lines that each C test runs, for tests/mutants.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "runtime/src"
LEAST = 95.0  # percent of branches
PYTHON_TESTS = ("tests/integration", "tests/protocols")


def tool(name):
    for candidate in (name, f"{name}-14"):
        if shutil.which(candidate):
            return candidate
    sys.exit(f"coverage: no {name} (Debian package llvm)")


def c_tests(build):
    """Name, command, environment and time limit of each test that ctest knows."""
    shown = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"],
                           check=True, capture_output=True, text=True).stdout
    for test in json.loads(shown)["tests"]:
        properties = {p["name"]: p["value"] for p in test["properties"]}
        environment = dict(pair.split("=", 1) for pair in properties.get("ENVIRONMENT", []))
        # Counting takes time.
        yield test["name"], test["command"], environment, 5 * properties.get("TIMEOUT", 300)


def python_tests(build):
    for folder in PYTHON_TESTS:
        yield (folder.replace("/", "-"), [sys.executable, "-m", "pytest", "-q", "-rs", folder,
                                         "--build-dir", str(build)], {}, 1200)


def run(build, name, command, environment, limit):
    """Runs one test; what it counted is merged into one file. Whether it passed, and that file."""
    raw = build / "profiles" / name
    raw.mkdir(parents=True)
    environment = os.environ | environment | {"LLVM_PROFILE_FILE": f"{raw}/%p-%m%c.profraw"}
    done = subprocess.run(command, cwd=ROOT, env=environment, timeout=limit, capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)
    (raw / "output.log").write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        print(f"coverage: {name} failed: {raw}/output.log", file=sys.stderr)
    return done.returncode == 0, merge(raw.glob("*.profraw"), raw / "merged.profdata")


def merge(inputs, output):
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", "-o", output, *inputs], check=True)
    return output


def export(build, profile, *options):
    library = build / "tests/integration/libcaws_all.so"  # has every function of the runtime
    return subprocess.run([tool("llvm-cov"), "export", library, f"-instr-profile={profile}", *options,
                           SOURCES], check=True, capture_output=True, text=True).stdout


def lines_of(build, profile):
    """File name -> the lines that ran."""
    found, name = {}, None
    for line in export(build, profile, "-format=lcov").splitlines():
        if line.startswith("SF:"):
            name = pathlib.Path(line[3:]).name
        elif line.startswith("DA:"):
            number, count = line[3:].split(",")[:2]
            if count != "0":
                found.setdefault(name, []).append(int(number))
    return found


def run_all(build):
    shutil.rmtree(build / "profiles", ignore_errors=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        tests = list(c_tests(build))
        results = list(pool.map(lambda test: run(build, *test), tests))
        tests += python_tests(build)
        results += [run(build, *test) for test in tests[len(results):]]
        profiles = [profile for _, profile in results]
        merge(profiles, build / "all.profdata")
        lines = pool.map(lambda path: lines_of(build, path), profiles)
        (build / "lines.json").write_text(json.dumps(dict(zip([test[0] for test in tests], lines))))
    return all(passed for passed, _ in results)


# --- report --------------------------------------------------------------------------------------


def untaken(file):
    """(line, column, "true" or "false") of branches that nothing has taken."""
    for line, column, _, _, true, false, *_ in file["branches"]:
        if true == 0:
            yield line, column, "true"
        if false == 0:
            yield line, column, "false"


def justifications():
    """[file pattern, text, pattern of the line, reason] of justified.txt."""
    path = pathlib.Path(__file__).with_name("justified.txt")
    for text in path.read_text().splitlines():
        if text and not text.startswith("#"):
            file, pattern, reason = (part.strip() for part in text.split(" | "))
            yield re.compile(file), re.compile(pattern), reason, text


def report(build):
    files = json.loads(export(build, build / "all.profdata", "-format=text"))["data"][0]["files"]
    known, used = list(justifications()), set()
    unjustified, rows, reasons = [], [], collections.Counter()
    total = collections.Counter()
    for file in sorted(files, key=lambda file: file["filename"]):
        name = pathlib.Path(file["filename"]).name
        source = pathlib.Path(file["filename"]).read_text().splitlines()
        lines, branches = file["summary"]["lines"], file["summary"]["branches"]
        excused = 0
        below = branches["count"] > 0 and branches["percent"] < LEAST
        for line, column, way in untaken(file):
            text = source[line - 1].strip()
            match = next((j for j in known if j[0].fullmatch(name) and j[1].search(text)), None)
            if match is not None:
                used.add(match[3])
                reasons[match[2]] += 1
                excused += 1
            elif below:
                unjustified.append(f"{name}:{line}:{column}: never {way}: {text}")
        total.update(lines=lines["count"], ran=lines["covered"], branches=branches["count"],
                     taken=branches["covered"], excused=excused)
        rows.append((name, lines["percent"], branches["count"], branches["percent"],
                     branches["notcovered"], excused))
    print(f"{'file':28} {'lines':>7} {'branches':>9} {'taken':>7} {'not taken':>10} {'justified':>10}")
    for name, line_percent, count, percent, missing, excused in rows:
        mark = " <" if count and percent < LEAST else ""
        print(f"{name:28} {line_percent:6.1f}% {count:9} {percent if count else 100:6.1f}% "
              f"{missing:10} {excused:10}{mark}")
    print(f"{'all':28} {100 * total['ran'] / total['lines']:6.1f}% {total['branches']:9} "
          f"{100 * total['taken'] / total['branches']:6.1f}% {total['branches'] - total['taken']:10} "
          f"{total['excused']:10}")
    for reason, count in reasons.most_common():
        print(f"justified: {count}: {reason}")
    for text in unjustified:
        print(f"neither taken nor justified: {text}")
    useless = [j[3] for j in known if j[3] not in used]
    for text in useless:
        print(f"justified.txt: of no use: {text}")
    return 1 if unjustified or useless else 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    passed = arguments.report or run_all(build)
    sys.exit(report(build) or not passed)


if __name__ == "__main__":
    main()
