"""Models of 2018, 2021 and 2023 against each other and ours: what the report says of them, against
the JSON itself."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from conftest import HERE, ROOT, Project

CACHE = ROOT / "build" / "old-models"
WHEELS = [re.fullmatch(r"(botocore==([\d.]+)) --hash=sha256:([0-9a-f]{64})", line).groups()
          for line in (HERE / "old-models.txt").read_text().splitlines() if line[:1] != "#"]
LOGS = "logs/2014-03-28"
EXPORT = ("CancelExportTask", "CreateExportTask", "DescribeExportTasks")


def wheel(requirement, version, digest):
    """From the cache or the package index; without either, the test is skipped."""
    def found():
        return next(CACHE.glob(f"botocore-{version}-*.whl"), None)

    if found() is None:
        CACHE.mkdir(parents=True, exist_ok=True)
        listed = CACHE / f"{version}.txt"
        listed.write_text(f"{requirement} --hash=sha256:{digest}\n")
        result = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
             "--only-binary", ":all:", "--retries", "1", "--timeout", "30", "--dest", str(CACHE),
             "-r", str(listed)], capture_output=True, text=True, check=False)
        if "DO NOT MATCH THE HASHES" in result.stderr:
            pytest.fail(result.stderr)
        if result.returncode != 0:
            pytest.skip(f"{requirement} cannot be had from the package index")
    path = found()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    return path


@pytest.fixture(scope="module", params=WHEELS, ids=[version for _, version, _ in WHEELS])
def old(request, tmp_path_factory):
    """service-2.json and paginators-1.json of an older botocore."""
    folder = tmp_path_factory.mktemp("old")
    with zipfile.ZipFile(wheel(*request.param)) as archive:
        for name in ("service-2.json", "paginators-1.json"):
            (folder / name).write_bytes(archive.read(f"botocore/data/{LOGS}/{name}"))
    return folder


class Models:
    """The project's configuration, with an old model in the place of ours."""

    def __init__(self, folder, old, operations):
        self.project = Project(folder)
        shutil.rmtree(self.project.root / "model")
        shutil.copytree(ROOT / "model", self.project.root / "model")
        self.place = self.project.root / "model" / LOGS
        # Our texts are about what the old model lacks, our waiters, paginators and numbers too.
        for name in ("service-2.sdk-extras.json", "paginators-1.sdk-extras.json", "waiters-2.json",
                     "numbers.json"):
            (self.place / name).unlink()
        for name in ("service-2.json", "paginators-1.json"):
            shutil.copy(old / name, self.place)
        self.project.configure(f'[logs]\nmodel = "{LOGS}"\noperations = {operations}\n')
        self.old = json.loads((old / "service-2.json").read_text())
        self.new = json.loads((ROOT / "model" / LOGS / "service-2.json").read_text())

    def members(self, operation, end):
        """{name: order} of an operation's input or output, old and new; None if there is none."""
        found = []
        for model in (self.old, self.new):
            shape = model["operations"][operation].get(end, {}).get("shape")
            found.append(list(model["shapes"][shape]["members"]) if shape else None)
        return found


@pytest.fixture
def models(tmp_path, old):
    def make(operations):
        return Models(tmp_path, old, operations)
    return make


def findings(text):
    return [tuple(part.strip() for part in re.split(r"   +|: ", line)) for line in text.splitlines()
            if line.startswith(("compatible ", "breaks "))]


def without_streams(models):
    """Every operation but those that are not generated, of both models."""
    names = set(models.old["operations"]) | set(models.new["operations"])
    return sorted(names - {"GetLogObject", "StartLiveTail"})


