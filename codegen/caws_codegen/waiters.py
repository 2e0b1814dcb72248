"""waiters-2.json (botocore's format) -> acceptor rows.

Beyond that format an acceptor may say "message": a path to the text that tells why the state is a
failure.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from .errors import LeftOut, Unsupported, Where
from .load import Model, Operation, check_keys, near, read_with_extras
from .paths import find_path
from .tables import c_string

_STATES = {"success": "CAWS_WAIT_SUCCESS", "failure": "CAWS_WAIT_FAILURE",
           "retry": "CAWS_WAIT_RETRY"}
_PATHS = {"path": "CAWS_MATCH_PATH", "pathAll": "CAWS_MATCH_PATH_ALL",
          "pathAny": "CAWS_MATCH_PATH_ANY"}
_NUMBERS = ("byte", "short", "integer", "long", "float", "double")
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


def load_waiters(path: Path, file: str, model: Model) -> tuple[list[Waiter], list[LeftOut]]:
    if not path.exists():
        return [], []
    data = read_with_extras(path, file)
    where = Where(file)
    check_keys(where, data, {"version": int, "waiters": dict}, {})
    if data["version"] != 2:
        where.fail(f"version {data['version']} is not known, only 2")
    waiters, left_out = [], []
    for name, waiter in data["waiters"].items():
        try:
            waiters.append(_waiter(where.at(f"waiter {name}"), name, waiter, model))
        except Unsupported as reason:
            left_out.append(LeftOut(waiter["operation"], str(reason)))
    return waiters, left_out


def _waiter(where: Where, name: str, data, model: Model) -> Waiter:
    check_keys(where, data, {"operation": str, "delay": int, "maxAttempts": int, "acceptors": list},
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
    check_keys(where, data, {"state": str, "matcher": str, "expected": object},
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
        argument, shape = find_path(where.at(f"argument {data['argument']}"), data["argument"],
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
        elif shape.type in _NUMBERS and type(expected) in (int, float):
            where.leave_out(f"expected {json.dumps(expected)}: only strings and booleans can be "
                            "compared")
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
        message, shape = find_path(at, data["message"], operation, model)
        if shape.type != "string":
            at.fail(f"leads to type {shape.type}, not to a string")
        if not argument or message[:-1] != argument[:-1]:
            at.fail("must be a member of the structure that argument ends in")
    return Acceptor(_STATES[state], constant, argument, message,
                    None if text is None else c_string(text), status)
