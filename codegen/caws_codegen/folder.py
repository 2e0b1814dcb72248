"""A folder that holds one service and builds by itself: generate --service."""

import os
from pathlib import Path

from .errors import ModelError
from .write import MARK, is_generated, write, write_atomically

_LISTS = "CMakeLists.txt"  # tells whose the folder is


def folder_files(layout, c_files: dict, folder: str) -> dict[str, tuple[str, dict]]:
    """What stands beside include/ and src/: {path: (template, context)}."""
    service = layout.service.name
    context = {
        "mark": MARK,
        "model": layout.model.where.file,
        "service": service,
        "service_name": layout.model.metadata.get("serviceFullName", service),
        "target": f"caws_{service}",
        "folder": folder,
        "operation_count": len(layout.operations),
        "sources": sorted(path for path in c_files if path.endswith(".c")),
    }
    return {_LISTS: ("folder_cmake.j2", context), "README.md": ("folder_readme.j2", context)}


def check_folder(folder: Path, shown: str, service: str, paths) -> None:
    """Refuses a folder that is somebody's own: one that has files but was not made for this
    service, or a file in the place of one of ours."""
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise ModelError(f"{shown}: is not a folder")
    lists = folder / _LISTS
    if any(folder.iterdir()):
        made_for = _first_project(lists) if is_generated(lists) else None
        if made_for != f"caws_{service}":
            raise ModelError(
                f"{shown}: has files, and was not generated for {service}; choose another --output")
    for path in paths:
        place = folder / path
        if place.is_symlink() or place.exists() and not is_generated(place):
            raise ModelError(f"{shown}/{path}: is not generated; nothing is written")


def write_folder(folder: Path, texts: dict[str, str]) -> None:
    """The folder has passed check_folder. Its mark is written first, so that what an interruption
    leaves can be written again."""
    try:
        for path in sorted(texts, key=lambda path: path != _LISTS):
            if "/" not in path:
                folder.mkdir(parents=True, exist_ok=True)
                write_atomically(folder / path, texts[path])
        for part in ("include", "src"):
            write(folder / part, {path.removeprefix(f"{part}/"): text
                                  for path, text in texts.items() if path.startswith(f"{part}/")})
    except OSError as error:
        raise ModelError(f"{error.filename or folder}: {os.strerror(error.errno or 0)}") from error


def _first_project(lists: Path) -> str | None:
    for line in lists.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("project("):
            return line.removeprefix("project(").split()[0].rstrip(")")
    return None
