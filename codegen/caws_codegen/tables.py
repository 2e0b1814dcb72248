"""Shapes -> the rows of the constant tables in <caws/schema.h>."""

import math
from dataclasses import dataclass
from functools import cache

from . import pattern
from .c_types import SCALARS, CTypes
from .load import INT64, SIZED, Model, Ref, Shape
from .names import member_name
from .reach import Reach, components

_FORMATS = {
    "unixTimestamp": "CAWS_TIMESTAMP_UNIX",
    "iso8601": "CAWS_TIMESTAMP_ISO8601",
    "rfc822": "CAWS_TIMESTAMP_RFC822",
}
_LOCATIONS = {
    "header": "CAWS_LOCATION_HEADER",
    "headers": "CAWS_LOCATION_HEADERS",
    "uri": "CAWS_LOCATION_URI",
    "querystring": "CAWS_LOCATION_QUERYSTRING",
    "statusCode": "CAWS_LOCATION_STATUS_CODE",
}
_MEMBER_FLAGS = {
    "idempotencyToken": "CAWS_MEMBER_IDEMPOTENCY_TOKEN",
    "hostLabel": "CAWS_MEMBER_HOST_LABEL",
    "jsonvalue": "CAWS_MEMBER_JSON_VALUE",
    "streaming": "CAWS_MEMBER_STREAMING",
    "eventheader": "CAWS_MEMBER_EVENT_HEADER",
    "eventpayload": "CAWS_MEMBER_EVENT_PAYLOAD",
    "xmlAttribute": "CAWS_MEMBER_XML_ATTRIBUTE",
}
_TYPE_FLAGS = {
    "union": "CAWS_TYPE_UNION",
    "sensitive": "CAWS_TYPE_SENSITIVE",
    "flattened": "CAWS_TYPE_FLATTENED",
    "eventstream": "CAWS_TYPE_EVENT_STREAM",
}
_LONGEST_SOURCE = 1000  # C compilers need not take string literals over 4,095 characters


def c_string(text: str | None) -> str:
    """A C string literal, or NULL."""
    if text is None:
        return "NULL"
    out = []
    for byte in text.encode("utf-8"):
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif char == "?" and out and out[-1] == "?":
            out.append("\\?")  # no trigraphs
        elif 0x20 <= byte < 0x7F:
            out.append(char)
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


def shared_text(text: str) -> str:
    """A string in a table of types.c. A compiler puts all literals of a file in one section, which a
    program that uses one type would link whole."""
    return f"CAWS_TEXT({c_string(text)})"


@cache
def compile_pattern(source: str) -> tuple[pattern.Dfa | None, str]:
    """The automaton, None if nothing is checked; and why it is not the pattern as it stands."""
    try:
        dfa = pattern.compile(source)
    except pattern.PatternUnsupported as reason:
        return None, f"left to the service: {reason}"
    note = "relaxed: " + "; ".join(dfa.relaxed) if dfa.relaxed else ""
    return (None if dfa.accepts_everything else dfa), note


@dataclass
class Row:
    name: str  # a C expression
    type: str  # a C expression
    offset: str
    flags: str
    traits: str  # a C expression


@dataclass
class Traits:
    identifier: str
    fields: list[str]


@dataclass
class Pattern:
    identifier: str
    static: bool
    source: str
    dfa: pattern.Dfa

    @staticmethod
    def lines(numbers) -> list[str]:
        """Numbers as lines that need no further layout."""
        lines = [""]
        for number in numbers:
            if len(lines[-1]) > 90:
                lines.append("")
            lines[-1] += f"{number}, " if lines[-1] else f"    {number}, "
        return [line.rstrip() for line in lines]

    @property
    def range_rows(self) -> list[str]:
        return [f"{{0x{first:X}, 0x{last:X}, {index}}}" for first, last, index in self.dfa.ranges]


