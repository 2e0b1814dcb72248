"""Runs fuzz targets for a time each, and says what came of it.

usage: fuzz.py BUILD_DIR TARGET|all SECONDS [TARGET SECONDS]...

What widens the coverage is kept in build/fuzz/corpus/TARGET from run to run, what fails in
build/fuzz/findings/TARGET-...; the seeds are in tests/fuzz/seeds. `all` runs as many at a time as there are
processors. Fails if there is a finding. A finding that is mended goes to the seeds, which ./dev test
replays.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
TARGETS = sorted(path.stem.removeprefix("fuzz_") for path in HERE.glob("fuzz_*.c"))
WORK = HERE.parents[1] / "build" / "fuzz-work"
MOST_BYTES = {"response": 65536, "stream": 65536, "profiles": 16384}


def fuzz(build: pathlib.Path, target: str, seconds: int) -> tuple[str, bool]:
    corpus = WORK / "corpus" / target
    findings = WORK / "findings"
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    log = WORK / f"{target}.log"
    options = [f"-max_total_time={seconds}", f"-max_len={MOST_BYTES.get(target, 4096)}",
               "-timeout=30", "-rss_limit_mb=2048", "-print_final_stats=1",
               f"-artifact_prefix={findings / target}-"]
    dictionary = HERE / "dictionaries" / target
    if dictionary.exists():
        options.append(f"-dict={dictionary}")
    program = build / "tests" / "fuzz" / f"fuzz_{target}"
    with log.open("w") as output:
        result = subprocess.run([program, *options, corpus, HERE / "seeds" / target],
                                stdout=output, stderr=subprocess.STDOUT, check=False)
    text = log.read_text(errors="replace")
    runs = sum(int(n) for n in re.findall(r"number_of_executed_units:\s*(\d+)", text))
    covered = re.findall(r"cov: (\d+)", text)
    line = (f"{target:12} {runs:>12,} {runs // max(seconds, 1):>9,} "
            f"{covered[-1] if covered else '-':>9} {len(list(corpus.iterdir())):>8,}")
    if result.returncode == 0:
        return f"{line}  ok", True
    found = re.findall(r"Test unit written to (\S+)", text)
    return f"{line}  FAILED: {found[-1] if found else log}\n  again: {program} {found[-1] if found else ''}", False


def main() -> int:
    arguments = sys.argv[2:]
    if len(arguments) < 2 or len(arguments) % 2:
        sys.exit(__doc__)
    jobs = []
    for name, seconds in zip(arguments[::2], arguments[1::2]):
        if name != "all" and name not in TARGETS or not seconds.isdigit():
            sys.exit(f"fuzz: {name} {seconds}: no such target, or no number of seconds; "
                     f"targets: all, {', '.join(TARGETS)}")
        jobs += [(target, int(seconds)) for target in (TARGETS if name == "all" else [name])]
    print(f"{'target':12} {'executions':>12} {'a second':>9} {'coverage':>9} {'corpus':>8}", flush=True)
    well = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for line, ok in pool.map(lambda job: fuzz(pathlib.Path(sys.argv[1]), *job), jobs):
            print(line, flush=True)
            well = well and ok
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
