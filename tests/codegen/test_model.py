"""The models of this project, and their import from botocore."""

import copy
import json
import shutil
import subprocess
from pathlib import Path

import botocore
import botocore.loaders
import pytest
from botocore.waiter import WaiterModel

from caws_codegen.config import read_config
from caws_codegen.load import deep_merge, load_model, read_with_extras
from caws_codegen.update import strip_prose
from caws_codegen.waiters import load_waiters
from conftest import ROOT, Project

MODEL = ROOT / "model"
LOGS = MODEL / "logs" / "2014-03-28"
IMPORTED = ["partitions.json", "logs/2014-03-28/service-2.json",
            "logs/2014-03-28/paginators-1.json", "logs/2014-03-28/endpoint-rule-set-1.json"]


def logs():
    return load_model(LOGS / "service-2.json", "service-2.json")


def texts(data):
    if isinstance(data, dict):
        for key, value in data.items():
            if isinstance(value, str):
                yield key, value
            yield from texts(value)
    elif isinstance(data, list):
        for item in data:
            yield from texts(item)


@pytest.mark.parametrize("name", IMPORTED)
def test_imported_files_have_no_prose(name):
    found = {key for key, _ in texts(json.loads((MODEL / name).read_text()))}
    assert "documentation" not in found
    assert "deprecatedMessage" not in found


def test_prose_is_only_what_is_text():
    """A member may be called documentation."""
    data = {"members": {"documentation": {"shape": "X", "documentation": "<p>x"}}, "documentation": ""}
    assert strip_prose(data) == {"members": {"documentation": {"shape": "X"}}}


def test_nothing_but_prose_is_lost():
    loader = botocore.loaders.Loader(include_default_search_paths=True)
    for service, kind in (("service-2",) * 2, ("paginators-1",) * 2, ("endpoint-rule-set-1",) * 2):
        theirs = loader.load_service_model("logs", service, "2014-03-28")
        ours = json.loads((LOGS / f"{kind}.json").read_text())
        assert json.dumps(ours) == json.dumps(strip_prose(theirs))  # the order too


def test_extras_merge_as_botocore_merges_them(tmp_path):
    """botocore's own loader, given our folder, sees the model that the generator sees."""
    folder = tmp_path / "logs" / "2014-03-28"
    shutil.copytree(LOGS, folder)
    loader = botocore.loaders.Loader([str(tmp_path)], include_default_search_paths=False)
    theirs = loader.load_service_model("logs", "service-2", "2014-03-28")
    assert theirs == read_with_extras(LOGS / "service-2.json", "x")
    assert theirs["shapes"]["ExportDestinationPrefix"]["maxBytes"] == 1024


def test_deep_merge_like_botocore():
    from botocore.utils import deep_merge as theirs

    base = {"a": {"b": 1, "c": {"d": [1]}}, "e": 5, "f": {"g": 1}}
    extra = {"a": {"c": {"d": [2], "x": None}}, "e": {"y": 1}, "f": 7, "new": {}}
    one, two = copy.deepcopy(base), copy.deepcopy(base)
    deep_merge(one, extra)
    theirs(two, extra)
    assert one == two


def test_our_own_texts_are_complete():
    """Every exception has one, and every member of the first three operations."""
    model = logs()
    for shape in model.exceptions():
        assert shape.get("documentation"), shape.name
    service = read_config(ROOT / "codegen" / "caws.toml", "caws.toml")[0]
    assert service.name == "logs"
    for name in ("CreateExportTask", "DescribeExportTasks", "CancelExportTask"):
        assert name in (service.operations or model.operations)
        operation = model.operations[name]
        assert operation.get("documentation")
        todo = [end for end in (operation.input, operation.output) if end]
        while todo:
            shape = model.shapes[todo.pop()]
            for member, ref in shape.members.items():
                assert ref.get("documentation"), f"{shape.name}.{member}"
            todo += [ref.shape for ref in shape.refs()]


def test_our_own_texts_are_our_own():
    """No sentence of ours is one of AWS's."""
    loader = botocore.loaders.Loader()
    theirs = " ".join(text for key, text in
                      texts(loader.load_service_model("logs", "service-2", "2014-03-28"))
                      if key == "documentation").lower()
    ours = json.loads((LOGS / "service-2.sdk-extras.json").read_text())
    sentences = [sentence.strip() for _, text in texts(ours) for sentence in text.split(". ")]
    assert [s for s in sentences if len(s.split()) > 3 and s.lower().rstrip(".") in theirs] == []


def test_botocore_reads_our_waiters():
    config = json.loads((LOGS / "waiters-2.json").read_text())
    waiter = WaiterModel(config).get_waiter("ExportTaskCompleted")
    assert (waiter.operation, waiter.delay, waiter.max_attempts) == ("DescribeExportTasks", 5, 8640)
    assert waiter.delay * waiter.max_attempts == 12 * 60 * 60

    def decide(*codes):
        answer = {"exportTasks": [{"status": {"code": code}} for code in codes],
                  "ResponseMetadata": {"HTTPStatusCode": 200}}
        return next((a.state for a in waiter.acceptors if a.matcher_func(answer)), None)

    assert decide("COMPLETED") == "success"
    assert decide("COMPLETED", "FAILED") == "failure"
    assert decide("CANCELLED") == "failure"
    assert decide("PENDING_CANCEL") is None
    assert decide("RUNNING", "COMPLETED") is None
    assert decide() is None


