"""One service: model -> what each generated file contains, ready for the templates."""

from dataclasses import dataclass

from .config import Service
from .c_types import CTypes
from .headers import Headers
from .load import Model, Operation, near
from .names import member_name
from .reach import Reach, closure, has_detail
from .tables import Tables, c_string
from .waiters import Waiter
from .words import block_comment, constraint_words, field_comment, items, listed, prose


@dataclass
class Report:
    operations: int
    types: int
    notes: dict[str, str]  # pattern -> what became of it


class Layout:
    """The files of one service: {path under generated/<service>/: (template, context)}."""

    def __init__(self, service: Service, model: Model, waiters: list[Waiter]):
        self.service = service
        self.model = model
        self.operations = _select(service, model)
        _refuse_unsupported(model, self.operations)
        self.ctypes = CTypes(service.name, model, [waiter.name for waiter in waiters])
        self.reach = Reach(model, self.operations)
        self.headers = Headers(model, self.ctypes, self.reach)
        self.tables = Tables(model, self.ctypes, self.reach, service.name)
        selected = {operation.name for operation in self.operations}
        self.waiters = [waiter for waiter in waiters if waiter.operation in selected]
        self.waited_for = {waiter.operation for waiter in self.waiters}

    def files(self) -> dict[str, tuple[str, dict]]:
        name, include = self.service.name, f"include/caws/{self.service.name}"
        files = {
            f"{include}.h": ("umbrella.h.j2", self._umbrella()),
            f"{include}/types.h": ("types.h.j2", self._types_header()),
            "src/tables.h": ("tables.h.j2", self._tables_header()),
            "src/service.c": ("service.c.j2", self._service()),
            "src/types.c": ("types.c.j2", self._types()),
            "src/enums.c": ("enums.c.j2", {"enums": self.headers.enums()}),
        }
        for operation in self.operations:
            stem = self.ctypes.stem(operation.name)
            context = self._operation(operation)
            files[f"{include}/{stem}.h"] = ("operation.h.j2", context)
            files[f"src/{stem}.c"] = ("operation.c.j2", context)
        for waiter in self.waiters:
            stem = self.ctypes.waiter_stem(waiter.name)
            context = self._waiter(waiter)
            files[f"{include}/{stem}.h"] = ("waiter.h.j2", context)
            files[f"src/{stem}.c"] = ("waiter.c.j2", context)
        if not self.headers.enums():
            del files["src/enums.c"]
        if not self.tables.types(None) and not self.tables.patterns(None):
            del files["src/types.c"]
        common = {
            "service": name,
            "service_name": self.model.metadata.get("serviceFullName", name),
            "model": self.model.where.file,
        }
        return {path: (template, {**common, **context})
                for path, (template, context) in files.items()}

    def report(self) -> Report:
        types = sum(1 for shape in self.reach.shapes if self.ctypes.named(shape))
        return Report(len(self.operations), types, self.tables.notes)

    # Headers.

    def _umbrella(self) -> dict:
        stems = ["types", *(self.ctypes.stem(operation.name) for operation in self.operations),
                 *(self.ctypes.waiter_stem(waiter.name) for waiter in self.waiters)]
        return {"guard": f"{self.ctypes.prefix.upper()}H", "stems": sorted(stems)}

    def _types_header(self) -> dict:
        shared = [name for name in self.reach.shapes if self.reach.only_user(name) is None]
        return {
            "guard": self.ctypes.guard("types"),
            "exception_enum": self.ctypes.exception_enum,
            "exceptions": [
                {
                    "constant": self.ctypes.exception_constant(shape.name),
                    "value": value,
                    "comment": field_comment(prose(shape.get("documentation") or "")),
                }
                for value, shape in enumerate(self.model.exceptions(), 1)
            ],
            "definitions": self.headers.definitions(shared),
            "enums": self.headers.enums(),
            "details": self._details(),
        }

    def _details(self) -> list[dict]:
        """The exceptions that the generated operations raise and that say more than a message."""
        return [
            {
                "type": self.ctypes.named(name),
                "constant": self.ctypes.exception_constant(name),
                "function": f"{self.ctypes.named(name)}_from_error",
                "name": name,
            }
            for name in self.reach.exceptions if has_detail(self.model, name)
        ]

    # Operations.

    def _operation(self, operation: Operation) -> dict:
        ctypes, function = self.ctypes, self.ctypes.function(operation.name)
        own = [name for name in self.reach.shapes
               if self.reach.only_user(name) == operation.name]
        ends = {
            end: ctypes.end_type(operation, end) if getattr(operation, end) else None
            for end in ("input", "output")
        }
        flags = []
        if operation.get("authtype") == "none" or "smithy.api#noAuth" in operation.get("auth", ()):
            flags.append("CAWS_OPERATION_NO_AUTH")
        if operation.get("authtype") == "v4-unsigned-body" or operation.get("unsignedPayload"):
            flags.append("CAWS_OPERATION_UNSIGNED_PAYLOAD")
        if operation.get("idempotent"):
            flags.append("CAWS_OPERATION_IDEMPOTENT")
        shared = operation.name in self.waited_for
        return {
            "guard": ctypes.guard(ctypes.stem(operation.name)),
            "stem": ctypes.stem(operation.name),
            "name": operation.name,
            "function": function,
            "ends": ends,
            "aliases": [
                {
                    "name": ends[end],
                    "target": ctypes.end_alias(operation, end),
                    "words": f"The {end} of {operation.name}.",
                }
                for end in ends if ends[end] and ctypes.end_alias(operation, end)
            ],
            "definitions": self.headers.definitions(own),
            "comment": self._operation_comment(operation),
            "patterns": self.tables.patterns(operation.name),
            "types": self.tables.types(operation.name),
            "table": self._operation_table(operation.name),
            "table_static": not shared,
            "table_name": c_string(operation.name),
            "input_table": self.tables.expression(operation.input),
            "output_table": self.tables.expression(operation.output),
            "method": c_string(operation.method),
            "uri": c_string(operation.uri),
            "host_prefix": c_string(operation.host_prefix),
            "flags": " | ".join(flags),
        }

    def _operation_table(self, name: str) -> str:
        if name in self.waited_for:
            return f"caws_operation_{self.service.name}_{self.ctypes.stem(name)}"
        return "operation"

    def _operation_comment(self, operation: Operation) -> str:
        returns = "Returns error's status, which may be any of caws_status but CAWS_ERROR_WAITER."
        return block_comment([
            prose(operation.get("documentation") or f"The operation {operation.name}"),
            "Deprecated by the service." if operation.get("deprecated") else "",
            *self._arguments(operation),
            *self._constraints(operation),
            returns,
            *self._exceptions(operation.errors),
            self._reference(operation),
        ])

    def _constraints(self, operation: Operation) -> list[str]:
        """What the members of the input must keep to; what is inside of them, they say themselves."""
        shape = self.model.shapes[operation.input] if operation.input else None
        words = {name: constraint_words(self.model, self.model.shapes[ref.shape])
                 for name, ref in shape.members.items()} if shape else {}
        return items([f"{member_name(name)}: {text}" for name, text in words.items() if text],
                     "Constraints, checked before anything is sent:")

    def _exceptions(self, names: list[str]) -> list[str]:
        texts = []
        for name in names:
            when = prose(self.model.shapes[name].get("documentation") or "")
            texts.append(self.ctypes.exception_constant(name) + (f": {when}" if when else ""))
        return items(texts, "With CAWS_ERROR_SERVICE, error->exception is 0 for an error that the "
                     "model lacks, or one of:")

    def _arguments(self, operation: Operation, options: str = "") -> list[str]:
        """For a block comment: a list, an item an argument. options: one more, after the input."""
        parts = []
        if operation.input:
            shape = self.model.shapes[operation.input]
            required = [member_name(name) for name in shape.members
                        if name in shape.get("required", ())]
            borrowed = "borrowed for the length of the call; "
            parts.append("input: " + borrowed + (
                f"required {'is' if len(required) == 1 else 'are'} {listed(required)}." if required
                else "NULL stands for one with every member absent."))
        if options:
            parts.append(options)
        if operation.output:
            parts.append("\noutput: set to NULL first, on success to a struct that the caller frees "
                         "with caws_output_free; NULL if the caller does not want it.")
        parts.append("\nerror: the caller clears it with caws_error_clear; NULL is accepted.")
        return items([part.lstrip() for part in parts])

    def _reference(self, operation: Operation) -> str:
        if self.service.reference is None:
            return ""
        return f"{self.service.reference}{operation.name}.html"

    # Waiters.

    def _waiter(self, waiter: Waiter) -> dict:
        operation = self.model.operations[waiter.operation]
        stem = self.ctypes.waiter_stem(waiter.name)
        return {
            "guard": self.ctypes.guard(stem),
            "stem": stem,
            "name": c_string(waiter.name),
            "function": self.ctypes.prefix + stem,
            "operation_stem": self.ctypes.stem(operation.name),
            "operation_table": self._operation_table(operation.name),
            "ends": {
                end: self.ctypes.end_type(operation, end) if getattr(operation, end) else None
                for end in ("input", "output")
            },
            "delay_ms": waiter.delay_ms,
            "max_attempts": waiter.max_attempts,
            "acceptors": waiter.acceptors,
            "comment": self._waiter_comment(waiter, operation),
        }

    def _waiter_comment(self, waiter: Waiter, operation: Operation) -> str:
        text = waiter.description.strip().rstrip(".")
        text = f": {text[0].lower()}{text[1:]}." if text else "."
        return block_comment([
            f"Calls {self.ctypes.function(operation.name)} until {waiter.name}{text}",
            *self._arguments(
                operation,
                "\noptions: deadline, delay and a callback that is told of every poll; NULL: every "
                f"{waiter.delay_ms // 1000:,} seconds, {waiter.max_attempts:,} times at most."),
            "Returns error's status: any of the operation; CAWS_ERROR_WAITER with the service's own "
            "text if the waiting is in vain; CAWS_ERROR_TIMEOUT at the deadline; "
            "CAWS_ERROR_CANCELLED if the callback says stop.",
        ])

    # Tables.

    def _tables_header(self) -> dict:
        return {
            "guard": self.ctypes.guard("tables"),
            "types": [table.identifier for table in self.tables.types(None)],
            "patterns": [pattern.identifier for pattern in self.tables.patterns(None)],
            "operations": sorted(map(self._operation_table, self.waited_for)),
        }

    def _service(self) -> dict:
        metadata = self.model.metadata
        return {
            "fields": {
                "service_id": c_string(metadata["serviceId"]),
                "endpoint_prefix": c_string(metadata["endpointPrefix"]),
                "signing_name": c_string(
                    metadata.get("signingName", metadata["endpointPrefix"])),
                "target_prefix": c_string(metadata["targetPrefix"]),
                "json_version": c_string(metadata["jsonVersion"]),
            },
            "exceptions": self._exception_rows(),
            "details": self._details(),
        }

    def _exception_rows(self) -> list[dict]:
        """Every exception of the model under its code, and under its shape's name where that is
        another: services send the one or the other. Sorted as strcmp does."""
        exceptions = self.model.exceptions()
        rows = {}
        for shape in exceptions:
            rows[shape.name] = shape
        for shape in exceptions:
            rows.setdefault(shape.get("error", {}).get("code", shape.name), shape)
        return [
            {
                "code": c_string(code),
                "type": self._exception_type(shape.name),
                "constant": self.ctypes.exception_constant(shape.name),
                "flags": " | ".join(_exception_flags(shape)) or "0",
            }
            for code, shape in sorted(rows.items(), key=lambda item: item[0].encode())
        ]

    def _exception_type(self, name: str) -> str:
        raised = name in self.reach.exceptions and has_detail(self.model, name)
        return self.tables.expression(name) if raised else "NULL"

    def _types(self) -> dict:
        return {"types": self.tables.types(None), "patterns": self.tables.patterns(None)}


