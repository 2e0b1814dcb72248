"""The commands: generate, update-model."""

import argparse
import sys
import time
from pathlib import Path

from .config import Service, read_config
from .errors import ModelError
from .layout import Layout
from .load import load_model
from .partitions import partition_files
from .update import update
from .waiters import load_waiters
from .write import compare, format_c, render, write, write_atomically

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="caws_codegen", description="AWS models to C.")
    parser.add_argument("--root", type=Path, default=_ROOT, help="the project's folder")
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="write generated/ from model/")
    generate.add_argument("--check", action="store_true",
                          help="write nothing; exit 1 if a file would change")
    update_model = commands.add_parser("update-model",
                                       help="import the models from the installed botocore")
    update_model.add_argument("--from", dest="source", type=Path, metavar="FILE",
                              help="take this service-2.json instead of botocore's")
    options = parser.parse_args(arguments)
    try:
        if options.command == "generate":
            return _generate(options.root, options.check)
        return _update(options.root, options.source)
    except ModelError as error:
        print(error, file=sys.stderr)
        return 1


def build(root: Path) -> tuple[dict[str, str], list[str]]:
    """All of generated/, in memory, and a report."""
    started = time.monotonic()
    files = {}
    reports = []
    for service in read_config(root / "codegen" / "caws.toml", "codegen/caws.toml"):
        layout = load_layout(
            service, root / "model" / service.model, f"model/{service.model}/")
        service_files = {f"{service.name}/{path}": entry for path, entry in layout.files().items()}
        files.update(service_files)
        report = layout.report()
        reports += [
            f"{service.name}: {report.operations} operations, {report.types} types, "
            f"{len(service_files)} files, {len(report.notes)} patterns relaxed or left to the "
            "service",
            *(f"  pattern {_short(source)}: {note}" for source, note in report.notes.items()),
        ]
    files.update(partition_files(root / "model" / "partitions.json", "model/partitions.json"))
    texts = format_c(render(files), root / ".clang-format")
    reports.append(f"{len(texts)} files in {time.monotonic() - started:.1f} s")
    return texts, reports


def load_layout(service: Service, folder: Path, label: str) -> Layout:
    """label: of the folder, before a file's name in messages and banners."""
    def file(name: str) -> tuple[Path, str]:
        return folder / name, label + name

    model = load_model(*file("service-2.json"))
    waiters = load_waiters(*file("waiters-2.json"), model)
    return Layout(service, model, waiters)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _generate(root: Path, check: bool) -> int:
    files, reports = build(root)
    target = root / "generated"
    if check:
        found = compare(target, files)
        for line in found:
            print(line)
        if found:
            print("generated/ is not what the model gives: run ./dev generate", file=sys.stderr)
        return 1 if found else 0
    write(target, files)
    print("\n".join(reports))
    return 0


def _update(root: Path, source: Path | None) -> int:
    services = read_config(root / "codegen" / "caws.toml", "codegen/caws.toml")
    files = update(root, services, source)
    changed = 0
    for place, text in files.items():
        if place.exists() and place.read_text(encoding="utf-8") == text:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, text)
        print(f"wrote {place.relative_to(root)}")
        changed += 1
    if not changed:
        print("the model is up to date")
    return 0
