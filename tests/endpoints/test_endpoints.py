"""AWS's own cases of endpoint rules, through generated tables: the rules alone, as a client asks
them, and through generated operations with their inputs. left-out.toml has what is not run."""

import pathlib
import re
import tomllib

import botocore
import botocore.loaders
import botocore.model
import pytest

import c_library
import cases
import conftest

LEFT_OUT = tomllib.loads(pathlib.Path(__file__).with_name("left-out.toml").read_text())
NO_REGION = "no region: set option region, AWS_REGION, or the profile's region"
UNSUPPORTED = "the endpoint wants requests signed with {}, which caws cannot do"


def pytest_generate_tests(metafunc):
    if "suite" not in metafunc.fixturenames:
        return
    suites, reason = cases.load()
    wanted = WANTED[metafunc.function.__name__]
    params = [pytest.param(suite, id=suite.name) for suite in suites.values() if wanted(suite)]
    if not suites:
        params = [pytest.param(None, marks=pytest.mark.skip(reason=reason))]
    metafunc.parametrize("suite", params)


WANTED = {
    "test_rules": lambda suite: True,
    "test_clients": lambda suite: suite.is_json,
    "test_operations": lambda suite: suite.is_json and cases.operation_inputs(suite),
}


class Question:
    """What is asked, over C's functions."""

    def __init__(self, library):
        self.ffi, self.lib = library.ffi, library.lib
        self.values = c_library.Values(self.ffi)
        self.pointer = self.ffi.gc(self.lib.question_new(), self.lib.question_free)

    def set_parameter(self, rules, name, value):
        key = self.values.text(name)
        if isinstance(value, bool):
            assert self.lib.rules_set_flag(self.pointer, rules, key, value), name
        elif isinstance(value, str):
            assert self.lib.rules_set_text(self.pointer, rules, key, self.values.text(value)), name
        else:
            assert self.lib.rules_set_array(self.pointer, rules, key), name
            for one in value:
                assert self.lib.rules_add_text(self.pointer, rules, key, self.values.text(one))

    def set_builtin(self, name, value):
        key = self.values.text(name)
        if isinstance(value, bool):
            return self.lib.question_set_flag(self.pointer, key, value)
        return self.lib.question_set_text(self.pointer, key, self.values.text(value))

    def text(self, pointer):
        return None if pointer == self.ffi.NULL else self.ffi.string(pointer).decode()

    def found(self, error):
        """What the C side says, in the form of expected()."""
        if error is not None:
            return {"error": error}
        one, headers = self.pointer, {}
        for index in range(0, 32, 2):
            name = self.text(self.lib.found_header(one, index))
            if name is None:
                break
            headers.setdefault(name, []).append(self.text(self.lib.found_header(one, index + 1)))
        auth = {"unsupported": self.text(self.lib.found_unsupported_auth(one)),
                "signingName": self.text(self.lib.found_signing_name(one)),
                "signingRegion": self.text(self.lib.found_signing_region(one))}
        return {"url": self.text(self.lib.found_url(one)), "headers": headers,
                **{key: value for key, value in auth.items() if value is not None}}


def expected(case):
    """Of the properties, what caws has: the first scheme that it can sign with."""
    expect = case["expect"]
    if "error" in expect:
        # Messages of errors have no control characters but line breaks and tabs.
        return {"error": re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "?", expect["error"])}
    endpoint = expect["endpoint"]
    schemes = endpoint.get("properties", {}).get("authSchemes", [])
    auth = {}
    if schemes:
        scheme = next((one for one in schemes if one["name"] == "sigv4"), None)
        if scheme is None:
            auth["unsupported"] = schemes[0]["name"]
        else:
            auth = {key: scheme[key] for key in ("signingName", "signingRegion") if key in scheme}
    return {"url": endpoint["url"], "headers": endpoint.get("headers", {}), **auth}


def expected_of_client(case):
    """No slash at the end, and nothing where caws cannot sign."""
    result = expected(case)
    if "unsupported" in result:
        return {"error": UNSUPPORTED.format(result["unsupported"])}
    if "url" in result:
        result["url"] = result["url"].rstrip("/")
    return result


def run_all(way, kind, suite, pairs):
    """way, kind: a table of left-out.toml, and words for the counts. pairs: (case, what was found,
    what is expected)."""
    left_out, failures, used = LEFT_OUT.get(way, {}).get(suite.name, {}), [], set()
    for case, found, wanted in pairs:
        words = case.get("documentation", "")
        pattern = next((one for one in left_out if re.search(one, words)), None)
        if found == wanted:
            conftest.counts[kind]["passed"] += 1
        elif pattern is not None:
            used.add(pattern)
            conftest.counts[kind]["left out"] += 1
        else:
            conftest.counts[kind]["failed"] += 1
            failures.append(f"{words} {case.get('params')}: {found} where {wanted} belongs")
    assert not failures, "\n".join(failures)
    assert used == set(left_out), "passes: take it out of left-out.toml"