@dataclass
class Type:
    identifier: str
    static: bool
    forward: bool  # a static table that is mentioned before it is defined
    name: str  # a C expression
    kind: str
    size: str | None
    flags: str
    timestamp_format: str | None
    constraints: list[str]
    rows: list[Row]
    traits: list[Traits]
    base: str  # what the names of the tables around it begin with


class Tables:
    """The tables of one service. A table that one operation needs is static in its file, one that
    several need is hidden in types.c."""

    def __init__(self, model: Model, ctypes: CTypes, reach: Reach, service: str):
        self.model = model
        self.ctypes = ctypes
        self.reach = reach
        self.service = service
        self.notes: dict[str, str] = {}  # pattern -> why it is not checked as it stands
        self._pattern_users: dict[str, list[str]] = {}  # pattern -> shapes
        for name in reach.shapes:
            shape = model.shapes[name]
            source = shape.get("pattern")
            if source is not None and name in reach.validated and self._compile(source):
                self._pattern_users.setdefault(source, []).append(name)

    # What a file holds.

    def types(self, user: str | None) -> list[Type]:
        """Of an operation, or (None) the shared ones; each after those that it mentions, as far as
        that is possible."""
        names = [name for name in self.reach.shapes
                 if self.reach.only_user(name) == user and self._has_table(name)]
        inside = set(names)
        edges = {name: [ref.shape for ref in self.model.shapes[name].refs() if ref.shape in inside]
                 for name in names}
        ordered = [name for component in components(names, edges) for name in component]
        place = {name: number for number, name in enumerate(ordered)}
        early = {target for name in ordered for target in edges[name]
                 if place[target] >= place[name]}
        return [self._type(name, name in early) for name in ordered]

    def patterns(self, user: str | None) -> list[Pattern]:
        return [
            Pattern(self._pattern_name(source), user is not None,
                    (shared_text if user is None else c_string)(_shortened(source)),
                    self._compile(source))
            for source in self._pattern_users if self._pattern_user(source) == user
        ]

    def expression(self, name: str | None) -> str:
        """The address of the table of a shape."""
        if name is None:
            return "NULL"
        shape = self.model.shapes[name]
        return f"&{self._identifier(name)}" if self._has_table(name) \
            else f"&{SCALARS[shape.type].table}"

    # Types.

    def _has_table(self, name: str) -> bool:
        shape = self.model.shapes[name]
        return (
            shape.type not in SCALARS
            or bool(shape.get("sensitive"))
            or shape.get("timestampFormat") is not None
            or bool(self._constraints(shape))
        )

    def _identifier(self, name: str) -> str:
        table = self.ctypes.tables[name]
        if self.reach.only_user(name) is None:
            return f"caws_type_{self.service}_{table}"
        return f"{table}_type"

    def _type(self, name: str, forward: bool) -> Type:
        shape = self.model.shapes[name]
        base = self.ctypes.tables[name]
        static = self.reach.only_user(name) is not None
        text = c_string if static else shared_text
        rows, traits = self._rows(shape, base, text)
        return Type(
            identifier=self._identifier(name),
            static=static,
            forward=forward and static,
            name=text(name),
            kind="CAWS_KIND_" + (SCALARS[shape.type].kind if shape.type in SCALARS
                                 else shape.type.upper()),
            size=self._size(shape),
            flags=" | ".join(flag for trait, flag in _TYPE_FLAGS.items() if shape.get(trait)),
            timestamp_format=_FORMATS.get(shape.get("timestampFormat")),
            constraints=self._constraints(shape),
            rows=rows,
            traits=traits,
            base=base,
        )

    def _size(self, shape: Shape) -> str | None:
        if shape.type == "structure":
            return f"sizeof({self.ctypes.container(shape)})"
        if shape.type == "list":
            return f"sizeof({self.ctypes.value_type(shape.item.shape).strip()})"
        if shape.type == "map":
            return f"sizeof({self.ctypes.entry_type(shape)})"
        return None

    def _rows(self, shape: Shape, base: str, text) -> tuple[list[Row], list[Traits]]:
        rows, traits = [], []

        def add(name: str, ref: Ref, offset: str) -> None:
            fields = self._traits(shape, name, ref)
            pointer = "NULL"
            if fields:
                table = Traits(f"{base}_{member_name(name).rstrip('_')}_traits", fields)
                traits.append(table)
                pointer = "&" + table.identifier
            flags = [flag for trait, flag in _MEMBER_FLAGS.items() if ref.get(trait)]
            if name in shape.get("required", ()):
                flags.insert(0, "CAWS_MEMBER_REQUIRED")
            rows.append(Row(text(name), self.expression(ref.shape), offset,
                            " | ".join(flags) or "0", pointer))

        for name, ref in shape.members.items():
            add(name, ref, f"offsetof({self.ctypes.container(shape)}, {member_name(name)})")
        if shape.item is not None:
            add("member", shape.item, "0")
        if shape.key is not None:
            for name, ref in (("key", shape.key), ("value", shape.value)):
                add(name, ref, f"offsetof({self.ctypes.entry_type(shape)}, {name})")
        return rows, traits

    def _traits(self, shape: Shape, name: str, ref: Ref) -> list[str]:
        fields = []
        if ref.get("locationName") not in (None, name):
            fields.append(f".location_name = {c_string(ref.get('locationName'))}")
        namespace = ref.get("xmlNamespace")
        if isinstance(namespace, dict):
            fields.append(f".xml_namespace = {c_string(namespace.get('uri'))}")
            if "prefix" in namespace:
                fields.append(f".xml_namespace_prefix = {c_string(namespace['prefix'])}")
        location = _LOCATIONS.get(ref.get("location"))
        if location is None and shape.get("payload") == name:
            location = "CAWS_LOCATION_PAYLOAD"
        if location is not None:
            fields.append(f".location = {location}")
        if ref.get("timestampFormat"):
            fields.append(f".timestamp_format = {_FORMATS[ref.get('timestampFormat')]}")
        return fields

    # Constraints. Only inputs are validated: a shape of outputs alone has none.

    def _constraints(self, shape: Shape) -> list[str]:
        if shape.name not in self.reach.validated:
            return []
        low, high, most = shape.get("min"), shape.get("max"), shape.get("maxBytes")
        if shape.type in SIZED and low == 0:
            low = None
        low = _whole(low, math.floor)
        high = _whole(high, math.ceil)
        flags, fields = [], []
        for flag, name, bound in (("CAWS_HAS_MIN", "min", low), ("CAWS_HAS_MAX", "max", high),
                                  ("CAWS_HAS_MAX_BYTES", "max_bytes", most)):
            if bound is not None:
                flags.append(flag)
                fields.append(f".{name} = {_literal(bound)}")
        if flags:
            fields.insert(0, ".flags = " + " | ".join(flags))
        source = shape.get("pattern")
        if source is not None and self._compile(source):
            fields.append(f".pattern = &{self._pattern_name(source)}")
        return fields

    def _compile(self, source: str) -> pattern.Dfa | None:
        """None if there is nothing to check."""
        dfa, note = compile_pattern(source)
        if note:
            self.notes[source] = note
        return dfa

    def _pattern_user(self, source: str) -> str | None:
        users = {self.reach.only_user(shape) for shape in self._pattern_users[source]}
        return users.pop() if len(users) == 1 else None

    def _pattern_name(self, source: str) -> str:
        base = self.ctypes.tables[self._pattern_users[source][0]]
        if self._pattern_user(source) is None:
            return f"caws_pattern_{self.service}_{base}"
        return f"{base}_pattern"


def _shortened(source: str) -> str:
    return source if len(source) <= _LONGEST_SOURCE else source[:_LONGEST_SOURCE] + "..."


def _whole(bound, rounded) -> int | None:
    """The bound as an integer, rounded so that it allows more; None if it allows everything."""
    if bound is None:
        return None
    bound = rounded(bound)
    return bound if INT64[0] <= bound <= INT64[1] else None


def _literal(number: int) -> str:
    return "INT64_MIN" if number == INT64[0] else str(number)
