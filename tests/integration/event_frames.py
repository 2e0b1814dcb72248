"""Builds frames of application/vnd.amazon.eventstream, for servers that send them."""

import json
import struct
import zlib

CONTENT_TYPE = "application/vnd.amazon.eventstream"


def header(name, value):
    """A header whose value is a string."""
    name, value = name.encode(), value.encode()
    return struct.pack(">B", len(name)) + name + struct.pack(">BH", 7, len(value)) + value


def frame(headers, payload=b""):
    """headers: bytes, or names and their strings."""
    if not isinstance(headers, bytes):
        headers = b"".join(header(name, value) for name, value in headers.items())
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    message = prelude + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))


def event(name, content=None):
    """content: the payload as bytes, or what is sent as JSON."""
    payload = content if isinstance(content, bytes) else json.dumps(content or {}).encode()
    return frame({":message-type": "event", ":event-type": name,
                  ":content-type": "application/json"}, payload)


def exception(name, content):
    return frame({":message-type": "exception", ":exception-type": name,
                  ":content-type": "application/json"}, json.dumps(content).encode())


def error(code, message):
    return frame({":message-type": "error", ":error-code": code, ":error-message": message})
