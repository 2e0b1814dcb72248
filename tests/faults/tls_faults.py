"""Lies in TLS, and under it. In the column "reused" a fault of the handshake is that of the second
connection, after a session that may be resumed."""

import contextlib
import pathlib
import ssl

import certificates
from fault import (
    CLOSE, CONNECTION, HOLD, KEEP, MALFORMED, OK, RESET, SOON_MS, TIMEOUT, TLS, TRUNCATED,
    Fault, bare, ends, good, head, says, split, with_body)
from http_faults import TAKES

RECORD = b"\x16\x03\x03"
ALERTS = {"handshake_failure": 40, "internal_error": 80, "unrecognized_name": 112,
          "close_notify": 0}


class Secure:
    """The contexts of honest and of lying servers, with certificates in a folder."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        authority = certificates.Authority(folder, "ca")
        stranger = certificates.Authority(folder, "other-ca")
        here = ["localhost"], ["127.0.0.1"]
        self.ca_file = str(authority.file)
        files = authority.issue("good", *here)
        self._contexts = {
            "good": context(files),
            "elsewhere": context(authority.issue("elsewhere", ["elsewhere.example"])),
            "expired": context(authority.issue("expired", *here, expired=True)),
            "stranger": context(stranger.issue("stranger", *here)),
            "itself": context((stranger.file, self._key_of(stranger, folder))),
            "TLS 1.1": context(files, maximum_version=ssl.TLSVersion.TLSv1_1,
                               ciphers="ALL:@SECLEVEL=0"),
            "asks, 1.3": context(files, asks=stranger.file),
            "asks, 1.2": context(files, asks=stranger.file,
                                 maximum_version=ssl.TLSVersion.TLSv1_2),
        }

    def context(self, name):
        return self._contexts[name] if name else None

    @staticmethod
    def _key_of(authority, folder):
        from cryptography.hazmat.primitives import serialization

        path = folder / "itself.key"
        path.write_bytes(authority._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        return path


def context(files, maximum_version=None, ciphers=None, asks=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*files)
    if ciphers is not None:
        made.set_ciphers(ciphers)
    if maximum_version is not None:
        made.minimum_version = min(maximum_version, ssl.TLSVersion.TLSv1_2)
        made.maximum_version = maximum_version
    if asks is not None:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(asks)
    return made


def hello(data, then=CLOSE):
    """Reads the ClientHello and answers with this."""

    def accept(connection):
        connection.plain.recv(16384)
        connection.plain.sendall(data)
        return then

    return accept


def shows(name):
    """A handshake with another context."""

    def accept(connection):
        try:
            connection.handshake(connection.server.secure.context(name))
        except ssl.SSLError:
            # Not reset by what is unread: the client is to see the alert.
            with contextlib.suppress(OSError):
                connection.plain.settimeout(1)
                connection.plain.recv(16384)
            return CLOSE
        return KEEP

    return accept


def after_handshake(then, data=b""):
    def accept(connection):
        connection.handshake()
        if data:
            connection.plain.sendall(data)
        return then

    return accept


def farewell(connection):
    """Ends TLS, as it should, before there was a request."""
    connection.handshake()
    connection.socket.settimeout(0.2)
    with contextlib.suppress(OSError):
        connection.socket.unwrap()
    return CLOSE


def breaks(data):
    """Reads the request, and answers with something that is no TLS."""

    def act(connection):
        if connection.read_request() is None:
            return CLOSE
        connection.plain.sendall(data)
        return CLOSE

    return act


def half_record(connection):
    """The right answer, of whose last record a part is missing."""
    request = connection.read_request()
    if request is None:
        return CLOSE
    first, body = split(request)
    connection.send(first.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\n\r\n" % len(body))
                    if b"Content-Length" not in first else first)
    connection.plain.sendall(b"\x17\x03\x03\x01\x00" + b"\0" * 50)
    return CLOSE


def alert(number):
    return b"\x15\x03\x03\x00\x02\x02" + bytes([number])


def handshakes():
    point = "TLS: handshake"

    def fault(name, **more):
        return Fault(point, name, secure="good", fresh=True, full=0, **more)

    refused = {"status": TLS, "botocore": 2, "why": "repeats every failure of TLS"}
    again = {"status": (TLS, CONNECTION), "tries": 2}
    return [
        fault("refused", refuses=True, status=CONNECTION, tries=2),
        fault("closed at once", accept=ends(CLOSE), **again),
        fault("reset at once", accept=ends(RESET), **again),
        fault("closed after ClientHello", accept=hello(b""), **again),
        fault("reset after ClientHello", accept=hello(b"", RESET), **again),
        fault("closed within ServerHello",
              accept=hello(RECORD + b"\0\x60\2\0\0\x5c\3\3" + b"a" * 40), **again),
        fault("silent at ClientHello", accept=hello(b"", HOLD), stall=True, status=TIMEOUT,
              tries=2),
        fault("silent at ClientHello, deadline", accept=hello(b"", HOLD), deadline_ms=SOON_MS,
              status=TIMEOUT, botocore="-"),
        fault("silent within ServerHello", accept=hello(RECORD + b"\0\x60", HOLD), stall=True,
              status=TIMEOUT, tries=2),
        fault("garbage for ServerHello", accept=hello(b"\xde\xad\xbe\xef" * 100), **again),
        fault("HTTP for ServerHello", accept=hello(b"HTTP/1.1 400 Bad Request\r\n\r\n"), **again),
        *[fault(f"alert {name}", accept=hello(alert(number)), **again)
          for name, number in ALERTS.items()],
        fault("certificate of another host", accept=shows("elsewhere"), **refused),
        fault("certificate expired", accept=shows("expired"), **refused),
        fault("certificate of a stranger", accept=shows("stranger"), **refused),
        fault("certificate of itself", accept=shows("itself"), **refused),
        fault("TLS 1.1 at most", accept=shows("TLS 1.1"), **again),
        fault("asks for a certificate, TLS 1.2", accept=shows("asks, 1.2"), **again),
        fault("asks for a certificate, TLS 1.3", accept=shows("asks, 1.3"), **again),
        fault("closed after the handshake", accept=after_handshake(CLOSE), status=CONNECTION,
              tries=2),
        fault("close_notify after the handshake", accept=farewell, status=CONNECTION, tries=2),
        fault("reset after the handshake", accept=after_handshake(RESET), status=CONNECTION,
              tries=2),
        fault("silent after the handshake", accept=after_handshake(HOLD), stall=True,
              status=TIMEOUT, tries=2),
        fault("garbage after the handshake", accept=after_handshake(CLOSE, b"\xde\xad" * 50),
              status=CONNECTION, tries=2),
    ]


def exchanges():
    point = "TLS: exchange"

    def fault(name, act, **more):
        return Fault(point, name, act=act, secure="good", **more)

    def length(data):
        return with_body(lambda body: body[:data])

    return [
        fault("all is well", says(good())),
        fault("closed without an answer", says(b"", CLOSE), status=CONNECTION, tries=2),
        fault("closed without an answer, one attempt", says(b"", CLOSE), status=CONNECTION,
              attempts=1),
        fault("reset without an answer", says(b"", RESET), status=CONNECTION, tries=2),
        fault("silent", says(b"", HOLD), stall=True, status=TIMEOUT, tries=2),
        fault("garbage for a record", breaks(b"\xde\xad\xbe\xef" * 20), status=CONNECTION, tries=2),
        fault("a record that nobody can read", breaks(b"\x17\x03\x03\x00\x20" + b"a" * 32),
              status=CONNECTION, tries=2),
        fault("plain HTTP for a record", breaks(head(200, length=2) + b"{}"), status=CONNECTION,
              tries=2),
        fault("alert internal_error, unencrypted", breaks(alert(80)), status=CONNECTION, tries=2),
        fault("closed within a record", half_record, status=(CONNECTION, TRUNCATED), tries=2,
              **TAKES),
        fault("no length, closed without a farewell", says(length(-5), CLOSE),
              status=(CONNECTION, TRUNCATED), tries=(1, 2), full=(1, 2)),
        fault("length too long, closed without a farewell",
              says(lambda r: bare(("Content-Length", "1000")) + split(r)[1], CLOSE),
              status=(CONNECTION, TRUNCATED), tries=2, **TAKES),
        fault("closed within the headers", says(b"HTTP/1.1 200 OK\r\nX-A: b\r\n", CLOSE),
              status=TRUNCATED, tries=2, **TAKES),
        fault("answers, then closes", says(good(), CLOSE)),
        fault("answers, then resets", says(good(), RESET), status=(OK, CONNECTION), tries=(1, 2),
              full=(1, 2)),
        fault("HTTP/0.9", says(b"{}", CLOSE), status=MALFORMED, tries=2),
        Fault(point, "idle, closed", idle=ends(CLOSE), only="reused", secure="good"),
        Fault(point, "idle, reset", idle=ends(RESET), only="reused", secure="good"),
        Fault(point, "idle, close_notify and open", idle=say_farewell, only="reused",
              secure="good"),
        Fault(point, "idle, an answer that nobody asked for",
              idle=lambda c: c.send(head(200, length=19) + b'{"taskId":"poison"}') or KEEP,
              only="reused", secure="good"),
        Fault(point, "idle, garbage", idle=lambda c: c.plain.sendall(b"\xde\xad" * 50) or KEEP,
              only="reused", secure="good"),
    ]


def say_farewell(connection):
    connection.socket.settimeout(0.05)
    with contextlib.suppress(OSError, ValueError):
        connection.socket.unwrap()
    return KEEP


FAULTS = [*handshakes(), *exchanges()]
