"""One service: model -> what each generated file contains, ready for the templates."""

from dataclasses import dataclass

from .config import Service
from .context import context_rows
from .c_types import CTypes
from .endpoint_rules import EndpointRules
from .errors import LeftOut, ModelError
from .headers import Headers
from .load import Model, Operation, near
from .names import member_name
from .paginators import Paginator, Token
from .reach import Reach, closure, has_detail
from .retries import SERVICES as RETRIES
from .retries import is_long_polling
from .streams import Event, check_streams, split_streams
from .tables import Tables, c_string
from .waiters import Waiter
from .words import block_comment, constraint_words, field_comment, items, listed, prose, sentence


@dataclass
class Report:
    operations: int
    types: int
    notes: dict[str, str]  # pattern -> what became of it
    left_out: list[str]  # waiters and paginators, and why


class Layout:
    """The files of one service: {path under generated/<service>/: (template, context)}."""

    def __init__(self, service: Service, model: Model, waiters: list[Waiter],
                 paginators: list[Paginator] | None = None,
                 left_out: list[LeftOut] | None = None, rules: EndpointRules | None = None):
        self.service = service
        self.model = split_streams(model)
        self.rules = rules
        self.operations = _select(service, self.model)
        for operation in self.operations:
            check_streams(self.model, model, operation)
        model = self.model
        _refuse_unsupported(model, self.operations)
        self.ctypes = CTypes(service.name, model, [waiter.name for waiter in waiters],
                             [paginator.operation for paginator in paginators or ()])
        self.reach = Reach(model, self.operations)
        self.headers = Headers(model, self.ctypes, self.reach)
        self.tables = Tables(model, self.ctypes, self.reach, service.name)
        selected = {operation.name for operation in self.operations}
        self.waiters = [waiter for waiter in waiters if waiter.operation in selected]
        self.paginators = {paginator.operation: paginator for paginator in paginators or ()
                           if paginator.operation in selected}
        self.left_out = [entry for entry in left_out or () if entry.operation in selected]
        # Operations whose tables other files need.

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
        for paginator in self.paginators.values():
            stem = self.ctypes.paginator_stem(paginator.operation)
            files[f"src/{stem}.c"] = ("paginator.c.j2", self._paginator(paginator))
        if self.rules is not None:
            files["src/endpoint_rules.c"] = ("endpoint_rules.c.j2", self.rules.context())
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
        return Report(len(self.operations), types, self.tables.notes,
                      [entry.reason for entry in self.left_out])

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
            "numbers_stay": self.model.numbers is not None,
            "exceptions": [
                {
                    "constant": self.ctypes.exception_constant(shape.name),
                    "value": value,
                    "comment": field_comment(prose(shape.get("documentation") or "")),
                }
                for shape, value in self.ctypes.exceptions()
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
        if is_long_polling(self.model.metadata["serviceId"], operation.name):
            flags.append("CAWS_OPERATION_LONG_POLLING")
        if operation.events:
            ends["output"] = None  # if there is one, it comes as an event
        paginator = self.paginators.get(operation.name)
        context = self._context(operation)
        return {
            "guard": ctypes.guard(ctypes.stem(operation.name)),
            "stem": ctypes.stem(operation.name),
            "name": operation.name,
            "function": function,
            "ends": ends,
            "aliases": [
                {
                    "name": ctypes.end_type(operation, end),
                    "target": ctypes.end_alias(operation, end),
                    "words": f"The {end} of {operation.name}.",
                }
                for end in ends
                if getattr(operation, end) and ctypes.end_alias(operation, end)
            ],
            "definitions": self.headers.definitions(own),
            "comment": self._operation_comment(operation),
            "patterns": self.tables.patterns(operation.name),
            "types": self.tables.types(operation.name),
            "table": ctypes.operation_table(operation),
            "stream_table": ctypes.stream_table(operation),
            "table_name": c_string(operation.name),
            "input_table": self.tables.expression(operation.input),
            "output_table": self.tables.expression(operation.output),
            "method": c_string(operation.method),
            "uri": c_string(operation.uri),
            "host_prefix": c_string(operation.host_prefix),
            "flags": " | ".join(flags),
            "context": context,
            "has_context": bool(context) or operation.host_prefix is not None,
            "handler": ctypes.handler_type(operation),
            "events": self._events(operation),
            "paginator": self._paginator_functions(paginator) if paginator else None,
        }

    def _context(self, operation: Operation) -> list[dict]:
        """The rows of what the operation tells the endpoint rules."""
        return [
            {
                "text": c_string(row.text),
                "steps": row.steps,
                "each": row.each,
                "parameter": row.parameter,
                "kind": row.kind,
                "words": row.words,
            }
            for row in context_rows(self.model, operation, self.rules)
        ]

    def _events(self, operation: Operation) -> list[dict]:
        """The rows of a stream's table; those of exceptions have no callback."""
        rows = []
        for event in operation.events:
            shape = self.model.shapes[event.shape]
            rows.append({
                "name": c_string(event.name),
                "exception": c_string(event.shape) if event.exception else "NULL",
                "type": "NULL" if event.exception else self.tables.expression(event.shape),
                "callback": None if event.exception else event.callback,
                "c_type": None if event.exception else self._event_type(operation, event),
                "comment": field_comment(prose(shape.get("documentation") or "")),
            })
        return rows

    def _event_type(self, operation: Operation, event: Event) -> str:
        if event.shape == operation.output:
            return self.ctypes.end_type(operation, "output")
        return self.ctypes.container(self.model.shapes[event.shape])

    def _operation_comment(self, operation: Operation) -> str:
        returns = "Returns error's status, which may be any of caws_status but CAWS_ERROR_WAITER."
        if operation.events:
            returns += (" CAWS_OK: the service has ended the stream, or a callback has. The client's "
                        "timeout_ms bounds the time until the stream begins, and any silence in it.")
        return block_comment([
            prose(operation.get("documentation") or f"The operation {operation.name}"),
            "Deprecated by the service." if operation.get("deprecated") else "",
            *self._arguments(operation),
            *self._constraints(operation),
            returns,
            *self._exceptions(operation.exceptions()),
            f"This is one page; {self._paginate(operation.name)} below gives them all."
            if operation.name in self.paginators else "",
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
            parts.append("input: borrowed for the length of the call; " + self._required(operation))
        if options:
            parts.append(options)
        if operation.events:
            parts.append("\nhandler: borrowed for the length of the call, which is that of the "
                         "stream; its callbacks are called in this thread. NULL wants no events.")
        elif operation.output:
            parts.append("\noutput: set to NULL first, on success to a struct that the caller frees "
                         "with caws_output_free; NULL if the caller does not want it.")
        parts.append("\nerror: the caller clears it with caws_error_clear; NULL is accepted.")
        return items([part.lstrip() for part in parts])

    def _required(self, operation: Operation) -> str:
        shape = self.model.shapes[operation.input]
        required = [member_name(name) for name in shape.members
                    if name in shape.get("required", ())]
        if not required:
            return "NULL stands for one with every member absent."
        return f"required {'is' if len(required) == 1 else 'are'} {listed(required)}."

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
            "operation_table": self.ctypes.operation_table(operation),
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

    # Paginators.

    def _paginate(self, operation: str) -> str:
        return self.ctypes.prefix + self.ctypes.paginator_stem(operation)

    def _paginator(self, paginator: Paginator) -> dict:
        operation = self.model.operations[paginator.operation]
        return {
            "operation_stem": self.ctypes.stem(operation.name),
            "operation_table": self.ctypes.operation_table(operation),
            "ends": {end: self.ctypes.end_type(operation, end) for end in ("input", "output")},
            "tokens": paginator.tokens,
            "more_results": paginator.more_results,
            "paginator": self._paginator_functions(paginator),
        }

    def _paginator_functions(self, paginator: Paginator) -> dict:
        operation = self.model.operations[paginator.operation]
        return {
            "function": self._paginate(operation.name),
            "comment": block_comment([
                f"All pages of {self.ctypes.function(operation.name)}, in their order: how to go "
                "through them is told in caws/paginator.h. Nothing is sent before a page is asked for.",
                prose(paginator.description),
                *items([
                    "client: borrowed until the paginator is freed.",
                    "input: so is what it points to; the struct itself is copied. "
                    + sentence(self._required(operation)),
                    self._token_words(paginator.tokens),
                    "error: as above.",
                ]),
                "Returns NULL with CAWS_ERROR_MEMORY, else a paginator that the caller frees with "
                "caws_paginator_free.",
            ]),
            "next_comment": block_comment([
                "The next page, beginning with the first.",
                *items([
                    f"paginator: of {self._paginate(operation.name)}; NULL is accepted: returns "
                    "false, error stays as it is.",
                    "page: set to the page, which belongs to the paginator and lives until the next "
                    "call or until the paginator is freed; NULL if there is none.",
                    "error: as above.",
                ]),
                "Returns true with a page; false at the end, with error's status CAWS_OK, and on "
                "failure, with any status of the operation. After a failure the next call asks for "
                "the same page again.",
            ]),
        }

    @staticmethod
    def _token_words(tokens: list[Token]) -> str:
        members = [f"input->{member_name(token.input_name)}" for token in tokens]
        if len(tokens) == 1 and tokens[0].kind == "string":
            return (f"{members[0]}: where to begin, as caws_paginator_token told it; absent for the "
                    "first page.")
        places = ["page->" + "->".join(map(member_name, token.output_path.split(".")))
                  for token in tokens]
        return (f"{listed(members)}: where to begin, as {listed(places)} told it; absent for the "
                "first page. caws_paginator_token does not tell it.")

    # Tables.

    def _tables_header(self) -> dict:
        return {
            "guard": self.ctypes.guard("tables"),
            "types": [table.identifier for table in self.tables.types(None)],
            "patterns": [pattern.identifier for pattern in self.tables.patterns(None)],
            "has_rules": self.rules is not None,
        }

    def _service(self) -> dict:
        metadata = self.model.metadata
        return {
            "retries": RETRIES.get(metadata["serviceId"]),
            "fields": {
                "service_id": c_string(metadata["serviceId"]),
                "endpoint_prefix": c_string(metadata["endpointPrefix"]),
                "signing_name": c_string(
                    metadata.get("signingName", metadata["endpointPrefix"])),
                "target_prefix": c_string(metadata["targetPrefix"]),
                "json_version": c_string(metadata["jsonVersion"]),
            },
            "has_rules": self.rules is not None,
            "exceptions": self._exception_rows(),
            "flags": "CAWS_SERVICE_QUERY_COMPATIBLE" if "awsQueryCompatible" in metadata else "",
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


def supported(model: Model) -> tuple[tuple[str, ...], list[str]]:
    """The operations that can be generated, and for each of the others why not."""
    split = split_streams(model)
    names, reasons = [], []
    for operation in split.operations.values():
        try:
            check_streams(split, model, operation)
            _refuse_unsupported(split, [operation])
            names.append(operation.name)
        except ModelError as error:
            reasons.append(str(error).removeprefix(f"{model.where.file}: "))
    return tuple(names), reasons


def _refuse_unsupported(model: Model, operations: list[Operation]) -> None:
    for operation in operations:
        for name in closure(model, [*operation.roots(), *operation.exceptions()]):
            shape = model.shapes[name]
            where = model.where.at(f"operation {operation.name}", f"shape {name}")
            if shape.get("eventstream"):
                where.fail("an event stream is supported as a member of an output alone; one in an "
                           "input would need HTTP/2 in both directions at once")
