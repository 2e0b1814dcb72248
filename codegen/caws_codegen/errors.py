"""What is wrong with a model, and where."""

from dataclasses import dataclass, replace
from typing import NoReturn


class ModelError(Exception):
    """One line: file, shape or operation, member, what is wrong."""


class Unsupported(Exception):
    """Nothing is wrong, but caws has no way to say it: one line, as in LeftOut."""


_LONGEST_NAME = 300
_LONGEST = 2000


def one_line(text: str) -> str:
    """The text for a terminal: what a model has of control characters and of halves of characters is
    escaped."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "..."


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else text[:_LONGEST_NAME] + "..."


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
        steps = [_short(one_line(step)) for step in self.path]
        raise ModelError(": ".join((one_line(self.file), *steps, one_line(what))))

    def leave_out(self, what: str) -> NoReturn:
        raise Unsupported(": ".join((*self.path, what)))
