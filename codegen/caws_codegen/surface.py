"""What programs see in C of some of a model's operations."""

from .c_types import SCALARS, CTypes
from .load import Model, Ref, Shape
from .reach import Reach, has_detail

INPUT = "programs allocate the structure"
ITEM = "lists and maps hold the structure by value"


class Surface:
    def __init__(self, model: Model, ctypes: CTypes, operations: list[str]):
        self.model = model
        self.ctypes = ctypes
        self.operations = {name: model.operations[name] for name in operations}
        self.reach = Reach(model, list(self.operations.values()))
        self.details = {name for name in self.reach.exceptions if has_detail(model, name)}
        # Every name of a type. The shape of an input or output may have two: its own, and the
        # operation's.
        self.types: dict[str, Shape] = {}
        self._ends: dict[str, str] = {}  # shape -> "Operation: input"
        for name in self.reach.shapes:
            c_type = ctypes.named(name)
            if c_type is not None:
                self.types[c_type] = model.shapes[name]
        for operation in self.operations.values():
            for end in ("input", "output"):
                name = getattr(operation, end)
                if name is not None:
                    c_type = ctypes.end_type(operation, end)
                    self.types[c_type] = model.shapes[name]
                    if ctypes.named(name) == c_type:
                        self._ends[name] = f"{operation.name}: {end}"

    def place(self, shape: str, member: str | None = None) -> str:
        """Where a shape or its member is, in words: that of one input or output is the operation's."""
        if shape in self._ends:
            return f"{self._ends[shape]} member {member}" if member else self._ends[shape]
        return f"shape {shape}: member {member}" if member else f"shape {shape}"

    def held_by_value(self) -> dict[str, str]:
        """Structures whose size programs have compiled in, and why."""
        found = {}
        for name in self.reach.shapes:
            shape = self.model.shapes[name]
            if shape.type == "structure" and name in self.reach.validated:
                found[name] = INPUT
            for ref in (shape.item, shape.value):
                if ref is not None and self.model.shapes[ref.shape].type == "structure":
                    found.setdefault(ref.shape, ITEM)
        return found

    def c_type(self, ref: Ref, as_member: bool) -> str:
        return (self.ctypes.member_type if as_member else self.ctypes.value_type)(ref.shape)

    def meaning(self, name: str) -> tuple:
        """What the C type alone does not tell: milliseconds are a number too, and a list may keep
        its name when it becomes a map."""
        shape = self.model.shapes[name]
        if shape.type in SCALARS:
            return (SCALARS[shape.type].kind,)
        if shape.type == "list" and self.ctypes.named(name) is None:
            return (shape.type, *self.meaning(shape.item.shape))
        return (shape.type,)

    def words(self, name: str) -> str:
        """The type of a shape as a model has it."""
        shape = self.model.shapes[name]
        if shape.type == "list" and self.ctypes.named(name) is None:
            return f"list of {self.words(shape.item.shape)}"
        return shape.type
