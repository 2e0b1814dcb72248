"""Invented changes of a model: what ./dev update-model says of each, and whether compilers agree."""

import json
import shutil
from types import SimpleNamespace

import pytest

import consumer
from caws_codegen import cli
from conftest import Project, merge

REFUSES = "(behaviour: what passed may be refused)"
STRING = {"shape": "String"}


def shapes(**changes):
    return {"shapes": changes}


def members(owner, **changes):
    return shapes(**{owner: {"members": changes}})


def operations(**changes):
    return {"operations": changes}


def fields(owner, order):
    """The members of a structure in this order; those that it lacks are strings."""
    def change(data):
        old = data["shapes"][owner]["members"]
        data["shapes"][owner]["members"] = {name: old.get(name, STRING) for name in order.split()}
    return change


def renamed(old, new):
    def change(data):
        text = json.dumps(data).replace(f'"{old}"', f'"{new}"')
        data.clear()
        data.update(json.loads(text))
    return change


def split_output(data):
    """An output that is a shape of its own, and was one that others use too."""
    data["shapes"]["Adopted"] = json.loads(json.dumps(data["shapes"]["Animal"]))
    data["operations"]["AdoptAnimal"]["output"] = {"shape": "Adopted"}


CLASSES = ["MAMMAL", "bird", "fish:salt", "fish-salt", "Reptile", "", "=", "UNRECOGNIZED"]
VISITORS = shapes(Visitor={"type": "structure", "members": {"name": STRING}},
                  VisitorList={"type": "list", "member": {"shape": "Visitor"}},
                  CountVisitorsResponse={"members": {"visitors": {"shape": "VisitorList"}}})
EXCEPTION = {"type": "structure", "members": {"message": STRING}, "exception": True}

