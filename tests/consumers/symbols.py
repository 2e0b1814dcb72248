"""What the shared libraries export, against checked-in lists.

usage: symbols.py BUILD_DIR [--update]

A symbol that is gone breaks programs that are linked already; one that is new is a promise. Both
should be seen in a review, so the lists in symbols/ are written with --update and committed.
"""

import argparse
import difflib
import pathlib
import re
import subprocess
import sys

LISTS = pathlib.Path(__file__).resolve().parent / "symbols"
LIBRARIES = ("libcaws", "libcaws_logs")


def exported(library):
    """Name -> version, of everything that a shared library defines for others."""
    lines = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", library], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    symbols = {}
    for line in lines:
        name, kind = line.split()[:2]
        if kind != "A":  # the name of the version itself
            name, _, version = name.partition("@@")
            symbols[name] = version
    return symbols


def soname(library):
    text = subprocess.run(["readelf", "-d", library], check=True, capture_output=True, text=True).stdout
    return re.search(r"SONAME.*\[(.*)\]", text)[1]


def difference(name, symbols):
    """How the list differs from the library, as lines of a diff; none if they are alike."""
    path = LISTS / f"{name}.txt"
    listed = path.read_text().splitlines() if path.exists() else []
    return list(difflib.unified_diff(listed, sorted(symbols), f"symbols/{name}.txt", f"{name}.so",
                                     lineterm="", n=0))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="the build directory")
    parser.add_argument("--update", action="store_true", help="write the lists")
    options = parser.parse_args()
    status = 0
    for name in LIBRARIES:
        symbols = exported(options.build / f"{name}.so")
        if options.update:
            LISTS.mkdir(exist_ok=True)
            (LISTS / f"{name}.txt").write_text("".join(f"{symbol}\n" for symbol in sorted(symbols)))
        for line in difference(name, symbols):
            print(line)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
