"""The commands: generate, generate --service, update-model."""

import argparse
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from .config import Service, read_config
from .endpoint_rules import FILE as RULES
from .endpoint_rules import load_endpoint_rules
from .errors import ModelError, Where
from .folder import check_folder, folder_files, write_folder
from .installed import Source, copy_facts, file_source, find_source
from .layout import Layout, Report, supported
from .load import load_model, read_numbers
from .numbers import FILE as NUMBERS
from .numbers import extended
from .paginators import load_paginators
from .partitions import partition_files
from .report import breaks, report, step
from .update import SERVICE, plan_update
from .version import read_version, version_header, with_version
from .waiters import load_waiters
from .write import compare, format_c, render, write, write_all

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="caws_codegen", description="AWS models to C.")
    parser.add_argument("--root", type=Path, default=_ROOT, help="the project's folder")
    parser.add_argument("--cwd", type=Path, default=Path(),
                        help="the folder that --output and --model are relative to")
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="write generated/ from model/")
    how = generate.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true",
                     help="write nothing; exit 1 if a file would change")
    how.add_argument("--record-numbers", action="store_true",
                     help="first write the numbers that exceptions and enum values have, and those "
                          "of new ones, to numbers.json beside each model")
    generate.add_argument("--service", metavar="NAME",
                          help="instead write a folder for this service of botocore's (its name "
                          "there, or its endpoint prefix) that builds by itself")
    generate.add_argument("--operations", metavar="A,B", help="only these; without it all that can "
                          "be generated, and a line for each that cannot")
    generate.add_argument("--output", type=Path, metavar="DIR", help="instead of ./caws-NAME")
    generate.add_argument("--model", type=Path, metavar="FILE",
                          help="a service-2.json (.gz too) instead of botocore's; NAME is then free. "
                          "Waiters and paginators are taken from beside it")
    update_model = commands.add_parser(
        "update-model", help="import the models from the installed botocore, report what changes for "
        "programs, and write generated/ anew")
    update_model.add_argument("--from", dest="source", type=Path, metavar="FILE",
                              help="import this service-2.json alone, instead of botocore's files")
    update_model.add_argument("--accept-breaking", action="store_true",
                              help="write even if programs break, and raise the version and the ABI "
                              "number in VERSION")
    options = parser.parse_args(arguments)
    try:
        if options.command == "generate" and options.service is not None:
            if options.check or options.record_numbers:
                generate.error("--service goes without --check and --record-numbers")
            return _generate_service(options)
        if options.command == "generate":
            for name in ("operations", "output", "model"):
                if getattr(options, name) is not None:
                    generate.error(f"--{name} goes with --service")
            if options.record_numbers:
                _record_numbers(options.root)
            return _generate(options.root, options.check)
        source = options.source and options.cwd / options.source
        return _update(options.root, source, options.accept_breaking)
    except ModelError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or 'files'}: {error.strerror or error}", file=sys.stderr)
        return 1


def build(root: Path, models: Path | None = None) -> tuple[dict[str, str], list[str]]:
    """All of generated/, in memory, and a report. models: instead of the project's."""
    models = models or root / "model"
    started = time.monotonic()
    files = {}
    reports = []
    for service in read_config(root / "codegen" / "caws.toml", "codegen/caws.toml"):
        layout = load_layout(
            service, models / service.model, f"model/{service.model}/")
        service_files = {f"{service.name}/{path}": entry for path, entry in layout.files().items()}
        files.update(service_files)
        reports += _describe(service.name, layout.report(), len(service_files))
    files.update(partition_files(models / "partitions.json", "model/partitions.json"))
    texts = format_c(render(files), root / ".clang-format")
    reports.append(f"{len(texts)} files in {time.monotonic() - started:.1f} s")
    return texts, reports


def load_layout(service: Service, folder: Path, label: str, called: str = SERVICE) -> Layout:
    """label: of the folder, before a file's name in messages and banners; called: the name of the
    model there."""
    def file(name: str) -> tuple[Path, str]:
        return folder / name, label + name

    model = load_model(folder / SERVICE, label + called)
    waiters, no_waiters = load_waiters(*file("waiters-2.json"), model)
    paginators, no_paginators = load_paginators(*file("paginators-1.json"), model)
    rules = load_endpoint_rules(*file(RULES))
    return Layout(service, model, waiters, paginators, no_waiters + no_paginators, rules)


def _describe(name: str, report: Report, file_count: int) -> list[str]:
    return [
        f"{name}: {report.operations} operations, {report.types} types, {file_count} files, "
        f"{len(report.notes)} patterns relaxed or left to the service",
        *(f"  pattern {_short(source)}: {note}" for source, note in report.notes.items()),
        *(f"  left out: {reason}" for reason in report.left_out),
    ]


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _generate(root: Path, check: bool) -> int:
    files, reports = build(root)
    target = root / "generated"
    header = format_header(root, version_header(root, read_version(root / "VERSION", "VERSION")))
    if check:
        found = compare(target, files)
        found += [f"differs {place.relative_to(root)}" for place, text in header.items()
                  if place.read_text(encoding="utf-8") != text]
        for line in found:
            print(line)
        if found:
            print("what is generated is not what the model and VERSION give: run ./dev generate", file=sys.stderr)
        return 1 if found else 0
    write(target, files, header)
    print("\n".join(reports))
    return 0


