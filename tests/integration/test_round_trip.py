"""What caws writes is what botocore writes.

Random valid inputs of every generated operation go through the public C function, whose structs are
filled by the names that botocore's own rule gives (an error in a struct's layout or a member's name
shows too), to a server that keeps the body; botocore's serializer writes the same input, and both
bodies have to mean the same.
"""

import http.server
import json
import pathlib
import random
import re
import shutil
import subprocess
import threading

import botocore
import botocore.model
import botocore.serialize
import botocore.session
import cffi
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICE = "logs"
OPERATIONS = ["CancelExportTask", "CreateExportTask", "DescribeExportTasks"]
CASES = 300  # of each operation
KEYWORDS = {"default", "register", "delete", "class", "private", "public", "operator", "union"}


def declarations(folder):
    """The public headers as cffi reads them: preprocessed, without attributes and inline functions."""
    fake = folder / "fake"
    fake.mkdir()
    for name in ("stdbool.h", "stddef.h", "stdint.h"):
        (fake / name).write_text("")
    text = subprocess.run(
        ["cc", "-E", "-P", "-nostdinc", "-D__attribute__(x)=", "-I", fake,
         "-I", ROOT / "runtime/include", "-I", ROOT / f"generated/{SERVICE}/include", "-"],
        input=f"#include <caws/{SERVICE}.h>\n", check=True, capture_output=True, text=True).stdout
    return re.sub(r"static inline [^{]*\{.*?\n\}", "", text, flags=re.DOTALL)


class CaptureServer(http.server.ThreadingHTTPServer):
    """Answers {} to everything, and keeps the last request."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), CaptureHandler)
        self.last = None


class CaptureHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer is two writes

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.last = (dict(self.headers.items()), body)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    with CaptureServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def model():
    loader = botocore.session.Session().get_component("data_loader")
    return botocore.model.ServiceModel(loader.load_service_model(SERVICE, "service-2"), SERVICE)


class Library:
    """caws through its public C interface."""

    def __init__(self, path, folder, url):
        self.ffi = cffi.FFI()
        self.ffi.cdef(declarations(folder))
        self.lib = self.ffi.dlopen(str(path))
        self.kept = []  # what C structs point to, for the length of a call
        self.error = self.ffi.new("caws_error *")
        credentials = self.ffi.new("caws_credentials *")
        options = self.ffi.new("caws_client_options *")
        options.region = self.text("us-east-1")
        options.endpoint_url = self.text(url)
        credentials.access_key_id = self.text("AKIDEXAMPLE")
        credentials.secret_access_key = self.text("secret")
        options.credentials = credentials
        self.client = self.lib.caws_client_new(options, self.error)
        assert self.client != self.ffi.NULL, self.message()

    def close(self):
        self.lib.caws_client_free(self.client)
        self.lib.caws_error_clear(self.error)

    def message(self):
        return self.ffi.string(self.error.message).decode()

    def text(self, value):
        array = self.ffi.new("char[]", value.encode())
        self.kept.append(array)
        return array

    def fill(self, struct, shape, values):
        for name, value in values.items():
            member = shape.members[name]
            field = botocore.xform_name(name)
            field += "_" if field in KEYWORDS else ""
            if member.type_name == "string":
                setattr(struct, field, self.text(value))
            elif member.type_name in ("integer", "long", "boolean"):
                opt = getattr(struct, field)
                opt.present = True
                opt.value = value
            else:
                raise NotImplementedError(member.type_name)

    def call(self, operation, values):
        name = f"caws_{SERVICE}_{botocore.xform_name(operation.name)}"
        struct = self.ffi.new(name + "_input *")
        self.fill(struct, operation.input_shape, values)
        output = [self.ffi.NULL] if operation.output_shape else []
        status = getattr(self.lib, name)(self.client, struct, *output, self.error)
        self.kept.clear()
        assert status == self.lib.CAWS_OK, self.message()


@pytest.fixture
def library(build_dir, server, tmp_path):
    path = build_dir / "tests/integration/libcaws_all.so"
    if not path.exists():
        pytest.skip("a sanitizer's build has no library that Python can load")
    if shutil.which("cc") is None:
        pytest.skip("no C preprocessor")
    library = Library(path, tmp_path, f"http://127.0.0.1:{server.server_port}")
    yield library
    library.close()


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
def test_same_value_as_botocore(library, server, model, name):
    operation = model.operation_model(name)
    serializer = botocore.serialize.create_serializer(model.metadata["protocol"])
    chooser = random.Random(name)
    for number in range(CASES):
        values = random_input(chooser, operation.input_shape)
        library.call(operation, values)
        headers, body = server.last
        expected = serializer.serialize_to_request(values, operation)
        assert json.loads(body) == json.loads(expected["body"]), (number, values)
        for header in ("X-Amz-Target", "Content-Type"):
            assert headers[header] == expected["headers"][header]


def test_every_generated_operation_is_here():
    headers = (ROOT / f"generated/{SERVICE}/include/caws/{SERVICE}").glob("*.h")
    functions = re.findall(rf"caws_status\s+caws_{SERVICE}_(\w+)\(\s*caws_client \*client,"
                           r"\s*const \w+_input \*input,(?!\s*const caws_wait)",
                           "".join(h.read_text() for h in headers))
    assert sorted(functions) == sorted(botocore.xform_name(name) for name in OPERATIONS)
