"""caws.toml: which services and operations are generated."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .errors import Where


@dataclass(frozen=True)
class Service:
    name: str  # in C: caws_<name>_...
    model: str  # the folder under model/
    operations: tuple[str, ...] | None  # None: all
    reference: str | None  # an operation's page is this followed by its name and .html
    where: Where


def read_config(path: Path, file: str) -> list[Service]:
    where = Where(file)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        where.fail(f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        where.fail(f"is not UTF-8 at byte {error.start}")
    except tomllib.TOMLDecodeError as error:
        where.fail(str(error))
    return [_service(where.at(f"[{name}]"), name, table) for name, table in data.items()]


def _service(where: Where, name: str, table) -> Service:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        where.fail("must be a lower-case C identifier")
    if not isinstance(table, dict):
        where.fail("must be a table")
    for key in table:
        if key not in ("model", "operations", "reference"):
            where.fail(f"{key} is not known; known are model, operations, reference")
    model, operations = table.get("model"), table.get("operations")
    if not isinstance(model, str):
        where.fail("model must be a folder under model/, as a string")
    if operations == "all":
        operations = None
    elif isinstance(operations, list) and all(isinstance(item, str) for item in operations):
        operations = tuple(operations)
    else:
        where.fail('operations must be a list of names, or "all"')
    reference = table.get("reference")
    if reference is not None and not isinstance(reference, str):
        where.fail("reference must be a string")
    return Service(name, model, operations, reference, where)