def format_header(root: Path, header: dict[Path, str]) -> dict[Path, str]:
    """Laid out again: other numbers have other lengths."""
    texts = format_c({place.name: text for place, text in header.items()}, root / ".clang-format")
    return {place: texts[place.name] for place in header}


def _record_numbers(root: Path) -> None:
    files = {}
    for service in read_config(root / "codegen" / "caws.toml", "codegen/caws.toml"):
        path, file = root / "model" / service.model / SERVICE, f"model/{service.model}/{SERVICE}"
        model = load_model(path, file)
        files[path.with_name(NUMBERS)] = extended(read_numbers(path, file), model).text()
    write_all(files)


def build_service(root: Path, source: Source, operations: tuple[str, ...] | None,
                  folder: str) -> tuple[dict[str, str], list[str]]:
    """A folder for one service, in memory, and a report. Without operations all that can be
    generated; folder: its name."""
    where = Where(f"--service {source.name}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", source.c_name):
        where.fail("must be lower-case letters, digits, - . and _, and begin with a letter")
    if (root / "runtime" / "include" / "caws" / f"{source.c_name}.h").exists():
        where.fail(f"caws/{source.c_name}.h is a header of the runtime's")
    skipped: list[str] = []
    with tempfile.TemporaryDirectory(prefix="caws-codegen-") as temporary:
        facts = Path(temporary)
        copy_facts(source, facts)
        if operations is None:
            model = load_model(facts / "service-2.json", source.label + source.service_file)
            operations, skipped = supported(model)
        service = Service(source.c_name, source.name, operations, None, Where("--operations"))
        layout = load_layout(service, facts, source.label, source.service_file)
    files = layout.files()
    reports = _describe(source.name, layout.report(), len(files))
    reports += [f"  left out: {reason}" for reason in skipped]
    c_texts = format_c(render(files), root / ".clang-format")
    return {**c_texts, **render(folder_files(layout, files, folder))}, reports


def _generate_service(options) -> int:
    started = time.monotonic()
    where = Where(f"--service {options.service}")
    if options.model is not None:
        source = file_source(options.service, options.cwd / options.model)
    else:
        source = find_source(options.service, where)
    operations = None
    if options.operations not in (None, "all"):
        operations = tuple(filter(None, re.split(r"[,\s]+", options.operations)))
        if not operations:
            raise ModelError("--operations: names none")
    output = options.output or Path(f"caws-{source.name}")
    folder = options.cwd / output
    texts, reports = build_service(options.root, source, operations, folder.resolve().name)
    check_folder(folder, str(output), source.c_name, texts)
    write_folder(folder, texts)
    print("\n".join(reports))
    print(f"wrote {len(texts)} files to {output} in {time.monotonic() - started:.1f} s")
    return 0


def _update(root: Path, source: Path | None, accept_breaking: bool) -> int:
    services = read_config(root / "codegen" / "caws.toml", "codegen/caws.toml")
    plan = plan_update(root, services, source)
    if not plan.files:
        print("the model is up to date")
        return 0
    version = read_version(root / "VERSION", "VERSION")
    if plan.services:
        print("\n".join(report(plan, version)))
    broken = any(breaks(service.findings) for service in plan.services)
    if broken and not accept_breaking:
        print("programs break, so nothing is written; --accept-breaking writes it",
              file=sys.stderr)
        return 1
    if any(service.by_hand for service in plan.services):
        print("what is listed above is to do by hand first, so nothing is written", file=sys.stderr)
        return 1
    generated = _generate_with(root, plan.files)
    files = dict(plan.files)
    if broken:
        findings = [finding for service in plan.services for finding in service.findings]
        following = version.after(step(findings))
        place = root / "VERSION"
        files[place] = with_version(place.read_text(encoding="utf-8"), following)
        files |= format_header(root, version_header(root, following))
    target = root / "generated"
    changed = len(compare(target, generated))
    write(target, generated, files)
    for place in files:
        print(f"wrote {place.relative_to(root)}")
    print(f"wrote generated/ ({changed} of {len(generated)} files changed)")
    return 0


def _generate_with(root: Path, files: dict[Path, str]) -> dict[str, str]:
    """generated/ as it will be with these files in model/, which is left alone."""
    model = root / "model"
    with tempfile.TemporaryDirectory(prefix="caws-codegen-") as temporary:
        copy = Path(temporary, "model")
        shutil.copytree(model, copy)
        for place, text in files.items():
            path = copy / place.relative_to(model)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        try:
            return build(root, copy)[0]
        except ModelError as error:
            raise ModelError(f"{error} (in the new model, so nothing is written)") from error
