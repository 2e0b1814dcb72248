"""Paginators and waiters: what is generated, what is left out, and that botocore sees the same."""

import re
from pathlib import Path

import botocore
import pytest
from botocore.paginate import PaginatorModel

from caws_codegen.errors import ModelError
from caws_codegen.load import load_model, read_with_extras
from caws_codegen.paginators import load_paginators
from caws_codegen.waiters import load_waiters
from conftest import ROOT

DATA = Path(botocore.__file__).parent / "data"
LOGS = ROOT / "model" / "logs" / "2014-03-28"


def follow(model, shape, steps):
    names = []
    for step in steps:
        name, ref = list(model.shapes[shape].members.items())[step]
        names.append(name)
        shape = ref.shape
    return ".".join(names), shape


def test_logs_has_all_of_them():
    model = load_model(LOGS / "service-2.json", "x")
    paginators, left_out = load_paginators(LOGS / "paginators-1.json", "x", model)
    assert left_out == []
    theirs = read_with_extras(LOGS / "paginators-1.json", "x")["pagination"]
    assert {p.operation for p in paginators} == set(theirs)
    for paginator in paginators:
        operation, (token,) = model.operations[paginator.operation], paginator.tokens
        wanted = PaginatorModel({"pagination": theirs}).get_paginator(paginator.operation)
        assert follow(model, operation.input, [token.input])[0] == wanted["input_token"]
        assert follow(model, operation.output, token.output)[0] == wanted["output_token"]
        assert paginator.more_results == []


def generate(project, capsys):
    assert project.run("generate") == 0
    return [line for line in capsys.readouterr().out.splitlines() if "left out" in line]


def has(project, stem):
    return f"zoo/src/{stem}.c" in project.generated()


@pytest.mark.parametrize(("token", "line"), [
    ("rest.house || rest.food", "output_token rest.house || rest.food: only paths of names, . and []"
     " are supported"),
    ("hint[-1].unrelated", "output_token hint[-1].unrelated: only paths of names, . and [] are"
     " supported"),
    ("more", "output_token more: is of type boolean; only strings, integers, longs and maps are"
     " supported"),
    ("hint", "output_token hint: is of type structure; only strings, integers, longs and maps are"
     " supported"),
])
def test_paginators_left_out(project, capsys, token, line):
    project.patch({"pagination": {"Feed": {"output_token": token}}}, "paginators-1.json")
    assert generate(project, capsys) == [f"  left out: paginator Feed: {line}"]
    assert not has(project, "paginate_feed")
    assert has(project, "paginate_adopt_animal") and has(project, "feed")
    header = project.generated()["zoo/include/caws/zoo/feed.h"]
    assert b"paginat" not in header


@pytest.mark.parametrize(("tokens", "reason"), [
    (("tagMap", "offspring"), "output_token offspring: is AnimalMap of type map, and the input's is"
     " TagMap of type map; only the same is supported"),
    (("legs", "name"), "output_token name: is AnimalName of type string, and the input's is LegCount"
     " of type long; only the same is supported"),
    (("legs", "born"), "output_token born: is of type timestamp; only strings, integers, longs and"
     " maps are supported"),
    (("age", "legs"), "output_token legs: is LegCount of type long, and the input's is Age of type"
     " integer; only the same is supported"),
    (("name", "friends[].name"), "output_token friends[].name: leads through a list; only one value"
     " is supported"),
    (("name", "offspring.x"), "output_token offspring.x: goes through AnimalMap, a map"),
])
def test_tokens_of_other_types_left_out(project, capsys, tokens, reason):
    project.patch({"shapes": {"Animal": {"members": {"born": {"shape": "Timestamp"},
                                                     "legs": {"shape": "LegCount"}}}}})
    project.patch({"pagination": {"AdoptAnimal": {"input_token": tokens[0],
                                                  "output_token": tokens[1]}}}, "paginators-1.json")
    assert generate(project, capsys) == [f"  left out: paginator AdoptAnimal: {reason}"]


@pytest.mark.parametrize(("member", "shape"),
                         [("legs", "LegCount"), ("age", "Age"), ("tagMap", "TagMap")])
