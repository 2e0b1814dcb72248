"""Models that are hostile, or not models at all, through each command that reads one: a line that says
what is wrong, exit status 1, and every file as it was. Exact texts are in test_refusals."""

import copy
import gzip
import json
import os
import subprocess
import sys

import pytest

from conftest import HERE, ROOT, merge

MODEL = (HERE / "models" / "zoo" / "2020-01-01" / "service-2.json").read_text()
EMPTY = {"type": "structure", "members": {}}
HALF = "\ud800"  # of a surrogate pair


def model(changes):
    data = copy.deepcopy(json.loads(MODEL))
    merge(data, changes)
    return json.dumps(data)


def member(name, **ref):
    return model({"shapes": {"Keeper": {"members": {name: {"shape": "String", **ref}}}}})


def shape(name, **changes):
    return model({"shapes": {name: changes}})


def new_operation(name):
    return model({"operations": {name: {"name": name}}})


def feed(**changes):
    return model({"operations": {"Feed": changes}})


# The model, and a part of what is said.
REFUSED = {
    # No model.
    "empty file": ("", "line 1, column 1: Expecting value"),
    "byte order mark": ("\ufeff" + MODEL, "byte order mark"),
    "UTF-16": (MODEL.encode("utf-16"), "is not UTF-8 at byte 0"),
    "zeros": (b"\0" * 99, "line 1, column 1"),
    "null": ("null", None),
    "a number": ("5", None),
    "a text": ('"x"', None),
    "more after the end": (MODEL + "}", "Extra data"),
    "a comment": ("// x\n" + MODEL, "line 1, column 1"),
    "cut short": (MODEL[: len(MODEL) // 2], "line "),
    "brackets": ("[" * 100_000, "is nested too deeply"),
    "braces": ('{"a":' * 100_000, "is nested too deeply"),
    "digits": ('{"a": ' + "9" * 5000 + "}", "a number of 5000 digits is too long"),
    "NaN": (shape("Age", type="float", max=float("nan")), "NaN is no number of JSON"),
    "Infinity": (shape("Age", type="float", max=float("inf")), "Infinity is no number of JSON"),
    "1e400": (MODEL.replace('"max": 300', '"max": 1e400'), "the number 1e400 is too large"),
    "a name twice": (MODEL.replace('"food":', '"food": {"shape": "String"}, "food":', 1),
                     "the name food stands twice in one object"),
    # Parts of the wrong kind.
    "no metadata": (model({"metadata": None}), None),
    "no shapes": (model({"shapes": None}), "shapes is missing"),
    "no operations": (model({"operations": None}), "operations is missing"),
    "shapes are a list": (model({"shapes": []}), "shapes must be an object"),
    "protocol is a list": (model({"metadata": {"protocol": ["json"]}}), "metadata: protocol"),
    "no protocol": (model({"metadata": {"protocol": None, "protocols": None}}), "metadata: protocol is missing"),
    "protocols are a number": (model({"metadata": {"protocols": 5}}), "metadata: protocols must be"),
    "members are a list": (shape("Seal", members=[]), "shape Seal: members must be an object"),
    "a shape is a list": (model({"shapes": {"Seal": []}}), "shape Seal: must be an object"),
    "a type is a list": (shape("Seal", type=["structure"]), "shape Seal: type"),
    "a reference is a list": (member("name", shape=["String"]), "shape Keeper: member name: shape"),
    "required is a text": (shape("Keeper", required="name"), "shape Keeper: required must be"),
    "enum in an enum": (shape("AnimalClass", enum=[["a"]]), "shape AnimalClass: enum"),
    "errors are numbers": (feed(errors=[5]), "operation Feed: errors: must be an object"),
    "an input is a text": (feed(input="Meal"), "operation Feed: input must be an object"),
    "a key is a number": (shape("TagMap", key={"shape": "Integer"}), "shape TagMap: key: Integer is"),
    "a payload is a number": (
        model({"shapes": {"Keeper": {"payload": "age",
                                     "members": {"age": {"shape": "Integer"}}}}}),
        "shape Keeper: member age: Integer is of type integer; a payload must be a blob, document,"),
    # Bounds.
    "an empty enum": (shape("AnimalClass", enum=[]), "shape AnimalClass: enum: has no values"),
    "min above max": (shape("Age", min=400), "shape Age: min 400 is greater than max 300"),
    "a huge whole bound": (shape("Age", max=10**30), "shape Age: max is 1000000000000000000000000000000;"
                                                     " it must fit in 64 bits"),
    "a huge real bound": (shape("Age", type="float", max=1e300), "shape Age: max must fit in 64 bits"),
    "an enum of 70000": (shape("AnimalClass", enum=["MAMMAL", *map(str, range(70_000))]),
                         "numbers are needed; 65535 are possible"),
    "an HTTP status": (model({"shapes": {"FedTooMuch": {"error": {"httpStatusCode": 10**30}}}}),
                       "shape FedTooMuch: error: httpStatusCode 1000000000000000000000000000000 is"),
    # Names.
    "an empty member": (member(""), "shape Keeper: member : the name must be of letters"),
    "no letter in a member": (member("---"), "shape Keeper: member ---: the name must be of"),
    "a member in Japanese": (member("日本"), "shape Keeper: member 日本: the name must be of"),
    "a quote in a member": (member('a"b'), "the name must be of"),
    "an end of a line in a member": (member("a\nb"), "shape Keeper: member a\\nb: the name must"),
    "an end of a comment in a member": (member("a*/b"), "the name must be of"),
    "half a character in a member": (member(HALF), "has half of a surrogate pair"),
    "half a character in an enum": (shape("AnimalClass", enum=[HALF]),
                                    '"\\ud800" has half of a surrogate pair'),
    "half a character in a pattern": (shape("String", pattern=f"[{HALF}]"), "half of a surrogate pair"),
    "a long member": (member("A" * 5000), "the name has 5000 characters; at most 200 are possible"),
    "a shape that begins with a digit": (model({"shapes": {"3Cage": EMPTY}}), "shape 3Cage: the name"),
    "an empty shape": (model({"shapes": {"": EMPTY}}), "shape : the name"),
    "a path as an operation": (new_operation("../../evil"), "operation ../../evil: the name must be of"),
    "an operation without a name": (new_operation(""), "operation : the name must be of"),
    "a digit as an operation": (new_operation("3Feed"), "operation 3Feed: the name must be of"),
    "a long operation": (new_operation("A" * 101), "the name has 101 characters; at most 100"),
    "a file of ours": (new_operation("Types"), "operation Types and types file both become types in C"),
    "two members, one name": (model({"shapes": {"Keeper": {"members": {
        "3d": {"shape": "String"}, "n3d": {"shape": "String"}}}}}),
        "shape Keeper: member n3d and member 3d both become n3d in C"),
    "a reference with an end of a line": (member("x", shape="a\nb"), "shape a\\nb is not defined"),
    "a trait with an end of a line": (shape("Keeper", **{"a\nb": 1}), "the trait a\\nb is not known"),
    # What would go into requests and comments.
    "a name that ends a comment": (
        model({"metadata": {"serviceFullName": "*/ int x; /*"}}), "metadata: serviceFullName"),
    "a name of two lines": (
        model({"metadata": {"serviceFullName": "a\n#error"}}), "metadata: serviceFullName"),
    "a header in a target": (
        model({"metadata": {"targetPrefix": "a\r\nX: y"}}), "metadata: targetPrefix"),
    "a path in a host": (model({"metadata": {"endpointPrefix": "../x"}}), "metadata: endpointPrefix"),
    "a quote in a signing name": (model({"metadata": {"signingName": 'a"'}}), "metadata: signingName"),
    "a header in a method": (feed(http={"method": "POST\r\nX: y"}), "operation Feed: http: method"),
    "a space in a path": (feed(http={"requestUri": "/ HTTP/1.1"}), "operation Feed: http: requestUri"),
    "a slash in a host prefix": (feed(endpoint={"hostPrefix": "a/."}),
                                 "operation Feed: endpoint: hostPrefix"),
}

# Strange, and right: what comes of these is C that compiles.
TAKEN = {
    "recursion that is required": model({"shapes": {"Meal": {
        "members": {"self": {"shape": "Meal"}}, "required": ["self"]}}}),
    "a map of itself": shape("TagMap", value={"shape": "TagMap"}),
    "keywords": model({"shapes": {"Keeper": {"members": {name: {"shape": "String"} for name in (
        "int", "class", "namespace", "nullptr", "template", "NULL", "errno", "restrict", "bool",
        "true", "stdin", "EOF", "inline", "asm", "typeof", "signed", "present", "value", "count")}}}}),
    "a keyword as an operation": new_operation("int"),
    "enum values": shape("AnimalClass", enum=["MAMMAL", "é", "日本", "a\nb", '"', "\\", "*/", "??/"]),
    "a document in a map": model({"shapes": {"Paper": {**EMPTY, "document": True},
                                             "TagMap": {"value": {"shape": "Paper"}}}}),
    "locationName": member("name", locationName='"\n??/\\*/'),
    "patterns": shape("String", pattern="(" * 500 + "*/" + ")" * 500),
    "the largest bound": shape("StringList", max=2**63 - 1),
    "a chain of 3000": model({"shapes": {
        **{f"Deep{n}": {"type": "structure", "members": {"n": {"shape": f"Deep{n + 1}"}}}
           for n in range(3000)}, "Deep3000": EMPTY,
        "Keeper": {"members": {"d": {"shape": "Deep0"}}}}}),
}


def tree(root):
    return {path.relative_to(root): path.read_bytes() if path.is_file() else None
            for path in root.rglob("*")}


@pytest.fixture(params=["generate", "generate --service", "update-model"])
def command(request, project):
    """Gives a model to a command; the exit status, and whether anything is another than before."""
    def run(content):
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        given = project.root / "given.json"
        if request.param == "generate":
            given = project.path()
        given.write_bytes(data)
        (project.root / "generated").mkdir()
        (project.root / "generated" / "old.c").write_text("/* Generated by ./dev generate */\n")
        before = tree(project.root)
        arguments = {
            "generate": ["generate"],
            "generate --service": ["--cwd", str(project.root), "generate", "--service", "zoo",
                                   "--model", str(given), "--output", "out"],
            "update-model": ["update-model", "--from", str(given), "--accept-breaking"],
        }[request.param]
        status = project.run(*arguments)
        return status, tree(project.root) != before

    run.name = request.param
    return run


@pytest.mark.parametrize("case", REFUSED)
def test_refused(command, capsys, case):
    content, text = REFUSED[case]
    status, touched = command(content)
    error = capsys.readouterr().err
    assert status == 1
    assert error.count("\n") == 1 and error.endswith("\n")
    assert len(error) < 1000
    assert (("service-2.json" if command.name == "generate" else "given.json") + ": ") in error
    if text is not None:
        assert text in error
    assert not touched


@pytest.mark.parametrize("case", TAKEN)
def test_taken(project, tmp_path, case):
    project.path().write_text(TAKEN[case])
    assert project.run("generate") == 0
    folder = project.root / "generated" / "zoo"
    include = ["-I", str(ROOT / "runtime/include"), "-I", str(folder / "include")]
    sources = [str(path) for path in sorted(folder.glob("src/*.c"))]
    header = folder / "include" / "caws" / "zoo.h"
    for command in (["gcc", "-std=c11", "-Wstrict-prototypes", *sources],
                    ["g++", "-std=c++17", "-x", "c++", str(header)]):
        done = subprocess.run([*command, "-fsyntax-only", "-Wall", "-Wextra", "-Werror", *include],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[:2000]


def test_packed_and_damaged(project, capsys):
    """A .gz whose inside is nonsense, which the library tells in a way of its own."""
    place = project.root / "given.json.gz"
    packed = gzip.compress(MODEL.encode())
    for at in (5, 30, len(packed) // 2, len(packed) - 2):
        damaged = bytearray(packed)
        damaged[at : at + 8] = b"\xff" * len(damaged[at : at + 8])
        place.write_bytes(damaged)
        if project.run("update-model", "--from", str(place)) == 1:
            error = capsys.readouterr().err
            assert error.startswith(f"{place}: ") and error.count("\n") == 1


@pytest.mark.parametrize("junk", [b"", b"\xff", b"[", b"null", b"5"])
@pytest.mark.parametrize("name", ["codegen/caws.toml", "VERSION", "model/partitions.json",
                                  "model/zoo/2020-01-01/service-2.sdk-extras.json",
                                  "model/zoo/2020-01-01/waiters-2.json",
                                  "model/zoo/2020-01-01/paginators-1.json",
                                  "model/zoo/2020-01-01/numbers.json"])
def test_junk_in_our_own_files(project, capsys, name, junk):
    project.run("generate")
    (project.root / name).write_bytes(junk)
    given = project.root / "given.json"
    given.write_text(shape("House", max=9))
    before = tree(project.root)
    capsys.readouterr()
    assert project.run("update-model", "--from", str(given)) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1, error
    assert tree(project.root) == before


@pytest.mark.parametrize("output", ["", "/dev/null/x", "/dev/null", "given.json", "/proc/caws"])
def test_output_that_cannot_be(project, capsys, output):
    given = project.root / "given.json"
    given.write_text(MODEL)
    before = tree(project.root)
    assert project.run("--cwd", str(project.root), "generate", "--service", "zoo", "--model",
                       str(given), "--output", output) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert tree(project.root) == before


@pytest.mark.parametrize("name", ["../../evil", "zoo/../x", "日本", "3zoo", "zoo\n", "-zoo", "z*/", "."])
def test_services_that_are_paths(project, capsys, name):
    given = project.root / "given.json"
    given.write_text(MODEL)
    before = tree(project.root)
    assert project.run("--cwd", str(project.root), "generate", f"--service={name}", "--model",
                       str(given)) == 1
    error = capsys.readouterr().err
    assert error.startswith("--service ") and error.count("\n") == 1
    assert tree(project.root) == before


@pytest.mark.parametrize("arguments", [
    ["generate", "--service", "zoo", "--model", "given.json"],
    ["update-model", "--from", "given.json"]])
def test_as_a_process(project, tmp_path, arguments):
    """As ./dev runs it: no traceback, and nothing on standard output."""
    (project.root / "given.json").write_text("[" * 100_000)
    done = subprocess.run(
        [sys.executable, "-m", "caws_codegen", "--root", str(project.root), "--cwd",
         str(project.root), *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "codegen"), "LC_ALL": "C"})
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.endswith("given.json: is nested too deeply\n")
    assert done.stderr.count("\n") == 1
