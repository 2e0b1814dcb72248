"""Service models outside model/: in the installed botocore package, or in a file."""

import gzip
import importlib.metadata
import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from .errors import Where
from .load import merge_extras, near, read_json
from .update import strip_prose

_METADATA = re.compile(r'"metadata"\s*:\s*')
_HEAD = 16384  # bytes of a model within which its metadata is
_EXTRA_FILES = ("waiters-2.json", "paginators-1.json", "endpoint-rule-set-1.json")


@dataclass(frozen=True)
class Source:
    name: str  # botocore's, or the one given with a file: "cognito-idp"
    folder: Path
    service_file: str  # in folder, without .gz
    extra_files: tuple[str, ...]  # in folder, where they exist
    label: str  # of the folder, before a file's name in messages and banners

    @property
    def c_name(self) -> str:
        return re.sub(r"[-.]", "_", self.name)


def botocore_data() -> Path:
    return Path(str(importlib.metadata.distribution("botocore").locate_file("botocore/data")))


def botocore_sources() -> list[Source]:
    """Every service that botocore has, in the newest version of its API, sorted by name."""
    found = []
    for folder in sorted(botocore_data().iterdir()):
        versions = sorted(version for version in folder.iterdir()
                          if list(version.glob("service-2.json*"))) if folder.is_dir() else []
        if versions:
            found.append(Source(folder.name, versions[-1], "service-2.json", _EXTRA_FILES,
                                f"botocore/{folder.name}/{versions[-1].name}/"))
    return found


def find_source(name: str, where: Where) -> Source:
    """The service of botocore's with that name, or else with that endpoint prefix."""
    sources = {source.name: source for source in botocore_sources()}
    if name in sources:
        return sources[name]
    prefixes: dict[str, list[str]] = {}
    for source in sources.values():
        prefixes.setdefault(metadata(source).get("endpointPrefix", ""), []).append(source.name)
    prefixes.pop("", None)
    named = prefixes.get(name, [])
    if len(named) > 1:
        where.fail(f"is the endpoint prefix of several services: {', '.join(named)}")
    if not named:
        version = importlib.metadata.version("botocore")
        where.fail(f"botocore {version} has no such service"
                   + near(name, {*sources, *prefixes}))
    return sources[named[0]]


def file_source(name: str, file: Path) -> Source:
    """A model file of the user's; waiters and paginators are taken from beside it if it has the
    name that goes with theirs."""
    service_file = file.name.removesuffix(".gz")
    if not service_file.isprintable() or "*/" in service_file or "/*" in service_file:
        Where("--model").fail("the name of the file is written into comments, and cannot be that")
    extra_files = _EXTRA_FILES if service_file == "service-2.json" else ()
    return Source(name, file.parent, service_file, extra_files, "")


def copy_facts(source: Source, folder: Path) -> None:
    """What the loaders read, in a folder like those of model/, without prose."""
    for path, copied in ((source.service_file, "service-2.json"),
                         *((name, name) for name in source.extra_files)):
        data = _read(source.folder / path, source.label + path)
        if copied == "waiters-2.json":
            _drop_descriptions(data)
        if data is not None:
            (folder / copied).write_text(json.dumps(strip_prose(data)), encoding="utf-8")
        elif copied == "service-2.json":
            Where(source.label + path).fail("cannot be read: No such file or directory")


def _read(path: Path, file: str):
    """The file, packed or not, with the sdk-extras beside it; None if there is none."""
    for candidate in (path, path.with_name(path.name + ".gz")):
        if candidate.exists():
            return merge_extras(read_json(candidate, file), path, file)
    return None


def _drop_descriptions(waiters) -> None:
    """The prose of waiters; whatever else is wrong with them is for the loader to say."""
    listed = waiters.get("waiters") if isinstance(waiters, dict) else None
    for waiter in listed.values() if isinstance(listed, dict) else ():
        if isinstance(waiter, dict):
            waiter.pop("description", None)


def metadata(source: Source) -> dict:
    """Of a model, without reading the whole of it; empty if it cannot be read."""
    path = source.folder / source.service_file
    try:
        with path.open("rb") if path.exists() else gzip.open(f"{path}.gz", "rb") as file:
            head = file.read(_HEAD).decode("utf-8", errors="replace")
        start = _METADATA.search(head)
        found = json.JSONDecoder().raw_decode(head, start.end())[0] if start else {}
    except (OSError, EOFError, zlib.error, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
