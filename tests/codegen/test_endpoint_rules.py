"""Endpoint rules: what is refused, and what operations tell them. What rules come to is for
tests/endpoints, with AWS's own cases."""

import copy
import json

import pytest

from caws_codegen.endpoint_rules import check_endpoint_rules
from caws_codegen.errors import ModelError

FILE = "endpoint-rule-set-1.json"
RULES = f"model/zoo/2020-01-01/{FILE}"
SERVICE = "model/zoo/2020-01-01/service-2.json"


def rule_set(rules=None, **parameters):
    return {"version": "1.0", "parameters": parameters or {"Region": {"type": "string"}},
            "rules": rules or [endpoint("https://zoo")]}


def endpoint(url, *conditions, **more):
    return {"type": "endpoint", "conditions": list(conditions), "endpoint": {"url": url, **more}}


def error(text, *conditions):
    return {"type": "error", "conditions": list(conditions), "error": text}


def tree(rules, *conditions):
    return {"type": "tree", "conditions": list(conditions), "rules": rules}


def call(name, *arguments, **more):
    return {"fn": name, "argv": list(arguments), **more}


def ref(name):
    return {"ref": name}


def nested(depth):
    value = ref("Region")
    for _ in range(depth):
        value = call("uriEncode", value)
    return value


REGION = ref("Region")
ARN = call("aws.parseArn", REGION, assign="Arn")
FLAG = {"type": "boolean", "default": False}

