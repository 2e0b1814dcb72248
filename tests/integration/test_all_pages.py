"""Every paginator asks for the next page with the token of the last, and ends where there is none or
where it is the one that was sent. Which members the tokens are is what botocore's paginators say, and
for those that botocore lacks, the names of the members."""

import contextlib
import json
import pathlib
import re

import botocore
import botocore.model
import botocore.session
import pytest

import capture_server
from model_values import Chooser

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICE = "logs"
LOADER = botocore.session.Session().get_component("data_loader")
MODEL = botocore.model.ServiceModel(LOADER.load_service_model(SERVICE, "service-2"), SERVICE)


def tokens():
    """Operation -> its input's and its output's token."""
    known = LOADER.load_service_model(SERVICE, "paginators-1")["pagination"]
    result = {name: (pages["input_token"], pages["output_token"]) for name, pages in known.items()}
    for name in MODEL.operation_names:
        operation = MODEL.operation_model(name)
        if operation.output_shape is not None:
            members = set(operation.input_shape.members) & set(operation.output_shape.members)
            if "nextToken" in members:
                assert result.setdefault(name, ("nextToken",) * 2) == ("nextToken", "nextToken")
    result["GetLogEvents"] = ("nextToken", "nextForwardToken")
    return result


TOKENS = tokens()


def test_paginators_are_generated():
    headers = (ROOT / f"generated/{SERVICE}/include/caws/{SERVICE}").glob("*.h")
    functions = re.findall(rf"caws_paginator \*\s*caws_{SERVICE}_paginate_(\w+)\(",
                           "".join(h.read_text() for h in headers))
    assert sorted(functions) == sorted(botocore.xform_name(name) for name in TOKENS)


def valid_input(name, token):
    values = Chooser(name).input(MODEL.operation_model(name).input_shape)
    values.pop(TOKENS[name][0], None)
    return values if token is None else values | {TOKENS[name][0]: token}


def pages(client, server, name, given, first=None):
    """The tokens that pages are asked for with, where the answers give these."""
    taker, giver = TOKENS[name]
    values = valid_input(name, first)
    asked = []
    with contextlib.closing(client.pages(SERVICE, MODEL.operation_model(name), values)) as paginator:
        for token in given:
            content = {} if token is None else {giver: token}
            server.answer = capture_server.Answer(200, {}, json.dumps(content).encode())
            server.last = None
            page = paginator.next()
            assert client.error.status == client.lib.CAWS_OK, client.message()
            if page is None:
                assert server.last is None  # the end takes no request
                break
            assert page == content
            sent = json.loads(server.last.body)
            asked.append(sent.pop(taker, None))
            assert sent.keys() == values.keys() - {taker}
    return asked


@pytest.mark.parametrize("name", TOKENS)
def test_pages(client, server, name):
    def asked(given, first=None):
        return pages(client, server, name, given, first)

    assert asked(["a", "b", None, "c"]) == [None, "a", "b"]
    assert asked([None, "c"]) == [None]
    assert asked(["", "c"]) == [None]
    assert asked(["a", "b", "b", "c"]) == [None, "a", "b"]
    assert asked(["b", "c", "c", "d"], first="saved") == ["saved", "b", "c"]
    assert asked(["saved", "c"], first="saved") == ["saved"]
