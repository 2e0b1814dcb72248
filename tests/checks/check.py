"""Checkers that take too long for ./dev test, and those of it, one by one.

usage: check.py [NAME...]

Each runs over what it can judge, and all run though one finds something. Prints a table at the end and
fails if there are findings. What a checker has said is in build/log/check-NAME.log.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGS = ROOT / "build/log"
CORES = str(os.cpu_count())

# MemorySanitizer takes what libraries without it have written for garbage. These tests use none but
# cJSON, which is compiled with it: they are of encoders, decoders, parsers and checks.
MSAN_TESTS = """arena base64 buffer crc32 document equal event_frame fail host_prefix json_check
    json_decode json_decode_bombs json_decode_malformed json_encode json_read pattern profiles protocol_json
    protocol_json_query rate_limit request schema skew stats text timestamp trail uri utf8 validate
    validate_walk value""".split()

# OpenSSL and libcurl are not built with ThreadSanitizer, which does not see how they synchronize.
TSAN_SUPPRESSIONS = "".join(f"called_from_lib:{name}.so\n" for name in ("libcrypto", "libssl", "libcurl"))


class Checker:
    def __init__(self, name):
        self.name = name
        self.path = LOGS / f"check-{name}.log"
        self.log = self.path.open("w")

    def run(self, *command, **environment):
        """Whether it succeeded; what it says is logged."""
        self.log.write(f"$ {' '.join(map(str, command))}\n")
        self.log.flush()
        return subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=self.log,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL).returncode == 0

    def build(self, preset, **environment):
        if not (self.run("cmake", "--preset", preset, **environment) and
                self.run("cmake", "--build", f"build/{preset}", **environment)):
            raise Unusable(f"cannot build the preset {preset}")

    def forget(self, preset, exceptions):
        """Objects do not depend on the list of exceptions that they were compiled with."""
        build = ROOT / "build" / preset
        cache = build / "CMakeCache.txt"
        if cache.exists() and cache.stat().st_mtime < (ROOT / exceptions).stat().st_mtime:
            shutil.rmtree(build)

    def text(self):
        self.log.flush()
        return self.path.read_text(errors="replace")

    def findings(self, pattern):
        return len(re.findall(pattern, self.text(), re.MULTILINE))

    def ctest(self, preset, *options, **environment):
        """What ran, and the findings: what a sanitizer reports, and tests that fail. Those that only
        fail beside others, for a sanitizer makes them slow, get a second chance alone."""
        command = ["ctest", "--test-dir", f"build/{preset}", "--output-on-failure"]
        if not self.run(*command, "-j", CORES, *options, **environment):
            self.run(*command, "--rerun-failed", **environment)
        counts = re.findall(r"(\d+) tests failed out of (\d+)", self.text())
        if not counts:
            raise Unusable("no tests ran")
        reports = self.findings(r"^SUMMARY: \w+Sanitizer|: runtime error: ")
        return f"{counts[0][1]} C tests", max(int(counts[-1][0]), reports)


class Unusable(Exception):
    """The checker could not do its work, which is no clean result."""


def asan(checker):
    """AddressSanitizer, UndefinedBehaviorSanitizer"""
    checker.build("asan")
    return checker.ctest("asan")


def integers(checker):
    """UBSan with unsigned overflow and conversions"""
    checker.forget("integers", "tests/checks/integers.txt")
    checker.build("integers")
    return checker.ctest("integers")


def tsan(checker):
    """ThreadSanitizer"""
    checker.build("tsan")
    suppressions = LOGS / "tsan-suppressions.txt"
    suppressions.write_text(TSAN_SUPPRESSIONS)
    options = f"suppressions={suppressions}:exitcode=66:allocator_may_return_null=1"
    # integration_batches measures memory, of which this sanitizer takes a multiple.
    ran, failed = checker.ctest("tsan", "-E", "integration_batches", TSAN_OPTIONS=options)
    races = checker.run(sys.executable, "-m", "pytest", "-q", "-rs", "tests/integration/test_threads.py")
    return f"{ran}, 16 threads on one client", failed + (not races)


def msan(checker):
    """MemorySanitizer"""
    instrument_cjson(checker)
    checker.forget("msan", "tests/checks/msan.txt")
    if not checker.run("cmake", "--preset", "msan"):
        raise Unusable("cannot configure")
    names = [*(f"test_{name}" for name in MSAN_TESTS), "generated_zoo_input", "generated_zoo_output"]
    if not checker.run("cmake", "--build", "build/msan", "--target", *names):
        raise Unusable("cannot build")
    # Tests ask for more memory than there is.
    return checker.ctest("msan", "-R", rf"\.({'|'.join(names)})$",
                         MSAN_OPTIONS="allocator_may_return_null=1")


def instrument_cjson(checker):
    """build/msan-cjson: Debian's cJSON, from its source, compiled with MemorySanitizer."""
    folder = ROOT / "build/msan-cjson"
    if (folder / "libcjson.pc").exists():
        return
    if shutil.which("apt-get") is None:
        raise Unusable("the source of cJSON comes through apt-get, which is not there")
    release = re.search(r"^VERSION_CODENAME=(\w+)", pathlib.Path("/etc/os-release").read_text(),
                        re.MULTILINE)[1]
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "parts").mkdir()
    (folder / "parts/source.sources").write_text(
        f"Types: deb-src\nURIs: http://deb.debian.org/debian\nSuites: {release}\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n")
    apt = ["apt-get", "-q", "-o", "Dir::Etc::sourcelist=/dev/null", "-o",
           f"Dir::Etc::sourceparts={folder}/parts", "-o", f"Dir::State::Lists={folder}/lists"]
    if not (checker.run(*apt, "update") and
            checker.run("sh", "-c", 'cd "$1" && shift && "$@" source --download-only cjson', "sh",
                        folder, *apt) and
            checker.run("sh", "-c", 'cd "$1" && tar xf cjson_*.orig.tar.* --strip-components=1 && '
                        "mkdir -p cjson && cp cJSON.h cjson && "
                        "clang -g -O1 -fsanitize=memory -fsanitize-memory-track-origins "
                        "-fno-omit-frame-pointer -fPIC -c cJSON.c && ar rcs libcjson.a cJSON.o",
                        "sh", folder)):
        raise Unusable("cannot get or compile the source of cJSON")
    version = re.search(r"cJSON (\d+\.\d+\.\d+)|VERSION (\d+\.\d+\.\d+)", "VERSION " + ".".join(
        re.search(rf"#define CJSON_VERSION_{part} (\d+)", (folder / "cJSON.h").read_text())[1]
        for part in ("MAJOR", "MINOR", "PATCH")))[2]
    (folder / "libcjson.pc").write_text(
        f"Name: cjson\nDescription: with MemorySanitizer\nVersion: {version}\n"
        f"Libs: -L{folder} -lcjson\nCflags: -I{folder} -I{folder}/cjson\n")


