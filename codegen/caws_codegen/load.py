"""A service model: JSON -> checked shapes and operations. What is not known is refused."""

import difflib
import gzip
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from . import traits
from .errors import Where
from .numbers import FILE as NUMBERS
from .numbers import Numbers, check_numbers

SIZED = {"string", "blob", "list", "map"}
PROTOCOLS = ("ec2", "json", "query", "rest-json", "rest-xml", "smithy-rpc-v2-cbor")
INT64 = (-(2**63), 2**63 - 1)


@dataclass(frozen=True)
class Ref:
    """A use of a shape: a member, a list's item, a map's key or value."""

    shape: str
    traits: dict = field(default_factory=dict)

    def get(self, trait: str, default=None):
        return self.traits.get(trait, default)


@dataclass(frozen=True)
class Shape:
    name: str
    type: str
    traits: dict
    members: dict[str, Ref]  # of a structure, in the model's order
    item: Ref | None  # of a list
    key: Ref | None  # of a map
    value: Ref | None

    def get(self, trait: str, default=None):
        return self.traits.get(trait, default)

    def refs(self) -> list[Ref]:
        return [*self.members.values(), *(r for r in (self.item, self.key, self.value) if r)]


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    uri: str
    input: str | None
    output: str | None
    errors: tuple[str, ...]
    host_prefix: str | None
    traits: dict
    events: tuple = ()  # streams.Event, of an operation that answers with a stream

    def get(self, trait: str, default=None):
        return self.traits.get(trait, default)

    def roots(self) -> list[str]:
        """The shapes that it sends and receives; exceptions are not among them."""
        events = [event.shape for event in self.events if not event.exception]
        return list(dict.fromkeys(filter(None, (self.input, self.output, *events))))

    def exceptions(self) -> list[str]:
        """Those that it lists, and those in its stream."""
        inside = [event.shape for event in self.events if event.exception]
        return list(dict.fromkeys((*self.errors, *inside)))


@dataclass(frozen=True)
class Model:
    where: Where
    metadata: dict
    operations: dict[str, Operation]
    shapes: dict[str, Shape]
    numbers: Numbers | None = None  # None: as the model counts

    def exceptions(self) -> list[Shape]:
        """In alphabetical order."""
        found = (shape for shape in self.shapes.values() if shape.get("exception"))
        return sorted(found, key=lambda shape: shape.name)


def read_json(path: Path, file: str):
    """The content of a JSON file (.gz too); file is its name in messages."""
    where = Where(file)
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    except (OSError, EOFError) as error:
        where.fail(f"cannot be read: {getattr(error, 'strerror', None) or error}")
    except UnicodeDecodeError as error:
        where.fail(f"is not UTF-8 at byte {error.start}")

    def pairs(items):
        result = dict(items)
        if len(result) != len(items):
            names = [name for name, _ in items]
            twice = next(name for name in names if names.count(name) > 1)
            where.fail(f"the name {twice} stands twice in one object")
        return result

    try:
        return json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        where.fail(f"line {error.lineno}, column {error.colno}: {error.msg}")


def deep_merge(base: dict, extra: dict) -> None:
    """botocore's rule for its sdk-extras files."""
    for key, value in extra.items():
        if isinstance(base.get(key), dict) and isinstance(value, dict):
            deep_merge(base[key], value)
        else:
            base[key] = value


def read_with_extras(path: Path, file: str):
    """The file with what the .sdk-extras.json file beside it adds."""
    return merge_extras(read_json(path, file), path, file)


def merge_extras(data, path: Path, file: str):
    """data, which is or will be the content of path, with what the .sdk-extras.json file adds."""
    extras, extras_file = read_extras(path, file)
    if extras:
        if not isinstance(data, dict):
            Where(extras_file).fail("merge must be an object")
        deep_merge(data, extras)
    return data


def check_keys(where: Where, data, needed: dict, optional: dict) -> None:
    """That an object has these keys, each with a value of its type (or of one of several), and no
    others."""
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
            kinds = kind if isinstance(kind, tuple) else (kind,)
            where.fail(f"{key} must be of type {' or '.join(one.__name__ for one in kinds)}")


