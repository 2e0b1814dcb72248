"""The file VERSION: the version of the library and the number of its ABI; and which come next."""

import re
from dataclasses import dataclass
from pathlib import Path

from .errors import Where

_VERSION = re.compile(r"^version (\d+)\.(\d+)\.(\d+)$", re.MULTILINE | re.ASCII)
_ABI = re.compile(r"^abi (\d+)$", re.MULTILINE | re.ASCII)

MAJOR, MINOR, PATCH = "major", "minor", "patch"


@dataclass(frozen=True)
class Version:
    major: int
    minor: int
    patch: int
    abi: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def lines(self) -> tuple[str, str]:
        """Those of the file."""
        return f"version {self}", f"abi {self.abi}"

    def after(self, step: str) -> "Version":
        """While the version is 0.x, a break raises the minor number, and all else the patch."""
        if step == MAJOR:
            if self.major == 0:
                return Version(0, self.minor + 1, 0, self.abi + 1)
            return Version(self.major + 1, 0, 0, self.abi + 1)
        if step == MINOR and self.major > 0:
            return Version(self.major, self.minor + 1, 0, self.abi)
        return Version(self.major, self.minor, self.patch + 1, self.abi)


def read_version(path: Path, file: str) -> Version:
    where = Where(file)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        where.fail(f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        where.fail(f"is not UTF-8 at byte {error.start}")
    version, abi = _VERSION.search(text), _ABI.search(text)
    if version is None or abi is None:
        where.fail('must have the lines "version MAJOR.MINOR.PATCH" and "abi NUMBER"')
    return Version(*map(int, version.groups()), int(abi[1]))


def with_version(text: str, version: Version) -> str:
    """The content of the file, which read_version took, with another version."""
    line, abi = version.lines()
    return _ABI.sub(abi, _VERSION.sub(line, text, count=1), count=1)


def version_header(root: Path, version: Version) -> dict[Path, str]:
    """The public header with the version in it; nothing where a project has none."""
    name = "runtime/include/caws/version.h"
    path, where = root / name, Where(name)
    if not path.exists():
        return {}
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        where.fail(f"is not UTF-8 at byte {error.start}")
    except OSError as error:
        where.fail(f"cannot be read: {error.strerror}")
    for macro, value in (("_MAJOR", str(version.major)), ("_MINOR", str(version.minor)),
                         ("_PATCH", str(version.patch)), ("", f'"{version}"')):
        text, count = re.subn(rf'^(#define CAWS_VERSION{macro} +)("[^"]*"|\d+)',
                              lambda found, value=value: found[1] + value, text, flags=re.MULTILINE)
        if count != 1:
            where.fail(f"must define CAWS_VERSION{macro} once")
    return {path: text}
