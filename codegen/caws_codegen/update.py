"""Imports models: from the installed botocore, or one from a file. The facts, without the prose."""

import importlib.metadata
import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from .config import Service
from .diff import BREAKS_SOURCE, Finding, Rest, Side, compare, order
from .endpoint_rules import FILE as RULES
from .endpoint_rules import check_endpoint_rules, load_endpoint_rules
from .errors import ModelError, Where
from .layout import Layout
from .load import (Model, check_model, deep_merge, load_model, merge_extras, read_extras, read_json,
                   read_numbers)
from .numbers import FILE as NUMBERS
from .numbers import extended
from .paginators import Paginator, check_paginators, load_paginators
from .waiters import load_waiters

SERVICE, PAGINATORS = "service-2.json", "paginators-1.json"
FILES = (SERVICE, PAGINATORS, RULES)
_PROSE = ("documentation", "deprecatedMessage")
_SOURCES = "# Which package each imported file is from. Written by ./dev update-model.\n"


@dataclass
class ServicePlan:
    name: str
    source: str  # where the new model is from, in words
    findings: list[Finding] = field(default_factory=list)
    rest: Rest = field(default_factory=lambda: Rest([], [], []))
    by_hand: list[str] = field(default_factory=list)  # what the generator would refuse with the new model


@dataclass
class Plan:
    files: dict[Path, str]  # those that change
    services: list[ServicePlan]  # those with another service-2.json


@dataclass
class _Import:
    """A file of a new model."""

    data: object
    source: str  # for SOURCES
    file: str  # for messages


def strip_prose(data):
    """The same without texts called documentation (a member may have that name: it is an object)."""
    if isinstance(data, dict):
        return {
            key: strip_prose(value)
            for key, value in data.items()
            if not (key in _PROSE and isinstance(value, str))
        }
    if isinstance(data, list):
        return [strip_prose(item) for item in data]
    return data


def plan_update(root: Path, services: list[Service], source_file: Path | None) -> Plan:
    """What an import would write, and what that means. A model that cannot be generated is refused
    here. source_file replaces service-2.json of the service whose serviceId it has, and nothing
    else."""
    if source_file is None:
        imports = _from_botocore(services)
    else:
        imports = _from_file(root, services, source_file)
    model = root / "model"
    texts = {}
    for path, entry in imports.items():
        if not _is_same(model / path, entry.data):
            texts[model / path] = json.dumps(entry.data, indent=2) + "\n"
    if texts or source_file is None:
        texts[model / "SOURCES"] = _sources(model / "SOURCES", imports, source_file is None)
    plans = []
    for service in services:
        entry = imports.get(f"{service.model}/{SERVICE}")
        if entry is None:
            continue
        plan, numbers = _plan_service(root, service, entry, imports)
        texts[model / service.model / NUMBERS] = numbers
        if plan.findings or any(model / service.model == place.parent for place in texts
                                if place.name in (SERVICE, PAGINATORS)):
            plans.append(plan)
    return Plan({place: text for place, text in texts.items() if not _has(place, text)}, plans)


def _plan_service(root: Path, service: Service, entry: _Import,
                  imports: dict[str, _Import]) -> tuple[ServicePlan, str]:
    """The plan, and the content of numbers.json."""
    folder, file = root / "model" / service.model, f"model/{service.model}"
    path = folder / SERVICE
    old = _old_model(path, f"{file}/{SERVICE}")
    check_model(entry.data, entry.file)
    plan = ServicePlan(service.name, f"the model from {entry.source}")
    data = json.loads(json.dumps(entry.data))
    extras, extras_file = read_extras(path, f"{file}/{SERVICE}")
    for what in _take_stale(extras, data):
        plan.by_hand.append(f"{extras_file}: {what} is not in the new model")
    deep_merge(data, extras)
    new = check_model(data, entry.file)
    recorded = read_numbers(path, f"{file}/{SERVICE}")
    before = extended(recorded, old) if old else recorded
    new = replace(new, numbers=extended(before, new))
    chosen = service.operations
    for name in chosen or ():
        if name not in new.operations:
            plan.by_hand.append(f"codegen/caws.toml: [{service.name}]: operation {name} is not in "
                                "the new model")
    waiters_path, waiters_file = folder / "waiters-2.json", f"{file}/waiters-2.json"
    problem = None
    try:
        waiters, _ = load_waiters(waiters_path, waiters_file, new)
    except ModelError as error:
        problem, waiters = str(error), []
        plan.by_hand.append(problem)
    paginators, problems = _new_paginators(
        folder, file, imports.get(f"{service.model}/{PAGINATORS}"), new)
    plan.by_hand += problems
    left = chosen and tuple(name for name in chosen if name in new.operations)
    rules_entry = imports.get(f"{service.model}/{RULES}")
    rules = (check_endpoint_rules(rules_entry.data, rules_entry.file) if rules_entry
             else load_endpoint_rules(folder / RULES, f"{file}/{RULES}"))
    Layout(replace(service, operations=left), new, waiters, paginators, rules=rules).files()
    if old is not None:
        old_waiters, _ = load_waiters(waiters_path, waiters_file, old)
        if problem is not None:
            waiters = old_waiters
        old_paginators, _ = load_paginators(folder / PAGINATORS, f"{file}/{PAGINATORS}", old)
        plan.findings, plan.rest = compare(
            service.name,
            Side(replace(old, numbers=before), _operations(old_waiters), _tokens(old_paginators)),
            Side(new, _operations(waiters), _tokens(paginators)),
            chosen)
        if problem is not None:
            plan.findings.append(
                Finding("waiters", waiters_file, "does not fit the new model", BREAKS_SOURCE, True))
            plan.findings.sort(key=order)
    return plan, new.numbers.text()