def test_tokens_that_are_no_strings(project, capsys, member, shape):
    """As they are; but they are no text for caws_paginator_token, which the comment says."""
    project.patch({"shapes": {"Keeper": {"members": {member: {"shape": shape}}}}})
    project.patch({"pagination": {"AdoptAnimal": {
        "input_token": [member], "output_token": f"keeper.{member}"}}}, "paginators-1.json")
    assert generate(project, capsys) == []
    assert b"{keeper" not in project.generated()["zoo/src/paginate_adopt_animal.c"]
    header = project.generated()["zoo/include/caws/zoo/adopt_animal.h"].decode()
    words = " ".join(re.sub(r"\n \* ?", " ", header).split())
    name = {"tagMap": "tag_map"}.get(member, member)
    assert f"input->{name}: where to begin, as page->keeper->{name} told it; absent for the first" \
        " page. caws_paginator_token does not tell it." in words


def test_more_results_that_is_no_boolean(project, capsys):
    project.patch({"pagination": {"Feed": {"more_results": "rest.food"}}}, "paginators-1.json")
    assert generate(project, capsys) == [
        "  left out: paginator Feed: more_results rest.food: leads to type string; only booleans are"
        " supported"]


def test_operations_that_are_not_selected_are_not_told_of(project, capsys):
    project.patch({"pagination": {"Feed": {"output_token": "more"}}}, "paginators-1.json")
    project.configure('[zoo]\nmodel = "zoo/2020-01-01"\noperations = ["Label"]\n')
    assert generate(project, capsys) == []
    assert not any("paginate" in name for name in project.generated())


def test_a_service_without_paginators(project, capsys):
    project.path("paginators-1.json").unlink()
    assert generate(project, capsys) == []
    assert not any(b"caws_paginat" in text for text in project.generated().values())


@pytest.mark.parametrize(("acceptor", "reason"), [
    ({"argument": "length(names) > `0`", "expected": True},
     "argument length(names) > `0`: only paths of names, . and [] are supported"),
    ({"argument": "names[0]"}, "argument names[0]: only paths of names, . and [] are supported"),
    ({"argument": "longs[]", "expected": 5},
     "expected 5: only strings and booleans can be compared"),
    ({"argument": "counts.x"}, "argument counts.x: goes through CountMap, a map"),
])
def test_waiters_left_out(project, capsys, acceptor, reason):
    project.patch({"waiters": {"ZooEmpty": {"acceptors": [
        {"state": "success", "matcher": "error", "expected": "Asleep"},
        {"state": "success", "matcher": "pathAny", "expected": "x", **acceptor}]}}},
        "waiters-2.json")
    assert generate(project, capsys) == [f"  left out: waiter ZooEmpty: acceptor 2: {reason}"]
    assert has(project, "wait_fed") and not has(project, "wait_zoo_empty")


def test_every_json_service():
    """All paginators and waiters of botocore's JSON services are taken or left out, none refused."""
    made, left_out, refused = 0, [], []
    for path in sorted(DATA.glob("*/*/service-2.json.gz")):
        service = path.parent.parent.name
        try:
            model = load_model(path, service)
        except ModelError:
            continue  # of another protocol; test_model.py sees to the others
        for name, load in (("paginators-1", load_paginators), ("waiters-2", load_waiters)):
            try:
                for file in path.parent.glob(f"{name}.json*"):  # packed or not
                    parts, without = load(file, f"{service}/{name}", model)
                    made += len(parts)
                    left_out += [f"{service}: {entry.reason}" for entry in without]
            except ModelError as error:
                refused.append(str(error))
    assert refused == []
    assert made > 1250
    assert [line.split(": ")[:2] for line in left_out] == [
        ["cloudwatch", "waiter AlarmExists"], ["cloudwatch", "waiter CompositeAlarmExists"],
        ["cloudwatch", "waiter LogAlarmExists"],
        ["dynamodb", "waiter KinesisStreamingDestinationActive"],
        ["ecs", "waiter ServicesStable"], ["kinesis", "paginator DescribeStream"]]