REFUSED = [
    # The file.
    ([], "must be an object"),
    ({**rule_set(), "colour": "red"},
     "colour is not known here; known are version, parameters, rules, serviceId, documentation"),
    ({"version": "1.0", "parameters": {}}, "rules is missing"),
    ({**rule_set(), "version": "2.0"}, "version 2.0 is not known, only 1.0"),
    ({**rule_set(), "rules": []}, "rules: has no rules"),
    ({**rule_set(), "parameters": []}, "parameters must be of type dict"),
    # Parameters.
    (rule_set(A={"type": "number"}),
     "parameter A: type number is not known; known are string, boolean, stringarray"),
    (rule_set(A={}), "parameter A: type is missing"),
    (rule_set(A={"type": "string", "builtIn": "AWS::Weather"}),
     "parameter A: builtIn AWS::Weather is not known"),
    (rule_set(A={"type": "string", "builtIn": "AWS::UseFIPS"}),
     "parameter A: builtIn AWS::UseFIPS is of type boolean"),
    (rule_set(A={"type": "string", "default": True}),
     "parameter A: default: is of type boolean; it must be string"),
    (rule_set(A={"type": "stringArray", "default": ["a", True]}),
     "parameter A: default: must be a list of strings"),
    (rule_set(A={"type": "stringArray", "default": ["a"] * 13}),
     "parameter A: default: 13 parts; caws has room for 12"),
    (rule_set(**{f"P{n}": {"type": "string"} for n in range(65)}),
     "65 parameters and variables; caws has room for 64"),
    (rule_set(A={"type": "string", "default": "a\0b"}), "'a\\x00b' has a NUL character"),
    # Rules.
    (rule_set(["x"]), "rule 1: type must be one of endpoint, error, tree"),
    (rule_set([{"type": "leaf", "conditions": []}]),
     "rule 1: type must be one of endpoint, error, tree"),
    (rule_set([{"type": "error", "error": "x"}]), "rule 1: conditions is missing"),
    (rule_set([tree([], call("isSet", REGION))]), "rule 1: rules: has no rules"),
    (rule_set([tree([{"type": "tree", "conditions": [], "rules": [{}]}])]),
     "rule 1: rule 1: rule 1: type must be one of endpoint, error, tree"),
    (rule_set([error("x", *[call("isSet", REGION)] * 256)]),
     "rule 1: 256 conditions; caws can count to 255"),
    (rule_set([{**error("x"), "endpoint": {}}]),
     "rule 1: endpoint is not known here; known are type, conditions, error, documentation"),
    # Functions.
    (rule_set([error("x", call("isSat", REGION))]),
     "rule 1: condition 1: isSat: is not known; known are aws.isVirtualHostableS3Bucket,"
     " aws.parseArn, aws.partition, booleanEquals, getAttr, isSet, isValidHostLabel, not, parseURL,"
     " stringEquals, substring, uriEncode"),
    (rule_set([error("x", call("isSet"))]),
     "rule 1: condition 1: isSet: has 0 arguments; it must have 1"),
    (rule_set([error("x", call("stringEquals", REGION, True))]),
     "rule 1: condition 1: stringEquals: argument 2: true is of type boolean; it must be string"),
    (rule_set([error("x", call("substring", REGION, 0, -1, False))]),
     "rule 1: condition 1: substring: argument 3: -1 is not possible; numbers are from 0 to 65535"),
    (rule_set([error("x", call("substring", REGION, 0, 65536, False))]),
     "rule 1: condition 1: substring: argument 3: 65536 is not possible; numbers are from 0 to 65535"),
    (rule_set([error("x", call("isSet", None))]),
     "rule 1: condition 1: isSet: argument 1: must be a text, a number, a boolean, a ref or a fn"),
    (rule_set([error("x", call("isSet", call("uriEncode", REGION, assign="A")))]),
     "rule 1: condition 1: isSet: argument 1: assign is not known here; known are fn, argv"),
    (rule_set([error("x", call("isSet", nested(8)))]),
     "rule 1: condition 1: isSet: argument 1: expressions are nested deeper than 8"),
    # Attributes.
    (rule_set([error("x", ARN, call("isSet", call("getAttr", ref("Arn"), "acountId")))]),
     "rule 1: condition 2: isSet: argument 1: getAttr: Arn, of type arn, has no attribute acountId;"
     " near: accountId"),
    (rule_set([error("x", call("getAttr", REGION, "name"))]),
     "rule 1: condition 1: getAttr: Region, of type string, has no attribute name"),
    (rule_set([error("x", call("getAttr", REGION, "[0]"))]),
     "rule 1: condition 1: getAttr: Region is of type string; only a list has [0]"),
    (rule_set([error("x", ARN, call("getAttr", ref("Arn"), "resourceId[-1]"))]),
     "rule 1: condition 2: getAttr: attribute 'resourceId[-1]' is not possible"),
    (rule_set([error("x", ARN, call("getAttr", ref("Arn"), "resourceId[65536]"))]),
     "rule 1: condition 2: getAttr: [65536] is more than 65535"),
    (rule_set([error("x", call("getAttr", REGION))]),
     "rule 1: condition 1: getAttr: needs a value and the name of its attribute"),
    # Scopes.
    (rule_set([error("{Regoin}")]), "rule 1: error: Regoin has no value here; near: Region"),
    (rule_set([error("x", ARN), error("{Arn#region}")]), "rule 2: error: Arn has no value here"),
    (rule_set([tree([error("x", ARN)], ARN)]),
     "rule 1: rule 1: condition 1: assign: Arn has a value already"),
    (rule_set([error("x", {**ARN, "assign": "Region"})]),
     "rule 1: condition 1: assign: Region has a value already"),
    # Templates.
    (rule_set([error("a{")]), "rule 1: error: 'a{' has a brace alone"),
    (rule_set([error("a}b")]), "rule 1: error: 'a}b' has a brace alone"),
    (rule_set([error("{Flag}")], Flag=FLAG),
     "rule 1: error: {Flag} is of type boolean; it must be string"),
    (rule_set([error("x{Arn}", ARN)]), "rule 1: error: {Arn} is of type arn; it must be string"),
    (rule_set([error("{Region}." * 7)]), "rule 1: error: 14 parts; caws has room for 12"),
    # Endpoints.
    (rule_set([endpoint(7)]), "rule 1: endpoint: url must be of type str or dict"),
    (rule_set([endpoint(ref("Flag"))], Flag=FLAG),
     "rule 1: endpoint: url: Flag is of type boolean; it must be string"),
    (rule_set([endpoint("x", headers={"a": "b"})]), "rule 1: endpoint: headers: a: must be a list"),
    (rule_set([endpoint("x", headers={"a": [True]})]),
     "rule 1: endpoint: headers: a: true is of type boolean; it must be string"),
    (rule_set([endpoint("x", properties={"authSchemes": []})]),
     "rule 1: endpoint: properties: authSchemes: must be a list of at least one"),
    (rule_set([endpoint("x", properties={"authSchemes": [{"signingName": "a"}]})]),
     "rule 1: endpoint: properties: authSchemes: scheme 1: name is missing"),
    (rule_set([endpoint("x", properties={"authSchemes": [{"name": "sigv4", "colour": "red"}]})]),
     "rule 1: endpoint: properties: authSchemes: scheme 1: colour is not known here; known are name,"
     " signingName, signingRegion, signingRegionSet, disableDoubleEncoding"),
    (rule_set([endpoint("x", properties={"authSchemes": [
        {"name": "sigv4", "signingRegion": "{Nowhere}"}]})]),
     "rule 1: endpoint: properties: authSchemes: signingRegion: Nowhere has no value here"),
]


