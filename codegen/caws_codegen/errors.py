"""What is wrong with a model, and where."""

from dataclasses import dataclass, replace
from typing import NoReturn


class ModelError(Exception):
    """One line: file, shape or operation, member, what is wrong."""


class Unsupported(Exception):
    """Nothing is wrong, but caws has no way to say it: one line, as in LeftOut."""


@dataclass(frozen=True)
class LeftOut:
    """A waiter or paginator that is not generated."""

    operation: str
    reason: str  # waiter or paginator, the part that is not supported, why


@dataclass(frozen=True)
class Where:
    """A place in a model file: the file, then the way into it ("shape ExportTask", "member to")."""

    file: str
    path: tuple[str, ...] = ()

    def at(self, *steps: str) -> "Where":
        return replace(self, path=self.path + steps)

    def fail(self, what: str) -> NoReturn:
        raise ModelError(": ".join((self.file, *self.path, what)))

    def leave_out(self, what: str) -> NoReturn:
        raise Unsupported(": ".join((*self.path, what)))
