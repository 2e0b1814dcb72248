"""The file VERSION: the version of the library and the number of its ABI; and which come next."""

import re
from dataclasses import dataclass
from pathlib import Path

from .errors import Where

MAJOR, MINOR, PATCH = "major", "minor", "patch"


@dataclass(frozen=True)
class Version:
    major: int
    minor: int
    patch: int
    abi: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

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
    version = re.search(r"^version (\d+)\.(\d+)\.(\d+)$", text, re.MULTILINE | re.ASCII)
    abi = re.search(r"^abi (\d+)$", text, re.MULTILINE | re.ASCII)
    if version is None or abi is None:
        where.fail('must have the lines "version MAJOR.MINOR.PATCH" and "abi NUMBER"')
    return Version(*map(int, version.groups()), int(abi[1]))
