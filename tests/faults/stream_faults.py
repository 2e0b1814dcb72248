"""Lies in an event stream: StartLiveTail, which ends well when its body does. What came before the
fault has been delivered, so nothing is repeated after the first frame."""

import json

from event_frames import CONTENT_TYPE, error, event, exception, frame
from fault import (
    CLOSE, CONNECTION, EMPTY, HOLD, HTTP, KEEP, MALFORMED, OK, RESET, SOON_MS, TIMEOUT, TOO_LARGE,
    TRUNCATED, Fault, bare, head, repeats, says)

STREAM = ("Content-Type", CONTENT_TYPE)
CHUNKED = ("Transfer-Encoding", "chunked")
INITIAL = event("initial-response")
START = event("sessionStart", {"sessionId": "judged"})
UPDATE = event("sessionUpdate", {"sessionResults": [{"message": "one"}]})
LONG = event("sessionUpdate", b'{"a":"' + b"a" * 100_000 + b'"}')
BEGUN = INITIAL + START


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def stream(name, data, then=CLOSE, status=OK, **more):
    """The frames, in a body that ends with the connection."""
    return Fault("event stream", name, act=says(bare(STREAM) + data, then), kind="stream",
                 status=status, **more)


def cuts():
    """In each part of a second frame: length, prelude's checksum, headers, payload, checksum."""
    places = {"a length": 2, "a prelude's checksum": 10, "headers": 20, "a payload": -8,
              "a checksum": -2}
    made = []
    for name, at in places.items():
        part = BEGUN + UPDATE[:at]
        made += [stream(f"closed within {name}", part, status=TRUNCATED),
                 stream(f"reset within {name}", part, RESET, status=(CONNECTION, TRUNCATED)),
                 stream(f"silent within {name}", part, HOLD, status=TIMEOUT, stall=True)]
    return made


def beginnings():
    return [
        stream("closed within the first frame", INITIAL[:20], status=TRUNCATED, tries=1),
        stream("nothing", b"", status=EMPTY),
        stream("silent before the first frame", b"", HOLD, status=TIMEOUT, stall=True),
        stream("garbage", b"\xde\xad\xbe\xef" * 40, status=MALFORMED),
        stream("JSON", json.dumps({"taskId": "judged"}).encode() * 3, status=MALFORMED),
        Fault("event stream", "closed before the answer", act=says(b"", CLOSE), kind="stream",
              status=CONNECTION, tries=2),
        Fault("event stream", "reset before the answer", act=says(b"", RESET), kind="stream",
              status=CONNECTION, tries=2),
        Fault("event stream", "silent before the answer", act=says(b"", HOLD), kind="stream",
              status=TIMEOUT, tries=2, stall=True),
        Fault("event stream", "503", act=says(head(503, length=0)), kind="stream", status=HTTP,
              http=503, tries=2),
        Fault("event stream", "307", act=says(head(307, ("Location", "/"), length=0)),
              kind="stream", status=HTTP, http=307),
        Fault("event stream", "dripping headers for ever",
              act=repeats(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a", pause=0.02), kind="stream",
              stall=True, status=TIMEOUT),
    ]


def frames():
    bad = {"status": MALFORMED}
    return [
        stream("ends between frames", BEGUN + UPDATE),
        stream("ends without a session", INITIAL, answer=""),
        stream("wrong prelude's checksum", BEGUN + flipped(UPDATE, 9), **bad),
        stream("wrong length", BEGUN + flipped(UPDATE, 3), **bad),
        stream("wrong checksum", BEGUN + flipped(UPDATE, -1), **bad),
        stream("wrong payload", BEGUN + flipped(UPDATE, -9), **bad),
        stream("garbage between frames", BEGUN + b"\0" * 64 + UPDATE, **bad),
        stream("a payload that is no JSON", BEGUN + event("sessionUpdate", b"<html>"), **bad),
        stream("a frame over the limit",
               BEGUN + event("sessionUpdate", b'{"a":"' + b"a" * (2 << 20) + b'"}'),
               status=TOO_LARGE),
        stream("a length of 4 GB", BEGUN + b"\xff" * 8 + b"\0" * 100,
               status=(MALFORMED, TOO_LARGE)),
        stream("no message type", BEGUN + frame({":event-type": "sessionUpdate"}, b"{}"), **bad),
        stream("unknown event", BEGUN + event("newThing", b"\0\1") + UPDATE),
        stream("exception", BEGUN + exception("SessionTimeoutException", {"message": "over"}),
               status="SessionTimeoutException"),
        stream("exception nobody knows", BEGUN + exception("NewException", {"message": "x"}),
               status="NewException"),
        stream("throttling exception", INITIAL + exception("ThrottlingException", {"message": "x"}),
               status="ThrottlingException"),
        stream("error", BEGUN + error("InternalError", "it broke"), status="InternalError"),
        stream("error, then more", BEGUN + error("InternalError", "it broke") + UPDATE * 10, HOLD,
               status="InternalError"),
        stream("silent after a session", BEGUN, HOLD, status=TIMEOUT, stall=True),
        stream("reset between frames", BEGUN, RESET, status=CONNECTION),
        Fault("event stream", "dripping a frame for ever, deadline", kind="stream",
              act=repeats(bare(STREAM) + BEGUN + LONG[:100], b"a", pause=0.02), status=TIMEOUT,
              deadline_ms=SOON_MS),
        Fault("event stream", "events for ever, deadline", kind="stream",
              act=repeats(bare(STREAM) + BEGUN, UPDATE, pause=0.02), status=TIMEOUT,
              deadline_ms=SOON_MS),
        Fault("event stream", "silent after a session, deadline", kind="stream",
              act=says(bare(STREAM) + BEGUN, HOLD), status=TIMEOUT, deadline_ms=SOON_MS),
    ]


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def chunked(name, data, then=CLOSE, status=OK, **more):
    return Fault("event stream", f"chunked: {name}", kind="stream", status=status,
                 act=says(bare(STREAM, CHUNKED) + chunk(BEGUN) + data, then), **more)


def chunks():
    return [
        chunked("ends", chunk(UPDATE) + b"0\r\n\r\n", KEEP),
        chunked("closed between chunks", chunk(UPDATE), status=TRUNCATED),
        chunked("closed within a chunk", chunk(UPDATE)[:-9], status=TRUNCATED),
        chunked("ends within a frame", chunk(UPDATE[:-9]) + b"0\r\n\r\n", KEEP, status=TRUNCATED),
        chunked("size no number", b"xyz\r\n" + UPDATE, status=CONNECTION),
        chunked("size negative", b"-5\r\n" + UPDATE, status=CONNECTION),
        chunked("bytes behind the last", b"0\r\n\r\n" + UPDATE, KEEP),
        Fault("event stream", "Content-Length too long", kind="stream", status=TRUNCATED,
              act=says(bare(STREAM, ("Content-Length", "9999")) + BEGUN, CLOSE)),
        Fault("event stream", "Content-Length too short", kind="stream", status=TRUNCATED,
              act=says(bare(STREAM, ("Content-Length", str(len(BEGUN) - 9))) + BEGUN, CLOSE)),
    ]


FAULTS = [*beginnings(), *frames(), *cuts(), *chunks()]
