"""Two models of a service: what is another in the new one, and what that does to programs.

The verdict is about the C that the generator makes. "breaks source": a program may no longer
compile, or compiles and means something else. "breaks binary": it has to be compiled again.
"compatible": neither; "behaviour" in the text says that a call may end in another way nevertheless.
"""

from dataclasses import dataclass

from .c_types import CTypes
from .changes import REFUSES, bound_changes, trait_changes
from .load import Model, Ref, Shape
from .names import member_name
from .reach import closure
from .surface import INPUT, Surface

COMPATIBLE, BREAKS_BINARY, BREAKS_SOURCE = "compatible", "breaks binary", "breaks source"
GROUPS = ("service", "operations", "members", "enum values", "constraints", "errors", "waiters",
          "paginators")
_SERVICE = ("serviceId", "endpointPrefix", "signingName", "targetPrefix", "jsonVersion")
_MARKERS = ("document", "eventstream", "event")  # these change what is generated


@dataclass(frozen=True)
class Finding:
    group: str
    where: str
    what: str
    verdict: str
    shows: bool  # programs can tell

    def line(self) -> str:
        return f"{self.verdict:<13}   {self.where}: {self.what}"


@dataclass(frozen=True)
class Side:
    """One of two models, with what is generated beside its operations."""

    model: Model
    waiters: dict[str, str]  # name -> operation
    paginators: dict[str, object]  # operation -> rules


@dataclass(frozen=True)
class Rest:
    """The operations that are not generated."""

    added: list[str]
    removed: list[str]
    changed: list[str]


def compare(service: str, old: Side, new: Side,
            chosen: tuple[str, ...] | None) -> tuple[list[Finding], Rest]:
    """The findings about the chosen operations (None: all), in a stable order; and the rest."""
    old_types = CTypes(service, old.model, list(old.waiters), list(old.paginators))
    new_types = CTypes(service, new.model, list(new.waiters), list(new.paginators))
    both = [name for name in sorted(old.model.operations) if name in new.model.operations]
    removed = sorted(set(old.model.operations) - set(both))
    added = sorted(set(new.model.operations) - set(both))

    def is_chosen(name: str) -> bool:
        return chosen is None or name in chosen

    def compared(names: list[str]) -> _Comparison:
        return _Comparison(Surface(old.model, old_types, names),
                           Surface(new.model, new_types, names))

    comparison = compared([name for name in both if is_chosen(name)])
    comparison.service()
    comparison.exceptions()
    for name in filter(is_chosen, removed):
        comparison.add("operations", name, "removed", BREAKS_SOURCE)
    for name in filter(is_chosen, added):
        comparison.add("operations", name, "added", COMPATIBLE)
    comparison.operations_and_types()
    comparison.named("waiters", _of(old.waiters, old.waiters, is_chosen),
                     _of(new.waiters, new.waiters, is_chosen))
    comparison.named("paginators", {n: rule for n, rule in old.paginators.items() if is_chosen(n)},
                     {n: rule for n, rule in new.paginators.items() if is_chosen(n)})
    changed = []
    for name in both:
        if not is_chosen(name):
            single = compared([name])
            single.operations_and_types()
            if single.findings:
                changed.append(name)
    rest = Rest([n for n in added if not is_chosen(n)], [n for n in removed if not is_chosen(n)],
                changed)
    return sorted(set(comparison.findings), key=order), rest


def _of(waiters: dict, operations: dict[str, str], is_chosen) -> dict:
    return {name: rule for name, rule in waiters.items() if is_chosen(operations[name])}


def order(finding: Finding) -> tuple:
    severity = (BREAKS_SOURCE, BREAKS_BINARY, COMPATIBLE).index(finding.verdict)
    return GROUPS.index(finding.group), severity, finding.where, finding.what


