"""What caws writes is what botocore writes, and what it reads is what botocore reads: for every
operation.

Random valid inputs go through the public C function, whose structs are filled by the names that
botocore's own rule gives (an error in a struct's layout or a member's name shows too), to a server
that keeps the body; botocore's serializer writes the same input, and both bodies have to mean the
same. The other way round the server answers with random outputs, errors and events, which
botocore's parsers read too.
"""

import json
import pathlib
import re
import uuid

import botocore
import botocore.eventstream
import botocore.model
import botocore.parsers
import botocore.serialize
import botocore.session
import pytest

import capture_server
import event_frames
from model_values import Answerer, Chooser, same

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICE = "logs"
CASES = 30  # of each operation
MODEL = botocore.model.ServiceModel(
    botocore.session.Session().get_component("data_loader").load_service_model(SERVICE, "service-2"),
    SERVICE)
OPERATIONS = {name: MODEL.operation_model(name) for name in MODEL.operation_names}
STREAMS = {name: operation for name, operation in OPERATIONS.items()
           if operation.has_event_stream_output}  # their answers are events, not one output
JSON = {"Content-Type": "application/x-amz-json-1.1"}


def test_operations_are_generated():
    """Those that are tested here are all that there are: more than the model has, or fewer, is a
    test that lags behind. An operation has one function that takes its input and an output, a
    handler or nothing; a waiter's takes a caws_wait besides."""
    headers = (ROOT / f"generated/{SERVICE}/include/caws/{SERVICE}").glob("*.h")
    functions = re.findall(rf"caws_status\s+caws_{SERVICE}_(\w+)\(\s*caws_client \*client,"
                           r"(?!\s*const \w+_input \*input,\s*const caws_wait)",
                           "".join(h.read_text() for h in headers))
    assert len(functions) == len(set(functions))
    assert set(functions) == {botocore.xform_name(name) for name in OPERATIONS}
    assert set(STREAMS) == {"GetLogObject", "StartLiveTail"}


# Requests.


def random_input(chooser, operation):
    if operation.input_shape is None:
        return {}
    values = chooser.input(operation.input_shape)
    if operation.name == "CreateExportTask" and "destinationPrefix" in values:
        # The reference has a limit that the model lacks: 1,024 bytes.
        values["destinationPrefix"] = cut(values["destinationPrefix"], 1024)
    return values


def cut(text, most_bytes):
    return text.encode()[:most_bytes].decode(errors="ignore")


@pytest.mark.parametrize("name", OPERATIONS)
def test_same_request_as_botocore(client, server, name):
    operation = OPERATIONS[name]
    serializer = botocore.serialize.create_serializer(MODEL.metadata["protocol"])
    chooser = Chooser(name)
    server.answer = capture_server.Answer()
    if name in STREAMS:
        server.answer = capture_server.Answer(
            200, {"Content-Type": event_frames.CONTENT_TYPE}, event_frames.event("initial-response"))
    for number in range(CASES):
        values = random_input(chooser, operation)
        status, _ = client.call(SERVICE, operation, values)
        assert status == client.lib.CAWS_OK, (number, client.message())
        sent = server.last
        expected = serializer.serialize_to_request(values, operation)
        body = json.loads(sent.body)
        for token in set(operation.idempotent_members) - set(values):
            uuid.UUID(body.pop(token))  # made up by caws
        assert same(body, json.loads(expected["body"])), (number, values)
        assert (sent.method, sent.target) == (expected["method"], expected["url_path"])
        for header in ("X-Amz-Target", "Content-Type"):
            assert sent.headers[header] == expected["headers"][header]


# Answers.


def as_json(chooser, values):
    """One of the ways to write it."""
    ascii_only, indent = chooser.often(0.5), chooser.choice([None, None, 2])
    return json.dumps(values, ensure_ascii=ascii_only, indent=indent).encode()


def parse(shape, status, body):
    """What botocore reads, without what it adds."""
    parser = botocore.parsers.create_parser(MODEL.metadata["protocol"])
    parsed = parser.parse({"status_code": status, "headers": JSON, "body": body}, shape)
    parsed.pop("ResponseMetadata", None)
    return parsed


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in STREAMS])
def test_same_output_as_botocore(client, server, name):
    operation = OPERATIONS[name]
    shape, chooser = operation.output_shape, Answerer(name)
    for number in range(CASES):
        body = as_json(chooser, chooser.answer(shape)) if shape is not None else b""
        server.answer = capture_server.Answer(200, JSON, body)
        status, output = client.call(SERVICE, operation, random_input(chooser, operation))
        assert status == client.lib.CAWS_OK, (number, client.message(), body)
        expected = parse(shape, 200, body) if shape is not None else None
        assert same(output, expected), (number, body)



