"""./dev update-model: what it writes, leaves alone and says; the report itself is in test_diff."""

import importlib.metadata
import json
import os

import pytest

from caws_codegen.diff import Side, compare
from caws_codegen.errors import ModelError
from caws_codegen.load import check_model
from caws_codegen.report import breaks
from caws_codegen.version import MAJOR, MINOR, PATCH, Version, read_version
from caws_codegen.write import write_all
from conftest import ROOT, ZOO, merge

FOLDER = "model/zoo/2020-01-01"


def files(project):
    """Of model/. What is generated is refused() to change, too."""
    return {path: path.read_bytes() for path in (project.root / "model").rglob("*")
            if path.is_file()}


def everything(project):
    """But for what a test itself puts beside it."""
    return {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}


def newer(project, changes):
    data = json.loads(project.path().read_text())
    merge(data, changes)
    path = project.root / "newer.json"
    path.write_text(json.dumps(data))
    return str(path)


def refused(project, capsys, line, *arguments):
    before = everything(project)
    assert project.run("update-model", *arguments) == 1
    output = capsys.readouterr()
    assert output.err == line + "\n"
    assert everything(project) == before
    return output.out


def test_from_a_file_writes_that_model_alone(project, capsys):
    project.root.joinpath("model/SOURCES").write_text(
        "# Old.\npartitions.json  elsewhere 1.0\nzoo/2020-01-01/service-2.json  elsewhere 1.0\n")
    before = files(project)
    assert project.run("update-model", "--from", newer(project, {"shapes": {"House": {"max": 9}}})) == 0
    wrote = [line for line in capsys.readouterr().out.splitlines() if line.startswith("wrote")]
    assert wrote[:-1] == [f"wrote {FOLDER}/service-2.json", "wrote model/SOURCES",
                          f"wrote {FOLDER}/numbers.json"]
    assert wrote[-1].startswith("wrote generated/ (")
    changed = {path.name for path, text in files(project).items() if before.get(path) != text}
    assert changed == {"service-2.json", "SOURCES", "numbers.json"}
    assert (project.root / "model/SOURCES").read_text().splitlines()[1:] == [
        "partitions.json                elsewhere 1.0", "zoo/2020-01-01/service-2.json  newer.json"]


def test_prose_is_no_change(project, capsys):
    project.run("generate", "--record-numbers")
    before = files(project)
    capsys.readouterr()
    source = newer(project, {"shapes": {"House": {"documentation": "<p>Long.</p>"}}})
    assert project.run("update-model", "--from", source) == 0
    assert capsys.readouterr().out == "the model is up to date\n"
    assert files(project) == before


@pytest.mark.parametrize(("text", "line"), [
    ('{"version": "2.0", "metadata": {', "line 1, column 33: Expecting property name enclosed in"
     " double quotes"),
    ("[]", "is no service model: it has no metadata with a serviceId"),
    ('{"metadata": 5}', "is no service model: it has no metadata with a serviceId"),
    ('{"metadata": {"serviceId": "Zoo"}}', "operations is missing"),
    ('{"metadata": {"serviceId": "Ark"}}', "serviceId Ark is that of no service in caws.toml"),
])
def test_invalid(project, capsys, text, line):
    source = project.root / "newer.json"
    source.write_text(text)
    assert refused(project, capsys, f"{source}: {line}", "--from", str(source)) == ""


def test_no_file(project, capsys):
    assert refused(project, capsys, "nowhere.json: cannot be read: No such file or directory",
                   "--from", "nowhere.json") == ""


@pytest.mark.parametrize("accept", [(), ("--accept-breaking",)])
def test_what_cannot_be_generated(project, capsys, accept):
    """Not even if breaks are accepted."""
    source = newer(project, {"shapes": {"Diet": {"eventstream": True}}})
    refused(project, capsys, f"{source}: operation AdoptAnimal: shape Diet: an event stream is"
            " supported as a member of an output alone; one in an input would need HTTP/2 in both"
            " directions at once", "--from", source, *accept)


