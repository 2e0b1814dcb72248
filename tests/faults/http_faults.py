"""Lies of an HTTP server, point by point of an exchange."""

import gzip

from fault import (
    CLOSE, CONNECTION, EMPTY, HOLD, HTTP, KEEP, MALFORMED, MEMORY, OK, RESET, SOON_MS, TIMEOUT,
    TOO_LARGE, TRUNCATED, Fault, bare, ends, good, head, repeats, says, split, with_body)

AFTER = head(200, length=0)  # a whole answer that nobody asked for
POISON = head(200, length=19) + b'{"taskId":"poison"}'
TAKES = {"botocore": 1, "why": "takes what is there"}
REFUSES = {"botocore": 2, "why": "refuses the header"}


def connecting():
    point = "connect"
    return [
        Fault(point, "refused", refuses=True, fresh=True, status=CONNECTION, tries=2, full=0),
        Fault(point, "closed at once", accept=ends(CLOSE), fresh=True, status=CONNECTION, tries=2,
              full=0),
        Fault(point, "reset at once", accept=ends(RESET), fresh=True, status=CONNECTION, tries=2,
              full=0),
        Fault(point, "silent, nothing is read", accept=ends(HOLD), fresh=True, stall=True,
              status=TIMEOUT, tries=2, full=0),
        Fault(point, "silent, deadline of the call", accept=ends(HOLD), fresh=True,
              deadline_ms=SOON_MS, status=TIMEOUT, full=0, botocore="-"),
    ]


def read_line(then):
    def act(connection):
        connection.reader.readline()
        return then

    return act


def read_half(then):
    """Of a large body."""

    def act(connection):
        connection.read_some(200_000)
        return then

    return act


