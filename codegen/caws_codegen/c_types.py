"""How a shape looks in C (the table in <caws/values.h>), and what its type is called."""

from collections import Counter
from dataclasses import dataclass

from .load import Model, Operation, Shape
from .names import Registry, constant_parts, member_name, snake
from .numbers import check_complete, extended


@dataclass(frozen=True)
class Scalar:
    kind: str  # CAWS_KIND_...
    member: str  # the C type of a member
    value: str  # of a list item or a map value
    list: str
    table: str  # the runtime's table of the type without constraints


_INTEGER = Scalar("INTEGER", "caws_opt_i32", "int32_t", "caws_i32_list", "caws_type_integer")
_DOUBLE = Scalar("DOUBLE", "caws_opt_double", "double", "caws_double_list", "caws_type_double")
SCALARS = {
    "boolean": Scalar("BOOLEAN", "caws_opt_bool", "bool", "caws_bool_list", "caws_type_boolean"),
    "byte": _INTEGER,
    "short": _INTEGER,
    "integer": _INTEGER,
    "long": Scalar("LONG", "caws_opt_i64", "int64_t", "caws_i64_list", "caws_type_long"),
    "float": _DOUBLE,
    "double": _DOUBLE,
    "timestamp": Scalar(
        "TIMESTAMP", "caws_opt_i64", "int64_t", "caws_i64_list", "caws_type_timestamp"
    ),
    "string": Scalar("STRING", "const char *", "const char *", "caws_string_list",
                     "caws_type_string"),
    "blob": Scalar("BLOB", "caws_blob", "caws_blob", "caws_blob_list", "caws_type_blob"),
    "document": Scalar("DOCUMENT", "const char *", "const char *", "caws_string_list",
                       "caws_type_document"),
}

_TEXTS = (SCALARS["string"], SCALARS["document"])  # values that caws_string_map holds


def declare(c_type: str, name: str) -> str:
    return c_type + name if c_type.endswith("*") else f"{c_type} {name}"


@dataclass(frozen=True)
class EnumValue:
    part: str  # the end of its constant; before it: the type's name in capitals, for the C enum ENUM_
    text: str  # on the wire
    number: int


