"""The groups of the protocol tests as one library of generated C."""

import concurrent.futures
import json
import os
import pathlib
import subprocess

from caws_codegen.cli import load_layout
from caws_codegen.config import Service
from caws_codegen.errors import ModelError, Where
from caws_codegen.write import render

import c_library

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = ["-std=c11", "-O0", "-fPIC", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow",
         "-Wstrict-prototypes", "-Wmissing-prototypes", "-Werror"]


def build(groups, caws, folder):
    """Generates and compiles all groups in folder, a path, against the shared library caws. Returns
    the library, and {group's service: why the generator refuses it}."""
    sources, refused = {}, {}
    for group in groups:
        try:
            sources[group.service] = _generate(group, folder)
        except ModelError as error:
            refused[group.service] = str(error)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(lambda files: _compile(files, folder), sources.values()))
    library = folder / "library.so"
    _run(["gcc", "-shared", "-o", library, *sum(objects, []), caws, f"-Wl,-rpath,{caws.parent}"])
    headers = [f"caws/{service}.h" for service in sources]
    text = c_library.declarations(folder, folder / "include", headers)
    return c_library.Library(library, text), refused


def _generate(group, folder):
    """Returns the C files."""
    name = group.service
    model = folder / "model" / name / "service-2.json"
    model.parent.mkdir(parents=True)
    model.write_text(json.dumps(group.model))
    service = Service(name, name, (group.operation,), None, Where(group.suite))
    sources = []
    layout = load_layout(service, model.parent, f"{group.suite}/")
    for path, text in render(layout.files()).items():
        place = folder / path.replace("src/", f"src/{name}/", 1)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        if place.suffix == ".c":
            sources.append(place)
    return sources


def _compile(sources, folder):
    """Returns the object files."""
    include = ["-I", folder / "include", "-I", ROOT / "runtime" / "include"]
    _run(["gcc", *FLAGS, *include, "-c", *sources], sources[0].parent)
    return [source.with_suffix(".o") for source in sources]


def _run(command, folder=None):
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
