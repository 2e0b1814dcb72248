"""Paths through an operation's output, as waiters-2.json and paginators-1.json have them: member
names with . between them and [] after lists. The rest of JMESPath is left out."""

import re

from .errors import Where
from .load import Model, Operation, Shape, near

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_SEGMENT = re.compile(rf"({_NAME})((?:\[\])*)")
_EXPRESSION = re.compile(r"[^A-Za-z0-9_.\[\]]|\[[^\]]")


def find_path(where: Where, path: str, operation: Operation, model: Model,
              end: tuple[str, ...] = ()) -> tuple[list[int], Shape]:
    """The member indexes of a path, and the shape it leads to. Lists and maps that it may lead to
    itself, as they are, are in end."""
    if operation.output is None:
        where.fail(f"{operation.name} has no output")
    if _EXPRESSION.search(path):
        where.leave_out("only paths of names, . and [] are supported")
    shape = model.shapes[operation.output]
    steps = []
    segments = path.split(".")
    for number, segment in enumerate(segments, 1):
        match = _SEGMENT.fullmatch(segment)
        if match is None:
            where.fail(f"{segment or 'an empty name'} is not possible; a path is made of names, . "
                       "and []")
        name, lists = match[1], len(match[2]) // 2
        if shape.type == "map":
            where.leave_out(f"goes through {shape.name}, a map")
        if name not in shape.members:
            where.fail(f"shape {shape.name} has no member {name}" + near(name, shape.members))
        steps.append(list(shape.members).index(name))
        shape = model.shapes[shape.members[name].shape]
        if number == len(segments) and not lists and shape.type in end:
            break
        while shape.type == "list":
            if lists == 0:
                where.fail(f"{name} is a list; write {name}[]")
            lists -= 1
            shape = model.shapes[shape.item.shape]
        if lists:
            where.fail(f"{name} is not a list; write it without []")
    return steps, shape