def valgrind(checker):
    """valgrind, with leaks"""
    checker.build("release")
    # Without -r: xargs fails if there is no program at all.
    fine = checker.run("sh", "-c", 'find "$1/tests/runtime" "$1/tests/generated" -name "*_*" -type f '
                       '-perm -u+x | xargs -n 1 -P "$2" valgrind --quiet --leak-check=full '
                       "--errors-for-leak-kinds=definite,possible --error-exitcode=99",
                       "sh", ROOT / "build/release", CORES)
    programs = len([path for folder in ("runtime", "generated")
                    for path in (ROOT / "build/release/tests" / folder).glob("*_*")
                    if path.is_file() and os.access(path, os.X_OK)])
    found = checker.findings(r"^==\d+== \w.* (?:lost|uninitiali|Invalid)|^\[  FAILED  \] \d")
    return f"{programs} unit tests", max(found, not fine)


def analyzer(checker):
    """gcc -fanalyzer"""
    ran, failed = over_sources(checker, ["gcc", "-fanalyzer", "-O2", "-Wno-analyzer-too-complex", "-c",
                                         "-o", os.devnull])
    known = {tuple(line.split(" | ")[:2]) for line in
             (ROOT / "tests/checks/analyzer.txt").read_text().splitlines() if not line.startswith("#")}
    found = re.findall(r"/(\w+\.c):[\d:]+ warning: .*\[(-Wanalyzer[\w-]+)\]", checker.text())
    new = [finding for finding in found if finding not in known]
    return f"{ran}; {len(found) - len(new)} known to be wrong", len(new) + failed


