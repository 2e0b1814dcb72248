"""Every JSON-protocol service of the installed botocore: generates it, compiles all of its C under gcc
and clang with the project's warnings as errors, links it against the runtime, and compiles its
headers as C++. The command behind ./dev test-services.

usage: services.py FOLDER LIBCAWS [SERVICE...]     FOLDER: for what is made; LIBCAWS: the runtime
"""

import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from os import cpu_count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "codegen"))

from caws_codegen.cli import build_service  # noqa: E402
from caws_codegen.errors import ModelError  # noqa: E402
from caws_codegen.folder import write_folder  # noqa: E402
from caws_codegen.installed import Source, botocore_sources, metadata  # noqa: E402

INCLUDE = ROOT / "runtime" / "include"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
C = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wstrict-prototypes", "-Wmissing-prototypes",
     *WARNINGS]
COMPILED = ["-fPIC", "-fvisibility=hidden", "-fno-common", "-O0"]


@dataclass
class Result:
    name: str
    operations: int = 0
    files: int = 0
    patterns: int = 0
    left_out: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    seconds: Counter = field(default_factory=Counter)


def main() -> int:
    folder, runtime, wanted = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    sources, others = [], Counter()
    for source in botocore_sources():
        protocols = protocols_of(source)
        if "json" not in protocols:
            others[protocols[0]] += 1
        elif not wanted or source.name in wanted:
            sources.append(source)
    unknown = set(wanted) - {source.name for source in sources}
    if unknown:
        sys.exit(f"no JSON-protocol service of botocore's: {', '.join(sorted(unknown))}")
    started = time.monotonic()
    results = []
    # The largest first, so that no core is left with one at the end.
    sources.sort(key=lambda source: -model_size(source))
    with ProcessPoolExecutor(cpu_count()) as pool:
        jobs = [pool.submit(check, source, folder / source.name, runtime) for source in sources]
        for job in jobs:
            result = job.result()
            results.append(result)
            for failure in result.failures:
                print(f"{result.name}: {failure}", flush=True)
    results.sort(key=lambda result: result.name)
    failed = summarize(results, others, time.monotonic() - started)
    return 1 if failed else 0


def protocols_of(source: Source) -> list[str]:
    data = metadata(source)
    return data.get("protocols") or [data["protocol"]]


def model_size(source: Source) -> int:
    return max(path.stat().st_size for path in source.folder.glob(source.service_file + "*"))


def check(source: Source, folder: Path, runtime: Path) -> Result:
    result = Result(source.name)
    try:
        with timed(result, "generate"):
            texts, reports = build_service(ROOT, source, None, folder.name)
            write_folder(folder, texts)
    except ModelError as error:
        result.failures.append(str(error))
        return result
    counted = re.search(r": (\d+) operations, .* (\d+) files, (\d+) patterns", reports[0])
    result.operations, result.files, result.patterns = map(int, counted.groups())
    result.left_out = [line.removeprefix("  left out: ") for line in reports
                       if line.startswith("  left out: ")]
    compile_c(result, folder, runtime, source.c_name)
    compile_cpp(result, folder, source.c_name)
    for header in folder.glob("include/caws/*/*.h"):
        result.functions += re.findall(r"^CAWS_API [^;(]*?(\w+)\(", header.read_text(), re.M)
    return result


def compile_c(result: Result, folder: Path, runtime: Path, name: str) -> None:
    """Every file for itself, as a user's build does it: gcc to objects, which must then make a shared
    library with nothing undefined; clang as far as it gives warnings."""
    sources = sorted(str(path.resolve()) for path in folder.glob("src/*.c"))
    includes = [f"-I{INCLUDE}", f"-I{(folder / 'include').resolve()}"]
    objects = folder / "objects"
    objects.mkdir(exist_ok=True)
    for left in objects.iterdir():
        left.unlink()
    with timed(result, "gcc"):
        ok = run(result, ["gcc", "-c", *C, *COMPILED, *includes, *sources], objects)
    if ok:
        made = [f"{Path(source).stem}.o" for source in sources]
        with timed(result, "link"):
            run(result, ["gcc", "-shared", "-Wl,-z,defs", "-o", f"libcaws_{name}.so", *made,
                         str(runtime.resolve()), "-lcurl", "-lcrypto", "-lcjson", "-lm"], objects)
    with timed(result, "clang"):
        run(result, ["clang", "-fsyntax-only", *C, *includes, *sources], objects)


def compile_cpp(result: Result, folder: Path, name: str) -> None:
    """All headers through the umbrella. That each stands alone is seen in C, where each is the first
    thing that some file includes."""
    text = f"#include <caws/{name}.h>\nint caws_nothing_else;\n"
    for compiler in ("g++", "clang++"):
        with timed(result, compiler):
            run(result, [compiler, "-std=c++17", *WARNINGS, "-fsyntax-only", f"-I{INCLUDE}",
                         f"-I{(folder / 'include').resolve()}", "-x", "c++", "-"], folder, text)


def run(result: Result, command: list[str], folder: Path, text: str = "") -> bool:
    done = subprocess.run(command, input=text, cwd=folder, text=True, capture_output=True,
                          check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "error" in line] or [done.stderr]
        result.failures.append(f"{command[0]}: {lines[0]} ({len(lines)} errors)")
    return done.returncode == 0


class timed:
    def __init__(self, result: Result, what: str):
        self.seconds, self.what = result.seconds, what

    def __enter__(self):
        self.started = time.monotonic()

    def __exit__(self, *_):
        self.seconds[self.what] += time.monotonic() - self.started


def summarize(results: list[Result], others: Counter, seconds: float) -> int:
    """Prints it; returns how many services failed."""
    for result in results:
        for reason in result.left_out:
            print(f"{result.name}: left out: {reason}")
    kinds = Counter(reason.split()[0] for result in results for reason in result.left_out)
    owners: dict[str, set[str]] = {}
    for result in results:
        for function in result.functions:
            owners.setdefault(function, set()).add(result.name)
    shared = {function: names for function, names in owners.items() if len(names) > 1}
    for function, names in sorted(shared.items()):
        print(f"{function}: in {', '.join(sorted(names))}, which no program can link both of")
    failed = [result.name for result in results if result.failures]
    total = Counter()
    for result in results:
        total.update(result.seconds)
    print(f"services: {len(results)} of protocol json, {len(failed)} failed"
          + (f" ({', '.join(failed)})" if failed else ""))
    print(f"operations: {sum(result.operations for result in results)} generated, "
          f"{kinds['operation']} left out; waiters left out: {kinds['waiter']}; paginators left out: "
          f"{kinds['paginator']}")
    print(f"files: {sum(result.files for result in results)}; patterns relaxed or left to the "
          f"service: {sum(result.patterns for result in results)}; functions of the same name: "
          f"{len(shared)}")
    print("services of other protocols: "
          + ", ".join(f"{count} {protocol}" for protocol, count in sorted(others.items())))
    print(f"{seconds:.0f} s on {cpu_count()} cores; process seconds: "
          + ", ".join(f"{what} {spent:.0f}" for what, spent in total.items()))
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
