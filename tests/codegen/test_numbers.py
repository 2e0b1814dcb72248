"""numbers.json: numbers of exceptions and enum values that stay."""

import json
import re
import shutil
import subprocess

import pytest

from caws_codegen.load import load_model
from caws_codegen.numbers import extended
from conftest import ROOT

FILE = "model/zoo/2020-01-01/numbers.json"
CLASSES = ["MAMMAL", "bird", "fish:salt", "fish-salt", "Reptile", "", "=", "UNRECOGNIZED"]


def record(project):
    assert project.run("generate", "--record-numbers") == 0
    return json.loads(project.path("numbers.json").read_text())


def constants(project):
    text = (project.root / "generated/zoo/include/caws/zoo/types.h").read_text()
    return {name: int(number) for name, number in re.findall(r"(CAWS_ZOO_\w+) = (\d+),", text)}


def test_recording_changes_no_number(project):
    project.run("generate")
    before = constants(project)
    numbers = record(project)
    assert constants(project) == before
    assert numbers == {
        "exceptions": {"Asleep": 1, "FedTooMuch": 2, "NoSuchAnimalException": 3, "Unraised": 4},
        "enums": {"AnimalClass": {value: place for place, value in enumerate(CLASSES, 1)}},
    }
    assert record(project) == numbers


def test_without_the_option_nothing_is_recorded(project):
    project.run("generate")
    assert not project.path("numbers.json").exists()


def test_what_is_new_goes_to_the_end(project):
    record(project)
    project.patch({"shapes": {
        "AnimalClass": {"enum": ["insect", *CLASSES[::-1]]},
        "Angry": {"type": "structure", "members": {}, "exception": True},
        "Mood": {"type": "string", "enum": ["good", "bad"]},
    }})
    numbers = record(project)
    assert numbers["exceptions"]["Angry"] == 5
    assert numbers["enums"]["AnimalClass"]["insect"] == 9
    assert numbers["enums"]["Mood"] == {"good": 1, "bad": 2}
    found = constants(project)
    assert found["CAWS_ZOO_ANGRY"] == 5
    assert found["CAWS_ZOO_ANIMAL_CLASS_ENUM_MAMMAL"] == 1
    assert found["CAWS_ZOO_ANIMAL_CLASS_ENUM_FISH_SALT"] == 3  # the name is no other's either
    assert found["CAWS_ZOO_ANIMAL_CLASS_ENUM_INSECT"] == 9


def test_what_has_left_keeps_number_and_name(project):
    numbers = record(project)
    project.patch({"shapes": {"AnimalClass": {"enum": ["fish-salt", "UNRECOGNIZED", "new"]},
                              "Unraised": None}})
    after = record(project)
    assert after["exceptions"] == numbers["exceptions"]
    assert after["enums"]["AnimalClass"] == {**numbers["enums"]["AnimalClass"], "new": 9}
    found = constants(project)
    assert {name: number for name, number in found.items() if "ANIMAL_CLASS" in name} == {
        "CAWS_ZOO_ANIMAL_CLASS_ENUM_UNRECOGNIZED": 0,
        "CAWS_ZOO_ANIMAL_CLASS_ENUM_FISH_SALT_2": 4,
        "CAWS_ZOO_ANIMAL_CLASS_ENUM_UNRECOGNIZED_2": 8,
        "CAWS_ZOO_ANIMAL_CLASS_ENUM_NEW": 9,
    }
    assert "CAWS_ZOO_UNRAISED" not in found


def test_texts_find_their_numbers_over_gaps(project, tmp_path):
    gcc = shutil.which("gcc")
    if gcc is None:
        pytest.skip("no gcc")
    record(project)
    project.patch({"shapes": {"AnimalClass": {"enum": ["new", "fish-salt", "bird"]}}})
    record(project)
    folder = project.root / "generated" / "zoo"
    program = tmp_path / "main.c"
    program.write_text(r"""
        #include <caws/zoo/types.h>
        #include <stdio.h>
        int main(void)
        {
            static const char *const texts[] = {"bird", "fish-salt", "new", "MAMMAL", "", NULL};
            for (int i = 0; i < 6; i++)
                printf("%d ", (int)caws_zoo_animal_class_from_string(texts[i]));
        }""")
    # Of the runtime, what looks texts up.
    subprocess.run([gcc, "-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion",
                    f"-I{ROOT / 'runtime/include'}", f"-I{folder / 'include'}",
                    f"-I{folder / 'src'}", str(program), str(folder / "src/enums.c"),
                    str(ROOT / "runtime/src/schema.c"), "-o", str(tmp_path / "main")], check=True)
    result = subprocess.run([str(tmp_path / "main")], capture_output=True, text=True, check=True)
    assert result.stdout == "2 4 9 0 0 0 "


@pytest.mark.parametrize(("changes", "line"), [
    ({"exceptions": {"Asleep": None}},
     'exceptions: "Asleep" has no number: run ./dev generate --record-numbers'),
    ({"enums": {"AnimalClass": {"": None}}},
     'enum AnimalClass: "" has no number: run ./dev generate --record-numbers'),
    ({"enums": {"AnimalClass": None}},
     'enum AnimalClass: "MAMMAL" has no number: run ./dev generate --record-numbers'),
    ({"exceptions": {"Asleep": 0}}, 'exceptions: the number of "Asleep" must be from 1 to 65535'),
    ({"exceptions": {"Asleep": 65536}}, 'exceptions: the number of "Asleep" must be from 1 to 65535'),
    ({"exceptions": {"Asleep": True}}, 'exceptions: the number of "Asleep" must be from 1 to 65535'),
    ({"exceptions": {"Asleep": "1"}}, 'exceptions: the number of "Asleep" must be from 1 to 65535'),
    ({"exceptions": {"Asleep": 2}}, 'exceptions: "Asleep" and "FedTooMuch" both have the number 2'),
    ({"enums": {"AnimalClass": {"bird": 1}}},
     'enum AnimalClass: "MAMMAL" and "bird" both have the number 1'),
    ({"enums": {"AnimalClass": []}}, "enum AnimalClass: must be an object"),
    ({"enums": []}, "enums: must be an object"),
    ({"exceptions": None}, "must be an object with exceptions and enums"),
    ({"more": {}}, "must be an object with exceptions and enums"),
])
def test_refused(project, capsys, changes, line):
    record(project)
    project.patch(changes, "numbers.json")
    before = project.generated()
    capsys.readouterr()
    assert project.run("generate") == 1
    assert capsys.readouterr().err == f"{FILE}: {line}\n"
    assert project.generated() == before


def test_the_last_number(project, capsys):
    """One more than there can be is refused when it is read, not wrapped around."""
    record(project)
    project.patch({"exceptions": {"Unraised": 65535}}, "numbers.json")
    assert project.run("generate") == 0
    project.patch({"shapes": {"Angry": {"type": "structure", "members": {}, "exception": True}}})
    capsys.readouterr()
    assert project.run("generate", "--record-numbers") == 1
    assert "exceptions: 65536 numbers are needed; 65535 are possible" in capsys.readouterr().err


def test_ours_are_complete():
    for path in (ROOT / "model").glob("*/*/service-2.json"):
        model = load_model(path, "x")
        assert model.numbers is not None
        assert path.with_name("numbers.json").read_text() == extended(model.numbers, model).text()