class CTypes:
    """The C types and constants of one service."""

    def __init__(self, service: str, model: Model, waiters: list[str],
                 paginators: list[str] | None = None):
        self.model = model
        self.numbers = model.numbers or extended(None, model)
        check_complete(self.numbers, model)
        self.service = service
        self.prefix = f"caws_{service}_"
        self.macro_prefix = self.prefix.upper()
        self._identifiers = Registry()
        self._constants = Registry()
        self._files = Registry()
        self._types: dict[str, str] = {}
        self._uses = _uses(model)
        for name in ("types", "service", "tables", "enums", "endpoint_rules"):
            self._files.claim(name, f"{name} file", model.where)
        self.exception_enum = self._claim("exception", "exceptions", model.where)
        for operation in model.operations.values():
            self._claim_operation(operation)
        self._ends: dict[tuple[str, str], str] = {}
        for operation in model.operations.values():
            self._claim_ends(operation)
        for waiter in waiters:
            self._claim_file(self.waiter_stem(waiter), f"waiter {waiter}")
            self._claim(self.waiter_stem(waiter), f"waiter {waiter}", model.where)
        for operation in paginators or ():
            self._claim_file(self.paginator_stem(operation), f"paginator {operation}")
            for name in (self.paginator_stem(operation), self.paginator_stem(operation) + "_next"):
                self._claim(name, f"paginator {operation}", model.where)
        self._claim_exceptions()
        self._reserved = frozenset(self._identifiers)
        for shape in model.shapes.values():
            self._claim_shape(shape)
        self.tables = self._name_tables()

    # Operations, waiters, paginators, exceptions.

    def stem(self, operation: str) -> str:
        """The name of the operation's files, and of its function after the prefix."""
        return snake(operation)

    def waiter_stem(self, waiter: str) -> str:
        return "wait_" + snake(waiter)

    def paginator_stem(self, operation: str) -> str:
        return "paginate_" + snake(operation)

    def function(self, operation: str) -> str:
        return self.prefix + self.stem(operation)

    def operation_table(self, operation: Operation) -> str:
        """The constant that stands for an operation; that of an event stream, which its stream_table
        stands for, is static."""
        stem = self.stem(operation.name)
        return "operation" if operation.events else f"caws_operation_{self.service}_{stem}"

    def stream_table(self, operation: Operation) -> str:
        """The constant that stands for an operation that answers with a stream of events."""
        return f"caws_stream_{self.service}_{self.stem(operation.name)}"

    def handler_type(self, operation: Operation) -> str | None:
        """The type of an event stream's handler."""
        return f"{self.function(operation.name)}_handler" if operation.events else None

    def end_type(self, operation: Operation, end: str) -> str:
        """The type of an operation's input or output."""
        return self._ends[operation.name, end]

    def end_alias(self, operation: Operation, end: str) -> str | None:
        """The type that end_type is another name of, if the shape is used elsewhere too."""
        c_type = self._types[getattr(operation, end)]
        return None if c_type == self.end_type(operation, end) else c_type

    def exception_constant(self, exception: str) -> str:
        return self.macro_prefix + snake(exception).upper()

    def exceptions(self) -> list[tuple[Shape, int]]:
        """Every exception of the model with its number, in the order of the numbers."""
        numbers = self.numbers.exceptions
        found = [(shape, numbers[shape.name]) for shape in self.model.exceptions()]
        return sorted(found, key=lambda pair: pair[1])

    def guard(self, stem: str) -> str:
        return f"{self.macro_prefix}{stem.upper()}_H"

    # Shapes.

    def named(self, shape: str) -> str | None:
        """The C type generated for the shape; None for those the runtime has."""
        return self._types.get(shape)

    def local(self, c_type: str) -> str:
        return c_type.removeprefix(self.prefix)

    def container(self, shape: Shape) -> str:
        """The C type of a list, map or structure."""
        return self._types.get(shape.name) or self._builtin(shape)

    def member_type(self, name: str) -> str:
        shape = self.model.shapes[name]
        if shape.type in SCALARS:
            return SCALARS[shape.type].member
        c_type = self.container(shape)
        return f"const {c_type} *" if shape.type == "structure" else c_type

    def value_type(self, name: str) -> str:
        """Of a list item or a map value."""
        shape = self.model.shapes[name]
        return SCALARS[shape.type].value if shape.type in SCALARS else self.container(shape)

    def entry_type(self, shape: Shape) -> str:
        return self.container(shape) + "_entry"

    def enum_values(self, shape: Shape) -> list[EnumValue]:
        """In the order of their numbers. Values that have left the model still take part in the
        naming: no constant may come to stand for another value."""
        values = set(shape.get("enum"))
        numbers = sorted(self.numbers.enums[shape.name].items(), key=lambda item: item[1])
        parts = constant_parts([text for text, _ in numbers], ("UNRECOGNIZED",))
        return [EnumValue(part, text, number) for part, (text, number) in zip(parts, numbers)
                if text in values]

    def _builtin(self, shape: Shape) -> str | None:
        if shape.type == "list":
            item = self.model.shapes[shape.item.shape]
            return SCALARS[item.type].list if item.type in SCALARS else None
        if shape.type == "map" and \
                SCALARS.get(self.model.shapes[shape.value.shape].type) in _TEXTS:
            return "caws_string_map"
        return None

    def _claim(self, name: str, owner: str, where) -> str:
        return self._identifiers.claim(self.prefix + name, owner, where)

    def _claim_file(self, stem: str, owner: str) -> None:
        self._files.claim(stem, owner, self.model.where)
        self._constants.claim(self.guard(stem), f"file {stem}.h", self.model.where)

    def _claim_operation(self, operation: Operation) -> None:
        owner, stem = f"operation {operation.name}", self.stem(operation.name)
        self._claim_file(stem, owner)
        self._claim(stem, owner, self.model.where)
        if operation.events:
            self._claim(f"{stem}_handler", f"{owner} handler", self.model.where)

    def _claim_ends(self, operation: Operation) -> None:
        for end in ("input", "output"):
            name = f"{self.stem(operation.name)}_{end}"
            if self.prefix + name in self._identifiers:  # DeleteApplication, DeleteApplicationOutput
                name += "_shape"
            owner = f"operation {operation.name} {end}"
            c_type = self._claim(name, owner, self.model.where)
            self._ends[operation.name, end] = c_type
            shape = getattr(operation, end)
            if shape is None:
                continue
            alone = self._uses[shape] == 1 and not self.model.shapes[shape].get("exception")
            if alone or self.prefix + snake(shape) == c_type:
                self._types[shape] = c_type

    def _claim_exceptions(self) -> None:
        for shape in self.model.exceptions():
            owner = f"shape {shape.name}"
            self._constants.claim(self.exception_constant(shape.name), owner, self.model.where)

    def _claim_shape(self, shape: Shape) -> None:
        where, owner = self.model.where.at(f"shape {shape.name}"), f"shape {shape.name}"
        if shape.type == "structure":
            fields = Registry()
            for member in shape.members:
                fields.claim(member_name(member), f"member {member}", where)
        is_enum = shape.type == "string" and "enum" in shape.traits
        if shape.name in self._types:
            return
        if (shape.type in SCALARS and not is_enum) or self._builtin(shape):
            return
        c_type = self.prefix + snake(shape.name)
        # An operation, its input and its output have precedence.
        if c_type in self._reserved:
            c_type += "_shape"
        self._types[shape.name] = self._identifiers.claim(c_type, owner, where)
        if shape.type == "map":
            self._identifiers.claim(c_type + "_entry", f"{owner} entry", where)
        if shape.get("exception"):
            self._identifiers.claim(c_type + "_from_error", f"{owner} function", where)
        if is_enum:
            self._identifiers.claim(c_type + "_from_string", f"{owner} function", where)
            macro = c_type.upper()
            self._constants.claim(f"{macro}_ENUM_UNRECOGNIZED", owner, where)
            for value in self.enum_values(shape):
                self._constants.claim(
                    f"{macro}_{value.part}", f"{owner} value {value.text}", where)
                self._constants.claim(
                    f"{macro}_ENUM_{value.part}", f"{owner} constant {value.text}", where)

    def _name_tables(self) -> dict[str, str]:
        """A name for the table of each shape. Not seen outside; those that differ in case alone are
        numbered."""
        tables = {shape: self.local(c_type) for shape, c_type in self._types.items()}
        used = set(tables.values())
        for shape in self.model.shapes:
            if shape not in tables:
                base = name = snake(shape)
                number = 2
                while name in used:
                    name = f"{base}_{number}"
                    number += 1
                used.add(name)
                tables[shape] = name
        return tables


def _uses(model: Model) -> Counter:
    uses = Counter()
    for operation in model.operations.values():
        uses.update(filter(None, (operation.input, operation.output)))
    for shape in model.shapes.values():
        uses.update(ref.shape for ref in shape.refs())
    return uses
