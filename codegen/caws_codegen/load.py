"""A service model: JSON -> checked shapes and operations. What is not known is refused."""

import difflib
import gzip
import json
import math
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from . import traits
from .errors import Where
from .numbers import FILE as NUMBERS
from .numbers import Numbers, check_numbers

SIZED = {"string", "blob", "list", "map"}
PROTOCOLS = ("ec2", "json", "query", "rest-json", "rest-xml", "smithy-rpc-v2-cbor")
INT64 = (-(2**63), 2**63 - 1)
_PAYLOADS = ("blob", "document", "list", "map", "string", "structure")

# Names, as models have them: they become C identifiers and names of files. The word, the pattern, the
# most characters.
_OPERATION = ("letters, digits and _, and begin with a letter", r"[A-Za-z][A-Za-z0-9_]*", 100)
_SHAPE = ("letters, digits and _, and not begin with a digit", r"_*[A-Za-z][A-Za-z0-9_]*", 200)
_MEMBER = ("letters, digits and _", r"_*[A-Za-z0-9][A-Za-z0-9_]*", 200)

# What goes into a request as it is, or into a comment. The trait: what it may be, in words too.
_ON_THE_WIRE = {
    "endpointPrefix": ("letters, digits, - and .", r"[A-Za-z0-9.-]+"),
    "signingName": ("letters, digits, - and .", r"[A-Za-z0-9.-]+"),
    "targetPrefix": ("letters, digits, _, - and .", r"[A-Za-z0-9_.-]+"),
    "serviceFullName": ("one line without /* and */",
                        r"(?!.*(\*/|/\*))[^\x00-\x1f\x7f-\x9f\u2028\u2029]*"),
    "method": ("capital letters", r"[A-Z]+"),
    "requestUri": ("a path that begins with /", r"/[!-~]*"),
    "hostPrefix": ("letters, digits, -, . and labels in {}", r"([A-Za-z0-9.-]|\{\w+\})*"),
}


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
    type: str  # a document is of type document, not structure
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
    except (OSError, EOFError, zlib.error) as error:
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

    def integer(digits):
        try:
            return int(digits)
        except ValueError:
            where.fail(f"a number of {len(digits)} digits is too long")

    def real(digits):
        number = float(digits)
        if math.isinf(number):
            where.fail(f"the number {digits} is too large")
        return number

    try:
        if text.startswith("\ufeff"):
            where.fail("begins with a byte order mark, which JSON has not")
        result = json.loads(text, object_pairs_hook=pairs, parse_int=integer, parse_float=real,
                            parse_constant=lambda name: where.fail(f"{name} is no number of JSON"))
        if _HALF.search(text):
            _refuse_halves(where, result)
        return result
    except json.JSONDecodeError as error:
        where.fail(f"line {error.lineno}, column {error.colno}: {error.msg}")
    except RecursionError:
        where.fail("is nested too deeply")


_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # perhaps one: the other half may follow


def _refuse_halves(where: Where, data) -> None:
    """Half of a surrogate pair can be written in JSON, and is no character."""
    if isinstance(data, str) and not _is_text(data):
        where.fail(f"{json.dumps(data)} has half of a surrogate pair, which is no character")
    if isinstance(data, dict):
        for key, value in data.items():
            _refuse_halves(where, key)
            _refuse_halves(where.at(key), value)
    elif isinstance(data, list):
        for value in data:
            _refuse_halves(where, value)


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


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
    extras, _ = read_extras(path, file)
    if extras and isinstance(data, dict):
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
    data = read_json(path, file)
    _check_parts(Where(file), data)  # before ours is merged, which would stand in for what is missing
    return check_model(merge_extras(data, path, file), file, read_numbers(path, file))


def read_numbers(path: Path, file: str) -> Numbers | None:
    """The numbers.json beside a model; None if there is none."""
    path = path.with_name(NUMBERS)
    if not path.exists():
        return None
    file = str(Path(file).with_name(NUMBERS))
    return check_numbers(read_json(path, file), file)


def check_model(data, file: str, numbers: Numbers | None = None) -> Model:
    where = Where(file)
    _check_parts(where, data)
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


def _check_parts(where: Where, data) -> None:
    if not isinstance(data, dict):
        where.fail("must be an object")
    for name in ("metadata", "operations", "shapes"):
        if not isinstance(data.get(name), dict):
            where.fail(f"{name} is missing" if name not in data else f"{name} must be an object")