class _Comparison:
    """Of operations that both models have."""

    def __init__(self, old: Surface, new: Surface):
        self.old = old
        self.new = new
        self.findings: list[Finding] = []
        self._by_value = old.held_by_value()
        self._explained: set[str] = set()  # old shapes whose types may go, for their users changed

    def add(self, group: str, where: str, what: str, verdict: str, shows: bool = True) -> None:
        self.findings.append(Finding(group, where, what, verdict, shows))

    def _explain(self, name: str | None) -> None:
        if name is not None:
            self._explained.update(closure(self.old.model, [name]))

    def named(self, group: str, old: dict, new: dict) -> None:
        for name in old:
            if name not in new:
                self.add(group, name, "removed", BREAKS_SOURCE)
            elif old[name] != new[name]:
                self.add(group, name, "changed (behaviour)", COMPATIBLE)
        for name in new:
            if name not in old:
                self.add(group, name, "added", COMPATIBLE)

    # The service and its exceptions: for all operations alike.

    def service(self) -> None:
        old, new = ({key: model.metadata.get(key) for key in _SERVICE}
                    for model in (self.old.model, self.new.model))
        for what in trait_changes(old, new):
            self.add("service", "service", what, COMPATIBLE, shows=False)

    def exceptions(self) -> None:
        old, new = ({shape.name: (shape, number) for shape, number in side.ctypes.exceptions()}
                    for side in (self.old, self.new))
        for name, (shape, number) in old.items():
            if name not in new:
                self.add("errors", name, "removed", BREAKS_SOURCE)
                self._explain(name)
                continue
            if number != new[name][1]:
                self.add("errors", name, f"number changed from {number} to {new[name][1]}",
                         BREAKS_BINARY)
            before, after = ({key: side[name][0].get(key) for key in ("error", "fault", "retryable")}
                             for side in (old, new))
            for what in trait_changes(before, after):
                self.add("errors", name, what, COMPATIBLE)
        for name in new:
            if name not in old:
                self.add("errors", name, "added", COMPATIBLE)

    # Operations.

    def operations_and_types(self) -> None:
        for name, operation in self.old.operations.items():
            self._operation(name, operation, self.new.operations[name])
        self._details()
        pairs = {}
        for c_type, shape in self.old.types.items():
            other = self.new.types.get(c_type)
            if other is not None and shape.type == other.type:
                pairs.setdefault(shape.name, {})[other.name] = other
        for name, others in pairs.items():
            for other in others.values():
                self._pair(self.old.model.shapes[name], other)
            if len(others) > 1:
                self.add("members", self.old.place(name),
                         "its C types are no longer one and the same", BREAKS_SOURCE)
        self._gone()
        for name in self.old.reach.shapes:
            if name in self.new.reach.shapes:
                self._shape(name)

    def _operation(self, name: str, old, new) -> None:
        for end in ("input", "output"):
            before, after = getattr(old, end), getattr(new, end)
            if (before is None) != (after is None):
                what = "added" if before is None else "removed"
                self.add("operations", name, f"{end} {what}: the function's arguments are others",
                         BREAKS_SOURCE)
                self._explain(before)
        for error in sorted(set(old.errors) ^ set(new.errors)):
            word = "removed from" if error in old.errors else "added to"
            self.add("errors", name, f"{error} {word} its errors", COMPATIBLE)
        ignored = ("name", "input", "output", "errors", "documentationUrl", "readonly",
                   "requestcompression", "endpointdiscovery", "endpointoperation",
                   "staticContextParams", "operationContextParams")
        for what in trait_changes(old.traits, new.traits, ignored):
            self.add("operations", name, what, COMPATIBLE, shows=False)

    def _details(self) -> None:
        for name in sorted(self.old.details - self.new.details):
            if name in self.new.model.shapes and self.new.model.shapes[name].get("exception"):
                self.add("errors", name, "its details are generated no longer", BREAKS_SOURCE)
            self._explain(name)
        for name in sorted(self.new.details - self.old.details):
            shape = self.old.model.shapes.get(name)
            if shape is not None and shape.get("exception"):
                self.add("errors", name, "its details are generated now", COMPATIBLE)

    def _gone(self) -> None:
        """Types that the new header has not, or has as something else."""
        for c_type, shape in self.old.types.items():
            if shape.name in self._explained:
                continue
            other = self.new.types.get(c_type)
            if other is None:
                self.add("members", self.old.place(shape.name), f"the C type {c_type} is gone",
                         BREAKS_SOURCE)
            elif shape.type != other.type:
                self.add("members", self.old.place(shape.name),
                         f"type changed from {shape.type} to {other.type}", BREAKS_SOURCE)

    # Types: a pair has one name in C.

    def _pair(self, old: Shape, new: Shape) -> None:
        if old.type == "structure":
            self._structure(old, new)
        elif old.type == "string":
            self._enum(old, new)
        else:
            self._parts(old, new)

    def _parts(self, old: Shape, new: Shape) -> None:
        """Of lists and maps."""
        for part in ("item", "key", "value"):
            before, after = getattr(old, part), getattr(new, part)
            if before is not None:
                self._ref(f"shape {old.name}: {part}", before, after, as_member=False,
                          validated=new.name in self.new.reach.validated)

    def _structure(self, old: Shape, new: Shape) -> None:
        before = {member_name(name): name for name in old.members}
        after = {member_name(name): name for name in new.members}
        for name in before.keys() - after.keys():
            self.add("members", self.old.place(old.name, before[name]), "removed", BREAKS_SOURCE)
            self._explain(old.members[before[name]].shape)
        kept = [name for name in before if name in after]
        if kept != [name for name in after if name in before]:
            self.add("members", self.old.place(old.name), "members in another order", BREAKS_BINARY)
        validated = new.name in self.new.reach.validated
        names = list(after)
        for place, name in enumerate(names):
            if name not in before:
                follower = next((n for n in names[place:] if n in before), None)
                self._new_member(old, new, after[name], after.get(follower))
        for name in kept:
            where = self.old.place(old.name, before[name])
            if before[name] != after[name]:
                self.add("members", where, f"is {after[name]} on the wire", COMPATIBLE, shows=False)
            self._ref(where, old.members[before[name]], new.members[after[name]], True, validated)
            required = [wire in shape.get("required", ())
                        for shape, wire in ((old, before[name]), (new, after[name]))]
            if validated and required == [False, True]:
                self.add("constraints", where, f"required now {REFUSES}", COMPATIBLE)
            elif validated and required == [True, False]:
                self.add("constraints", where, "no longer required", COMPATIBLE)
        if bool(old.get("union")) != bool(new.get("union")):
            word = "is now a union" if new.get("union") else "is no longer a union"
            self.add("constraints", self.old.place(old.name), f"{word} (behaviour)", COMPATIBLE)

    def _new_member(self, old: Shape, new: Shape, name: str, follower: str | None) -> None:
        what, verdict = "added", COMPATIBLE
        reason = self._by_value.get(old.name)
        if reason == INPUT and name in new.get("required", ()):
            what = f"added, required {REFUSES}"
        if reason is not None:
            what, verdict = f"{what}; {reason}", BREAKS_BINARY
        elif follower is not None:
            what, verdict = f"{what} before {follower}", BREAKS_BINARY
        self.add("members", self.old.place(old.name, name), what, verdict)

    def _enum(self, old: Shape, new: Shape) -> None:
        where = f"enum {old.name}"
        before, after = ({value.text: value for value in side.ctypes.enum_values(shape)}
                         for side, shape in ((self.old, old), (self.new, new)))
        for text, value in before.items():
            other = after.get(text)
            if other is None:
                self.add("enum values", where, f'"{text}" removed', BREAKS_SOURCE)
            elif other.part != value.part:
                self.add("enum values", where,
                         f'"{text}": constant renamed from {value.part} to {other.part}',
                         BREAKS_SOURCE)
            elif other.number != value.number:
                self.add("enum values", where,
                         f'"{text}": number changed from {value.number} to {other.number}',
                         BREAKS_BINARY)
        for text in after:
            if text not in before:
                self.add("enum values", where, f'"{text}" added', COMPATIBLE)

    def _ref(self, where: str, old: Ref, new: Ref, as_member: bool, validated: bool) -> None:
        """A use of a shape: a member, a list's item, a map's value."""
        before, after = self.old.words(old.shape), self.new.words(new.shape)
        same_c = self._same_c(old, new, as_member)
        if not same_c or self.old.meaning(old.shape) != self.new.meaning(new.shape):
            if before == after and old.shape != new.shape:
                before, after = f"{before} {old.shape}", f"{after} {new.shape}"
            elif before == after:
                before, after = (side.c_type(ref, as_member)
                                 for side, ref in ((self.old, old), (self.new, new)))
            unnamed = same_c and self.old.ctypes.named(old.shape) is None
            note = "; it looks the same in C, and means something else" if unnamed else ""
            self.add("members", where, f"type changed from {before} to {after}{note}", BREAKS_SOURCE)
            self._explain(old.shape)
            return
        if before != after:
            self.add("members", where, f"type changed from {before} to {after}, the same in C",
                     COMPATIBLE, shows=False)
        for what in trait_changes(old.traits, new.traits, ("shape", "box", "flattened",
                                                           "contextParam")):
            self.add("members", where, what, COMPATIBLE, shows=False)
        old_shape, new_shape = self.old.model.shapes[old.shape], self.new.model.shapes[new.shape]
        if validated and old.shape != new.shape:
            for what in bound_changes(old_shape, new_shape):
                self.add("constraints", where, what, COMPATIBLE)

    def _same_c(self, old: Ref, new: Ref, as_member: bool) -> bool:
        before, after = self.old.c_type(old, as_member), self.new.c_type(new, as_member)
        if before == after:
            return True
        # A type may have got another name and kept the one that programs know.
        bases = [text.removeprefix("const ").removesuffix(" *") for text in (before, after)]
        shapes = [self.new.types.get(base) for base in bases]
        return (before.replace(bases[0], "") == after.replace(bases[1], "")
                and shapes[0] is not None and shapes[0] is shapes[1])

    # Shapes by their names in the models.

    def _shape(self, name: str) -> None:
        old, new = self.old.model.shapes[name], self.new.model.shapes[name]
        if old.type != new.type:
            return
        where = f"shape {name}"
        if old.type in ("list", "map") and self.old.ctypes.named(name) is None \
                and self.old.c_type(Ref(name), True) == self.new.c_type(Ref(name), True):
            self._parts(old, new)  # its type is the runtime's
        if name in self.old.reach.validated and name in self.new.reach.validated:
            for what in bound_changes(old, new):
                self.add("constraints", where, what, COMPATIBLE)
        ignored = ("members", "member", "key", "value", "required", "enum", "min", "max", "maxBytes",
                   "pattern", "error", "fault", "retryable", "exception", "union", "box", "type",
                   "locationName", "resultWrapper", "wrapper", "xmlOrder", "xmlNamespace",
                   "synthetic")
        for what in trait_changes(old.traits, new.traits, (*ignored, *_MARKERS)):
            self.add("members", where, what, COMPATIBLE, shows=False)
        for what in trait_changes(old.traits, new.traits, (old.traits.keys() | new.traits.keys())
                                  - set(_MARKERS)):
            self.add("members", where, what, BREAKS_SOURCE)
        if "enum" in new.traits and "enum" not in old.traits:
            self.add("enum values", f"enum {name}", "added", COMPATIBLE)