# What changes, the lines that come of it, the suggested step.
CASES = {
    # Operations.
    "operation added": (
        operations(PetSeal={"name": "PetSeal", "input": {"shape": "OpenZooInput"}}),
        ["compatible      PetSeal: added"], "minor"),
    "operation removed": (operations(Label=None), ["breaks source   Label: removed"], "major"),
    "output added": (
        operations(CloseZoo={"output": {"shape": "Seal"}}),
        ["breaks source   CloseZoo: output added: the function's arguments are others"], "major"),
    "input removed": (  # and its name stays kept for it
        operations(OpenZoo={"input": None}),
        ["breaks source   OpenZoo: input removed: the function's arguments are others",
         "breaks source   CountVisitors: output member guard: type changed from const"
         " caws_zoo_open_zoo_input * to const caws_zoo_open_zoo_input_shape *"], "major"),
    "operation deprecated": (
        operations(Label={"deprecated": True}), ["compatible      Label: deprecated added"], "patch"),
    "operation takes a type's name": (
        operations(Keeper={"name": "Keeper"}),
        ["compatible      Keeper: added",
         "breaks source   shape Animal: member keeper: type changed from const caws_zoo_keeper * to"
         " const caws_zoo_keeper_shape *"], "major"),
    "output split off": (
        split_output, ["breaks source   shape Animal: its C types are no longer one and the same"],
        "major"),
    # Members.
    "input member": (
        members("LabelRequest", colour=STRING),
        ["breaks binary   Label: input member colour: added; programs allocate the structure"],
        "major"),
    "required input member": (
        shapes(LabelRequest={"members": {"colour": STRING}, "required": ["labels", "colour"]}),
        [f"breaks binary   Label: input member colour: added, required {REFUSES}; programs allocate"
         " the structure"], "major"),
    "member of what inputs hold": (
        members("Label", colour=STRING),
        ["breaks binary   shape Label: member colour: added; programs allocate the structure"],
        "major"),
    "member of what output lists hold": (
        members("Visitor", age={"shape": "Age"}),
        ["breaks binary   shape Visitor: member age: added; lists and maps hold the structure by"
         " value"], "major"),
    "output member at the end": (
        members("CountVisitorsResponse", zebra=STRING),
        ["compatible      CountVisitors: output member zebra: added"], "minor"),
    "output member of a type that had one use": (
        members("CountVisitorsResponse", zebra={"shape": "LabelResult"}),
        ["compatible      CountVisitors: output member zebra: added"], "minor"),
    "first output member": (
        members("LabelResult", id=STRING), ["compatible      Label: output member id: added"],
        "minor"),
    "output member in the middle": (
        fields("FeedOutput", "rest price hint more"),
        ["breaks binary   Feed: output member price: added before hint"], "major"),
    "output members in another order": (
        fields("FeedOutput", "hint rest more"),
        ["breaks binary   Feed: output: members in another order"], "major"),
    "output member removed": (
        members("FeedOutput", hint=None), ["breaks source   Feed: output member hint: removed"],
        "major"),
    "wire name": (
        members("AdoptAnimalRequest", nickname={"locationName": "name2"}),
        ["compatible      AdoptAnimal: input member nickname: locationName changed from nick to"
         " name2"], "patch"),
    "same name in C": (
        fields("Label", "Text"),
        ["compatible      shape Label: member text: is Text on the wire"], "patch"),
    # Types.
    "integer to long": (
        shapes(Age={"type": "long"}),
        ["breaks source   AdoptAnimal: input member age: type changed from integer to long"],
        "major"),
    "list to map": (
        shapes(AnimalList={"type": "map", "member": None, "key": STRING,
                           "value": {"shape": "Animal"}}),
        ["breaks source   AdoptAnimal: input member parents: type changed from list to map",
         "breaks source   shape Animal: member friends: type changed from list to map",
         "breaks source   shape HerdList: item: type changed from list to map"], "major"),
    "list of other items": (
        shapes(TimeList={"member": STRING}),
        ["breaks source   CountVisitors: output member times: type changed from list of timestamp to"
         " list of string"], "major"),
    "map of other values": (
        shapes(CountMap={"value": {"shape": "Long"}}),
        ["breaks source   shape CountMap: value: type changed from integer to long"], "major"),
    "structure renamed": (
        renamed("Keeper", "Warden"),
        ["breaks source   shape Animal: member keeper: type changed from structure Keeper to"
         " structure Warden"], "major"),
    "timestamp to long": (
        shapes(DateText={"type": "long", "timestampFormat": None}),
        ["breaks source   AdoptAnimal: input member arrived: type changed from timestamp to long; it"
         " looks the same in C, and means something else"], "major"),
    "float to double": (
        shapes(Weight={"type": "double"}),
        ["compatible      AdoptAnimal: input member weight: type changed from float to double, the"
         " same in C",
         "compatible      shape Diet: member meat: type changed from float to double, the same in C"],
        "patch"),
    # Enum values.
    "enum value in the middle": (
        shapes(AnimalClass={"enum": [*CLASSES[:2], "insect", *CLASSES[2:]]}),
        ['compatible      enum AnimalClass: "insect" added'], "minor"),
    "enum values in another order": (shapes(AnimalClass={"enum": CLASSES[::-1]}), [], "patch"),
    "enum value removed": (
        shapes(AnimalClass={"enum": CLASSES[:1] + CLASSES[2:]}),
        ['breaks source   enum AnimalClass: "bird" removed'], "major"),
    "enum value in capitals": (
        shapes(AnimalClass={"enum": ["BIRD", *CLASSES[:1], *CLASSES[2:]]}),
        ['breaks source   enum AnimalClass: "bird" removed',
         'compatible      enum AnimalClass: "BIRD" added'], "major"),
    "enum removed": (
        shapes(AnimalClass={"enum": None}),
        ["breaks source   shape AnimalClass: the C type caws_zoo_animal_class is gone"], "major"),
    "enum added": (
        shapes(Password={"enum": ["1234"]}), ["compatible      enum Password: added"], "minor"),
    # Constraints.
    "max lowered": (
        shapes(AnimalName={"max": 10}),
        [f"compatible      shape AnimalName: max lowered from 64 to 10 {REFUSES}"], "minor"),
    "max raised": (
        shapes(AnimalName={"max": 100}),
        ["compatible      shape AnimalName: max raised from 64 to 100"], "minor"),
    "min lowered": (
        shapes(Weight={"min": -1}),
        ["compatible      shape Weight: min lowered from -0.5 to -1"], "minor"),
    "min 0 of a length says nothing": (shapes(Password={"min": 0}), [], "patch"),
    "pattern": (
        shapes(House={"pattern": "[a-z]+"}),
        ["compatible      shape House: pattern changed from [a-z0-9-]{1,63} to [a-z]+ " + REFUSES],
        "minor"),
    "pattern that is not checked": (shapes(Odd={"pattern": "(?=[a-c])b++"}), [], "patch"),
    "constraint of an item": (
        shapes(StringList={"member": {"shape": "Odd2"}}, Odd2={"type": "string", "max": 5}),
        [f"compatible      shape StringList: item: max 5 added {REFUSES}"], "minor"),
    "required": (
        shapes(AdoptAnimalRequest={"required": ["name", "age"]}),
        [f"compatible      AdoptAnimal: input member age: required now {REFUSES}",
         "compatible      AdoptAnimal: input member class: no longer required"], "minor"),
    "outputs are not checked": (
        shapes(FeedOutput={"required": ["rest"]}, LongList={"max": 5}), [], "patch"),
    "union": (
        shapes(Diet={"union": None}),
        ["compatible      shape Diet: is no longer a union (behaviour)"], "minor"),
    # Errors.
    "exception added": (
        shapes(Angry=EXCEPTION), ["compatible      Angry: added"], "minor"),
    "exception removed": (
        shapes(Unraised=None), ["breaks source   Unraised: removed"], "major"),
    "exception with details now": (
        members("NoSuchAnimalException", id=STRING),
        ["compatible      NoSuchAnimalException: its details are generated now"], "minor"),
    "exception without details now": (
        shapes(FedTooMuch={"members": {"grams": None}, "required": None}),
        ["breaks source   FedTooMuch: its details are generated no longer"], "major"),
    "detail added": (
        members("FedTooMuch", litres={"shape": "Double"}),
        ["compatible      shape FedTooMuch: member litres: added"], "minor"),
    "error of an operation": (
        operations(Feed={"errors": [{"shape": "FedTooMuch"}, {"shape": "Asleep"}]}),
        ["compatible      Feed: Asleep added to its errors"], "minor"),
    "retryable": (
        shapes(Asleep={"retryable": None}), ["compatible      Asleep: retryable removed"], "minor"),
    # The service.
    "on the wire only": (
        {"metadata": {"targetPrefix": "Zoo_2"}},
        ["compatible      service: targetPrefix changed from Zoo_20200101 to Zoo_2"], "patch"),
}
BASES = {"member of what output lists hold": VISITORS}
NOT_FOR_COMPILERS = {"timestamp to long"}