def rules_of(library, suite):
    return library.ffi.addressof(library.lib, f"caws_endpoint_rules_{suite.c_name}")


def test_rules(suite, rules):
    table = rules_of(rules, suite)

    def pairs():
        for case in suite.cases:
            question = Question(rules)
            for name, value in case.get("params", {}).items():
                question.set_parameter(table, name, value)
            error = question.text(rules.lib.rules_evaluate(question.pointer, table))
            yield case, question.found(error), expected(case)

    kind = "rules of JSON services" if suite.is_json else "rules of services of other protocols" \
        if suite.source else "rules of the functions' own tests"
    run_all("rules", kind, suite, pairs())


def test_clients(suite, rules):
    """What is left to settings, credentials and the splitting of URLs."""
    table = rules_of(rules, suite)

    def pairs():
        for case in suite.cases:
            question = Question(rules)
            for name, value in case.get("params", {}).items():
                builtin = suite.rules["parameters"][name].get("builtIn")
                if builtin is None or not question.set_builtin(builtin, value):
                    question.set_parameter(table, name, value)
            found = question.found(question.text(
                rules.lib.endpoint_find(question.pointer, table)))
            wanted = expected_of_client(case)
            params = case.get("params", {})
            if "error" in wanted and "Region" not in params and "Endpoint" not in params:
                wanted = {"error": NO_REGION}
            yield case, found, wanted

    run_all("clients", "clients of JSON services", suite, pairs())


def test_operations(suite, operations):
    data = botocore.loaders.Loader().load_service_model(suite.name, "service-2")
    model = botocore.model.ServiceModel(data, suite.name)

    def pairs():
        for case, given in cases.operation_inputs(suite):
            question = Question(operations)
            for name, value in given.get("builtInParams", {}).items():
                assert question.set_builtin(name, value), name
            operation = model.operation_model(given["operationName"])
            call(question, suite.c_name, operation, given.get("operationParams", {}))
            error = question.text(operations.lib.found_error(question.pointer))
            wanted = expected_of_client(case)
            if "error" in wanted and "AWS::Region" not in given.get("builtInParams", {}):
                wanted = {"error": NO_REGION}
            yield case, question.found(error), wanted

    run_all("operations", "operations of JSON services", suite, pairs())


def call(question, service, operation, params):
    ffi, lib = question.ffi, question.lib
    name = f"caws_{service}_{botocore.xform_name(operation.name)}"
    arguments = [ffi.cast("caws_client *", question.pointer)]
    if operation.input_shape is not None:
        struct = ffi.new(f"{name}_input *")
        question.values.fill(struct[0], operation.input_shape, params)
        arguments.append(struct)
    if operation.output_shape is not None:
        arguments.append(ffi.NULL)  # the output, or the handler of a stream
    getattr(lib, name)(*arguments, ffi.NULL)


def test_nothing_is_missing():
    suites, reason = cases.load()
    if not suites:
        pytest.skip(reason)
    json_suites = [suite for suite in suites.values() if suite.is_json]
    assert len(json_suites) > 100
    assert len(suites["logs"].cases) == 49
    assert all(suite.cases for suite in json_suites)
    assert set(LEFT_OUT) <= {name.removeprefix("test_") for name in WANTED}
    assert all(set(tables) <= set(suites) for tables in LEFT_OUT.values())


def test_time(rules):
    """How long it takes without a cache; a bound that only a mistake passes."""
    suites, reason = cases.load()
    if not suites:
        pytest.skip(reason)
    for name, params in (
            ("logs", {}),
            ("dynamodb", {"ResourceArn": "arn:aws:dynamodb:eu-central-1:333333333333:table/t"})):
        table = rules_of(rules, suites[name])
        question = Question(rules)
        question.set_builtin("AWS::Region", "eu-central-1")
        question.set_builtin("AWS::Auth::AccountId", "222222222222")
        for parameter, value in params.items():
            question.set_parameter(table, parameter, value)
        nanoseconds = rules.lib.endpoint_time(question.pointer, table, 20_000)
        conftest.times.append(f"{name}: {nanoseconds:.0f} ns to find an endpoint without a cache")
        assert nanoseconds < 100_000
