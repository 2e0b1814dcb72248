"""Answers that are good HTTP and a lie; and what a server does to a connection that is kept."""

import email.utils
import gzip
import time

from fault import (
    CLOSE, CONNECTION, EMPTY, HOLD, HTTP, KEEP, MALFORMED, OK, RESET, TOO_LARGE, TRUNCATED, Fault,
    ends, good, head, says)
from http_faults import POISON, TAKES

ELSEWHERE = "http://127.0.0.1:{elsewhere}/"


def status(code, *headers, body=b"", then=KEEP):
    return says(head(code, *headers, length=len(body)) + body, then)


def redirects():
    """To a server that counts: nothing may come there."""

    def act(code):
        def answer(connection):
            if connection.read_request() is None:
                return CLOSE
            url = ELSEWHERE.format(elsewhere=connection.server.elsewhere)
            connection.send(head(code, ("Location", url), length=0))
            return KEEP

        return answer

    stumbles = {"botocore": 2, "why": "stumbles over it"}
    return [Fault("answer: status", f"{code} to elsewhere", act=act(code), status=HTTP, http=code,
                  **(stumbles if code == 303 else {}))
            for code in (301, 302, 303, 307, 308)]


def statuses():
    point = "answer: status"
    html = b"<html><body>no</body></html>"

    def refused(code, *headers, **more):
        return Fault(point, more.pop("name", str(code)), act=status(code, *headers), status=HTTP,
                     http=code, **more)

    return [
        Fault(point, "200, empty", act=status(200), status=EMPTY),
        Fault(point, "200, HTML", act=status(200, ("Content-Type", "text/html"), body=html),
              status=MALFORMED),
        Fault(point, "204", act=says(head(204)), status=EMPTY),
        Fault(point, "204 with a body", act=says(head(204, length=19) + POISON[-19:]),
              status=EMPTY),
        Fault(point, "205 with a body", act=says(lambda r: good()(r).replace(b" 200 ", b" 205 "))),
        Fault(point, "206, a part", act=status(206, ("Content-Range", "bytes 0-4/19"),
                                               body=b'{"tas'), status=TRUNCATED),
        Fault(point, "304 with a length, and open", act=says(head(304, length=100)), status=HTTP,
              http=304),
        refused(401, ("WWW-Authenticate", 'Basic realm="x"'), name="401 Basic"),
        refused(401, ("WWW-Authenticate", "Negotiate"), ("WWW-Authenticate", "NTLM"),
                name="401 Negotiate, NTLM"),
        refused(407, ("Proxy-Authenticate", 'Basic realm="x"'), name="407 without a proxy"),
        refused(400), refused(403), refused(404), refused(408), refused(417),
        refused(429, tries=2), refused(500, tries=2), refused(501), refused(502, tries=2),
        refused(503, tries=2), refused(504, tries=2), refused(505),
        refused(503, ("x-amz-retry-after", "99999999999999999999"), deadline_ms=4000,
                name="503, x-amz-retry-after huge", botocore="-"),
        refused(503, ("x-amz-retry-after", "-5"), tries=2, name="503, x-amz-retry-after negative"),
        refused(503, ("Retry-After", "86400"), tries=2, name="503, Retry-After a day"),
        Fault(point, "500, closed within its body",
              act=says(head(500, length=1000) + html, CLOSE), status=TRUNCATED, tries=2),
        Fault(point, "400, closed within its body",
              act=says(head(400, length=1000) + html, CLOSE), status=TRUNCATED, tries=2, **TAKES),
        Fault(point, "403, skew, Date 10 years ahead", act=status(
            403, ("x-amzn-errortype", "RequestTimeTooSkewed"),
            ("Date", "Mon, 01 Jan 2035 00:00:00 GMT")), status="RequestTimeTooSkewed"),
        Fault(point, "403, skew, Date 30 years ago", act=status(
            403, ("x-amzn-errortype", "InvalidSignatureException"),
            ("Date", "Thu, 01 Jan 1998 00:00:00 GMT")), status="InvalidSignatureException"),
        Fault(point, "403, skew, Date 2 hours ahead", act=skewed, status="RequestTimeTooSkewed",
              tries=2, botocore=1, why="corrects no clock"),
        Fault(point, "403, skew, no Date", act=status(
            403, ("x-amzn-errortype", "RequestTimeTooSkewed")), status="RequestTimeTooSkewed"),
    ]