def change(data, changes):
    changes(data) if callable(changes) else merge(data, changes)


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """The headers before the change, and what programs have from them."""
    made = {}

    def give(name):
        base = BASES.get(name)
        if base is None:
            name = ""
        if name not in made:
            project = Project(tmp_path_factory.mktemp("old"))
            if base is not None:
                project.patch(base)
            include = generated(project)
            headers = consumer.Headers(include)
            right, errors = consumer.compiles(headers.program(), include)
            assert right, errors
            made[name] = SimpleNamespace(
                program=headers.program(), probe=headers.probe(),
                numbers=consumer.run(headers.probe(), include, project.root))
        return made[name]
    return give


def generated(project):
    """The include folder. The layout of the text does not matter here, and takes the most time."""
    formatted, cli.format_c = cli.format_c, lambda files, style: files
    try:
        assert project.run("generate") == 0
    finally:
        cli.format_c = formatted
    return project.root / "generated" / "zoo" / "include"


def import_changed(project, changes, *options):
    data = json.loads(project.path().read_text())
    change(data, changes)
    source = project.root / "newer.json"
    source.write_text(json.dumps(data))
    return project.run("update-model", "--from", str(source), *options)


def findings(text):
    return [line for line in text.splitlines() if line.startswith(("compatible ", "breaks "))]


@pytest.mark.parametrize("name", CASES)
def test_report(project, capsys, name):
    changes, lines, step = CASES[name]
    if name in BASES:
        project.patch(BASES[name])
    before = project.path().read_bytes()
    status = import_changed(project, changes)
    output = capsys.readouterr()
    assert findings(output.out) == lines
    assert f"\nsuggested step: {step} (" in output.out
    assert status == (1 if step == "major" else 0)
    if step == "major":
        assert output.err == "programs break, so nothing is written; --accept-breaking writes it\n"
        assert project.path().read_bytes() == before
        assert not project.path("numbers.json").exists()
        assert import_changed(project, changes, "--accept-breaking") == 0
    wanted = json.loads(before)
    change(wanted, changes)
    assert json.loads(project.path().read_text()) == wanted
    assert import_changed(project, {}) == 0
    assert capsys.readouterr().out.endswith("the model is up to date\n")


@pytest.mark.parametrize("name", [name for name in CASES if name not in NOT_FOR_COMPILERS])
def test_compilers_agree(project, tmp_path, old, name):
    if shutil.which("gcc") is None:
        pytest.skip("no gcc")
    changes, lines, _ = CASES[name]
    known = old(name)
    if name in BASES:
        project.patch(BASES[name])
    assert import_changed(project, changes, "--accept-breaking") == 0
    include = generated(project)
    right, errors = consumer.compiles(known.program, include)
    assert right == (not any(line.startswith("breaks source") for line in lines)), errors
    if right:
        same = consumer.run(known.probe, include, tmp_path) == known.numbers
        assert same == (not any(line.startswith("breaks binary") for line in lines))