@pytest.mark.parametrize(("data", "line"), REFUSED)
def test_refused(data, line):
    with pytest.raises(ModelError) as raised:
        check_endpoint_rules(data, FILE)
    assert str(raised.value) == f"{FILE}: {line}"


def test_refused_with_nothing_written(project, capsys):
    data = json.loads(project.path(FILE).read_text())
    data["rules"][1]["rules"][0]["conditions"][0]["fn"] = "booleanEqual"
    project.path(FILE).write_text(json.dumps(data))
    assert project.run("generate") == 1
    assert capsys.readouterr().err.startswith(
        f"{RULES}: rule 2: rule 1: condition 1: booleanEqual: is not known; known are ")
    assert not (project.root / "generated").exists()


def test_not_json(project, capsys):
    project.path(FILE).write_text("{")
    assert project.run("generate") == 1
    assert capsys.readouterr().err.startswith(f"{RULES}: line 1, column 2: ")


def test_without_rules(project):
    project.path(FILE).unlink()
    project.patch(CONTEXT)
    assert project.run("generate") == 0
    files = project.generated()
    assert "zoo/src/endpoint_rules.c" not in files
    assert b"endpoint_rules" not in files["zoo/src/service.c"] + files["zoo/src/tables.h"]
    assert b"context" not in files["zoo/src/label.c"]


def test_limits_are_the_runtimes():
    from caws_codegen import endpoint_rules

    from conftest import ROOT
    header = (ROOT / "runtime/include/caws/schema.h").read_text()
    assert f"CAWS_RULES_MAX_VALUES = {endpoint_rules.MAX_VALUES}," in header
    assert f"CAWS_RULES_MAX_ARGUMENTS = {endpoint_rules.MAX_ARGUMENTS} " in header