def read_extras(path: Path, file: str) -> tuple[dict, str]:
    """What the .sdk-extras.json file beside path adds, which may be nothing; and its name."""
    stem = path.name.removesuffix(".json")
    extras_path = path.with_name(f"{stem}.sdk-extras.json")
    extras_file = file.removesuffix(path.name) + extras_path.name
    if not extras_path.exists():
        return {}, extras_file
    extras = read_json(extras_path, extras_file)
    where = Where(extras_file)
    if not isinstance(extras, dict) or set(extras) != {"version", "merge"}:
        where.fail("must be an object with version and merge")
    if extras["version"] != 1.0:
        where.fail(f"version {extras['version']} is not known, only 1.0")
    if not isinstance(extras["merge"], dict):
        where.fail("merge must be an object")
    return extras["merge"], extras_file


def load_model(path: Path, file: str) -> Model:
    return check_model(read_with_extras(path, file), file, read_numbers(path, file))


def read_numbers(path: Path, file: str) -> Numbers | None:
    """The numbers.json beside a model; None if there is none."""
    path = path.with_name(NUMBERS)
    if not path.exists():
        return None
    file = str(Path(file).with_name(NUMBERS))
    return check_numbers(read_json(path, file), file)


def check_model(data, file: str, numbers: Numbers | None = None) -> Model:
    where = Where(file)
    if not isinstance(data, dict):
        where.fail("must be an object")
    for name in ("metadata", "operations", "shapes"):
        if not isinstance(data.get(name), dict):
            where.fail(f"{name} is missing" if name not in data else f"{name} must be an object")
    # First of all: in a model of another protocol all else may be strange.
    _check_metadata(where.at("metadata"), data["metadata"])
    traits.check(where, data, traits.MODEL)
    if data.get("version") not in (None, "2.0"):
        where.fail(f"version {data['version']} is not known, only 2.0")
    shapes = {name: _shape(where, name, shape) for name, shape in data["shapes"].items()}
    for shape in shapes.values():
        _check_shape(where.at(f"shape {shape.name}"), shape, shapes)
    operations = {
        name: _operation(where.at(f"operation {name}"), name, operation, shapes)
        for name, operation in data["operations"].items()
    }
    return Model(where, data["metadata"], operations, shapes, numbers)


def _check_metadata(where: Where, metadata: dict) -> None:
    listed = metadata.get("protocols", [])
    protocols = [metadata.get("protocol"), *(listed if isinstance(listed, list) else ())]
    for protocol in protocols:
        if protocol not in PROTOCOLS:
            where.fail(f"protocol {protocol} is not known; known are {', '.join(PROTOCOLS)}")
    if "json" not in protocols:
        where.fail(f"protocol {metadata['protocol']} is not supported yet, only json")
    traits.check(where, metadata, traits.METADATA)
    for name in ("endpointPrefix", "serviceId", "targetPrefix", "jsonVersion"):
        if name not in metadata:
            where.fail(f"{name} is missing")
    if metadata.get("signatureVersion", "v4") != "v4":
        where.fail(f"signatureVersion {metadata['signatureVersion']} is not supported, only v4")
    if metadata["jsonVersion"] not in ("1.0", "1.1"):
        where.fail(f"jsonVersion {metadata['jsonVersion']} is not known; known are 1.0, 1.1")


def _shape(where: Where, name: str, data) -> Shape:
    where = where.at(f"shape {name}")
    if not isinstance(data, dict):
        where.fail("must be an object")
    kind = data.get("type")
    if kind is None:
        where.fail("type is missing")
    if not isinstance(kind, str) or kind not in traits.SHAPES:
        where.fail(f"type {kind} is not known; known are {', '.join(sorted(traits.SHAPES))}")
    traits.check(where, data, traits.SHAPES[kind])
    for part in ("error", "retryable"):
        if part in data:
            traits.check(where.at(part), data[part], traits.PARTS[part])
    for part in traits.NEEDED.get(kind, ()):
        if part not in data:
            where.fail(f"{part} is missing")
    members = {
        member: _ref(where.at(f"member {member}"), ref)
        for member, ref in data.get("members", {}).items()
    }
    item, key, value = (
        _ref(where.at(part), data[part]) if part in data else None
        for part in ("member", "key", "value")
    )
    return Shape(name, kind, data, members, item, key, value)