def skewed(connection):
    connection.read_request()
    ahead = email.utils.formatdate(time.time() + 7200, usegmt=True)
    connection.send(head(403, ("x-amzn-errortype", "RequestTimeTooSkewed"), ("Date", ahead),
                         length=0))
    return KEEP


def contents():
    point = "answer: content"
    zipped = ("Content-Encoding", "gzip")

    def body(data, *headers, **more):
        return says(head(200, *headers, length=len(data)) + data, **more)

    bomb = gzip.compress(b'{"taskId":"' + b"a" * (8 << 20) + b'"}')
    return [
        Fault(point, "gzip that nobody asked for", act=body(gzip.compress(b"{}"), zipped),
              status=MALFORMED),
        Fault(point, "gzip bomb", act=body(bomb, zipped), status=MALFORMED),
        Fault(point, "gzip by name only",
              act=says(lambda r: good(zipped)(r))),
        Fault(point, "JSON that breaks off", act=body(b'{"taskId":"jud'), status=TRUNCATED),
        Fault(point, "JSON and more", act=body(b'{"taskId":"judged"}}'), status=MALFORMED),
        Fault(point, "XML", act=body(b"<ok/>"), status=MALFORMED),
        Fault(point, "an array", act=body(b"[]"), status=MALFORMED),
        Fault(point, "another type", act=body(b'{"taskId":[]}'), status=MALFORMED),
        Fault(point, "not UTF-8", act=body(b'{"taskId":"a\xff"}'), status=MALFORMED),
        Fault(point, "an event stream", act=body(
            b"\0\0\0\x10\0\0\0\0\x05\xc2\x48\xeb\x7d\x98\xc8\xff",
            ("Content-Type", "application/vnd.amazon.eventstream")), status=MALFORMED),
        Fault(point, "too large", act=body(b'{"taskId":"' + b"a" * (2 << 20) + b'"}'),
              status=TOO_LARGE),
    ]


def says_idle(data, how=KEEP):
    def idle(connection):
        connection.send(data)
        return how

    return idle


def keep_alive():
    """In the column "first" these are of a connection that was just accepted."""
    point = "keep-alive"

    def before(data, then=KEEP):
        """On a new connection, before there is a request."""

        def accept(connection):
            connection.handshake()
            connection.send(data)
            return then

        return accept

    timeout = head(408, ("Connection", "close"), length=0)
    return [
        Fault(point, "idle, closed", idle=ends(CLOSE), only="reused"),
        Fault(point, "idle, reset", idle=ends(RESET), only="reused"),
        Fault(point, "idle, half closed", idle=half_close, only="reused"),
        Fault(point, "idle, an answer that nobody asked for", idle=says_idle(POISON),
              only="reused"),
        Fault(point, "idle, garbage", idle=says_idle(b"\0" * 100), only="reused"),
        Fault(point, "idle, 408 and closed", idle=says_idle(timeout, CLOSE), only="reused"),
        Fault(point, "idle, 100 Continue", idle=says_idle(b"HTTP/1.1 100 Continue\r\n\r\n"),
              only="reused"),
        Fault(point, "an answer before the request", accept=before(
            head(200, length=19) + b'{"taskId":"judged"}', HOLD), only="first", full=0),
        Fault(point, "408 before the request, closed", accept=before(timeout, CLOSE), only="first",
              status=(HTTP, CONNECTION), tries=(1, 2), full=0),
        Fault(point, "answers, then closes", act=says(good(), CLOSE)),
        Fault(point, "answers, then resets", act=says(good(), RESET), status=(OK, CONNECTION),
              tries=(1, 2), full=(1, 2)),
        Fault(point, "answers twice in one", act=says(lambda r: good()(r) + POISON)),
        Fault(point, "answers, then garbage", act=says(lambda r: good()(r) + b"\0" * 100)),
        Fault(point, "answers, then another answer late", act=late(POISON)),
        Fault(point, "answers, then silent for ever", act=says(good(), HOLD)),
        Fault(point, "an empty line before the answer", act=says(lambda r: b"\r\n" + good()(r)),
              status=MALFORMED, tries=2),
    ]


def half_close(connection):
    connection.plain.shutdown(1)
    return KEEP


def late(data):
    def act(connection):
        request = connection.read_request()
        if request is None:
            return CLOSE
        connection.send(good()(request))
        connection.wait(0.01)
        connection.send(data)
        return KEEP

    return act


FAULTS = [*redirects(), *statuses(), *contents(), *keep_alive()]