@pytest.mark.parametrize(("depth", "count"), [(7, 12)])
def test_limits_are_reached(depth, count):
    parts = "{Region}." * (count // 2)
    data = rule_set([error(parts, call("isSet", nested(depth - 1)))],
                    **{"Region": {"type": "string"}}, **{f"P{n}": {"type": "string"}
                                                         for n in range(63)})
    assert check_endpoint_rules(data, FILE).value_count == 64


def test_equal_expressions_stand_once():
    same = error("x", call("isSet", REGION))
    once, twice = (check_endpoint_rules(rule_set([same] * n), FILE) for n in (1, 2))
    assert once.lines == twice.lines
    assert once.conditions == twice.conditions
    assert len(twice.rules) == 2


def test_no_way_out_of_a_tree():
    """A rule that does not hold is followed by the next of the same tree, never by one outside."""
    is_set = call("isSet", REGION)
    rules = check_endpoint_rules(rule_set([tree([error("a", is_set), error("b", is_set)], is_set),
                                           error("c")]), FILE).rules
    assert [next_rule for _, _, _, next_rule in rules] == [3, 2, 0, 0]


def test_large_texts_are_bytes(project):
    """Literals of C may not be longer than 4,095 characters."""
    data = rule_set([error(f"{n}" + "x" * 900, call("isSet", REGION)) for n in range(6)])
    project.path(FILE).write_text(json.dumps(data))
    assert project.run("generate") == 0
    text = project.generated()["zoo/src/endpoint_rules.c"].decode()
    assert "82, 101, 103, 105, 111, 110, 0, 48, 120" in text
    assert "Region\\0" not in text


# What operations tell.

CONTEXT = {
    "operations": {
        "Label": {"staticContextParams": {"House": {"value": "a \"house\""}},
                  "operationContextParams": {"Labels": {"path": "labels[*].text"}}},
        "AdoptAnimal": {"operationContextParams": {"Labels": {"path": "keys(tagMap)"}}},
    },
    "shapes": {"AdoptAnimalRequest": {"members": {"name": {"contextParam": {"name": "House"}}}},
               "LabelRequest": {"members": {"labels": {"shape": "LabelList"}}}},
}


def test_context(project):
    project.patch(CONTEXT)
    assert project.run("generate") == 0
    files = {path: " ".join(text.decode().split()) for path, text in project.generated().items()}
    label, adopt = files["zoo/src/label.c"], files["zoo/src/adopt_animal.c"]
    assert ('{ /* House */ .text = "a \\"house\\"", .parameter = 3, .kind = CAWS_CONTEXT_TEXT, }, '
            "{ /* Labels */ .path = {context_0_path, 2}, .parameter = 4, "
            ".kind = CAWS_CONTEXT_ALL, }, };") in label
    assert "static const uint16_t context_0_path[] = {0, 0};" in label
    assert ".context = &context," in label
    assert ("{ /* Labels */ .path = {context_0_path, 1}, .parameter = 4, .kind = CAWS_CONTEXT_ALL, "
            "}, { /* House */ .path = {context_1_path, 1}, .parameter = 3, "
            ".kind = CAWS_CONTEXT_FIRST, },") in adopt
    assert "static const uint16_t context_0_path[] = {15};" in adopt
    assert "static const uint16_t context_1_path[] = {0};" in adopt
    assert "context" not in files["zoo/src/open_zoo.c"]


def static(**params):
    return {"operations": {"Label": {"staticContextParams": params}}}


def path(text, name="Labels", operation="Label"):
    return {"operations": {operation: {"operationContextParams": {name: {"path": text}}}}}


def of_member(member, **param):
    return {"shapes": {"AdoptAnimalRequest": {"members": {member: {"contextParam": param}}}}}


@pytest.mark.parametrize(("changes", "line"), [
    (static(Huose={"value": "a"}),
     f"operation Label: staticContextParams: Huose: {RULES} has no parameter Huose; near: House"),
    (static(House={"value": True}),
     "operation Label: staticContextParams: House: value is not of type string or that is not"
     " supported"),
    (static(House={}), "operation Label: staticContextParams: House: must be an object with value"
     " alone"),
    (path("length(labels)"),
     "operation Label: operationContextParams: Labels: path 'length(labels)' is not supported;"
     " supported are names, ., [*], keys() and, at the end, .[a, b][]"),
    (path("lables[*].text"),
     "operation Label: operationContextParams: Labels: shape LabelRequest has no member lables;"
     " near: labels"),
    (path("labels.text"),
     "operation Label: operationContextParams: Labels: shape LabelList has no member text"),
    (path("labels[*]"),
     "operation Label: operationContextParams: Labels: path 'labels[*]' does not lead to what is of"
     " type stringArray"),
    (path("labels[*].text", "House"),
     "operation Label: operationContextParams: House: path 'labels[*].text' does not lead to what is"
     " of type string"),
    (path("name[*]", "Labels", "AdoptAnimal"),
     "operation AdoptAnimal: operationContextParams: Labels: name is no list; write it without [*]"),
    (path("keys(name)", "Labels", "AdoptAnimal"),
     "operation AdoptAnimal: operationContextParams: Labels: path 'keys(name)' does not lead to what"
     " is of type stringArray"),
    (path("a", "Labels", "CloseZoo"),
     "operation CloseZoo: operationContextParams: Labels: the operation has no input"),
    (of_member("legs", name="House"),
     "operation AdoptAnimal: shape AdoptAnimalRequest: member legs: contextParam: LegCount is of type"
     " long, and House of type string"),
    (of_member("name", name="Houses"),
     "operation AdoptAnimal: shape AdoptAnimalRequest: member name: contextParam: "
     f"{RULES} has no parameter Houses; near: House"),
    (of_member("name"), "operation AdoptAnimal: shape AdoptAnimalRequest: member name: contextParam:"
     " must be an object with name alone"),
])
def test_refused_context(project, capsys, changes, line):
    project.patch(copy.deepcopy(changes))
    assert project.run("generate") == 1
    assert capsys.readouterr().err == f"{SERVICE}: {line}\n"
    assert not (project.root / "generated").exists()


def test_an_import_is_checked_against_the_rules(project, capsys):
    """The rules that are there do not fit a new model: it is refused, and nothing is written."""
    data = json.loads(project.path().read_text())
    data["operations"]["Label"]["staticContextParams"] = {"Hous": {"value": "a"}}
    (project.root / "newer.json").write_text(json.dumps(data))
    before = {path: path.read_bytes() for path in (project.root / "model").rglob("*.json")}
    assert project.run("update-model", "--from", str(project.root / "newer.json")) == 1
    assert capsys.readouterr().err == (
        f"{project.root / 'newer.json'}: operation Label: staticContextParams: Hous: {RULES} has no "
        "parameter Hous; near: House\n")
    assert before == {path: path.read_bytes()
                      for path in (project.root / "model").rglob("*.json")}