def _check_name(where: Where, name: str, rule: tuple[str, str, int]) -> None:
    words, pattern, longest = rule
    if len(name) > longest:
        where.fail(f"the name has {len(name)} characters; at most {longest} are possible")
    if not re.fullmatch(pattern, name):
        where.fail(f"the name must be of {words}")


def _check_wire(where: Where, data: dict) -> None:
    for trait, (words, pattern) in _ON_THE_WIRE.items():
        if trait in data and not re.fullmatch(pattern, data[trait]):
            where.fail(f"{trait} {json.dumps(data[trait])} is not possible; it must be {words}")


def _check_metadata(where: Where, metadata: dict) -> None:
    if "protocol" not in metadata and "protocols" not in metadata:
        where.fail("protocol is missing")
    listed = metadata.get("protocols", [])
    single = [metadata["protocol"]] if "protocol" in metadata else []
    protocols = [*single, *(listed if isinstance(listed, list) else ())]
    for protocol in protocols:
        if protocol not in PROTOCOLS:
            where.fail(f"protocol {protocol} is not known; known are {', '.join(PROTOCOLS)}")
    if "json" not in protocols:
        where.fail(f"protocol {metadata.get('protocol', protocols[0] if protocols else None)} is not "
                   "supported yet, only json")
    traits.check(where, metadata, traits.METADATA)
    for name in ("endpointPrefix", "serviceId", "targetPrefix", "jsonVersion"):
        if name not in metadata:
            where.fail(f"{name} is missing")
    _check_wire(where, metadata)
    if metadata.get("signatureVersion", "v4") != "v4":
        where.fail(f"signatureVersion {metadata['signatureVersion']} is not supported, only v4")
    if metadata["jsonVersion"] not in ("1.0", "1.1"):
        where.fail(f"jsonVersion {metadata['jsonVersion']} is not known; known are 1.0, 1.1")


def _shape(where: Where, name: str, data) -> Shape:
    where = where.at(f"shape {name}")
    _check_name(where, name, _SHAPE)
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
    status = data.get("error", {}).get("httpStatusCode", 400)
    if not 100 <= status <= 599:
        where.at("error").fail(f"httpStatusCode {status} is not from 100 to 599")
    for part in traits.NEEDED.get(kind, ()):
        if part not in data:
            where.fail(f"{part} is missing")
    if data.get("document"):
        kind = "document"
        if data["members"]:
            where.fail("a document has no members of its own")
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
        _check_name(where.at(f"member {member}"), member, _MEMBER)
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
    if payload is not None:
        target = shapes[shape.members[payload].shape]
        if target.type not in _PAYLOADS:
            where.at(f"member {payload}").fail(
                f"{target.name} is of type {target.type}; a payload must be a "
                f"{', '.join(_PAYLOADS[:-1])} or {_PAYLOADS[-1]}")
    _check_bounds(where, shape)
    if "enum" in shape.traits:
        values, seen = shape.get("enum"), set()
        for value in values:
            if not isinstance(value, str):
                where.at("enum").fail(f"{json.dumps(value)} is not a string")
            if value in seen:
                where.at("enum").fail(f"{json.dumps(value)} stands twice")
            seen.add(value)
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
            if not INT64[0] <= bound <= INT64[1]:
                where.fail(f"{name} is {bound:g}; it must fit in 64 bits"
                           if abs(bound) < 10**300 else f"{name} must fit in 64 bits")
            continue
        if not isinstance(bound, int):
            where.fail(f"{name} is {bound}; it must be a whole number")
        if not INT64[0] <= bound <= INT64[1]:
            where.fail(f"{name} is {bound}; it must fit in 64 bits")
    low, high = shape.get("min"), shape.get("max")
    if low is not None and high is not None and low > high:
        where.fail(f"min {low} is greater than max {high}")


def _operation(where: Where, name: str, data, shapes: dict[str, Shape]) -> Operation:
    _check_name(where, name, _OPERATION)
    traits.check(where, data, traits.OPERATION)
    if "name" not in data:
        where.fail("name is missing")
    if data["name"] != name:
        where.fail(f"its name is given as {data['name']}")
    parts = {}
    for part in ("http", "input", "output", "endpoint"):
        if part in data:
            traits.check(where.at(part), data[part], traits.PARTS[part])
            _check_wire(where.at(part), data[part])
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
