"""Models with one thing broken at random: refused with one line, or generated; never a crash."""

import copy
import json
import random

import pytest

from caws_codegen.config import Service
from caws_codegen.errors import ModelError, Where
from caws_codegen.layout import Layout
from caws_codegen.load import check_model, deep_merge
from caws_codegen.paginators import load_paginators
from caws_codegen.waiters import load_waiters
from caws_codegen.write import render
from conftest import HERE

FOLDER = HERE / "models" / "zoo" / "2020-01-01"
JUNK = [None, True, -1, 2**64, 0.5, "", "x", "String", [], [None], ["String"], {}, {"shape": "Meal"},
        {"shape": 5}, {"x": {"y": []}}, "structure", "list", "map"]


def places(data):
    """Every (container, key) of a JSON value."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in list(items):
        yield data, key
        if isinstance(value, (dict, list)):
            yield from places(value)


def generate(model, waiters, paginators, tmp_path):
    checked = check_model(model, "service-2.json")
    parts, left_out = [], []
    for name, data, load in (("waiters-2.json", waiters, load_waiters),
                             ("paginators-1.json", paginators, load_paginators)):
        path = tmp_path / name
        path.write_text(json.dumps(data))
        part, without = load(path, name, checked)
        parts.append(part)
        left_out += without
    service = Service("zoo", "zoo", None, None, Where("caws.toml"))
    render(Layout(service, checked, *parts, left_out).files())


@pytest.mark.parametrize("seed", range(8))
def test_one_thing_broken(seed, tmp_path):
    chance = random.Random(seed)
    model = json.loads((FOLDER / "service-2.json").read_text())
    deep_merge(model, json.loads((FOLDER / "service-2.sdk-extras.json").read_text())["merge"])
    waiters = json.loads((FOLDER / "waiters-2.json").read_text())
    paginators = json.loads((FOLDER / "paginators-1.json").read_text())
    generate(copy.deepcopy(model), waiters, paginators, tmp_path)
    refused = 0
    for _ in range(60):
        broken = copy.deepcopy([model, waiters, paginators])
        container, key = chance.choice([p for p in places(broken) if p[0] is not broken])
        if chance.random() < 0.2:
            del container[key]
        else:
            container[key] = chance.choice(JUNK)
        try:
            generate(*broken, tmp_path)
        except ModelError as error:
            refused += 1
            assert "\n" not in str(error)
            assert str(error).startswith(
                ("service-2.json: ", "waiters-2.json: ", "paginators-1.json: "))
    assert refused > 20
