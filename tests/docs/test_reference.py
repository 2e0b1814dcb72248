"""The reference that Doxygen makes: without warnings, and nothing undocumented that needs words."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What may have no comment: members of structs, of which the name may say all, and the texts of enums,
# which have one together.
_OPTIONAL = re.compile(r"Member .+ \((variable|macro definition)\) of ")


def doxygen(folder: Path, changes: str) -> list[str]:
    """Its warnings for the project in folder."""
    program = shutil.which("doxygen")
    if program is None:
        pytest.skip("no doxygen")
    settings = (ROOT / "docs" / "Doxyfile.in").read_text()
    settings = settings.replace("@VERSION@", "0").replace("@WARN_AS_ERROR@", "NO")
    result = subprocess.run([program, "-"], input=settings + changes, text=True, cwd=folder,
                            capture_output=True, check=False)
    assert result.returncode == 0, result.stderr
    return [line for line in result.stderr.splitlines() if line.strip()]


def needed(warnings: list[str]) -> list[str]:
    return [line for line in warnings if not _OPTIONAL.search(line)]


def test_no_warnings(tmp_path):
    output = f"\nOUTPUT_DIRECTORY = {tmp_path}\n"
    assert doxygen(ROOT, output) == []
    assert (tmp_path / "html" / "index.html").exists()


def test_everything_is_documented(tmp_path):
    output = f"\nOUTPUT_DIRECTORY = {tmp_path}\nWARN_IF_UNDOCUMENTED = YES\n"
    assert needed(doxygen(ROOT, output)) == []


def test_all_that_a_model_may_hold(tmp_path):
    """The generator's own invented model has odd texts, patterns and names."""
    golden = ROOT / "tests" / "codegen" / "golden" / "zoo"
    changes = f"\nOUTPUT_DIRECTORY = {tmp_path}\nINPUT = {golden}\nWARN_IF_UNDOCUMENTED = YES\n"
    warnings = doxygen(ROOT, changes)
    assert any("(variable)" in line for line in warnings)  # it did look
    assert needed(warnings) == []


def test_a_function_without_comment_is_found(tmp_path):
    header = tmp_path / "bad.h"
    header.write_text("/** @file */\n/** Words. */\nvoid caws_good(void);\nvoid caws_bad(void);\n"
                      "/** See @nothing. */\nvoid caws_worse(void);\n")
    changes = f"\nOUTPUT_DIRECTORY = {tmp_path}\nINPUT = {header}\nWARN_IF_UNDOCUMENTED = YES\n"
    warnings = "\n".join(needed(doxygen(ROOT, changes)))
    assert "caws_bad(void) (function) of file bad.h is not documented" in warnings
    assert "@nothing" in warnings
    assert "caws_good" not in warnings


def page(folder: Path, name: str) -> str:
    """The text of an HTML page of the reference, without tags."""
    return re.sub(r"<[^>]+>", "", (folder / "html" / name).read_text())


def test_an_operation_tells_what_callers_ask(tmp_path):
    doxygen(ROOT, f"\nOUTPUT_DIRECTORY = {tmp_path}\n")
    text = page(tmp_path, "create__export__task_8h.html")
    for part in (
        "required are log_group_name, from, to and destination",
        r"matching [\.\-_/#A-Za-z0-9]+",  # a pattern, character by character
        "destination_prefix: at most 1,024 bytes of UTF-8",
        "CAWS_LOGS_LIMIT_EXCEEDED_EXCEPTION: A limit of the account is reached",
        "API_CreateExportTask.html",
    ):
        assert part in text, part
    members = page(tmp_path, "structcaws__logs__create__export__task__input.html")
    assert "The name of the S3 bucket" in members