def test_everything(models, capsys):
    """From an old model to ours, with all operations generated that can be."""
    case = models('"all"')
    names = without_streams(case)
    case.project.configure(f'[logs]\nmodel = "{LOGS}"\noperations = {json.dumps(names)}\n')
    before = (case.place / "service-2.json").read_bytes()
    assert case.project.run("update-model") == 1
    output = capsys.readouterr()
    lines = findings(output.out)
    assert output.err.startswith("programs break, so nothing is written")
    assert (case.place / "service-2.json").read_bytes() == before

    old, new = case.old["operations"], case.new["operations"]
    assert {line[1] for line in lines if line[0] == "compatible" and line[2:] == ("added",)
            and line[1] in names and line[1] not in old} == set(names) - set(old)
    assert {line[1] for line in lines if line[2:] == ("removed",) and line[1] in names} \
        == set(old) - set(new) == set()
    exceptions = [{name for name, shape in model["shapes"].items() if shape.get("exception")}
                  for model in (case.old, case.new)]
    for name in exceptions[1] - exceptions[0]:
        assert ("compatible", name, "added") in lines
    for name in exceptions[0] - exceptions[1]:
        assert ("breaks source", name, "removed") in lines
    for name, shape in case.old["shapes"].items():
        if "enum" in shape and name in case.new["shapes"]:
            values = set(case.new["shapes"][name]["enum"])
            assert {line for line in lines if line[1] == f"enum {name}"} \
                == {("compatible", f"enum {name}", f'"{value}" added')
                    for value in values - set(shape["enum"])}

    added = 0
    for name in set(old) & set(names):
        for end in ("input", "output"):
            before, after = case.members(name, end)
            if before is None or after is None:
                told = [line for line in lines if line[1] == name and line[2].startswith(end)
                        and "arguments" in line[-1]]
                assert len(told) == (before is not after), name
                continue
            told = {line[2].split()[-1]: line for line in lines
                    if line[1] == name and line[2].startswith(f"{end} member")
                    and line[-1].startswith(("added", "removed"))
                    and not line[-1].startswith("added to")}
            # Shapes that several operations share are told as shapes.
            assert set(told) in (set(before) ^ set(after), set())
            for member, line in told.items():
                added += 1
                at_end = set(after[after.index(member):]).isdisjoint(before)
                assert line[0] == ("compatible" if end == "output" and at_end else "breaks binary")
    assert added > 10


def test_export_operations(models, capsys):
    """The first three operations have stayed what they were, and import as compatible."""
    case = models(json.dumps(EXPORT))
    for name in EXPORT:
        for end in ("input", "output"):
            before, after = case.members(name, end)
            assert before == after
    assert case.project.run("update-model") == 0
    output = capsys.readouterr().out
    lines = findings(output)
    assert {line[0] for line in lines} == {"compatible"}
    assert "suggested step: minor" in output
    rest = " ".join(output[output.index("not generated:"):].split())
    added = re.search(r"operations added \((\d+)\): ([^(]*) operations changed", rest)
    assert sorted(added[2].split(", ")) == sorted(
        set(case.new["operations"]) - set(case.old["operations"]))
    assert int(added[1]) == len(added[2].split(", "))
    assert json.loads((case.place / "service-2.json").read_text()) == case.new


def test_numbers_stay(models):
    """Whatever has come in years: what had a number still has it."""
    case = models(json.dumps(EXPORT))
    assert case.project.run("generate", "--record-numbers") == 0
    before = json.loads((case.place / "numbers.json").read_text())
    assert case.project.run("update-model") == 0
    after = json.loads((case.place / "numbers.json").read_text())
    assert before["exceptions"].items() < after["exceptions"].items()
    for name, table in before["enums"].items():
        assert table.items() <= after["enums"][name].items()
    for name, shape in case.new["shapes"].items():
        if "enum" in shape:
            assert set(shape["enum"]) <= set(after["enums"][name])


def test_backwards(models, capsys, tmp_path):
    """From ours to an old one: all that came has gone."""
    case = models(json.dumps(EXPORT))
    source = tmp_path / "older.json"
    shutil.copy(case.place / "service-2.json", source)
    for path in (ROOT / "model" / LOGS).iterdir():
        shutil.copy(path, case.place)
    assert case.project.run("update-model", "--from", str(source)) == 1
    output = capsys.readouterr().out
    gone = {name for name, shape in case.new["shapes"].items() if shape.get("exception")} \
        - {name for name, shape in case.old["shapes"].items() if shape.get("exception")}
    assert {line[1] for line in findings(output) if line[0] == "breaks source"} == gone
    assert "suggested step: major" in output
    for name in gone:
        assert f"service-2.sdk-extras.json: shape {name} is not in the new model" in output
