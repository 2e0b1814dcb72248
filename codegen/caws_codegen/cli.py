"""The commands: generate, update-model."""

import argparse
import sys
import time
from pathlib import Path

from .config import Service, read_config
from .errors import ModelError
from .layout import Layout
from .load import load_model, read_numbers
from .numbers import FILE as NUMBERS
from .numbers import extended
from .paginators import load_paginators
from .partitions import partition_files
from .report import breaks, report
from .update import SERVICE, plan_update
from .version import read_version
from .waiters import load_waiters
from .write import compare, format_c, render, write, write_all

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="caws_codegen", description="AWS models to C.")
    parser.add_argument("--root", type=Path, default=_ROOT, help="the project's folder")
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="write generated/ from model/")
    how = generate.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true",
                     help="write nothing; exit 1 if a file would change")
    how.add_argument("--record-numbers", action="store_true",
                     help="first write the numbers that exceptions and enum values have, and those "
                          "of new ones, to numbers.json beside each model")
    update_model = commands.add_parser("update-model",
                                       help="import the models from the installed botocore, and report "
                                               "what changes for programs")
    update_model.add_argument("--from", dest="source", type=Path, metavar="FILE",
                              help="import this service-2.json alone, instead of botocore's files")
    update_model.add_argument("--accept-breaking", action="store_true",
                              help="write the model even if programs break")
    options = parser.parse_args(arguments)
    try:
        if options.command == "generate":
            if options.record_numbers:
                _record_numbers(options.root)
            return _generate(options.root, options.check)
        return _update(options.root, options.source, options.accept_breaking)
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
            *(f"  left out: {reason}" for reason in report.left_out),
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
    waiters, no_waiters = load_waiters(*file("waiters-2.json"), model)
    paginators, no_paginators = load_paginators(*file("paginators-1.json"), model)
    return Layout(service, model, waiters, paginators, no_waiters + no_paginators)


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


def _record_numbers(root: Path) -> None:
    files = {}
    for service in read_config(root / "codegen" / "caws.toml", "codegen/caws.toml"):
        path, file = root / "model" / service.model / SERVICE, f"model/{service.model}/{SERVICE}"
        model = load_model(path, file)
        files[path.with_name(NUMBERS)] = extended(read_numbers(path, file), model).text()
    write_all(files)


def _update(root: Path, source: Path | None, accept_breaking: bool) -> int:
    services = read_config(root / "codegen" / "caws.toml", "codegen/caws.toml")
    plan = plan_update(root, services, source)
    if not plan.files:
        print("the model is up to date")
        return 0
    if plan.services:
        print("\n".join(report(plan, read_version(root / "VERSION", "VERSION"))))
    broken = any(breaks(service.findings) for service in plan.services)
    if broken and not accept_breaking:
        print("programs break, so nothing is written; --accept-breaking writes it",
              file=sys.stderr)
        return 1
    write_all(plan.files)
    for place in plan.files:
        print(f"wrote {place.relative_to(root)}")
    return 0
