"""The pages: code in them compiles, links lead somewhere, and what they name is there."""

import functools
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "codegen"))

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "model" / "README.md",
         *sorted((ROOT / "docs").glob("*.md"))]
INCLUDES = [f"-I{ROOT / 'runtime' / 'include'}",
            *(f"-I{folder}" for folder in sorted(ROOT.glob("generated/*/include")))]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
PRELUDE = ("#include <caws/logs.h>\n#include <inttypes.h>\n#include <stdio.h>\n"
           "#include <string.h>\n")


def blocks(language: str) -> list:
    """Every code block in that language: page, line and text."""
    found = []
    for page in PAGES:
        text = page.read_text()
        for match in re.finditer(r"^( *)```(\w+)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
            if match[2] == language:
                line = text.count("\n", 0, match.start()) + 1
                body = re.sub(f"^{match[1]}", "", match[3], flags=re.MULTILINE)
                found.append(pytest.param(body, id=f"{page.name}:{line}"))
    return found


@functools.cache
def own_folder() -> Path:
    """What the pages' `./dev generate --service` writes."""
    commands = [line for block in blocks("sh") for line in block.values[0].splitlines()
                if line.startswith("./dev generate --service")]
    assert len(commands) == 1
    arguments = shlex.split(commands[0])[1:]
    folder = Path(tempfile.mkdtemp(prefix="caws-docs-"))
    result = subprocess.run([sys.executable, "-m", "caws_codegen", "--cwd", folder, *arguments],
                            cwd=ROOT / "codegen", text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr
    return folder / arguments[arguments.index("--output") + 1]


@pytest.fixture(scope="session", autouse=True)
def no_folder_stays():
    yield
    if own_folder.cache_info().currsize:
        shutil.rmtree(own_folder().parent)


def compile_text(compiler: str, flags: list[str], text: str) -> None:
    program = shutil.which(compiler)
    if program is None:
        pytest.skip(f"no {compiler}")
    includes = [*INCLUDES, f"-I{own_folder() / 'include'}"] if "<caws/sqs" in text else INCLUDES
    result = subprocess.run([program, *WARNINGS, *flags, *includes, "-fsyntax-only", "-"],
                            input=text, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("text", blocks("c"))
def test_c_compiles(text, compiler):
    """Programs as they stand; parts of programs, functions of their own, after the usual headers."""
    flags = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-xc"]
    if "int main" not in text:
        text = PRELUDE + text
        flags.append("-Wno-unused-function")
    compile_text(compiler, flags, text)


@pytest.mark.parametrize("text", blocks("cpp"))
def test_cpp_compiles(text):
    compile_text("g++", ["-std=c++17", "-xc++"], text)


def test_own_folder_is_as_told():
    """Every path and CMake target that the page names is there."""
    page = (ROOT / "docs" / "extending.md").read_text()
    part = page.split("## A service in a folder of its own\n")[1].split("\n## ")[0]
    listed = part.split("The folder has\n")[1].split("\nThe command")[0]
    paths = [path for path in re.findall(r"`([^`]+)`", listed) if "/" in path or "." in path]
    assert {"include/caws/sqs.h", "src/", "CMakeLists.txt", "README.md"} <= set(paths)
    for path in paths:
        folder = own_folder() / ("include/caws/sqs" if path == "types.h" else "")
        assert (folder / path).exists(), path
    lists = (own_folder() / "CMakeLists.txt").read_text()
    assert "add_library(caws_sqs\n" in lists
    assert "add_library(caws::sqs ALIAS" in lists


def test_there_are_programs_to_compile():
    assert sum("int main" in block.values[0] for block in blocks("c")) >= 4
    assert blocks("cpp")


def test_readme_shows_the_example():
    program = (ROOT / "examples" / "minimal.c").read_text()
    assert any(block.values[0].strip() in program for block in blocks("c")
               if block.id.startswith("README"))


@pytest.mark.parametrize("text", blocks("toml"))
def test_toml_is_configuration(text, tmp_path):
    from caws_codegen.config import read_config

    path = tmp_path / "caws.toml"
    path.write_text(text)
    assert tomllib.loads(text)
    assert read_config(path, "caws.toml")


@pytest.mark.parametrize("text", blocks("json"))
def test_json_fits_the_model(text, tmp_path):
    """What is shown is a part of what the project has."""
    data = json.loads(text)
    kind = "waiters-2" if "waiters" in data else "service-2.sdk-extras"
    ours = json.loads((ROOT / "model" / "logs" / "2014-03-28" / f"{kind}.json").read_text())
    assert_part(data, ours)


def assert_part(part, whole) -> None:
    if isinstance(part, dict):
        for key, value in part.items():
            assert key in whole
            assert_part(value, whole[key])
    elif isinstance(part, list):
        for value in part:
            assert value in whole
    else:
        assert part == whole


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    prose = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)", prose):
        if not re.match(r"[a-z]+://", target):
            assert (page.parent / target).exists(), target


def test_readme_leads_to_every_page():
    links = re.findall(r"\]\((docs/[^)#]+)", (ROOT / "README.md").read_text())
    assert set(links) == {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_exist(page):
    script = (ROOT / "dev").read_text()
    for name in re.findall(r"\./dev ([a-z][a-z-]*)", page.read_text()):
        assert f"\ncmd_{name.replace('-', '_')}() {{" in script, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_names_exist(page):
    """What is called caws_... or CAWS_... is declared, but for what <...> or ... stands in."""
    declared = "\n".join(path.read_text() for path in sorted(ROOT.glob("**/include/**/*.h"))
                         if "tests" not in path.parts and "build" not in path.parts)
    declared += "".join(path.read_text() for path in sorted(own_folder().rglob("*.h")))
    build = (ROOT / "CMakeLists.txt").read_text() + "\n".join(
        path.read_text() for path in ROOT.glob("cmake/*.*"))
    for name in re.findall(r"\b(?:CAWS|caws)_\w+(?![\w<*.]|\S*<)", page.read_text()):
        assert re.search(rf"\b{name}\b", declared + build) or name in OTHER_NAMES, name


# Libraries, functions of CMake, of the runtime's inside, and names in examples of services to come.
OTHER_NAMES = {"caws_logs", "caws_events", "caws_sqs", "caws_codegen", "caws_add_service", "caws_endpoint_find",
               "CAWS_USE_STATIC_LIBS"}


def test_every_status_has_a_row():
    page = (ROOT / "docs" / "errors.md").read_text()
    rows = dict(re.findall(r"^\| `(CAWS_ERROR_\w+)` \| ([^|]+) \|", page, re.MULTILINE))
    header = (ROOT / "runtime" / "include" / "caws" / "error.h").read_text()
    assert set(rows) == set(re.findall(r"^ +(CAWS_ERROR_\w+) = \d+", header, re.MULTILINE))
    texts = dict(re.findall(r"\[(CAWS_ERROR_\w+)\] = \"(\w+)\"",
                            (ROOT / "runtime" / "src" / "fail.c").read_text()))
    own_code = {"CAWS_ERROR_HTTP", "CAWS_ERROR_SERVICE", "CAWS_ERROR_WAITER"}
    for status in set(rows) - own_code:
        assert rows[status] == f"`{texts[status]}`"


def test_every_constraint_has_a_row():
    page = (ROOT / "docs" / "errors.md").read_text()
    header = (ROOT / "runtime" / "include" / "caws" / "error.h").read_text()
    for name in re.findall(r"^ +(CAWS_CONSTRAINT_\w+) = \d+", header, re.MULTILINE):
        assert f"| `{name}` |" in page


def claims() -> list:
    """What SECURITY.md points at: a file of tests, and mostly a test in it."""
    found = re.findall(r"`((?:codegen|integration|runtime)/\w+\.(?:c|py))(?:: (\w+))?`",
                       (ROOT / "SECURITY.md").read_text())
    assert len(found) > 40
    return sorted(set(found))


@pytest.mark.parametrize("path, name", claims())
def test_claim_has_its_test(path, name):
    text = (ROOT / "tests" / path).read_text()
    if name:
        # Defined, and for C also run.
        assert len(re.findall(rf"\b{name}\b", text)) >= (2 if path.endswith(".c") else 1)
