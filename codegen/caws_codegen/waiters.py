"""waiters-2.json (botocore's format) -> acceptor rows.

Beyond that format an acceptor may say "message": a path to the text that tells why the state is a
failure. Paths are member names with . between them and [] after lists; nothing else of JMESPath.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from .errors import Where
from .load import Model, Operation, near, read_with_extras
from .tables import c_string

_STATES = {"success": "CAWS_WAIT_SUCCESS", "failure": "CAWS_WAIT_FAILURE",
           "retry": "CAWS_WAIT_RETRY"}
_PATHS = {"path": "CAWS_MATCH_PATH", "pathAll": "CAWS_MATCH_PATH_ALL",
          "pathAny": "CAWS_MATCH_PATH_ANY"}
_MATCHERS = (*_PATHS, "status", "error")


@dataclass
class Acceptor:
    state: str
    matcher: str
    argument: list[int]
    message: list[int]
    expected: str | None  # a C string
    expected_status: int | None


@dataclass
class Waiter:
    name: str
    operation: str
    delay_ms: int
    max_attempts: int
    acceptors: list[Acceptor]
    description: str


def load_waiters(path: Path, file: str, model: Model) -> list[Waiter]:
    if not path.exists():
        return []
    data = read_with_extras(path, file)
    where = Where(file)
    _keys(where, data, {"version": int, "waiters": dict}, {})
    if data["version"] != 2:
        where.fail(f"version {data['version']} is not known, only 2")
    return [
        _waiter(where.at(f"waiter {name}"), name, waiter, model)
        for name, waiter in data["waiters"].items()
    ]


def _keys(where: Where, data, needed: dict[str, type], optional: dict[str, type]) -> None:
    if not isinstance(data, dict):
        where.fail("must be an object")
    for key in data:
        if key not in needed and key not in optional:
            where.fail(f"{key} is not known here; known are {', '.join([*needed, *optional])}")
    for key, kind in {**needed, **optional}.items():
        if key not in data:
            if key in needed:
                where.fail(f"{key} is missing")
            continue
        if not isinstance(data[key], kind) or (kind is int and isinstance(data[key], bool)):
            where.fail(f"{key} must be of type {kind.__name__}")


def _waiter(where: Where, name: str, data, model: Model) -> Waiter:
    _keys(where, data, {"operation": str, "delay": int, "maxAttempts": int, "acceptors": list},
          {"description": str})
    operation = model.operations.get(data["operation"])
    if operation is None:
        where.fail(f"operation {data['operation']} is not defined"
                   + near(data["operation"], model.operations))
    for key, most in (("delay", 4_000_000), ("maxAttempts", 65_535)):
        if not 1 <= data[key] <= most:
            where.fail(f"{key} is {data[key]}; it must be from 1 to {most}")
    acceptors = [
        _acceptor(where.at(f"acceptor {number}"), acceptor, operation, model)
        for number, acceptor in enumerate(data["acceptors"], 1)
    ]
    return Waiter(name, operation.name, data["delay"] * 1000, data["maxAttempts"], acceptors,
                  data.get("description", ""))


def _acceptor(where: Where, data, operation: Operation, model: Model) -> Acceptor:
    _keys(where, data, {"state": str, "matcher": str, "expected": object},
          {"argument": str, "message": str})
    state, matcher, expected = data["state"], data["matcher"], data["expected"]
    if state not in _STATES:
        where.fail(f"state {state} is not known; known are {', '.join(_STATES)}")
    if matcher not in _MATCHERS:
        where.fail(f"matcher {matcher} is not known; known are {', '.join(_MATCHERS)}")
    argument, text, status = [], None, None
    if matcher in _PATHS:
        if "argument" not in data:
            where.fail("argument is missing")
        argument, shape = _path(where.at(f"argument {data['argument']}"), data["argument"],
                                operation, model)
        constant = _PATHS[matcher]
        if shape.type == "boolean" and isinstance(expected, bool):
            text = "true" if expected else "false"
        elif shape.type == "string" and isinstance(expected, str):
            values = shape.get("enum")
            if values and expected not in values:
                where.fail(f"expected {expected} is no value of {shape.name}"
                           + near(expected, values))
            text = expected
        else:
            where.fail(f"expected {json.dumps(expected)} cannot be compared with type {shape.type}; "
                       "only strings and booleans can")
    elif matcher == "status":
        if not isinstance(expected, int) or not 100 <= expected <= 599:
            where.fail(f"expected {json.dumps(expected)} is no HTTP status")
        constant, status = "CAWS_MATCH_STATUS", expected
    elif isinstance(expected, bool):
        constant = "CAWS_MATCH_ANY_ERROR" if expected else "CAWS_MATCH_SUCCESS"
    elif isinstance(expected, str):
        constant, text = "CAWS_MATCH_ERROR", expected
    else:
        where.fail(f"expected {json.dumps(expected)} is no error code")
    message = []
    if "message" in data:
        at = where.at(f"message {data['message']}")
        message, shape = _path(at, data["message"], operation, model)
        if shape.type != "string":
            at.fail(f"leads to type {shape.type}, not to a string")
        if not argument or message[:-1] != argument[:-1]:
            at.fail("must be a member of the structure that argument ends in")
    return Acceptor(_STATES[state], constant, argument, message,
                    None if text is None else c_string(text), status)


def _path(where: Where, path: str, operation: Operation, model: Model):
    """The member indexes of a path through the operation's output, and the shape it leads to."""
    if operation.output is None:
        where.fail(f"{operation.name} has no output")
    shape = model.shapes[operation.output]
    steps = []
    for segment in path.split("."):
        match = re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*)((?:\[\])*)", segment)
        if match is None:
            where.fail(f"{segment or 'an empty name'} is not supported; a path is made of names, "
                       ". and []")
        name, lists = match[1], len(match[2]) // 2
        if name not in shape.members:
            where.fail(f"shape {shape.name} has no member {name}" + near(name, shape.members))
        steps.append(list(shape.members).index(name))
        shape = model.shapes[shape.members[name].shape]
        while shape.type == "list":
            if lists == 0:
                where.fail(f"{name} is a list; write {name}[]")
            lists -= 1
            shape = model.shapes[shape.item.shape]
        if lists:
            where.fail(f"{name} is not a list; write it without []")
    return steps, shape