def _exception_flags(shape) -> list[str]:
    error = shape.get("error", {})
    flags = []
    if shape.get("fault") or error.get("fault") or error.get("httpStatusCode", 0) >= 500:
        flags.append("CAWS_EXCEPTION_FAULT")
    retryable = shape.get("retryable")
    if retryable is not None:
        flags.append("CAWS_EXCEPTION_RETRYABLE")
        if retryable.get("throttling"):
            flags.append("CAWS_EXCEPTION_THROTTLING")
    return flags


def _select(service: Service, model: Model) -> list[Operation]:
    """In alphabetical order, whatever the order in caws.toml."""
    if service.operations is None:
        return [model.operations[name] for name in sorted(model.operations)]
    for name in service.operations:
        if name not in model.operations:
            service.where.fail(
                f"operation {name} is not in {model.where.file}{near(name, model.operations)}")
    return [model.operations[name] for name in sorted(set(service.operations))]


def _refuse_unsupported(model: Model, operations: list[Operation]) -> None:
    for operation in operations:
        roots = [end for end in (operation.input, operation.output) if end]
        for name in closure(model, [*roots, *operation.errors]):
            shape = model.shapes[name]
            for trait, what in (("eventstream", "event streams"), ("document", "documents")):
                if shape.get(trait):
                    model.where.at(f"operation {operation.name}", f"shape {name}").fail(
                        f"{what} are not supported yet")


