"""Imports models from the installed botocore: the facts, without the prose."""

import importlib.metadata
import json
from pathlib import Path

from .config import Service
from .errors import ModelError
from .load import check_model, deep_merge, read_json, read_with_extras

FILES = ("service-2.json", "paginators-1.json", "endpoint-rule-set-1.json")
_PROSE = ("documentation", "deprecatedMessage")


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


def update(root: Path, services: list[Service], source_file: Path | None) -> dict[Path, str]:
    """The new content of every imported file. source_file replaces botocore's service-2.json of the
    service whose serviceId it has."""
    version = importlib.metadata.version("botocore")
    data_root = Path(str(importlib.metadata.distribution("botocore").locate_file("botocore/data")))
    given = read_json(source_file, str(source_file)) if source_file else None
    given_used = False
    files, sources = {}, []

    def put(path: str, data, source: str) -> None:
        files[root / "model" / path] = json.dumps(strip_prose(data), indent=2) + "\n"
        sources.append((path, source))

    put("partitions.json", _read(data_root / "partitions.json", "partitions.json"),
        f"botocore {version}")
    for service in services:
        for name in FILES:
            path = f"{service.model}/{name}"
            data, source = None, f"botocore {version}"
            if name == "service-2.json" and given is not None:
                current = _read(data_root / service.model / name, path)
                if current is not None and _service_id(given) == _service_id(current):
                    data, source, given_used = given, source_file.name, True
            if data is None:
                data = _read(data_root / service.model / name, path)
            if data is None and name == "service-2.json":
                raise ModelError(f"{path}: botocore {version} does not have it")
            if data is not None:
                put(path, data, source)
    if given is not None and not given_used:
        raise ModelError(
            f"{source_file}: serviceId {_service_id(given)} is that of no service in caws.toml")
    for service in services:
        # Refuse what could not be generated before anything is replaced.
        text = files[root / "model" / service.model / "service-2.json"]
        data = json.loads(text)
        extras = root / "model" / service.model / "service-2.sdk-extras.json"
        if extras.exists():
            deep_merge(data, read_json(extras, f"model/{service.model}/{extras.name}")["merge"])
        check_model(data, f"model/{service.model}/service-2.json")
    width = max(len(path) for path, _ in sources)
    files[root / "model" / "SOURCES"] = (
        "# Which package each imported file is from. Written by ./dev update-model.\n"
        + "".join(f"{path:<{width}}  {source}\n" for path, source in sources)
    )
    return files


def _service_id(data):
    return data.get("metadata", {}).get("serviceId") if isinstance(data, dict) else None


def _read(path: Path, file: str):
    """botocore's file, packed or not, with its own sdk-extras; None if there is none."""
    for candidate in (path, path.with_name(path.name + ".gz")):
        if candidate.exists():
            if candidate.suffix == ".gz":
                data = read_json(candidate, file)
                extras = path.with_name(path.stem + ".sdk-extras.json")
                if extras.exists():
                    deep_merge(data, read_json(extras, file)["merge"])
                return data
            return read_with_extras(candidate, file)
    return None
