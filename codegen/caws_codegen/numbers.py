"""numbers.json, beside a model: the number in C of each exception and enum value.

A number, once given, is never given to another name: programs have it compiled in. New names go to
the end; names that have left the model keep theirs.
"""

import json
from dataclasses import dataclass, field

from .errors import Where

FILE = "numbers.json"
_MOST = 65_535  # the runtime counts enum values and exceptions in 16 bits


@dataclass(frozen=True)
class Numbers:
    where: Where
    exceptions: dict[str, int] = field(default_factory=dict)  # shape -> number
    enums: dict[str, dict[str, int]] = field(default_factory=dict)  # shape -> value -> number

    def text(self) -> str:
        data = {"exceptions": self.exceptions, "enums": self.enums}
        return json.dumps(data, indent=2) + "\n"


def check_numbers(data, file: str) -> Numbers:
    where = Where(file)
    if not isinstance(data, dict) or set(data) != {"exceptions", "enums"}:
        where.fail("must be an object with exceptions and enums")
    _check_table(where.at("exceptions"), data["exceptions"])
    if not isinstance(data["enums"], dict):
        where.at("enums").fail("must be an object")
    for name, table in data["enums"].items():
        _check_table(where.at(f"enum {name}"), table)
    return Numbers(where, data["exceptions"], data["enums"])


def _check_table(where: Where, table) -> None:
    if not isinstance(table, dict):
        where.fail("must be an object")
    owners = {}
    for name, number in table.items():
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= _MOST:
            where.fail(f"the number of {json.dumps(name)} must be from 1 to {_MOST}")
        other = owners.setdefault(number, name)
        if other != name:
            where.fail(f"{json.dumps(other)} and {json.dumps(name)} both have the number {number}")


def extended(numbers: Numbers | None, model) -> Numbers:
    """The numbers with those of the model that have none yet: values in the model's order,
    exceptions in alphabetical order."""
    if numbers is None:
        numbers = Numbers(Where(model.where.file))
    enums = {name: dict(table) for name, table in numbers.enums.items()}
    for shape in model.shapes.values():
        if "enum" in shape.traits:
            _append(model.where.at(f"shape {shape.name}", "enum"),
                    enums.setdefault(shape.name, {}), shape.get("enum"))
    exceptions = dict(numbers.exceptions)
    _append(model.where.at("exceptions"), exceptions, [shape.name for shape in model.exceptions()])
    return Numbers(numbers.where, exceptions, enums)


def _append(where: Where, table: dict[str, int], names: list[str]) -> None:
    following = max(table.values(), default=0) + 1
    for name in names:
        if name not in table:
            table[name] = following
            following += 1
    if following - 1 > _MOST:
        where.fail(f"{following - 1} numbers are needed; {_MOST} are possible")


def check_complete(numbers: Numbers, model) -> None:
    """Refuses numbers that lack a name of the model: any would do today, and would be another's
    tomorrow."""
    for shape in model.exceptions():
        if shape.name not in numbers.exceptions:
            _missing(numbers.where.at("exceptions"), shape.name)
    for shape in model.shapes.values():
        for value in shape.get("enum", ()):
            if value not in numbers.enums.get(shape.name, {}):
                _missing(numbers.where.at(f"enum {shape.name}"), value)


def _missing(where: Where, name: str) -> None:
    where.fail(f"{json.dumps(name)} has no number: run ./dev generate --record-numbers")