def test_waiter_paths_lead_where_they_say():
    model = logs()
    (waiter,), left_out = load_waiters(LOGS / "waiters-2.json", "waiters-2.json", model)
    assert left_out == []

    def follow(steps):
        shape, names = model.shapes[model.operations[waiter.operation].output], []
        for step in steps:
            name, ref = list(shape.members.items())[step]
            names.append(name)
            shape = model.shapes[ref.shape]
            while shape.item:
                shape = model.shapes[shape.item.shape]
        return ".".join(names)

    assert [follow(a.argument) for a in waiter.acceptors] == ["exportTasks.status.code"] * 3
    assert [follow(a.message) for a in waiter.acceptors] == ["", *["exportTasks.status.message"] * 2]


@pytest.fixture
def imported(tmp_path) -> Project:
    """The project's own configuration and models, in a folder of their own."""
    project = Project(tmp_path)
    shutil.rmtree(project.root / "model")
    shutil.copytree(MODEL, project.root / "model")
    shutil.copy(ROOT / "codegen" / "caws.toml", project.root / "codegen")
    return project


def test_import_gives_what_is_committed(imported, capsys):
    for name in IMPORTED:
        (imported.root / "model" / name).unlink()
    assert imported.run("update-model") == 0
    for name in [*IMPORTED, "SOURCES"]:
        assert (imported.root / "model" / name).read_bytes() == (MODEL / name).read_bytes(), name
    capsys.readouterr()
    assert imported.run("update-model") == 0
    assert capsys.readouterr().out == "the model is up to date\n"


def test_import_from_a_file(imported, tmp_path):
    data = json.loads((LOGS / "service-2.json").read_text())
    data["operations"]["CreateExportTask"]["documentation"] = "prose"
    data["shapes"]["ExportTaskId"]["max"] = 99
    source = tmp_path / "newer.json"
    source.write_text(json.dumps(data))
    assert imported.run("update-model", "--from", str(source)) == 0
    text = (imported.root / "model/logs/2014-03-28/service-2.json").read_text()
    assert json.loads(text)["shapes"]["ExportTaskId"]["max"] == 99
    assert "prose" not in text
    assert "service-2.json            newer.json\n" in (imported.root / "model/SOURCES").read_text()


@pytest.mark.parametrize(("changes", "line"), [
    ({"metadata": {"serviceId": "Other"}}, "serviceId Other is that of no service in caws.toml"),
    ({"shapes": {"ExportTaskId": {"type": "rune"}}}, "shape ExportTaskId: type rune is not known"),
])
def test_import_refuses_before_it_writes(imported, tmp_path, capsys, changes, line):
    data = json.loads((LOGS / "service-2.json").read_text())
    deep_merge(data, changes)
    source = tmp_path / "newer.json"
    source.write_text(json.dumps(data))
    assert imported.run("update-model", "--from", str(source)) == 1
    assert line in capsys.readouterr().err
    for name in [*IMPORTED, "SOURCES"]:
        assert (imported.root / "model" / name).read_bytes() == (MODEL / name).read_bytes()


def test_generated_is_what_the_models_give():
    from caws_codegen.cli import main

    assert main(["generate", "--check"]) == 0


def test_adding_an_operation_is_one_name(imported):
    """Operations with lists, maps, unions, recursion and shared types, and what a compiler says."""
    gcc = shutil.which("gcc")
    if gcc is None:
        pytest.skip("no gcc")
    path = imported.root / "codegen" / "caws.toml"
    path.write_text(path.read_text().replace(
        '"DescribeExportTasks"]',
        '"DescribeExportTasks", "PutLogEvents", "DescribeLogGroups", "PutTransformer",'
        ' "FilterLogEvents", "GetQueryResults", "StartQuery", "TagResource"]'))
    assert imported.run("generate") == 0
    folder = imported.root / "generated" / "logs"
    include = folder / "include"
    for language, files in (("-std=c11", sorted(folder.glob("src/*.c"))),
                            ("-std=c++17", sorted(include.rglob("*.h")))):
        result = subprocess.run(
            [gcc, language, *(["-xc++"] if "++" in language else []), "-Wall", "-Wextra",
             "-Wpedantic", "-Wconversion", "-Wno-pragma-once-outside-header", "-Werror",
             f"-I{ROOT / 'runtime' / 'include'}", f"-I{include}", "-fsyntax-only",
             *map(str, files)], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
    header = (include / "caws/logs/put_log_events.h").read_text()
    assert "caws_logs_put_log_events(" in header


def test_every_json_service_loads():
    """Each trait that a JSON service of botocore has is known."""
    from caws_codegen.c_types import CTypes
    from caws_codegen.errors import ModelError

    loaded, refused = 0, []
    for path in sorted((Path(botocore.__file__).parent / "data").glob("*/*/service-2.json.gz")):
        try:
            model = load_model(path, path.parent.parent.name)
            CTypes("x", model, [])
            loaded += 1
        except ModelError as error:
            if "is not supported yet, only json" not in str(error):
                refused.append(str(error))
    assert refused == []
    assert loaded > 130
