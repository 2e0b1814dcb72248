"""Shapes -> the C definitions of a header, each after what it needs."""

from dataclasses import dataclass, field

from .c_types import CTypes, declare
from .load import Model, Shape
from .names import member_name
from .reach import Reach, components
from .tables import c_string
from .words import field_comment, listed, member_words, prose


@dataclass
class Field:
    declaration: str
    comment: str = ""


@dataclass
class Definition:
    kind: str  # "forward", "struct" or "alias"
    name: str
    comment: str = ""
    fields: list[Field] = field(default_factory=list)
    target: str = ""  # of an alias


@dataclass
class Enum:
    name: str
    comment: str
    macro: str
    values: list[tuple[str, str, int]]  # the end of the constant, the text (a C string), the number

    @property
    def has_gaps(self) -> bool:
        """Whether a value's number is not its place, because others have left."""
        return any(number != place for place, (_, _, number) in enumerate(self.values, 1))


class Headers:
    def __init__(self, model: Model, ctypes: CTypes, reach: Reach):
        self.model = model
        self.ctypes = ctypes
        self.reach = reach
        self._ends: dict[str, list[str]] = {}  # of a shape: what it is the input or output of
        for operation in model.operations.values():
            for end in ("input", "output"):
                name = getattr(operation, end)
                if name is not None and operation.name in reach.users.get(name, ()):
                    self._ends.setdefault(name, []).append(f"{end} of {operation.name}")

    def definitions(self, shapes: list[str]) -> list[Definition]:
        """The types of these shapes. Every shape that they need is among them, or in a header that
        is included before."""
        nodes = [name for name in shapes if self._is_container(name)]
        inside = set(nodes)
        edges = {
            name: [target for target in self._targets(name) if target in inside] for name in nodes
        }
        result = []
        for component in components(nodes, edges):
            if len(component) == 1 and component[0] not in edges[component[0]]:
                result += self._define(component[0])
            else:
                result += self._define_cycle(component)
        return result

    def enums(self) -> list[Enum]:
        result = []
        for name in self.reach.shapes:
            shape = self.model.shapes[name]
            if "enum" not in shape.traits:
                continue
            c_type = self.ctypes.named(name)
            values = [(value.part, c_string(value.text), value.number)
                      for value in self.ctypes.enum_values(shape)]
            words = prose(shape.get("documentation", "") or f"The values of {name}")
            comment = field_comment(
                f"{words} For switch; a value that the service has and this list lacks is "
                "UNRECOGNIZED.", 0)
            result.append(Enum(c_type, comment, c_type.upper(), values))
        return result

    def _is_container(self, name: str) -> bool:
        shape = self.model.shapes[name]
        return shape.type in ("structure", "list", "map") and self.ctypes.named(name) is not None

    def _targets(self, name: str) -> list[str]:
        """The generated types that the type of a shape mentions."""
        return [ref.shape for ref in self.model.shapes[name].refs() if self._is_container(ref.shape)]

    def _define_cycle(self, component: list[str]) -> list[Definition]:
        """Types that need each other. Lists and maps hold pointers, so they need declarations only;
        structures embed lists and maps; entries embed all."""
        containers, structs, entries = [], [], []
        for name in component:
            parts = self._define(name)
            if self.model.shapes[name].type == "structure":
                structs += parts
            else:
                containers.append(parts.pop())
                entries += parts
        definitions = containers + structs + entries
        return [Definition("forward", definition.name) for definition in definitions] + definitions

    def _define(self, name: str) -> list[Definition]:
        shape = self.model.shapes[name]
        c_type = self.ctypes.named(name)
        comment = field_comment(self._type_words(shape), 0)
        if shape.type == "list":
            item = declare("const " + self.ctypes.value_type(shape.item.shape) + " *", "items")
            return [Definition("struct", c_type, comment, [Field(item), Field("size_t count")])]
        if shape.type == "map":
            entry = self.ctypes.entry_type(shape)
            value = declare(self.ctypes.value_type(shape.value.shape), "value")
            return [
                Definition("struct", entry, field_comment(f"An entry of {c_type}.", 0),
                           [Field("const char *key"), Field(value)]),
                Definition("struct", c_type, comment,
                           [Field(f"const {entry} *items"), Field("size_t count")]),
            ]
        return [Definition("struct", c_type, self._struct_comment(shape), self._fields(shape))]

    def _type_words(self, shape: Shape) -> str:
        """Our own text, or what the type is of the API's: there is always something to find."""
        if shape.get("documentation"):
            return prose(shape.get("documentation"))
        ends = self._ends.get(shape.name)
        if ends:
            return f"The {listed(ends)}."
        part = shape.item or shape.value
        target = self.ctypes.named(part.shape) if part is not None else None
        if target is None or "enum" in self.model.shapes[part.shape].traits:
            return f"{shape.name} of the API."
        return f"{shape.name} of the API: a {shape.type} of {target}."

    def _struct_comment(self, shape: Shape) -> str:
        texts = [self._type_words(shape)]
        if shape.get("union"):
            texts.append("A union: exactly one member is present.")
        if not shape.members:
            texts.append("It has no members; C wants one.")
        return field_comment(" ".join(filter(None, texts)), 0)

    def _fields(self, shape: Shape) -> list[Field]:
        if not shape.members:
            return [Field("char unused_")]
        fields = []
        for name, ref in shape.members.items():
            target = self.model.shapes[ref.shape]
            enum = self.ctypes.named(ref.shape).upper() + "_" if target.get("enum") else None
            if target.type == "list" and self.model.shapes[target.item.shape].get("enum"):
                enum = self.ctypes.named(target.item.shape).upper() + "_"
            words = member_words(
                self.model, shape, name, ref, shape.name in self.reach.validated, enum
            )
            declaration = declare(self.ctypes.member_type(ref.shape), member_name(name))
            fields.append(Field(declaration, field_comment(words)))
        return fields