def test_truncated_anywhere(project, capsys):
    text = project.path().read_text()
    source = project.root / "newer.json"
    for length in range(0, len(text.rstrip()), 997):
        source.write_text(text[:length])
        assert project.run("update-model", "--from", str(source)) == 1
        assert capsys.readouterr().err.count("\n") == 1


def test_current_model_is_broken(project, capsys):
    source = newer(project, {})
    project.patch({"shapes": {"Age": {"type": "rune"}}})
    before = files(project)
    assert project.run("update-model", "--from", source) == 1
    assert "(this is the model to compare with; without it, the import makes no report)" \
        in capsys.readouterr().err
    assert files(project) == before


def test_without_botocore(project, capsys, monkeypatch):
    def distribution(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    refused(project, capsys, "botocore is not installed, and the models are from there: run this as"
            " ./dev update-model, which installs it, or name a model with --from")
    assert project.run("update-model", "--from", newer(project, {"shapes": {"House": {"max": 9}}})) == 0


def test_what_is_left_to_do_by_hand(project, capsys):
    project.configure('[zoo]\nmodel = "zoo/2020-01-01"\n'
                      'operations = ["AdoptAnimal", "CountVisitors", "Feed"]\n')
    source = newer(project, {
        "operations": {"AdoptAnimal": None, "Label": None},
        "shapes": {"Plate": None, "CountVisitorsResponse": {"members": {"flags": None}},
                   "AdoptAnimalRequest": {"members": {"plate": None, "name": None},
                                          "required": ["class"]}}})
    output = refused(project, capsys, "programs break, so nothing is written; --accept-breaking"
                     " writes it", "--from", source)
    lines = output.splitlines()
    start = lines.index("to do by hand first:")
    extras, waiters = f"{FOLDER}/service-2.sdk-extras.json", f"{FOLDER}/waiters-2.json"
    assert lines[start + 1 : lines.index("", start)] == [
        f"{extras}: operation AdoptAnimal is not in the new model",
        f"{extras}: shape AdoptAnimalRequest: member name is not in the new model",
        f"{extras}: shape Plate is not in the new model",
        "codegen/caws.toml: [zoo]: operation AdoptAnimal is not in the new model",
        f"{waiters}: waiter ZooEmpty: acceptor 1: argument flags[]: shape CountVisitorsResponse has no"
        " member flags",
        f"{FOLDER}/paginators-1.json: paginator AdoptAnimal: operation AdoptAnimal is not defined",
    ]
    assert [line for line in lines if line.startswith("breaks ")] == [
        "breaks source   AdoptAnimal: removed",
        "breaks source   CountVisitors: output member flags: removed",
        f"breaks source   {waiters}: does not fit the new model",
        "breaks source   AdoptAnimal: removed",  # its paginator
    ]
    # The rest is told, and decides nothing.
    assert "not generated:\noperations removed (1): Label\n" in output
    # Until it is done nothing is written, whatever is accepted.
    refused(project, capsys, "what is listed above is to do by hand first, so nothing is written",
            "--from", source, "--accept-breaking")
    project.configure(ZOO)
    for name in ("service-2.sdk-extras.json", "waiters-2.json", "paginators-1.json"):
        project.path(name).unlink()
    assert project.run("generate") == 0  # it can be done before the import
    assert project.run("update-model", "--from", source, "--accept-breaking") == 0
    assert project.run("generate", "--check") == 0


def test_what_is_not_generated_breaks_nothing(project, capsys):
    project.configure('[zoo]\nmodel = "zoo/2020-01-01"\noperations = ["Label"]\n')
    source = newer(project, {"operations": {"OpenZoo": {"input": None}, "CloseZoo": None},
                             "shapes": {"Age": {"type": "string", "min": None, "max": None}}})
    assert project.run("update-model", "--from", source) == 0
    output = capsys.readouterr().out
    assert "breaks source " not in output
    assert ("not generated:\noperations removed (1): CloseZoo\n"
            "operations changed (3): AdoptAnimal, CountVisitors, OpenZoo\n") in output
    assert "suggested step: patch (nothing that programs can tell)" in output


def test_numbers_that_changed_break_binary(project):
    """Without recorded numbers, values in the middle move the others."""
    def side(changes):
        data = json.loads(project.path().read_text())
        merge(data, changes)
        return Side(check_model(data, "x"), {}, {})

    exception = {"type": "structure", "members": {}, "exception": True}
    found, _ = compare("zoo", side({}), side({"shapes": {
        "AnimalClass": {"enum": ["insect", "MAMMAL", "bird", "fish:salt", "fish-salt", "Reptile", "",
                                 "=", "UNRECOGNIZED"]}, "Tired": exception}}), None)
    lines = [finding.line() for finding in found]
    assert 'breaks binary   enum AnimalClass: "MAMMAL": number changed from 1 to 2' in lines
    assert "breaks binary   Unraised: number changed from 4 to 5" in lines
    assert breaks(found)


def test_waiters_and_paginators(project):
    model = check_model(json.loads(project.path().read_text()), "x")
    old = Side(model, {"Fed": "FeedAgain", "Gone": "Feed"},
               {"Feed": {"limit_key": "a"}, "Label": {}, "OpenZoo": {}})
    new = Side(model, {"Fed": "FeedAgain", "Came": "Feed"},
               {"Feed": {"limit_key": "b"}, "CloseZoo": {}, "OpenZoo": {}})
    found, _ = compare("zoo", old, new, None)
    assert [finding.line() for finding in found] == [
        "breaks source   Gone: removed", "compatible      Came: added",
        "breaks source   Label: removed", "compatible      CloseZoo: added",
        "compatible      Feed: changed (behaviour)"]
    found, _ = compare("zoo", old, new, ("FeedAgain",))
    assert found == []


@pytest.mark.parametrize(("version", "step", "following"), [
    (Version(0, 1, 5, 0), MAJOR, Version(0, 2, 0, 1)),
    (Version(0, 1, 5, 0), MINOR, Version(0, 1, 6, 0)),
    (Version(0, 1, 5, 0), PATCH, Version(0, 1, 6, 0)),
    (Version(1, 2, 3, 7), MAJOR, Version(2, 0, 0, 8)),
    (Version(1, 2, 3, 7), MINOR, Version(1, 3, 0, 7)),
    (Version(1, 2, 3, 7), PATCH, Version(1, 2, 4, 7)),
])
def test_version_steps(version, step, following):
    assert version.after(step) == following


@pytest.mark.parametrize("text", ["", "version 1.2\nabi 1\n", "version 1.2.3\n", "abi 1\n",
                                  "version 1.2.3-rc\nabi 1\n", "version 1.2.3\nabi -1\n"])
def test_version_file(tmp_path, text):
    (tmp_path / "VERSION").write_text(text)
    with pytest.raises(ModelError, match='^VERSION: must have the lines "version'):
        read_version(tmp_path / "VERSION", "VERSION")


def test_version_suggested(project, capsys):
    (project.root / "VERSION").write_text("# Ours.\nversion 1.4.2\nabi 3\n")
    source = newer(project, {"operations": {"Label": None}})
    assert project.run("update-model", "--from", source) == 1
    assert capsys.readouterr().out.endswith(
        "\nin VERSION: 1.4.2 -> 2.0.0, abi 3 -> 4\n    version 2.0.0\n    abi 4\n")
    assert (project.root / "VERSION").read_text() == "# Ours.\nversion 1.4.2\nabi 3\n"


def with_header(project):
    """The project's own public header, as it is."""
    header = project.root / "runtime" / "include" / "caws" / "version.h"
    header.parent.mkdir(parents=True)
    header.write_text((ROOT / "runtime/include/caws/version.h").read_text())
    return header


def test_an_accepted_break_raises_the_version_and_the_abi(project, capsys):
    header = with_header(project)
    (project.root / "VERSION").write_text("# version 9.9.9\nversion 1.4.2\n# More.\nabi 9\n")
    assert project.run("generate") == 0
    assert '#define CAWS_VERSION "1.4.2"' in " ".join(header.read_text().split())
    source = newer(project, {"operations": {"Label": None}})
    assert project.run("update-model", "--from", source, "--accept-breaking") == 0
    assert (project.root / "VERSION").read_text() == \
        "# version 9.9.9\nversion 2.0.0\n# More.\nabi 10\n"
    text = " ".join(header.read_text().split())
    for macro, value in (("", '"2.0.0"'), ("_MAJOR", 2), ("_MINOR", 0), ("_PATCH", 0)):
        assert f"#define CAWS_VERSION{macro} {value} " in text
    output = capsys.readouterr().out
    assert "\nwrote VERSION\n" in output and "\nwrote runtime/include/caws/version.h\n" in output
    assert project.run("generate", "--check") == 0


def test_what_breaks_nothing_leaves_the_version(project):
    before = (project.root / "VERSION").read_bytes()
    source = newer(project, {"shapes": {"House": {"max": 9}}})
    assert project.run("update-model", "--from", source, "--accept-breaking") == 0
    assert (project.root / "VERSION").read_bytes() == before


def test_generates_what_it_imported(project, capsys):
    project.run("generate")
    before = project.generated()
    capsys.readouterr()
    source = newer(project, {"operations": {"Label": None, "Whistle": {"name": "Whistle"}}})
    assert project.run("update-model", "--from", source, "--accept-breaking") == 0
    assert " files changed)\n" in capsys.readouterr().out
    after = project.generated()
    assert "zoo/src/whistle.c" in after and "zoo/src/label.c" not in after
    assert after["zoo/src/feed.c"] == before["zoo/src/feed.c"]
    assert project.run("generate", "--check") == 0


def test_generation_fails_after_the_report(project, capsys):
    """What only the whole of generating finds: here, that the layout's style is nonsense."""
    project.run("generate")
    (project.root / ".clang-format").write_text("BasedOnStyle: [\n")
    capsys.readouterr()
    before = everything(project)
    source = newer(project, {"operations": {"Label": None}})
    before |= everything(project)
    assert project.run("update-model", "--from", source, "--accept-breaking") == 1
    output = capsys.readouterr().err
    assert output.startswith("clang-format: ") and output.count("\n") == 1
    assert output.endswith("(in the new model, so nothing is written)\n")
    assert everything(project) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(project, capsys):
    project.run("generate")
    source = newer(project, {"operations": {"Label": None}})
    (project.root / "generated/zoo/src").chmod(0o555)
    try:
        before = everything(project)
        assert project.run("update-model", "--from", source, "--accept-breaking") == 1
        assert capsys.readouterr().err.count("\n") == 1
        assert everything(project) == before
    finally:
        (project.root / "generated/zoo/src").chmod(0o755)


def test_something_is_in_the_way(project, capsys):
    """Of the last file that is written: those before it stay as they were."""
    project.run("generate")
    place = project.root / "generated/zoo/src/wait_zoo_empty.c"
    place.unlink()
    (place / "in the way").mkdir(parents=True)
    source = newer(project, {"operations": {"Label": None}})
    capsys.readouterr()
    refused_output = everything(project)
    assert project.run("update-model", "--from", source, "--accept-breaking") == 1
    assert capsys.readouterr().err == f"{place}: cannot be written: Is a directory\n"
    assert everything(project) == refused_output


def test_sources_that_are_no_list(project, capsys):
    project.root.joinpath("model/SOURCES").write_text("partitions.json\n")
    refused(project, capsys, "model/SOURCES: partitions.json has no source beside it", "--from",
            newer(project, {"shapes": {"House": {"max": 9}}}))


@pytest.mark.parametrize("text", [
    '#define CAWS_VERSION "1.0.0"\n', b"\xff"])
def test_version_header_that_is_no_such_thing(project, capsys, text):
    with_header(project).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert project.run("generate") == 1
    assert capsys.readouterr().err.startswith("runtime/include/caws/version.h: ")
    assert not (project.root / "generated").exists()


def test_all_files_or_none(tmp_path):
    first, second = tmp_path / "first", tmp_path / "file" / "second"
    first.write_text("old")
    (tmp_path / "file").write_text("in the way of a folder")
    with pytest.raises(ModelError, match="second: cannot be written"):
        write_all({first: "new", second: "new"})
    assert first.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "first"]