def _ref(where: Where, data) -> Ref:
    traits.check(where, data, traits.REF)
    if "shape" not in data:
        where.fail("shape is missing")
    return Ref(data["shape"], data)


def _find(where: Where, name: str, shapes: dict[str, Shape]) -> Shape:
    if name not in shapes:
        where.fail(f"shape {name} is not defined{near(name, shapes)}")
    return shapes[name]


def near(name: str, names) -> str:
    found = difflib.get_close_matches(name, list(names), n=3, cutoff=0.7)
    return f"; near: {', '.join(found)}" if found else ""


def _check_shape(where: Where, shape: Shape, shapes: dict[str, Shape]) -> None:
    for member, ref in shape.members.items():
        _find(where.at(f"member {member}"), ref.shape, shapes)
    for part, ref in (("member", shape.item), ("key", shape.key), ("value", shape.value)):
        if ref is not None:
            target = _find(where.at(part), ref.shape, shapes)
            if part == "key" and target.type != "string":
                where.at(part).fail(f"{ref.shape} is of type {target.type}; a key must be a string")
    for name in shape.get("required", ()):
        if name not in shape.members:
            where.at("required").fail(f"there is no member {name}{near(name, shape.members)}")
    payload = shape.get("payload")
    if payload is not None and payload not in shape.members:
        where.at("payload").fail(f"there is no member {payload}{near(payload, shape.members)}")
    _check_bounds(where, shape)
    if "enum" in shape.traits:
        values = shape.get("enum")
        for value in values:
            if not isinstance(value, str):
                where.at("enum").fail(f"{json.dumps(value)} is not a string")
            if values.count(value) > 1:
                where.at("enum").fail(f"{json.dumps(value)} stands twice")
        if not values:
            where.at("enum").fail("has no values")


def _check_bounds(where: Where, shape: Shape) -> None:
    for name in ("min", "max", "maxBytes"):
        bound = shape.get(name)
        if bound is None:
            continue
        if shape.type in SIZED and bound < 0:
            where.fail(f"{name} is {bound}; a length must not be negative")
        if shape.type in ("float", "double"):
            continue
        if not isinstance(bound, int):
            where.fail(f"{name} is {bound}; it must be a whole number")
        if not INT64[0] <= bound <= INT64[1]:
            where.fail(f"{name} is {bound}; it must fit in 64 bits")
    low, high = shape.get("min"), shape.get("max")
    if low is not None and high is not None and low > high:
        where.fail(f"min {low} is greater than max {high}")


def _operation(where: Where, name: str, data, shapes: dict[str, Shape]) -> Operation:
    traits.check(where, data, traits.OPERATION)
    if "name" not in data:
        where.fail("name is missing")
    if data["name"] != name:
        where.fail(f"its name is given as {data['name']}")
    parts = {}
    for part in ("http", "input", "output", "endpoint"):
        if part in data:
            traits.check(where.at(part), data[part], traits.PARTS[part])
            parts[part] = data[part]
    ends = {}
    for end in ("input", "output"):
        ends[end] = parts.get(end, {}).get("shape")
        if end in parts:
            if ends[end] is None:
                where.at(end).fail("shape is missing")
            shape = _find(where.at(end), ends[end], shapes)
            if shape.type != "structure":
                where.at(end).fail(f"{shape.name} is of type {shape.type}; it must be a structure")
    errors = []
    for error in data.get("errors", ()):
        traits.check(where.at("errors"), error, traits.PARTS["errors"])
        shape = _find(where.at("errors"), error.get("shape", ""), shapes)
        if not shape.get("exception"):
            where.at("errors").fail(f"shape {shape.name} is not an exception")
        if shape.name not in errors:
            errors.append(shape.name)
    host_prefix = parts.get("endpoint", {}).get("hostPrefix")
    members = shapes[ends["input"]].members if ends["input"] else {}
    for label in re.findall(r"\{(.*?)\}", host_prefix or ""):
        if label not in members or not members[label].get("hostLabel"):
            where.at("endpoint").fail(f"the input has no member {label} with hostLabel")
    http = parts.get("http", {})
    return Operation(
        name, http.get("method", "POST"), http.get("requestUri", "/"), ends["input"],
        ends["output"], tuple(errors), host_prefix, data,
    )
