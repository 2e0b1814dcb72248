"""What operations tell the endpoint rules: staticContextParams, operationContextParams and members
with contextParam -> rows of caws_context_parameter.

Of JMESPath, operationContextParams may have names with . between them and [*] after lists, keys()
of a map, and at the end .[a, b][] for several paths from every item.
"""

import re
from dataclasses import dataclass, field

from .endpoint_rules import BOOLEAN, STRING, STRINGS, EndpointRules
from .errors import Where
from .load import Model, Operation, Shape, near

_PATH = r"[A-Za-z_][A-Za-z0-9_]*(?:\[\*\])?(?:\.[A-Za-z_][A-Za-z0-9_]*(?:\[\*\])?)*"
_EXPRESSION = re.compile(
    rf"keys\((?P<map>{_PATH})\)|(?P<path>{_PATH})(?:\.\[(?P<each>{_PATH}(?:, *{_PATH})*)\]\[\])?")


@dataclass
class ContextRow:
    parameter: int
    kind: str
    words: str  # the parameter's name
    text: str | None = None
    steps: list[int] = field(default_factory=list)
    each: list[list[int]] = field(default_factory=list)


def context_rows(model: Model, operation: Operation, rules: EndpointRules | None) -> list[ContextRow]:
    """The first row that has a value counts: constants, then paths, then members. Nothing if the
    service has no rules to tell it to."""
    if rules is None:
        return []
    where = model.where.at(f"operation {operation.name}")
    rows = []
    for name, data in operation.get("staticContextParams", {}).items():
        rows.append(_constant(where.at("staticContextParams", name), name, data, rules))
    for name, data in operation.get("operationContextParams", {}).items():
        rows.append(_path(where.at("operationContextParams", name), name, data, model, operation,
                          rules))
    shape = model.shapes[operation.input] if operation.input else None
    for member, ref in shape.members.items() if shape else ():
        if "contextParam" in ref.traits:
            at = where.at(f"shape {shape.name}", f"member {member}", "contextParam")
            rows.append(_member(at, ref.traits["contextParam"], shape, member, model, rules))
    constant = {row.parameter for row in rows if row.kind in _CONSTANTS}
    return [row for row in rows if row.kind in _CONSTANTS or row.parameter not in constant]


_CONSTANTS = ("CAWS_CONTEXT_TEXT", "CAWS_CONTEXT_TRUE", "CAWS_CONTEXT_FALSE")


def _only(where: Where, data, key: str):
    if not isinstance(data, dict) or list(data) != [key]:
        where.fail(f"must be an object with {key} alone")
    return data[key]


def _constant(where: Where, name: str, data, rules: EndpointRules) -> ContextRow:
    value = _only(where, data, "value")
    index, parameter = rules.find(where, name)
    if isinstance(value, bool) and parameter.type == BOOLEAN:
        return ContextRow(index, f"CAWS_CONTEXT_{str(value).upper()}", name)
    if isinstance(value, str) and parameter.type == STRING:
        return ContextRow(index, "CAWS_CONTEXT_TEXT", name, text=value)
    where.fail(f"value is not of type {parameter.type} or that is not supported")


def _path(where: Where, name: str, data, model: Model, operation: Operation,
          rules: EndpointRules) -> ContextRow:
    path = _only(where, data, "path")
    if operation.input is None:
        where.fail("the operation has no input")
    match = _EXPRESSION.fullmatch(path) if isinstance(path, str) else None
    if match is None:
        where.fail(f"path {path!r} is not supported; supported are names, ., [*], keys() and, at the "
                   "end, .[a, b][]")
    root = model.shapes[operation.input]
    steps, shape, lists = _steps(where, match["map"] or match["path"], root, model)
    ends = [(shape, lists)]
    each = []
    if match["each"]:
        ends = []
        for part in re.split(", *", match["each"]):
            inner, end, inner_lists = _steps(where, part, shape, model)
            each.append(inner)
            ends.append((end, True if lists else inner_lists))
    index, parameter = rules.find(where, name)
    for end, many in ends:
        wanted = "map" if match["map"] else parameter.type if parameter.type != STRINGS else STRING
        if end.type != wanted or (parameter.type == STRINGS) != (many or bool(match["map"])):
            where.fail(f"path {path!r} does not lead to what is of type {parameter.type}")
    return ContextRow(index, _kind(parameter.type), name, steps=steps, each=each)


def _steps(where: Where, path: str, shape: Shape, model: Model) -> tuple[list[int], Shape, bool]:
    """The member indexes; the shape they lead to; whether lists are on the way."""
    steps, lists = [], False
    for segment in path.split("."):
        name = segment.removesuffix("[*]")
        if shape.type != "structure" or name not in shape.members:
            where.fail(f"shape {shape.name} has no member {name}" + near(name, shape.members))
        steps.append(list(shape.members).index(name))
        shape = model.shapes[shape.members[name].shape]
        if segment.endswith("[*]"):
            if shape.type != "list":
                where.fail(f"{name} is no list; write it without [*]")
            shape, lists = model.shapes[shape.item.shape], True
    return steps, shape, lists


def _member(where: Where, data, shape: Shape, member: str, model: Model,
            rules: EndpointRules) -> ContextRow:
    name = _only(where, data, "name")
    index, parameter = rules.find(where, name)
    target = model.shapes[shape.members[member].shape]
    if target.type != parameter.type:
        where.fail(f"{target.name} is of type {target.type}, and {name} of type {parameter.type}")
    return ContextRow(index, _kind(parameter.type), name,
                      steps=[list(shape.members).index(member)])


def _kind(parameter_type: str) -> str:
    return "CAWS_CONTEXT_ALL" if parameter_type == STRINGS else "CAWS_CONTEXT_FIRST"