def over_sources(checker, command):
    """What it ran over, and how often the command failed."""
    version = re.search(r"\d+\.\d+\.\d+", (ROOT / "VERSION").read_text())[0]
    sources = sorted([*(ROOT / "runtime/src").rglob("*.c"), *(ROOT / "examples").glob("*.c"),
                      *(ROOT / "generated/partitions").glob("*.c")])
    options = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", f'-DCAWS_VERSION="{version}"', *(
        f"-I{folder}" for folder in ("runtime/include", "runtime/src", "generated/partitions",
                                     "generated/logs/include"))]
    failed = sum(not checker.run(*command, *options, source) for source in sources)
    return f"{len(sources)} sources", failed


def tidy(checker):
    """clang-tidy"""
    checker.build("clang")
    runner = next((name for name in ("run-clang-tidy", "run-clang-tidy-14") if shutil.which(name)), None)
    if runner is None:
        raise Unusable("no run-clang-tidy")
    fine = checker.run(runner, "-quiet", "-p", "build/clang", rf"{ROOT}/(runtime|generated|examples)/.*\.c$")
    files = checker.findings(r"^clang-tidy\S* ")
    return f"{files} sources", max(checker.findings(r"(?:error|warning): .*\[[\w.,-]+\]$"), not fine)


def cppcheck(checker):
    """cppcheck"""
    fine = checker.run("cppcheck", "-j", CORES, "--error-exitcode=1", "--inline-suppr", "--std=c11",
                       "--enable=warning,performance,portability", "--suppress=missingIncludeSystem",
                       "-I", "runtime/include", "runtime/src", "generated", "examples")
    files = checker.findings(r"^Checking [^:]*\.\.\.$")
    return f"{files} sources", max(checker.findings(r"(?:error|warning|performance|portability): "),
                                   not fine)


def hardening(checker):
    """hardening flags, in what is built"""
    checker.build("release")
    fine = checker.run(sys.executable, "-m", "pytest", "-q", "-rs", "tests/consumers/test_hardening.py")
    return "2 libraries, 2 programs", 0 if fine else max(1, checker.findings("^FAILED "))


CHECKERS = {check.__name__: check for check in (
    asan, integers, tsan, msan, valgrind, analyzer, tidy, cppcheck, hardening)}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CHECKERS))
    names = parser.parse_args().names or list(CHECKERS)
    unknown = [name for name in names if name not in CHECKERS]
    if unknown:
        parser.error(f"no checker {', '.join(unknown)}; there are {', '.join(CHECKERS)}")
    LOGS.mkdir(parents=True, exist_ok=True)
    rows = []
    for name in names:
        checker, began = Checker(name), time.monotonic()
        print(f"{name} ...", flush=True)
        try:
            over, found = CHECKERS[name](checker)
            result = str(found)
        except Unusable as reason:
            over, result = str(reason), "not run"
        rows.append((name, CHECKERS[name].__doc__, over, result, time.monotonic() - began))
    print(f"{'checker':10} {'is':50} {'ran over':40} {'findings':>9} {'time':>7}")
    for name, what, over, result, seconds in rows:
        print(f"{name:10} {what:50} {over:40} {result:>9} {seconds:5.0f} s")
    bad = [name for name, _, _, result, _ in rows if result != "0"]
    for name in bad:
        print(f"see build/log/check-{name}.log")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
