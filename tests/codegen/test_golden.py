"""What the invented model gives, against files that were read by people, and what compilers say.

After a wanted change: CAWS_UPDATE_GOLDEN=1 pytest tests/codegen/test_golden.py, then read the diff.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import HERE, ROOT

GOLDEN = HERE / "golden"
INCLUDE = ROOT / "runtime" / "include"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
C = ["-std=c11", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes"]


def read(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def test_golden(project):
    assert project.run("generate") == 0
    if os.environ.get("CAWS_UPDATE_GOLDEN"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        shutil.copytree(project.root / "generated", GOLDEN)
    made, golden = read(project.root / "generated"), read(GOLDEN)
    assert sorted(made) == sorted(golden)
    for path in golden:
        assert made[path] == golden[path], path


def compiler(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"no {name}")
    return path


def compile_text(name: str, flags: list[str], folder: Path, text: str, suffix: str) -> None:
    command = [compiler(name), *flags, *WARNINGS, f"-I{INCLUDE}", f"-I{folder}", "-fsyntax-only",
               "-x", suffix, "-"]
    result = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", ["gcc", "clang"])
def test_sources_compile(name):
    sources = sorted(GOLDEN.rglob("*.c"))
    assert sources
    command = [compiler(name), *C, *WARNINGS, f"-I{INCLUDE}", f"-I{GOLDEN / 'zoo' / 'include'}",
               "-fsyntax-only", *map(str, sources)]
    result = subprocess.run(command, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(("name", "suffix", "flags"),
                         [("gcc", "c", ["-std=c11"]), ("g++", "c++", ["-std=c++17"])])
def test_headers_compile_alone(name, suffix, flags):
    folder = GOLDEN / "zoo" / "include"
    headers = sorted(folder.rglob("*.h"))
    assert headers
    for header in headers:
        text = f"#include <{header.relative_to(folder).as_posix()}>\nint caws_nothing_else;\n"
        compile_text(name, flags, folder, text, suffix)


def test_enum_text_survives_to_c(tmp_path):
    """The strings of C are those of the model, and the constants count from 1 in its order."""
    program = tmp_path / "enums.c"
    program.write_text(r"""
        #include <caws/zoo.h>
        #include <stdio.h>
        int main(void)
        {
            printf("%s %d\n", CAWS_ZOO_ANIMAL_CLASS_FISH_SALT,
                   CAWS_ZOO_ANIMAL_CLASS_ENUM_FISH_SALT);
            printf("%s %d\n", CAWS_ZOO_ANIMAL_CLASS_FISH_SALT_2,
                   CAWS_ZOO_ANIMAL_CLASS_ENUM_FISH_SALT_2);
            printf("%s %d\n", CAWS_ZOO_ANIMAL_CLASS_UNRECOGNIZED_2,
                   CAWS_ZOO_ANIMAL_CLASS_ENUM_UNRECOGNIZED_2);
            printf("<%s> %d\n", CAWS_ZOO_ANIMAL_CLASS_EMPTY, CAWS_ZOO_ANIMAL_CLASS_ENUM_EMPTY);
            return CAWS_ZOO_ANIMAL_CLASS_ENUM_UNRECOGNIZED;
        }""")
    binary = tmp_path / "enums"
    subprocess.run([compiler("gcc"), "-std=c11", f"-I{INCLUDE}", f"-I{GOLDEN / 'zoo' / 'include'}",
                    str(program), "-o", str(binary)], check=True)
    result = subprocess.run([str(binary)], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["fish:salt 3", "fish-salt 4", "UNRECOGNIZED 8", "<> 6"]


def test_output_depends_on_nothing_but_the_model(project):
    """Not on the hash seed, not on the order in caws.toml, not on where the project is."""
    results = []
    for seed, operations in (("1", '["Feed", "AdoptAnimal"]'), ("2", '["AdoptAnimal", "Feed"]')):
        project.configure(f'[zoo]\nmodel = "zoo/2020-01-01"\noperations = {operations}\n')
        shutil.rmtree(project.root / "generated", ignore_errors=True)
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "codegen")}
        subprocess.run([sys.executable, "-m", "caws_codegen", "--root", str(project.root),
                        "generate"], check=True, env=environment, stdout=subprocess.DEVNULL)
        results.append(project.generated())
    assert results[0] == results[1]
    assert not any(str(project.root).encode() in text for text in results[0].values())
