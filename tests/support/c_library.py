"""caws called from Python through its public C interface, and the structs of generated code filled
and read by the shapes of botocore, whose rule for names is the one that C names follow."""

import json
import math
import pathlib
import re
import subprocess

import botocore
import cffi
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def declarations(folder, include, headers):
    """Public headers as cffi reads them: preprocessed, without attributes and inline functions.

    folder: for temporary files. include: where the headers of generated code are.
    """
    fake = folder / "fake"
    fake.mkdir()
    for name in ("stdbool.h", "stddef.h", "stdint.h"):
        (fake / name).write_text("")
    text = subprocess.run(
        ["cc", "-E", "-P", "-nostdinc", "-D__attribute__(x)=", "-I", fake,
         "-I", ROOT / "runtime/include", "-I", include, "-"],
        input="".join(f"#include <{header}>\n" for header in headers),
        check=True, capture_output=True, text=True).stdout
    return re.sub(r"static inline [^{]*\{.*?\n\}", "", text, flags=re.DOTALL)


def of_build(folder):
    """All of caws as one shared library of that build. Skips the test where a sanitizer wants to be
    loaded before Python; that it was not built is a failure."""
    path = folder / "tests/integration/libcaws_all.so"
    cache = folder / "CMakeCache.txt"
    if not cache.exists():
        pytest.fail(f"{folder} is not built")
    if re.search("^CMAKE_C_FLAGS:.*-fsanitize", cache.read_text(), re.MULTILINE):
        pytest.skip("a sanitizer's build has no library that Python can load")
    if not path.exists():
        pytest.fail(f"{path} is not built")
    return path


class Library:
    """A shared library with caws and generated code in it."""

    def __init__(self, path, text):
        self.ffi = cffi.FFI()
        self.ffi.cdef(text)
        self.lib = self.ffi.dlopen(str(path))

    def client(self, url):
        return Client(self, url)


class Client:
    """A caws_client, the error of its last call, and what C points to for the length of a call."""

    def __init__(self, library, url):
        self.ffi, self.lib = library.ffi, library.lib
        self.values = Values(self.ffi)
        self.error = self.ffi.new("caws_error *")
        credentials = self.ffi.new("caws_credentials *")
        options = self.ffi.new("caws_client_options *")
        options.region = self.values.text("us-east-1")
        options.endpoint_url = self.values.text(url)
        credentials.access_key_id = self.values.text("AKIDEXAMPLE")
        credentials.secret_access_key = self.values.text("secret")
        options.credentials = credentials
        self.client = self.lib.caws_client_new(options, self.error)
        assert self.client != self.ffi.NULL, self.message()

    def close(self):
        self.lib.caws_client_free(self.client)
        self.lib.caws_error_clear(self.error)

    def message(self):
        return self.ffi.string(self.error.message).decode()

    def call(self, service, operation, values):
        """Calls the operation with input made of values. Returns the status, and the output as
        values: None if there is none; of a stream of events a list, with a dict an event."""
        name = f"caws_{service}_{botocore.xform_name(operation.name)}"
        arguments, output = [self.client], None
        if operation.input_shape is not None:
            struct = self.ffi.new(name + "_input *")
            self.values.fill(struct[0], operation.input_shape, values)
            arguments.append(struct)
        if operation.has_event_stream_output:
            handler, events = self._handler(name, operation.get_event_stream_output())
            status = getattr(self.lib, name)(*arguments, handler, self.error)
            self.values.kept.clear()
            return status, events
        if operation.output_shape is not None:
            output = self.ffi.new(name + "_output **")
            arguments.append(output)
        status = getattr(self.lib, name)(*arguments, self.error)
        self.values.kept.clear()
        if output is None or output[0] == self.ffi.NULL:
            return status, None
        result = self.values.read(output[0][0], operation.output_shape)
        self.lib.caws_output_free(output[0])
        return status, result

    def pages(self, service, operation, values):
        return Pages(self, service, operation, values)

    def _handler(self, name, shape):
        """A handler whose callbacks keep the events, and the list that they are kept in."""
        handler, events = self.ffi.new(name + "_handler *"), []
        fields = dict(self.ffi.typeof(handler[0]).fields)

        def callback(event_name, event_shape):
            def keep(_, event):
                events.append({event_name: self.values.read(event[0], event_shape)})
                return True

            return keep

        for event_name, event_shape in shape.members.items():
            if not event_shape.metadata.get("exception"):
                field = field_name(event_name, fields)
                function = self.ffi.callback(fields[field].type, callback(event_name, event_shape))
                setattr(handler, field, self.values.keep(function))
        return handler, events


