"""paginators-1.json (botocore's format) -> tokens: which member of an operation's input takes what
its output tells.

Beyond that format a paginator may say "description": what is to be known of its pages, in a
sentence for its comment.
"""

from dataclasses import dataclass
from pathlib import Path

from .errors import LeftOut, Unsupported, Where
from .load import Model, Operation, Shape, check_keys, near, read_with_extras
from .paths import find_path

# How shapes stand in memory: a token is copied from the output to the input as it is.
_KINDS = {"string": "string", "byte": "integer", "short": "integer", "integer": "integer",
          "long": "long", "map": "map"}


@dataclass
class Token:
    input: int  # index of the input's member
    output: list[int]
    input_name: str
    output_path: str
    kind: str


@dataclass
class Paginator:
    operation: str
    tokens: list[Token]
    more_results: list[int]  # empty: there is none
    description: str


def load_paginators(path: Path, file: str, model: Model) -> tuple[list[Paginator], list[LeftOut]]:
    if not path.exists():
        return [], []
    return check_paginators(read_with_extras(path, file), file, model)


def check_paginators(data, file: str, model: Model) -> tuple[list[Paginator], list[LeftOut]]:
    """The paginators of a file's content, with the extras merged."""
    where = Where(file)
    check_keys(where, data, {"pagination": dict}, {"version": str})
    if data.get("version", "1.0") != "1.0":
        where.fail(f"version {data['version']} is not known, only 1.0")
    paginators, left_out = [], []
    for name, paginator in data["pagination"].items():
        try:
            paginators.append(_paginator(where.at(f"paginator {name}"), name, paginator, model))
        except Unsupported as reason:
            left_out.append(LeftOut(name, str(reason)))
    return paginators, left_out


def _paginator(where: Where, name: str, data, model: Model) -> Paginator:
    check_keys(
        where, data, {"input_token": (str, list), "output_token": (str, list)},
        {"result_key": (str, list), "limit_key": str, "more_results": str,
         "non_aggregate_keys": list, "description": str})
    operation = model.operations.get(name)
    if operation is None:
        where.fail(f"operation {name} is not defined{near(name, model.operations)}")
    inputs = _names(where, data, "input_token")
    outputs = _names(where, data, "output_token")
    if len(inputs) != len(outputs):
        where.fail(f"input_token has {len(inputs)} names and output_token {len(outputs)}; each goes "
                   "with one")
    tokens = [_token(where, taker, giver, operation, model)
              for taker, giver in zip(inputs, outputs)]
    more_results = []
    if "more_results" in data:
        at = where.at(f"more_results {data['more_results']}")
        more_results, shape = find_path(at, data["more_results"], operation, model)
        _no_projection(at, data["more_results"])
        if shape.type != "boolean":
            at.leave_out(f"leads to type {shape.type}; only booleans are supported")
    return Paginator(name, tokens, more_results, data.get("description", ""))


def _names(where: Where, data: dict, key: str) -> list[str]:
    names = [data[key]] if isinstance(data[key], str) else data[key]
    if not names or not all(isinstance(name, str) for name in names):
        where.fail(f"{key} must be a name, or a list of names")
    if len(set(names)) != len(names):
        where.fail(f"{key} has a name twice")
    return names


def _token(where: Where, taker: str, giver: str, operation: Operation, model: Model) -> Token:
    at = where.at(f"input_token {taker}")
    if operation.input is None:
        at.fail(f"{operation.name} has no input")
    input_shape = model.shapes[operation.input]
    if taker not in input_shape.members:
        at.fail(f"shape {input_shape.name} has no member {taker}{near(taker, input_shape.members)}")
    takes = model.shapes[input_shape.members[taker].shape]
    at = where.at(f"output_token {giver}")
    steps, gives = find_path(at, giver, operation, model, end=("list", "map"))
    _no_projection(at, giver)
    _check_kinds(at, takes, gives)
    return Token(list(input_shape.members).index(taker), steps, taker, giver, _KINDS[gives.type])


def _check_kinds(where: Where, takes: Shape, gives: Shape) -> None:
    kind = _KINDS.get(gives.type)
    if kind is None:
        where.leave_out(f"is of type {gives.type}; only strings, integers, longs and maps are "
                        "supported")
    if kind != _KINDS.get(takes.type) or (kind == "map" and takes.name != gives.name):
        where.leave_out(f"is {gives.name} of type {gives.type}, and the input's is {takes.name} of "
                        f"type {takes.type}; only the same is supported")


def _no_projection(where: Where, path: str) -> None:
    if "[" in path:
        where.leave_out("leads through a list; only one value is supported")