def _old_model(path: Path, file: str) -> Model | None:
    if not path.exists():
        return None
    try:
        return load_model(path, file)
    except ModelError as error:
        raise ModelError(f"{error} (this is the model to compare with; without it, the import makes "
                         "no report)") from error


def _operations(waiters) -> dict[str, str]:
    return {waiter.name: waiter.operation for waiter in waiters}


def _new_paginators(folder: Path, file: str, entry: _Import | None,
                    model: Model) -> tuple[list[Paginator], list[str]]:
    """Those of the imported file, or of the one that is there, that fit the new model; and why the
    others do not."""
    path, name = folder / PAGINATORS, f"{file}/{PAGINATORS}"
    if entry is None and not path.exists():
        return [], []
    data = json.loads(json.dumps(entry.data)) if entry else read_json(path, name)
    merge_extras(data, path, name)
    listed = data.get("pagination") if isinstance(data, dict) else None
    if not isinstance(listed, dict):
        return check_paginators(data, entry.file if entry else name, model)[0], []
    paginators, problems = [], []
    for operation, rules in listed.items():
        try:
            one = {**data, "pagination": {operation: rules}}
            paginators += check_paginators(one, entry.file if entry else name, model)[0]
        except ModelError as error:
            problems.append(str(error))
    return paginators, problems


def _tokens(paginators: list[Paginator]) -> dict[str, object]:
    return {paginator.operation: [(token.input_name, token.output_path)
                                  for token in paginator.tokens] for paginator in paginators}


def _take_stale(extras: dict, data: dict) -> list[str]:
    """Removes what our own file says of things that the model has no more, and tells which they
    are. What defines a thing of its own stays."""
    stale = []
    for kind, word, mark in (("operations", "operation", "http"), ("shapes", "shape", "type")):
        for name, entry in list(extras.get(kind, {}).items()):
            if name not in data[kind]:
                if mark not in entry:
                    del extras[kind][name]
                    stale.append(f"{word} {name}")
                continue
            members = entry.get("members", {})
            for member in list(members):
                if member not in data[kind][name].get("members", {}) \
                        and "shape" not in members[member]:
                    del members[member]
                    stale.append(f"{word} {name}: member {member}")
    return stale


# Where models are from.

def _from_botocore(services: list[Service]) -> dict[str, _Import]:
    try:
        distribution = importlib.metadata.distribution("botocore")
    except importlib.metadata.PackageNotFoundError:
        raise ModelError("botocore is not installed, and the models are from there: run this as "
                         "./dev update-model, which installs it, or name a model with --from") \
            from None
    source = f"botocore {distribution.version}"
    data_root = Path(str(distribution.locate_file("botocore/data")))
    found = {}
    paths = ["partitions.json", *(f"{service.model}/{name}" for service in services
                                  for name in FILES)]
    for path in paths:
        data = _read(data_root / path, path)
        if data is not None:
            found[path] = _Import(strip_prose(data), source, f"{source}: {path}")
        elif path == "partitions.json" or path.endswith("/" + SERVICE):
            raise ModelError(f"{path}: {source} does not have it")
    return found


def _from_file(root: Path, services: list[Service], source: Path) -> dict[str, _Import]:
    data = strip_prose(read_json(source, str(source)))
    metadata = data.get("metadata") if isinstance(data, dict) else None
    if not isinstance(metadata, dict) or "serviceId" not in metadata:
        raise ModelError(f"{source}: is no service model: it has no metadata with a serviceId")
    for service in services:
        path = f"{service.model}/{SERVICE}"
        current = _read(root / "model" / path, f"model/{path}")
        if _service_id(current) == metadata["serviceId"]:
            return {path: _Import(data, source.name, str(source))}
    raise ModelError(f"{source}: serviceId {metadata['serviceId']} is that of no service in caws.toml")


def _service_id(model) -> object:
    metadata = model.get("metadata") if isinstance(model, dict) else None
    return metadata.get("serviceId") if isinstance(metadata, dict) else None


def _read(path: Path, file: str):
    """The file, packed or not, with its own sdk-extras; None if there is none."""
    for candidate in (path, path.with_name(path.name + ".gz")):
        if candidate.exists():
            return merge_extras(read_json(candidate, file), path, file)
    return None


def _sources(path: Path, imports: dict[str, _Import], is_all: bool) -> str:
    sources = {}
    if not is_all and path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.strip() and not line.startswith("#"):
                file, *source = line.split(maxsplit=1)
                if not source:
                    Where("model/SOURCES").fail(f"{file} has no source beside it")
                sources[file] = source[0]
    sources.update((file, entry.source) for file, entry in imports.items())
    width = max(map(len, sources))
    return _SOURCES + "".join(f"{file:<{width}}  {source}\n" for file, source in sources.items())


def _is_same(place: Path, data) -> bool:
    """Whether the file says this, however it is laid out."""
    try:
        return json.dumps(json.loads(place.read_bytes())) == json.dumps(data)
    except (OSError, ValueError):
        return False


def _has(place: Path, text: str) -> bool:
    return place.is_file() and place.read_bytes() == text.encode("utf-8")