class Pages:
    """A caws_paginator of an operation whose input is made of values. One at a time, and no other
    calls: they let go of what its input points to."""

    def __init__(self, client, service, operation, values):
        self.client, self.shape = client, operation.output_shape
        name = botocore.xform_name(operation.name)
        function, struct = f"caws_{service}_paginate_{name}", f"caws_{service}_{name}"
        self.function = getattr(client.lib, function + "_next")
        given = client.ffi.new(struct + "_input *")
        client.values.fill(given[0], operation.input_shape, values)
        self.page = client.ffi.new(f"const {struct}_output **")
        self.paginator = getattr(client.lib, function)(client.client, given, client.error)
        assert self.paginator != client.ffi.NULL, client.message()

    def next(self):
        """The next page as values; None at the end and on failure."""
        if not self.function(self.paginator, self.page, self.client.error):
            return None
        return self.client.values.read(self.page[0][0], self.shape)

    def close(self):
        self.client.lib.caws_paginator_free(self.paginator)
        self.client.values.kept.clear()


SCALARS = ("boolean", "integer", "long", "float", "double", "timestamp")


def is_structure(shape):
    return shape.type_name == "structure" and not is_document(shape)


def is_document(shape):
    return getattr(shape, "is_document_type", False)


class Values:
    """Python's values of shapes, to and from C. Blobs are bytes, or text that stands for its UTF-8;
    timestamps are seconds since 1970; what JSON has no number for is the text that Smithy's JSON
    protocols have for it; documents are what JSON makes of them."""

    def __init__(self, ffi):
        self.ffi = ffi
        self.kept = []  # what C structs point to

    def text(self, value):
        return self.keep(self.ffi.new("char[]", value.encode()))

    def fill(self, struct, shape, values):
        fields = dict(self.ffi.typeof(struct).fields)
        for name, value in values.items():
            if value is None:
                continue
            member, field = shape.members[name], field_name(name, fields)
            if member.type_name in SCALARS:
                opt = getattr(struct, field)
                opt.present = True
                opt.value = scalar_to_c(member, value)
            elif is_structure(member):
                inner = self.keep(self.ffi.new(self._pointer_to(fields[field].type.item)))
                self.fill(inner[0], member, value)
                setattr(struct, field, inner)
            else:
                setattr(struct, field, self._item(fields[field].type, member, value))

    def keep(self, value):
        """Returns it; it lives until the call is over."""
        self.kept.append(value)
        return value

    def _pointer_to(self, c_type):
        return self.ffi.getctype(c_type, "*")

    def _item(self, c_type, shape, value):
        """A value as it stands in a list, but no structure, which is filled where it is."""
        if shape.type_name in SCALARS:
            return scalar_to_c(shape, value)
        if is_document(shape):
            return self.text(json.dumps(value))
        if shape.type_name == "string":
            return self.text(value)
        if shape.type_name == "blob":
            data = value.encode() if isinstance(value, str) else value
            return (self.keep(self.ffi.new("uint8_t[]", data or b"\0")), len(data))
        item_type = dict(c_type.fields)["items"].type.item
        items = self.keep(self.ffi.new(self.ffi.getctype(item_type, "[]"), max(len(value), 1)))
        if shape.type_name == "list":
            for number, item in enumerate(value):
                if is_structure(shape.member):
                    self.fill(items[number], shape.member, item)
                else:
                    items[number] = self._item(item_type, shape.member, item)
        else:
            for entry, (key, item) in zip(items, value.items()):
                entry.key = self.text(key)
                if is_structure(shape.value):
                    self.fill(entry.value, shape.value, item)
                else:
                    entry.value = self._item(dict(item_type.fields)["value"].type, shape.value, item)
        return (items, len(value))

    def read(self, struct, shape):
        fields = dict(self.ffi.typeof(struct).fields)
        result = {}
        for name, member in shape.members.items():
            value = getattr(struct, field_name(name, fields))
            if member.type_name in SCALARS:
                if value.present:
                    result[name] = scalar_from_c(member, value.value)
            elif is_structure(member):
                if value != self.ffi.NULL:
                    result[name] = self.read(value[0], member)
            elif not self._is_absent(member, value):
                result[name] = self._read_item(member, value)
        return result

    def _is_absent(self, shape, value):
        if is_document(shape) or shape.type_name == "string":
            return value == self.ffi.NULL
        return (value.data if shape.type_name == "blob" else value.items) == self.ffi.NULL

    def _read_item(self, shape, value):
        if shape.type_name in SCALARS:
            return scalar_from_c(shape, value)
        if is_structure(shape):
            return self.read(value, shape)
        if is_document(shape):
            return json.loads(self.ffi.string(value))
        if shape.type_name == "string":
            return None if value == self.ffi.NULL else self.ffi.string(value).decode()
        if shape.type_name == "blob":
            return bytes(self.ffi.buffer(value.data, value.length))
        items = [value.items[number] for number in range(value.count)]
        if shape.type_name == "list":
            return [self._read_item(shape.member, item) for item in items]
        return {self.ffi.string(item.key).decode(): self._read_item(shape.value, item.value)
                for item in items}


def field_name(member, fields):
    """botocore's name, with an underscore behind a keyword."""
    name = botocore.xform_name(member)
    return name if name in fields else name + "_"


def scalar_to_c(shape, value):
    if shape.type_name == "timestamp":
        return round(value * 1000)
    if shape.type_name in ("float", "double"):
        return float(value)
    return value


def scalar_from_c(shape, value):
    if shape.type_name == "timestamp":
        return value / 1000
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
