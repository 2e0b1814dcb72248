"""The rules of all suites, and the operations that cases call, as shared libraries with the part of
the runtime that finds endpoints."""

import concurrent.futures
import os
import pathlib
import subprocess
import tempfile

import c_library
from caws_codegen.cli import load_layout
from caws_codegen.config import Service
from caws_codegen.endpoint_rules import check_endpoint_rules
from caws_codegen.errors import Where
from caws_codegen.installed import copy_facts
from caws_codegen.write import render

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RUNTIME = [*sorted((ROOT / "runtime" / "src").glob("endpoint*.c")),
           *(ROOT / "runtime" / "src" / f"{name}.c"
             for name in ("arena", "buffer", "fail", "path", "pattern", "profile_parse", "profiles",
                          "schema", "settings_endpoint", "settings_source", "system", "text", "uri",
                          "utf8", "value")),
           *sorted((ROOT / "generated" / "partitions").glob("*.c")), HERE / "harness.c"]
INCLUDES = ["-I", ROOT / "runtime/include", "-I", ROOT / "runtime/src",
            "-I", ROOT / "generated/partitions", "-I", HERE]
FLAGS = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-fPIC", "-Wall", "-Wextra", "-Wpedantic",
         "-Wconversion", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Werror"]
TABLES_H = "#include <caws/schema.h>\n"


def build_rules(suites, folder):
    """All rule sets, of whatever protocol; caws_endpoint_rules_<suite's c_name> each."""
    sources = []
    for suite in suites:
        rules = check_endpoint_rules(suite.rules, suite.name)
        context = {**rules.context(), "service": suite.c_name, "service_name": suite.name}
        texts = render({f"{suite.c_name}.c": ("endpoint_rules.c.j2", context)})
        for path, text in texts.items():
            sources.append(folder / path)
            sources[-1].write_text(text)
    (folder / "tables.h").write_text(TABLES_H)
    headers = ["harness.h"]
    # Not const, for cffi gives no addresses of constants.
    declared = "".join(f"extern caws_endpoint_rules caws_endpoint_rules_{suite.c_name};\n"
                       for suite in suites)
    return _link(folder, _compile(sources, folder, "-O0"), headers, declared)


def build_operations(suites, operations, folder):
    """operations: {suite's name: names of operations}. Their functions take a question as client."""
    objects, headers = [], ["harness.h"]
    for suite in suites:
        with tempfile.TemporaryDirectory() as temporary:
            facts = pathlib.Path(temporary)
            copy_facts(suite.source, facts)
            service = Service(suite.c_name, suite.name, tuple(sorted(operations[suite.name])), None,
                              Where(suite.name))
            layout = load_layout(service, facts, suite.source.label)
        sources = []
        for path, text in render(layout.files()).items():
            place = folder / path.replace("src/", f"{suite.c_name}/", 1)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
            if place.suffix == ".c":
                sources.append(place)
        objects += _compile(sources, folder / suite.c_name, "-O0")
        headers.append(f"caws/{suite.c_name}.h")
    return _link(folder, objects, headers, "")


def _compile(sources, folder, optimization):
    """A few compilers at once, many files each. Returns the objects, which are in folder."""
    share = -(-len(sources) // (os.cpu_count() or 1))
    parts = [sources[start:start + share] for start in range(0, len(sources), share)]
    include = ["-I", folder.parent / "include", "-I", folder / "include", "-I", folder]
    with concurrent.futures.ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(lambda part: _run(
            ["gcc", *FLAGS, optimization, *include, *INCLUDES, "-c", *part], folder), parts))
    return [folder / source.with_suffix(".o").name for source in sources]


def _link(folder, objects, headers, declared):
    runtime = folder / "runtime"
    runtime.mkdir()
    objects = objects + _compile(RUNTIME, runtime, "-O2")
    library = folder / "library.so"
    _run(["gcc", "-shared", "-o", library, *objects, "-lcurl"], folder)
    text = c_library.declarations(folder, _merged_include(folder), headers)
    return c_library.Library(library, text + declared)


def _merged_include(folder):
    """Where the headers of generated code and of the harness are together."""
    include = folder / "include"
    include.mkdir(exist_ok=True)
    (include / "harness.h").write_text((HERE / "harness.h").read_text())
    return include


def _run(command, folder):
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[:4000]
