"""How large caws is: text and data of its libraries, of each operation, and of a static program.

usage: report.py BUILD_DIR [--summary | --write FILE | --check FILE]

Without an option: the table of README.md and that of the operations, on standard output. FILE has the
tables between two markers. --check allows for another compiler: what it wants is that every operation
is listed and no figure is off by more than a tenth.
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- size:begin (written by ./dev size --write) -->\n", "<!-- size:end -->\n"
TOLERANCE = 0.1
AIMS = {"libcaws_logs.so": 200_000, "static": 64 * 1024}  # text + data; text

# Of a program, without the tables that only dynamic linking needs.
PROGRAM_TEXT = (".text", ".rodata", ".eh_frame", ".eh_frame_hdr")
PROGRAM_DATA = (".data", ".data.rel.ro")


def size(*arguments):
    return subprocess.run(["size", *arguments], check=True, capture_output=True,
                          text=True).stdout.splitlines()


def text_and_data(path):
    """File -> (text, data): of a library, or of every member of an archive."""
    rows = [line.split() for line in size(path)[1:]]
    return {row[5]: (int(row[0]), int(row[1])) for row in rows}


def program_size(build):
    """Text and data of the 25-line program with caws in it, less what an empty program has."""
    def sections(program):
        rows = [line.split() for line in size("-A", build / "tests/bench" / program)]
        sizes = {row[0]: int(row[1]) for row in rows if len(row) == 3 and row[1].isdigit()}
        return [sum(sizes.get(name, 0) for name in names) for names in (PROGRAM_TEXT, PROGRAM_DATA)]
    return tuple(whole - empty for whole, empty in
                 zip(sections("bench_size"), sections("bench_size_empty")))


def operation_names(service):
    """Object file -> operation, from the first line of each generated source."""
    names = {}
    for path in (ROOT / f"generated/{service}/src").glob("*.c"):
        match = re.match(r"/\* [^:]*: ([A-Z][A-Za-z0-9]+)\.\n", path.read_text())
        if match and (ROOT / f"generated/{service}/include/caws/{service}/{path.stem}.h").exists():
            names[f"{path.name}.o"] = match[1]
    return names


def measure(build):
    """Rows of (label, text, data): of libraries and program, and of the parts of logs."""
    names = operation_names("logs")
    objects = text_and_data(build / "libcaws_logs.a")
    operations = sorted((name, *objects[file]) for file, name in names.items())
    rest = [sizes for file, sizes in objects.items() if file not in names]
    operations.append(("shared types, paginators, waiters", *map(sum, zip(*rest))))
    logs, = text_and_data(build / "libcaws_logs.so").values()
    runtime, = text_and_data(build / "libcaws.so").values()
    whole = [
        (f"`libcaws_logs.so`: all {len(names)} operations", *logs),
        ("`libcaws.so`: the runtime", *runtime),
        ("a static program that calls CreateExportTask (caws alone)", *program_size(build)),
    ]
    return whole, operations


def table(heading, rows):
    lines = [f"| {heading} | text | data | together |", "|---|--:|--:|--:|"]
    lines += [f"| {label} | {text:,} | {data:,} | {text + data:,} |" for label, text, data in rows]
    return "\n".join(lines) + "\n"


def tables(build):
    whole, operations = measure(build)
    return (table("bytes", whole) + "\n<details><summary>Each operation's object file</summary>\n\n"
            + table("bytes", operations) + "\n</details>\n")


def summary(build):
    """Two lines for the end of a build."""
    (logs, runtime, program), operations = measure(build)
    sizes = sorted(text + data for _, text, data in operations[:-1])
    return (f"size: logs {sum(logs[1:]):,} bytes of text + data in the shared library "
            f"(aim {AIMS['libcaws_logs.so']:,}), {len(sizes)} operations of "
            f"{sizes[0]:,} to {sizes[-1]:,}; runtime {sum(runtime[1:]):,}\n"
            f"size: static CreateExportTask program, caws alone: text {program[1]:,} "
            f"(aim {AIMS['static']:,}), data {program[2]:,}")


def split(text):
    """What is before, between and after the markers."""
    before, begin, rest = text.partition(BEGIN)
    between, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"size: no place for the tables: {BEGIN.strip()} ... {END.strip()}")
    return before + begin, between, end + after


def figures(text):
    """Label -> figures, of all rows of tables. A count in a label is a figure too."""
    rows = re.findall(r"^\| (.+?) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", text, re.MULTILINE)
    return {re.sub(r"\d+ operations", "operations", label):
            [int(word.replace(",", "")) for word in words] for label, *words in rows}


def differences(written, measured):
    """What a reader of the written tables would be told wrongly, one line each."""
    old, new = figures(written), figures(measured)
    lines = [f"{label}: not in the table" for label in new if label not in old]
    lines += [f"{label}: no longer there" for label in old if label not in new]
    for label in old.keys() & new.keys():
        if any(abs(a - b) > TOLERANCE * max(a, b) for a, b in zip(old[label], new[label])):
            lines.append(f"{label}: written {old[label]}, measured {new[label]}")
    return sorted(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="the build directory")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--summary", action="store_true", help="two lines only")
    what.add_argument("--write", type=pathlib.Path, metavar="FILE", help="bring its tables up to date")
    what.add_argument("--check", type=pathlib.Path, metavar="FILE", help="fail if its tables are not")
    options = parser.parse_args()
    if options.summary:
        print(summary(options.build))
    elif options.write:
        before, _, after = split(options.write.read_text())
        options.write.write_text(before + tables(options.build) + after)
    elif options.check:
        lines = differences(split(options.check.read_text())[1], tables(options.build))
        print("\n".join(lines) or summary(options.build))
        return bool(lines)
    else:
        print(tables(options.build), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
