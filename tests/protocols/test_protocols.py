"""AWS's own tests of the JSON protocols, through generated C.

Every group of cases is a small service: its model is generated and compiled, and every case calls
the public C function. What is sent and what comes out is compared by its meaning. left-out.toml
names the cases that caws does not pass.
"""

import contextlib
import json
import pathlib
import tomllib
import urllib.parse

import botocore
import botocore.model
import pytest

import capture_server
import suites
from model_values import same

LEFT_OUT = tomllib.loads(pathlib.Path(__file__).with_name("left-out.toml").read_text())


def pytest_generate_tests(metafunc):
    if "case" not in metafunc.fixturenames:
        return
    groups, reason = suites.load()
    cases = [pytest.param(group, case, id=f"{group.suite}-{case['id']}")
             for group in groups for case in group.cases]
    if not cases:
        cases = [pytest.param(None, None, marks=pytest.mark.skip(reason=reason))]
    metafunc.parametrize(("group", "case"), cases)


def test_case(group, case, server, built, record_property):
    record_property("suite", group.suite)
    reason = LEFT_OUT.get(group.suite, {}).get(case["id"])
    if reason is None:
        run(group, case, server, *built)
        return
    try:
        run(group, case, server, *built)
    except Different:
        pytest.skip(f"{group.suite}, {case['id']}: {reason}")
    pytest.fail("passes: take it out of left-out.toml")


def test_every_case_that_is_left_out_exists():
    groups, reason = suites.load()
    if reason:
        pytest.skip(reason)
    ids = {suite: [case["id"] for group in groups if group.suite == suite for case in group.cases]
           for suite in suites.SUITES}
    assert all(ids.values())
    for suite, left_out in LEFT_OUT.items():
        assert set(left_out) <= set(ids[suite])


class Different(AssertionError):
    """caws does something else than the case expects."""


def expect(what, actual, expected):
    if not same(actual, expected):
        raise Different(f"{what}: {actual!r} where {expected!r} belongs")


def run(group, case, server, library, refused):
    if group.service in refused:
        raise Different(f"the generator refuses it: {refused[group.service]}")
    model = botocore.model.ServiceModel(group.model, group.service)
    operation = model.operation_model(group.operation)
    with contextlib.closing(library.client(endpoint(group, server))) as client:
        if "params" in case:
            run_input(group, case, server, client, operation)
        else:
            run_output(group, case, server, client, operation)


def endpoint(group, server):
    """A host of the case's own is put under localhost, whose every name is this machine."""
    if group.client_endpoint is None:
        return server.url
    url = urllib.parse.urlsplit(group.client_endpoint)
    return f"http://{local_host(url.netloc, server)}{url.path}"


def local_host(host, server):
    return f"{host}.localhost:{server.server_port}"


# Requests.


def run_input(group, case, server, client, operation):
    expected = case["serialized"]
    server.answer = capture_server.Answer()
    server.last = None
    status, _ = client.call(group.service, operation, case["params"])
    expect("status", (status, client.message()), (client.lib.CAWS_OK, ""))
    sent = server.last
    expect("method", sent.method, expected["method"])
    expect_target(sent.target, expected["uri"])
    if "host" in expected:  # some cases repeat the endpoint's path in it
        expect("Host", sent.headers["Host"], local_host(expected["host"].split("/")[0], server))
    for name, value in expected.get("headers", {}).items():
        expect(name, sent.headers[name], value)
    for name in expected.get("requireHeaders", ()):
        expect(f"{name} is sent", name in sent.headers, True)
    for name in expected.get("forbidHeaders", ()):
        expect(f"{name} is sent", name in sent.headers, False)
    if "body" in expected:
        expect("body", read_json(sent.body), json.loads(expected["body"]))


def expect_target(target, uri):
    target, uri = urllib.parse.urlsplit(target), urllib.parse.urlsplit(uri)
    expect("path", target.path, uri.path)
    expect("query", *(sorted(map(list, urllib.parse.parse_qsl(part.query, keep_blank_values=True)))
                      for part in (target, uri)))


def read_json(body):
    def refuse(name):
        raise Different(f"{name} is no JSON")

    try:
        return json.loads(body, parse_constant=refuse)
    except ValueError as error:
        raise Different(f"{body!r}: {error}") from None


# Answers.


def run_output(group, case, server, client, operation):
    response = case["response"]
    server.answer = capture_server.Answer(
        response["status_code"], response.get("headers", {}), response.get("body", "").encode())
    status, output = client.call(group.service, operation, {})
    if "error" in case:
        expect("status", status, client.lib.CAWS_ERROR_SERVICE)
        expect_error(group, case, client, operation)
        return
    expect("status", (status, client.message()), (client.lib.CAWS_OK, ""))
    expect("output", output or {}, blobs_as_bytes(operation.output_shape, case["result"]))


def expect_error(group, case, client, operation):
    error, ffi = client.error, client.ffi
    (shape,) = operation.error_shapes
    expect("code", ffi.string(error.code).decode(), case["errorCode"])
    expect("HTTP status", error.http_status, case["response"]["status_code"])
    if "errorMessage" in case:
        expect("message", client.message(), case["errorMessage"])
    name = f"caws_{group.service}_{botocore.xform_name(shape.name)}"
    expect("exception", error.exception, getattr(client.lib, name.upper()))
    if set(shape.members) <= {"message", "Message"}:
        expect("detail", error.detail == ffi.NULL, True)
        members = {name: client.message() for name in shape.members}
    else:
        detail = getattr(client.lib, f"{name}_from_error")(error)
        expect("there is detail", detail != ffi.NULL, True)
        members = client.values.read(detail[0], shape)
    expect("members", members, blobs_as_bytes(shape, case["error"]))


def blobs_as_bytes(shape, value):
    """The cases write a blob as the text that its bytes are in UTF-8."""
    if value is None or shape is None or getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "blob":
        return value.encode()
    if shape.type_name == "structure":
        return {name: blobs_as_bytes(shape.members[name], item) for name, item in value.items()}
    if shape.type_name == "list":
        return [blobs_as_bytes(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: blobs_as_bytes(shape.value, item) for key, item in value.items()}
    return value