@pytest.mark.parametrize("name", OPERATIONS)
def test_same_errors_as_botocore(client, server, name):
    """Every exception of the operation, its code written as services do."""
    operation, chooser = OPERATIONS[name], Answerer(name)
    assert operation.error_shapes
    for shape in operation.error_shapes:
        status = 500 if shape.metadata.get("fault") else 400
        for code in (shape.name, f"com.amazonaws.logs#{shape.name}",
                     f"{shape.name}:http://internal.amazon.com/coral/com.amazon.coral.service/"):
            content = {"__type": code, **chooser.answer(shape)}
            content["message"] = chooser.choice(["short", "Überlang 🙂 " * 50])
            body = as_json(chooser, content)
            server.answer = capture_server.Answer(status, JSON, body)
            check_error(client, operation, shape, status, body, random_input(chooser, operation))


def check_error(client, operation, shape, status, body, values):
    result, output = client.call(SERVICE, operation, values)
    assert (result, output or None) == (client.lib.CAWS_ERROR_SERVICE, None)
    error, ffi = client.error, client.ffi
    told = parse(None, status, body)["Error"]
    assert told["Code"] == shape.name
    assert ffi.string(error.code).decode() == shape.name
    assert client.message() == told["Message"]
    assert error.http_status == status
    name = f"caws_{SERVICE}_{botocore.xform_name(shape.name)}"
    assert error.exception == getattr(client.lib, name.upper())
    if set(shape.members) <= {"message"}:
        assert error.detail == ffi.NULL
    else:
        detail = getattr(client.lib, f"{name}_from_error")(error)
        assert same(client.values.read(detail[0], shape), parse(shape, status, body)), body


# Events.


class Bytes:
    """A body for botocore's EventStream."""

    def __init__(self, data):
        self.data = data

    def stream(self):
        yield self.data


def parse_events(shape, body):
    """What botocore reads, but the initial response."""
    parser = botocore.parsers.EventStreamJSONParser()
    stream = botocore.eventstream.EventStream(Bytes(body), shape, parser, "")
    stream.get_initial_response()
    return list(stream)


@pytest.mark.parametrize("name", STREAMS)
def test_same_events_as_botocore(client, server, name):
    operation, chooser = STREAMS[name], Answerer(name)
    shape = operation.get_event_stream_output()
    names = [event for event, member in shape.members.items()
             if not member.metadata.get("exception")]
    for number in range(CASES):
        body = event_frames.event("initial-response")
        for event in chooser.choices(names, k=chooser.randint(0, 12)):
            content = as_json(chooser, chooser.answer(shape.members[event]))
            body += event_frames.event(event, content)
        server.answer = capture_server.Answer(
            200, {"Content-Type": event_frames.CONTENT_TYPE}, body)
        status, events = client.call(SERVICE, operation, random_input(chooser, operation))
        assert status == client.lib.CAWS_OK, (number, client.message())
        assert same(events, parse_events(shape, body)), (number, body)


@pytest.mark.parametrize("name", STREAMS)
def test_exceptions_within_streams(client, server, name):
    operation, chooser = STREAMS[name], Answerer(name)
    shape = operation.get_event_stream_output()
    exceptions = [member for member in shape.members.values() if member.metadata.get("exception")]
    assert exceptions
    for exception in exceptions:
        body = (event_frames.event("initial-response")
                + event_frames.exception(exception.name, {"message": "it is over"}))
        server.answer = capture_server.Answer(
            200, {"Content-Type": event_frames.CONTENT_TYPE}, body)
        status, events = client.call(SERVICE, operation, random_input(chooser, operation))
        assert (status, events) == (client.lib.CAWS_ERROR_SERVICE, [])
        assert client.ffi.string(client.error.code).decode() == exception.name
        assert client.message() == "it is over"
        value = f"caws_{SERVICE}_{botocore.xform_name(exception.name)}".upper()
        assert client.error.exception == getattr(client.lib, value)
