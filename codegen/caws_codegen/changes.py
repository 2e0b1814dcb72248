"""Changes of constraints and traits, in words."""

import json

from .load import SIZED, Shape
from .tables import compile_pattern

REFUSES = "(behaviour: what passed may be refused)"
_PROSE = ("documentation", "deprecatedMessage", "deprecatedSince")
_LONGEST = 60


def bound_changes(old: Shape, new: Shape) -> list[str]:
    """Of the constraints that inputs are checked for."""
    found = []
    for name in ("min", "max", "maxBytes"):
        before, after = _bound(old, name), _bound(new, name)
        if before == after:
            continue
        if after is None:
            found.append(f"{name} {before} removed")
        elif before is None:
            found.append(f"{name} {after} added {REFUSES}")
        else:
            word = "raised" if after > before else "lowered"
            tighter = (after > before) == (name == "min")
            found.append(f"{name} {word} from {before} to {after}"
                         + (f" {REFUSES}" if tighter else ""))
    before, after = _pattern(old), _pattern(new)
    if before != after:
        if after is None:
            found.append(f"pattern {_short(before)} removed")
        elif before is None:
            found.append(f"pattern {_short(after)} added {REFUSES}")
        else:
            found.append(f"pattern changed from {_short(before)} to {_short(after)} {REFUSES}")
    return found


def trait_changes(old: dict, new: dict, ignored=()) -> list[str]:
    """Of all that prose and ignored do not name."""
    found = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if name in _PROSE or name in ignored or before == after or not (before or after):
            continue
        if not before:
            found.append(f"{name} added" if after is True else f"{name} {_value(after)} added")
        elif not after:
            found.append(f"{name} removed")
        else:
            found.append(f"{name} changed from {_value(before)} to {_value(after)}")
    return found


def _bound(shape: Shape, name: str):
    bound = shape.get(name)
    return None if bound == 0 and name == "min" and shape.type in SIZED else bound


def _pattern(shape: Shape) -> str | None:
    """None too for one that the runtime does not check."""
    source = shape.get("pattern")
    return None if source is None or compile_pattern(source)[0] is None else source


def _value(value) -> str:
    return _short(value if isinstance(value, str) else json.dumps(value))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