def early(message, reads_on=False, then=KEEP):
    """Answers when it has seen a part of a large body."""

    def act(connection):
        left = 20_000
        while (line := connection.reader.readline()) not in (b"", b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                left = int(line.split(b":")[1])
        connection.read_some(20_000)
        connection.send(message)
        if reads_on:
            connection.read_some(left - 20_000)
        return then

    return act


EARLY_200 = head(200, length=2) + b"{}"
EARLY_400 = head(400, ("x-amzn-errortype", "InvalidParameterException"), length=0)
EARLY_413 = head(413, length=0)
EARLY_503 = head(503, length=0)


def sending():
    point = "request"
    large = {"kind": "large"}
    return [
        Fault(point, "closed after its first line", act=read_line(CLOSE), status=CONNECTION,
              tries=2, full=0),
        Fault(point, "reset after its first line", act=read_line(RESET), status=CONNECTION,
              tries=2, full=0),
        Fault(point, "silent after its first line", act=read_line(HOLD), stall=True,
              status=TIMEOUT, tries=2, full=0),
        Fault(point, "reset within a large body", act=read_half(RESET), status=CONNECTION,
              tries=2, full=0, **large),
        Fault(point, "a large body is not read on", act=read_half(HOLD), stall=True,
              status=TIMEOUT, tries=2, full=0, **large),
        Fault(point, "a large body is not read on, deadline", act=read_half(HOLD),
              deadline_ms=SOON_MS, status=TIMEOUT, full=0, botocore="-", **large),
        Fault(point, "400 before a large body, which is read", act=early(EARLY_400, True),
              status="InvalidParameterException", full=0, **large),
        Fault(point, "413 before a large body, which is read", act=early(EARLY_413, True),
              status=HTTP, full=0, http=413, **large),
        Fault(point, "503 before a large body, which is read", act=early(EARLY_503, True),
              status=HTTP, tries=2, full=0, http=503, **large),
        Fault(point, "503 before a large body, then reset", act=early(EARLY_503, then=RESET),
              status=(HTTP, CONNECTION), tries=2, full=0, **large),
        Fault(point, "200 before a large body, which is read", act=early(EARLY_200, True),
              full=0, answer=None, **large),
        Fault(point, "no 100 Continue for a large body", act=says(good()), **large),
    ]


def waiting():
    """The whole request is there, and no byte of an answer."""
    point = "answer: before it"
    return [
        Fault(point, "closed", act=says(b"", CLOSE), status=CONNECTION, tries=2),
        Fault(point, "reset", act=says(b"", RESET), status=CONNECTION, tries=2),
        Fault(point, "closed, one attempt", act=says(b"", CLOSE), status=CONNECTION, attempts=1),
        Fault(point, "reset, one attempt", act=says(b"", RESET), status=CONNECTION, attempts=1),
        Fault(point, "closed, large body", act=says(b"", CLOSE), status=CONNECTION, tries=2,
              kind="large"),
        Fault(point, "silent", act=says(b"", HOLD), stall=True, status=TIMEOUT, tries=2),
        Fault(point, "silent, deadline of the call", act=says(b"", HOLD), deadline_ms=SOON_MS,
              status=TIMEOUT, botocore="-"),
        Fault(point, "silent, one attempt", act=says(b"", HOLD), stall=True, attempts=1,
              status=TIMEOUT),
    ]


def first_line():
    point = "answer: status line"
    no_http = {"status": MALFORMED, "tries": 2}

    def line(name, text, then=CLOSE, **more):
        return Fault(point, name, act=says(text + b"Content-Length: 2\r\n\r\n{}", then), **more)

    return [
        Fault(point, "TLS bytes", act=says(b"\x16\x03\x01 this is not HTTP\r\n\r\n", CLOSE),
              **no_http),
        Fault(point, "HTTP/0.9: a body alone", act=says(b'{"taskId":"judged"}', CLOSE), **no_http),
        Fault(point, "HTTP/2 preface",
              act=says(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", CLOSE), **no_http),
        Fault(point, "HTTP/2 SETTINGS frame", act=says(b"\0\0\0\4\0\0\0\0\0", CLOSE), **no_http),
        Fault(point, "zeros", act=says(b"\0" * 1000, CLOSE), **no_http),
        Fault(point, "endless text", act=repeats(b"", b"a" * 65536), **no_http),
        Fault(point, "endless blank lines", act=repeats(b"", b"\r\n" * 8192), **no_http),
        line("ICY 200", b"ICY 200 OK\r\n", **no_http),
        line("RTSP/1.0 200", b"RTSP/1.0 200 OK\r\n", **no_http),
        line("HTTP/7.1 200", b"HTTP/7.1 200 OK\r\n", **no_http),
        line("no status", b"HTTP/1.1\r\n", **no_http),
        line("a word for a status", b"HTTP/1.1 abc OK\r\n", **no_http),
        line("status 20", b"HTTP/1.1 20 OK\r\n", **no_http),
        line("status 2000", b"HTTP/1.1 2000 OK\r\n", **no_http),
        line("status -200", b"HTTP/1.1 -200 OK\r\n", **no_http),
        line("status 999", b"HTTP/1.1 999 Odd\r\n", status=HTTP, http=999),
        Fault(point, "closed within it", act=says(b"HTTP/1.", CLOSE),
              status=(CONNECTION, MALFORMED), tries=2),
        Fault(point, "reset within it", act=says(b"HTTP/1.", RESET), status=CONNECTION, tries=2),
        Fault(point, "silent within it", act=says(b"HTTP/1.", HOLD), stall=True, status=TIMEOUT,
              tries=2),
        Fault(point, "HTTP/1.0, until close",
              act=says(lambda request: b"HTTP/1.0 200 OK\r\n\r\n" + split(request)[1], CLOSE)),
    ]


def length(value, then=CLOSE):
    """The right body under another Content-Length, or several."""
    values = value if isinstance(value, tuple) else (value,)
    headers = [("Content-Length", one) for one in values]
    return says(lambda request: bare(*headers) + split(request)[1], then)


def headers():
    point = "answer: headers"
    start = b"HTTP/1.1 200 OK\r\nX-A: b\r\n"
    broken = {"status": MALFORMED}
    cut = {"status": TRUNCATED, "tries": 2, **TAKES}
    # libcurl calls its limit of 100 KB for a line a lack of memory.
    long_line = {"status": MEMORY, "botocore": 2, "why": "repeats what is no HTTP"}
    return [
        Fault(point, "closed within", act=says(start, CLOSE), **cut),
        Fault(point, "closed within a name", act=says(start + b"X-Half", CLOSE), **cut),
        Fault(point, "closed before the blank line", act=says(start + b"Content-Type: a/b\r\n", CLOSE), **cut),
        Fault(point, "closed within, after a 100",
              act=says(b"HTTP/1.1 100 Continue\r\n\r\n" + start, CLOSE), **cut),
        Fault(point, "closed within those of a 400",
              act=says(b"HTTP/1.1 400 Bad Request\r\nX-A: b\r\n", CLOSE), **cut),
        Fault(point, "reset within", act=says(start, RESET), status=CONNECTION, tries=2),
        Fault(point, "silent within", act=says(start, HOLD), stall=True, status=TIMEOUT, tries=2),
        Fault(point, "dripping for ever", act=repeats(start + b"X-Long: ", b"a", pause=0.02),
              stall=True, status=TIMEOUT, tries=2),
        Fault(point, "dripping for ever, deadline",
              act=repeats(start + b"X-Long: ", b"a", pause=0.02), deadline_ms=SOON_MS,
              status=TIMEOUT, botocore="-"),
        Fault(point, "endless lines", act=repeats(start, b"X-Filler: 1234567890\r\n" * 3000),
              status=TOO_LARGE),
        Fault(point, "endless line", act=repeats(start + b"X-Long: ", b"a" * 65536), **long_line),
        Fault(point, "a line of 1 MB", act=says(good(("X-Long", "a" * (1 << 20))), CLOSE),
              **long_line),
        Fault(point, "a line of 60 KB", act=says(good(("X-Long", "a" * 60_000)))),
        Fault(point, "a line without a colon",
              act=says(good(("no colon here\r\nX-A", "b"))), **broken),
        Fault(point, "a blank before the colon", act=says(good(("X-A ", "b")))),
        Fault(point, "folded", act=says(good(("X-A", "b\r\n c")))),
        Fault(point, "NUL in a value", act=says(good(("X-A", "b\0c"))), **broken),
        Fault(point, "line feeds alone",
              act=says(lambda request: split(request)[0].replace(b"\r\n", b"\n")
                       + split(request)[1])),
        Fault(point, "Date years ahead", act=says(good(("Date", "Fri, 01 Jan 2038 00:00:00 GMT")))),
        Fault(point, "Date is no date", act=says(good(("Date", "x" * 4000)))),
        Fault(point, "Set-Cookie", act=says(good(("Set-Cookie", "a=b; Path=/")))),
        Fault(point, "Alt-Svc to elsewhere",
              act=says(good(("Alt-Svc", 'h2="127.0.0.1:1", h3=":1", http/1.1="127.0.0.1:1"')))),
        Fault(point, "Strict-Transport-Security",
              act=says(good(("Strict-Transport-Security", "max-age=31536000")))),
        Fault(point, "Connection: close, and open", act=says(good(("Connection", "close")), HOLD)),
        Fault(point, "Connection: close, more bytes",
              act=says(lambda request: good(("Connection", "close"))(request) + POISON, CLOSE)),
        Fault(point, "Upgrade: h2c", act=says(good(("Connection", "Upgrade"), ("Upgrade", "h2c")))),
    ]


def interim():
    point = "answer: 1xx"
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
    go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
    return [
        Fault(point, "100 that nobody asked for", act=says(lambda r: go_on + good()(r))),
        Fault(point, "ten of 103", act=says(lambda r: hint * 10 + good()(r))),
        Fault(point, "endless 100", act=repeats(b"", go_on * 1000), status=TOO_LARGE),
        Fault(point, "endless 103", act=repeats(b"", hint * 1000), status=TOO_LARGE),
        Fault(point, "dripping 100 for ever", act=repeats(go_on, go_on, pause=0.05), stall=True,
              status=TIMEOUT, tries=2),
        Fault(point, "100, then closed", act=says(go_on, CLOSE), status=CONNECTION, tries=2),
        Fault(point, "100, then silent", act=says(go_on, HOLD), stall=True, status=TIMEOUT,
              tries=2),
        Fault(point, "101 that nobody asked for",
              act=says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n"
                       b"Connection: Upgrade\r\n\r\n\0\0\0\4\0\0\0\0\0", CLOSE),
              status=(MALFORMED, HTTP), http=101),
    ]


def lengths():
    point = "answer: Content-Length"
    return [
        Fault(point, "too long, closed", act=length("1000"), status=TRUNCATED, tries=2,
              **TAKES),
        Fault(point, "too long, reset",
              act=says(lambda r: bare(("Content-Length", "1000")) + split(r)[1], RESET),
              status=(CONNECTION, TRUNCATED), tries=2),
        Fault(point, "too long, silent", act=length("1000", HOLD), stall=True, status=TIMEOUT,
              tries=2),
        Fault(point, "too long, silent, deadline", act=length("1000", HOLD), deadline_ms=SOON_MS,
              status=TIMEOUT, botocore="-"),
        Fault(point, "too short", act=length("10", KEEP), status=TRUNCATED),
        Fault(point, "0", act=length("0", KEEP), status=EMPTY),
        Fault(point, "negative", act=length("-5"), status=MALFORMED),
        Fault(point, "a word", act=length("five"), status=MALFORMED),
        Fault(point, "hexadecimal", act=length("0x2d"), status=EMPTY),
        Fault(point, "beyond 64 bits", act=length("99999999999999999999999"),
              status=(MALFORMED, TOO_LARGE)),
        Fault(point, "8 EB", act=length("9223372036854775807"), status=TOO_LARGE),
        Fault(point, "over the limit", act=length("1048577", HOLD), status=TOO_LARGE),
        Fault(point, "two that differ", act=length(("2", "1000")), status=TRUNCATED, tries=2),
        Fault(point, "two that differ, longer first", act=length(("1000", "2")), status=TRUNCATED,
              **REFUSES),
        Fault(point, "a list that differs", act=length("2, 1000"), status=TRUNCATED, **REFUSES),
        Fault(point, "twice the same",
              act=says(lambda r: bare(*[("Content-Length", str(len(split(r)[1])))] * 2)
                       + split(r)[1])),
        Fault(point, "and chunked",
              act=says(lambda r: bare(("Content-Length", "5"), ("Transfer-Encoding", "chunked"))
                       + chunk(split(r)[1]) + LAST)),
        Fault(point, "none, and open", act=says(with_body(bytes), HOLD), stall=True,
              status=TIMEOUT, tries=2),
        Fault(point, "none, closed", act=says(with_body(bytes), CLOSE)),
        Fault(point, "none, closed within", act=says(with_body(lambda body: body[:-5]), CLOSE),
              status=TRUNCATED),
        Fault(point, "none, reset within", act=says(with_body(lambda body: body[:-5]), RESET),
              status=CONNECTION, tries=2),
        Fault(point, "none, nothing", act=says(bare(), CLOSE), status=EMPTY),
        Fault(point, "none, endless body", act=repeats(bare() + b'{"taskId":"', b"a" * 65536),
              status=TOO_LARGE),
        Fault(point, "none, dripping for ever",
              act=repeats(bare() + b'{"taskId":"', b"a", pause=0.02), stall=True, status=TIMEOUT,
              tries=2),
        Fault(point, "none, dripping for ever, deadline",
              act=repeats(bare() + b'{"taskId":"', b"a", pause=0.02), deadline_ms=SOON_MS,
              status=TIMEOUT, botocore="-"),
    ]


CHUNKED = ("Transfer-Encoding", "chunked")
LAST = b"0\r\n\r\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def chunked(change, then=CLOSE):
    return says(with_body(change, CHUNKED), then)


def chunks():
    point = "answer: chunks"
    broken = {"status": CONNECTION, "tries": 2}
    part = chunk(b'{"tas')
    return [
        Fault(point, "in good order", act=chunked(lambda b: chunk(b[:5]) + chunk(b[5:]) + LAST,
                                                  KEEP)),
        Fault(point, "closed between", act=chunked(lambda b: chunk(b)), status=TRUNCATED, tries=2),
        Fault(point, "closed within", act=chunked(lambda b: chunk(b)[:-9]), status=TRUNCATED,
              tries=2),
        Fault(point, "closed within a size", act=chunked(lambda b: chunk(b) + b"1"),
              status=TRUNCATED, tries=2),
        Fault(point, "closed in the last", act=chunked(lambda b: chunk(b) + b"0\r\n"),
              status=TRUNCATED, tries=2, **TAKES),
        Fault(point, "reset within", act=chunked(lambda b: chunk(b)[:-9], RESET),
              status=(CONNECTION, TRUNCATED), tries=2),
        Fault(point, "silent within", act=chunked(lambda b: chunk(b)[:-9], HOLD), stall=True,
              status=TIMEOUT, tries=2),
        Fault(point, "silent in the last", act=chunked(lambda b: chunk(b) + b"0\r\n", HOLD),
              stall=True, status=TIMEOUT, tries=2),
        Fault(point, "size negative", act=chunked(lambda b: part + b"-5\r\n" + b), **broken),
        Fault(point, "size no number", act=chunked(lambda b: part + b"xyz\r\n" + b), **broken),
        Fault(point, "size empty", act=chunked(lambda b: part + b"\r\n" + b), **broken),
        Fault(point, "size beyond 64 bits", act=chunked(lambda b: part + b"f" * 40 + b"\r\n" + b),
              **broken),
        Fault(point, "size 8 EB", act=chunked(lambda b: b"7fffffffffffffff\r\n" + b),
              status=TRUNCATED, tries=2),
        Fault(point, "no line end after one", act=chunked(lambda b: part[:-2] + chunk(b[5:])),
              **broken),
        Fault(point, "endless size", act=repeats(bare(CHUNKED) + part, b"0" * 65536), **broken),
        Fault(point, "endless extension",
              act=repeats(bare(CHUNKED) + b"5;a=", b"a" * 65536, most=1 << 50),
              stall=True, status=TIMEOUT, tries=2),
        Fault(point, "endless body", act=repeats(bare(CHUNKED), chunk(b"a" * 65536)),
              status=TOO_LARGE),
        Fault(point, "endless trailer",
              act=repeats(bare(CHUNKED) + chunk(b"{}") + b"0\r\n", b"X-T: 1234567890\r\n" * 3000),
              status=TOO_LARGE),
        Fault(point, "endless trailer line",
              act=repeats(bare(CHUNKED) + chunk(b"{}") + b"0\r\nX-T: ", b"a" * 65536),
              status=CONNECTION, tries=2),
        Fault(point, "dripping for ever", act=repeats(bare(CHUNKED), chunk(b" "), pause=0.02),
              stall=True, status=TIMEOUT, tries=2),
        Fault(point, "an answer behind the last",
              act=chunked(lambda b: chunk(b) + LAST + POISON, KEEP)),
        Fault(point, "gzip, chunked",
              act=says(lambda r: bare(("Transfer-Encoding", "gzip, chunked"))
                       + chunk(gzip.compress(split(r)[1])) + LAST)),
        Fault(point, "gzip bomb, chunked",
              act=says(bare(("Transfer-Encoding", "gzip, chunked"))
                       + chunk(gzip.compress(b"a" * (64 << 20))) + LAST), status=TOO_LARGE),
        Fault(point, "Transfer-Encoding: unheard-of",
              act=says(with_body(bytes, ("Transfer-Encoding", "unheard-of")), CLOSE),
              status=MALFORMED),
    ]
FAULTS = [*connecting(), *sending(), *waiting(), *first_line(), *headers(), *interim(), *lengths(),
          *chunks()]
