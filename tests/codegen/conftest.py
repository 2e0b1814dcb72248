"""Makes the generator importable, which is no installed package, and invents a project for it."""

import json
import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "codegen"))

ZOO = '[zoo]\nmodel = "zoo/2020-01-01"\noperations = "all"\n'


class Project:
    """A project's folder with an invented model; the generator's command line runs in it."""

    def __init__(self, root: Path):
        self.root = root
        shutil.copytree(HERE / "models", root / "model")
        (root / "codegen").mkdir()
        shutil.copy(ROOT / ".clang-format", root)
        shutil.copy(ROOT / "VERSION", root)
        self.configure(ZOO)

    def configure(self, text: str) -> None:
        (self.root / "codegen" / "caws.toml").write_text(text)

    def run(self, *arguments: str) -> int:
        from caws_codegen.cli import main

        return main(["--root", str(self.root), *arguments])

    def path(self, name: str = "service-2.json") -> Path:
        return self.root / "model" / "zoo" / "2020-01-01" / name

    def patch(self, changes: dict, name: str = "service-2.json") -> None:
        """Merges changes into a model file; None removes."""
        data = json.loads(self.path(name).read_text())
        merge(data, changes)
        self.path(name).write_text(json.dumps(data))

    def generated(self) -> dict[str, bytes]:
        folder = self.root / "generated"
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()
        }


def merge(base: dict, changes: dict) -> None:
    for key, value in changes.items():
        if value is None:
            del base[key]
        elif isinstance(value, dict) and isinstance(base.get(key), dict):
            merge(base[key], value)
        else:
            base[key] = value


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path)
