"""What caws writes is what botocore writes.

Random valid inputs of operations go through the public C function, whose structs are
filled by the names that botocore's own rule gives (an error in a struct's layout or a member's name
shows too), to a server that keeps the body; botocore's serializer writes the same input, and both
bodies have to mean the same.
"""

import contextlib
import json
import pathlib
import random
import re
import shutil

import botocore
import botocore.model
import botocore.serialize
import botocore.session
import pytest

import c_library
import capture_server

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICE = "logs"
OPERATIONS = ["CancelExportTask", "CreateExportTask", "DescribeExportTasks"]
CASES = 300  # of each operation


@pytest.fixture(scope="module")
def server():
    with capture_server.capture_server() as server:
        yield server


@pytest.fixture(scope="module")
def model():
    loader = botocore.session.Session().get_component("data_loader")
    return botocore.model.ServiceModel(loader.load_service_model(SERVICE, "service-2"), SERVICE)


@pytest.fixture
def client(build_dir, server, tmp_path):
    path = build_dir / "tests/integration/libcaws_all.so"
    if not path.exists():
        pytest.skip("a sanitizer's build has no library that Python can load")
    if shutil.which("cc") is None:
        pytest.skip("no C preprocessor")
    text = c_library.declarations(
        tmp_path, ROOT / f"generated/{SERVICE}/include", [f"caws/{SERVICE}.h"])
    with contextlib.closing(c_library.Library(path, text).client(server.url)) as client:
        yield client


CHARACTERS = [chr(c) for c in range(1, 0x250)] + list("€ℵ漢字🙂\u2028\ufffd\U0010ffff")


def random_text(chooser, metadata):
    least, most = metadata.get("min", 0), metadata.get("max", 600)
    length = chooser.choice([least, least + 1, chooser.randint(least, most), most])
    pattern = metadata.get("pattern")
    alphabet = [c for c in CHARACTERS if pattern is None or re.fullmatch(pattern, c)]
    return "".join(chooser.choices(alphabet, k=length))


def random_value(chooser, shape):
    if shape.type_name == "string" and shape.enum:
        return chooser.choice(shape.enum)
    if shape.type_name == "string":
        text = random_text(chooser, shape.metadata)
        while len(text.encode()) > 1024 and shape.name == "ExportDestinationPrefix":
            text = text[:-1]
        return text
    if shape.type_name == "boolean":
        return chooser.random() < 0.5
    bits = 63 if shape.type_name == "long" else 31
    least = shape.metadata.get("min", -(2**bits))
    most = shape.metadata.get("max", 2**bits - 1)
    return chooser.choice([least, most, chooser.randint(least, most), min(most, 2**bits // 512 + 1)])


def random_input(chooser, shape):
    return {
        name: random_value(chooser, member)
        for name, member in shape.members.items()
        if name in shape.required_members or chooser.random() < 0.6
    }


@pytest.mark.parametrize("name", OPERATIONS)
def test_same_value_as_botocore(client, server, model, name):
    operation = model.operation_model(name)
    serializer = botocore.serialize.create_serializer(model.metadata["protocol"])
    chooser = random.Random(name)
    for number in range(CASES):
        values = random_input(chooser, operation.input_shape)
        status, _ = client.call(SERVICE, operation, values)
        assert status == client.lib.CAWS_OK, client.message()
        sent = server.last
        expected = serializer.serialize_to_request(values, operation)
        assert json.loads(sent.body) == json.loads(expected["body"]), (number, values)
        for header in ("X-Amz-Target", "Content-Type"):
            assert sent.headers[header] == expected["headers"][header]


def test_operations_are_generated():
    headers = (ROOT / f"generated/{SERVICE}/include/caws/{SERVICE}").glob("*.h")
    functions = re.findall(rf"caws_status\s+caws_{SERVICE}_(\w+)\(\s*caws_client \*client,"
                           r"\s*const \w+_input \*input,(?!\s*const caws_wait)",
                           "".join(h.read_text() for h in headers))
    assert set(functions) >= {botocore.xform_name(name) for name in OPERATIONS}
