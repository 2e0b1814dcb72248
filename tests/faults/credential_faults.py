"""Lies of those who give credentials: a container's endpoint, an instance's metadata service. What
counts here is what they got asked; without credentials nothing goes to the service.

A container is asked three times, a second apart, where trying again may help. In the column
"reused" it had given credentials before, which the service now calls expired. An instance is asked
once; in the column "first" it lies when asked for a token, in the column "reused" when asked for
the role."""

import datetime
import json

from fault import (
    CLOSE, CREDENTIALS, HOLD, KEEP, OK, RESET, SOON_MS, TIMEOUT, Fault, bare, ends, head, repeats,
    says)
from lying_server import EXPIRED_KEY

TOKEN = b"imds-token"
KINDS = {"container": "container's credentials", "imds": "instance metadata"}


def credentials(seconds=7200, **more):
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return {"Code": "Success", "AccessKeyId": "AKIDTEST", "SecretAccessKey": "secret",
            "Token": "session", "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ")} | more


def whole(body):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return head(200, length=len(body)) + body


def honest(server, request):
    """Before the lie, credentials are given that the service will call expired."""
    if request.method == "PUT":
        return whole(TOKEN)
    if request.target.endswith("/security-credentials/"):
        return whole(b"test-role")
    return whole(credentials(AccessKeyId="AKIDTEST" if server.over.is_set() else EXPIRED_KEY))


def after_token(act):
    """Honest when asked for a token."""

    def later(connection):
        line = connection.reader.peek(3)[:3]
        if line == b"PUT":
            connection.send(honest(connection.server, connection.read_request()))
            return KEEP
        return act(connection)

    return later


def to_elsewhere(code):
    def act(connection):
        if connection.read_request() is None:
            return CLOSE
        url = f"http://127.0.0.1:{connection.server.elsewhere}/"
        connection.send(head(code, ("Location", url), length=0))
        return KEEP

    return act


def fault(kind, name, act=None, again=False, status=CREDENTIALS, **more):
    """again: trying again may help. Where full is not given it follows from that."""
    full = more.pop("full", 3 if again and kind == "container" else 1)
    tries = more.pop("tries", 1 if status == OK else 0)
    settings = {"status": status, "tries": tries, "full": full, "honest": honest, "kind": kind,
                "botocore": "-"} | ({"act": act} if act else {}) | more
    if kind == "container":
        settings["reused"] = {"tries": tries + 1}  # the one that was refused
    elif act is not None and "only" not in more:
        settings["reused"] = {"act": after_token(act), "full": full + 1}
    return Fault(KINDS[kind], name, **settings)


def transport(kind):
    """What both may do."""
    drip = repeats(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a", pause=0.02)
    drip_body = repeats(bare(), b" ", pause=0.02)
    late = {"status": TIMEOUT, "deadline_ms": SOON_MS}
    return [
        fault(kind, "closed", says(b"", CLOSE), again=True),
        fault(kind, "reset", says(b"", RESET), again=True),
        fault(kind, "silent", says(b"", HOLD), again=True),
        fault(kind, "silent, deadline", says(b"", HOLD), **late),
        fault(kind, "dripping headers for ever, deadline", drip, **late),
        fault(kind, "dripping a body for ever, deadline", drip_body, **late),
        fault(kind, "garbage", says(b"\xde\xad\xbe\xef" * 10, CLOSE), again=True),
        fault(kind, "closed within the body", says(head(200, length=1000) + b"{", CLOSE),
              again=True),
        fault(kind, "chunk size no number",
              says(bare(("Transfer-Encoding", "chunked")) + b"xyz\r\n", CLOSE), again=True),
        *[fault(kind, f"{code} to elsewhere", to_elsewhere(code)) for code in (301, 302, 307, 308)],
        *[fault(kind, str(code), says(head(code, length=0))) for code in (400, 401, 403, 404, 407)],
        *[fault(kind, str(code), says(head(code, length=0)), again=True)
          for code in (429, 500, 503)],
        fault(kind, "204", says(head(204))),
        fault(kind, "200, empty", says(head(200, length=0))),
    ]


def container():
    kind = "container"

    def gives(name, body, **more):
        return fault(kind, name, says(whole(body)), **more)

    def without(name):
        return {key: value for key, value in credentials().items() if key != name}

    return [
        fault(kind, "refused", refuses=True, fresh=True, full=0),
        fault(kind, "closed at once", accept=ends(CLOSE), fresh=True, full=0),
        fault(kind, "silent, nothing is read, deadline", accept=ends(HOLD), fresh=True, full=0,
              status=TIMEOUT, deadline_ms=SOON_MS),
        *transport(kind),
        fault(kind, "endless body", repeats(bare(), b"a" * 65536), again=True),
        gives("HTML", b"<html></html>"),
        gives("an array", b"[]"),
        gives("JSON that breaks off", b'{"AccessKeyId":"AKIDTEST"'),
        gives("a refusal", {"Code": "AccessDenied", "Message": "no such role"}),
        gives("no key", without("AccessKeyId")),
        gives("no secret", without("SecretAccessKey")),
        gives("a number for a secret", credentials(SecretAccessKey=5)),
        gives("an empty secret", credentials(SecretAccessKey="")),
        gives("a header in the token", credentials(Token="a\r\nX-Evil: b")),
        gives("a header in the key", credentials(AccessKeyId="a\r\nX-Evil: b")),
        gives("no time for an end", credentials(Expiration="tomorrow")),
        gives("over for years, which a clock may say", credentials(-300_000_000), status=OK),
        gives("good until 9999", credentials(Expiration="9999-12-31T23:59:59Z"), status=OK),
    ]


def instance():
    kind = "imds"

    def token(name, body, **more):
        return fault(kind, f"token: {name}", says(whole(body)), only="first", **more)

    def role(name, body, **more):
        """The answer to the second request."""
        return fault(kind, f"role: {name}", after_token(says(whole(body))), only="first", full=2,
                     **more)

    return [
        fault(kind, "refused", refuses=True, only="first", full=0),
        fault(kind, "closed at once", accept=ends(CLOSE), only="first", full=0),
        fault(kind, "reset at once", accept=ends(RESET), only="first", full=0),
        fault(kind, "silent, nothing is read", accept=ends(HOLD), only="first", full=0),
        fault(kind, "silent, nothing is read, deadline", accept=ends(HOLD), only="first", full=0,
              status=TIMEOUT, deadline_ms=SOON_MS),
        *transport(kind),
        fault(kind, "endless body", repeats(bare(), b"a" * 65536)),
        token("a header in it", b"a\r\nX-Evil: b"),
        token("NUL in it", b"a\0b"),
        token("of 1 MB", b"a" * (1 << 20)),
        role("a path", b"../../latest/user-data"),
        role("a query", b"role?x=y"),
        role("dots", b".."),
        role("a header", b"role HTTP/1.1\r\nX-Evil: b"),
        role("HTML", b"<html></html>"),
        role("of 1 MB", b"a" * (1 << 20)),
    ]


FAULTS = [*container(), *instance()]
