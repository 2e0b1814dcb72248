"""What the fault server does: SCENARIOS at the end lists it all.

Unless a scenario says otherwise, an answer has a Content-Length, a request id, and leaves the
connection open.
"""

import base64
import functools
import json

from event_frames import CONTENT_TYPE, error, event, exception, frame
from fault_server import CLOSE, IDLE_SECONDS, answer, close, computed, head, raw, reset

HUGE_BYTES = 80 * 1024 * 1024  # more than the client's default limit of 64 MiB

OK_BODY = b'{"taskId":"task-1"}'
HTML = b"<html><head><title>Oops</title></head><body><h1>Internal Server Error</h1></body></html>\n"


def echo(server, request):
    received = {
        "method": request.method,
        "target": request.target,
        "headers": [{"name": name, "value": value} for name, value in request.headers],
        "body": request.body.decode("utf-8", "replace"),
        "bodyBase64": base64.b64encode(request.body).decode(),
        "connection": request.connection,
    }
    return {"taskId": json.dumps(received, ensure_ascii=False)}


def echo_error(server, request):
    headers = "".join(f"{name.lower()}: {value}\n" for name, value in request.headers)
    return 403, {"__type": "SignatureDoesNotMatch", "message": f"The request was\n{headers}"}


def huge(server, connection, request):
    connection.sendall(head(200) + b'{"taskId":"')
    block = b"a" * 65536
    for _ in range(HUGE_BYTES // len(block)):
        connection.sendall(block)
    connection.sendall(b'"}')
    return CLOSE


def huge_header(server, connection, request):
    connection.sendall(head(200)[:-2])
    for number in range(HUGE_BYTES // 4096):
        connection.sendall(b"X-Filler-%d: %s\r\n" % (number, b"a" * 4096))
    return CLOSE


def slow(server, connection, request):
    server.wait(float(request.argument or IDLE_SECONDS))
    return CLOSE


def drip(server, connection, request):
    """One byte at a time; the argument is the pause between them in milliseconds."""
    for byte in head(200, (), len(OK_BODY)) + OK_BODY:
        connection.sendall(bytes([byte]))
        server.wait(float(request.argument or 1) / 1000)



def talkative(server, connection, request):
    """Answers, and a little later answers once more, which nobody has asked for."""
    answer(200, OK_BODY)(server, connection, request)
    server.wait(0.05)
    answer(200, {"taskId": "another call's"})(server, connection, request)


def tls_session(server, connection, request):
    """Tells whether the handshake, if there was any, went on with an earlier session."""
    reused = getattr(connection, "session_reused", None)
    answer(200, {"taskId": str(reused)}, ENDS)(server, connection, request)
    return CLOSE


def once_then_close(server, connection, request):
    """Answers as if the connection would live on, and closes it, as an idle timeout does."""
    answer(200, OK_BODY)(server, connection, request)
    return CLOSE


def error_each(server, request):
    return 400, {"__type": request.argument, "message": f"the message of {request.argument}"}


def status(server, request):
    return int(request.argument), b""


def export_task(code):
    return {
        "exportTasks": [
            {
                "taskId": "task-1",
                "taskName": "export",
                "logGroupName": "/caws/group",
                "from": 1441490400000,
                "to": 1441494000000,
                "destination": "bucket",
                "destinationPrefix": "exportedlogs",
                "status": {"code": code, "message": f"the message of {code}"},
                "executionInfo": {"creationTime": 1441495400000, "completionTime": 1441496400000},
            }
        ]
    }


def task_progress(server, request):
    """PENDING, RUNNING, then COMPLETED; the argument keeps the counts of tests apart."""
    calls = server.count(request)
    return export_task(["PENDING", "RUNNING", "COMPLETED"][min(calls, 3) - 1])


def page(number, token):
    return {"exportTasks": [{"taskId": f"task-{number}"}], "nextToken": token}


def page_asked_for(request):
    """0 for the first; the tokens of the pages below are their numbers, "page-1" and so on."""
    token = json.loads(request.body or b"{}").get("nextToken")
    return int(token.removeprefix("page-")) if token else 0


def pages(server, request):
    """As many as the argument says, without end if it says nothing."""
    number = page_asked_for(request)
    return page(number, None if str(number + 1) == request.argument else f"page-{number + 1}")


def page_errors(server, request):
    """Three pages; the second is refused when it is asked for the first and the second time. The
    argument keeps the counts of tests apart."""
    number = page_asked_for(request)
    if number == 1 and server.count(request) <= 2:
        return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
    return page(number, f"page-{number + 1}" if number < 2 else None)


def page_repeats(server, request):
    """Three pages; the third gives the token again that it was asked with, as GetLogEvents does."""
    number = page_asked_for(request)
    return page(number, f"page-{min(number + 1, 2)}")


def connections(server, request):
    return {"taskId": str(server.count(request, request.connection))}


def calls(server, request):
    return {"taskId": str(server.count(request))}


def put_summary(server, request):
    """How many log events were received, and time and message of the first and the last."""
    events = json.loads(request.body).get("logEvents", [])
    ends = [f"{event['timestamp']} {event['message']}" for event in (*events[:1], *events[-1:])]
    return {"nextSequenceToken": " ".join([str(len(events)), *ends])}


@functools.cache
def log_events(argument):
    """A page of GetLogEvents, as JSON: "10000-78" has so many events of so many characters."""
    count, length = map(int, argument.split("-"))
    time = 1441490400000
    return json.dumps([{"timestamp": time + number,
                        "message": f'event {number} "quoted" '.ljust(length, "x"),
                        "ingestionTime": time + count + number} for number in range(count)])


def get_events(server, request):
    token = server.count(request)
    return (f'{{"events":{log_events(request.argument)},"nextForwardToken":"f/{token}",'
            f'"nextBackwardToken":"b/{token}"}}').encode()


# --- event streams ------------------------------------------------------------------------------

STREAM = ("Content-Type", CONTENT_TYPE)
INITIAL = event("initial-response")
START = event("sessionStart", {"sessionId": "session-1", "logGroupIdentifiers": ["/caws/group"]})


def update(*messages):
    """A sessionUpdate with these log events."""
    return event("sessionUpdate", {
        "sessionMetadata": {"sampled": False},
        "sessionResults": [{"message": message, "timestamp": 1441490400000 + number,
                            "logStreamName": "stream-1"}
                           for number, message in enumerate(messages)],
    })


UPDATES = update("one"), update("two", "three"), update()
TAIL = INITIAL + START + b"".join(UPDATES)


def streamed(*parts):
    """The scenario that sends these parts, each as a chunk, and ends the body."""

    def scenario(server, connection, request):
        connection.sendall(head(200, [STREAM, ("Transfer-Encoding", "chunked")]))
        for part in parts:
            connection.sendall(b"%x\r\n" % len(part) + part + b"\r\n")
        connection.sendall(b"0\r\n\r\n")

    return scenario


def corrupted(data, at):
    """One bit of it is wrong."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def stream_drip(server, connection, request):
    """One byte at a time; the argument is the pause between them in milliseconds."""
    connection.sendall(head(200, [STREAM], len(TAIL)))
    for byte in TAIL:
        connection.sendall(bytes([byte]))
        server.wait(float(request.argument or 0) / 1000)


def stream_cut(server, connection, request):
    """So many bytes of it; then the connection is closed, which is an end like any other."""
    connection.sendall(head(200, [STREAM]) + TAIL[: int(request.argument)])
    return CLOSE


def stream_endless(server, connection, request):
    """An event every so many milliseconds, until the client goes away."""
    connection.sendall(head(200, [STREAM]) + INITIAL + START)
    for number in range(1_000_000):
        connection.sendall(update(f"event {number}"))
        server.wait(float(request.argument or 10) / 1000)
    return CLOSE


def stream_silence(server, connection, request):
    """Two events, so many milliseconds apart, and then nothing for a long time."""
    connection.sendall(head(200, [STREAM]) + INITIAL + START)
    server.wait(float(request.argument or 0) / 1000)
    connection.sendall(update("one"))
    server.wait(IDLE_SECONDS)
    return CLOSE


def stream_large(server, connection, request):
    """Ten events with a message of so many bytes each."""
    large = update("x" * int(request.argument))
    streamed(INITIAL, START, *[large] * 10)(server, connection, request)


def stream_echo(server, connection, request):
    """A sessionStart that says what was received: sessionId is the Host header."""
    said = {"sessionId": request.header("host"), "requestId": request.header("authorization"),
            "logEventFilterPattern": request.body.decode()}
    streamed(INITIAL, event("sessionStart", said))(server, connection, request)


def object_fields(data):
    return event("fields", {"data": base64.b64encode(data).decode()})


def stream_object_echo(server, connection, request):
    """Fields that say what the Host header was."""
    streamed(INITIAL, object_fields(request.header("host").encode()))(server, connection, request)


GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNKED = ("Transfer-Encoding", "chunked")
ENDS = ("Connection", "close")
TEXT = ("Content-Type", "text/plain")
HTML_TYPE = ("Content-Type", "text/html")
LIMIT = "LimitExceededException"
AT_LIMIT = {"message": "Resource limit exceeded."}

SCENARIOS = {
    # Well-formed answers.
    "ok": answer(200, OK_BODY),
    "echo": computed(echo),  # taskId is JSON text that says what was received
    "chunked": raw(head(200, [CHUNKED, ENDS]) + b"5\r\n{\"tas\r\ne\r\nkId\":\"task-1\"}\r\n0\r\n\r\n"),
    "line-feeds": raw(head(200, [("A", ""), ENDS], len(OK_BODY)).replace(b"\r", b"") + OK_BODY),
    "until-close": raw(head(200) + OK_BODY),
    "drip": drip,
    "keepalive-count": computed(connections),  # taskId: connections so far, for this argument
    "request-count": computed(calls),  # taskId: requests so far, for this argument
    "once-then-close": once_then_close,
    "talkative": talkative,
    "tls-session": tls_session,
    "extra-members": answer(
        200, {"new": {"a": [1, {"b": None}]}, "taskId": "task-1", "zzz": [[], {}, 1e300]}
    ),
    "big-int": answer(
        200,
        b'{"exportTasks":[{"taskId":"task-1","from":9007199254740993,"to":9223372036854775807,'
        b'"status":{"code":"RUNNING"}}]}',
    ),
    "task-status": computed(lambda server, request: export_task(request.argument)),
    "task-progress": computed(task_progress),
    "no-tasks": answer(200, {"exportTasks": []}),
    "pages": computed(pages),
    "pages-errors": computed(page_errors),
    "pages-repeats": computed(page_repeats),
    "pages-empty-token": answer(200, page(0, "")),
    "pages-null": answer(200, b'{"exportTasks":null,"nextToken":null}'),
    "put-summary": computed(put_summary),  # nextSequenceToken says what was received
    "get-events": computed(get_events),  # the argument: how many, of how many characters
    # Well-formed HTTP with a body that is not what the operation promises.
    "html-200": answer(200, HTML, HTML_TYPE),
    "html-500": answer(500, HTML, HTML_TYPE),
    "empty-200": answer(200, b""),
    "empty-500": answer(500, b""),
    "not-json": answer(200, b"taskId=task-1\n", TEXT),
    "not-json-500": answer(500, b"Service Unavailable\n", TEXT),
    "cut-json": answer(200, OK_BODY[:12]),
    "trailing": answer(200, OK_BODY + b"}"),
    "array": answer(200, []),
    "scalar": answer(200, b"5"),
    "null": answer(200, b"null"),
    "null-members": answer(200, {"taskId": None, "exportTasks": None}),
    "wrong-type": answer(200, {"taskId": 5, "exportTasks": {"taskId": "task-1"}}),
    "wrong-item": answer(200, {"exportTasks": [{"taskId": "task-1"}, 5]}),
    "nul-in-string": answer(200, rb'{"taskId":"a\u0000b"}'),
    "raw-nul": answer(200, b'{"taskId":"a\0b"}'),
    "bad-utf8": answer(200, b'{"taskId":"a\xff\xc0\x80b"}'),
    "bad-surrogate": answer(200, rb'{"taskId":"a\ud800b"}'),
    "duplicate": answer(200, b'{"taskId":"task-1","taskId":"task-2"}'),
    "big-number": answer(200, b'{"exportTasks":[{"from":' + b"9" * 400 + b"}]}"),
    "fraction": answer(200, b'{"exportTasks":[{"from":1.5}]}'),
    "count-bomb": answer(200, b'{"exportTasks":[{}' + b",{}" * 500_000 + b"]}"),
    "deep": answer(200, b'{"taskId":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "huge": huge,
    "huge-length": raw(head(200, (), 1 << 40) + OK_BODY),
    "huge-header": huge_header,
    "status": computed(status),  # the argument, with an empty body
    # Transport faults.
    "cut": raw(head(200, (), len(OK_BODY) + 100) + OK_BODY),
    "head-cut": raw(head(200)[:-2]),  # without the blank line
    "chunked-cut": raw(head(200, [CHUNKED]) + b"5\r\n{\"tas\r\n"),
    "slow": slow,  # no answer; the argument is how many seconds it takes to close
    "reset": reset,
    "close": close,
    "garbage": raw(b"\x16\x03\x01 this is not HTTP\r\n\r\n"),
    "redirect": answer(307, b"", ("Location", "/ok")),
    # Errors, with the code in each place that services use.
    "error-type-header": answer(
        400,
        AT_LIMIT,
        ("x-amzn-errortype", f"{LIMIT}:http://internal.amazon.com/coral/com.amazon.coral.service/"),
    ),
    "error-type-namespace": answer(400, {"__type": f"com.amazonaws.logs#{LIMIT}", **AT_LIMIT}),
    "error-code": answer(400, {"code": LIMIT, **AT_LIMIT}),
    "error-Message": answer(400, {"__type": LIMIT, "Message": "Resource limit exceeded."}),
    "error-no-message": answer(400, {"__type": LIMIT}),
    "error-header-only": answer(400, b"", ("x-amzn-errortype", LIMIT)),
    "error-unmodeled": answer(400, {"__type": "BrandNewException", "message": "never seen before"}),
    "error-no-code": answer(400, {"message": "something is wrong"}),
    "error-wrong-type": answer(400, {"__type": 5, "message": ["not", "text"]}),
    "error-echo": computed(echo_error),  # refuses with the request's headers in the message
    "error-each": computed(error_each),  # the argument is the exception
    "error-503-throttle": answer(
        503, {"__type": "ThrottlingException", "message": "Rate exceeded"}
    ),
    # Event streams: StartLiveTail, GetLogObject.
    "stream": streamed(TAIL),
    "stream-frames": streamed(INITIAL, START, *UPDATES),
    "stream-until-close": raw(head(200, [STREAM]) + TAIL),
    "stream-continued": raw(GO_ON + head(200, [STREAM, ENDS], len(TAIL)) + TAIL),
    "error-continued": raw(GO_ON + head(400, [("x-amzn-errortype", LIMIT), ENDS], 2) + b"{}"),
    "stream-drip": stream_drip,
    "stream-cut": stream_cut,
    "stream-chunked-cut": raw(head(200, [STREAM, CHUNKED]) + b"1000\r\n" + TAIL),
    "stream-reset": lambda server, connection, request: (
        connection.sendall(head(200, [STREAM]) + TAIL), server.wait(0.2),
        reset(server, connection, request))[-1],
    "stream-bad-crc": streamed(INITIAL + START + corrupted(UPDATES[0], -1)),
    "stream-bad-payload": streamed(INITIAL + START + corrupted(UPDATES[0], -10)),
    "stream-bad-prelude": streamed(INITIAL + START + corrupted(UPDATES[0], 3)),
    "stream-bad-first": streamed(corrupted(TAIL, 3)),
    "stream-bad-json": streamed(INITIAL + START + event("sessionUpdate", b'{"sessionResults": 5}')),
    "stream-not-json": streamed(INITIAL + START + event("sessionUpdate", b"<html>")),
    "stream-unknown-event": streamed(
        INITIAL + event("somethingNew", b"\x00 not JSON") + START + UPDATES[0]),
    "stream-unknown-members": streamed(
        INITIAL + START + event("sessionUpdate", {"new": [1, {}], "sessionResults": []})),
    "stream-no-initial": streamed(START + UPDATES[0]),
    "stream-no-type": streamed(INITIAL + frame({":event-type": "sessionStart"}, b"{}")),
    "stream-no-event-type": streamed(INITIAL + frame({":message-type": "event"}, b"{}")),
    "stream-other-type": streamed(INITIAL + frame({":message-type": "rumour"}, b"{}")),
    "stream-exception": streamed(
        INITIAL + START + UPDATES[0]
        + exception("SessionTimeoutException", {"message": "the session is over"})),
    "stream-exception-bare": streamed(
        INITIAL + frame({":message-type": "exception",
                         ":exception-type": "SessionStreamingException"}, b"no JSON")),
    "stream-exception-unmodeled": streamed(
        INITIAL + exception("BrandNewException", {"Message": "never seen before"})),
    "stream-error": streamed(INITIAL + START + error("InternalFailure", "it broke")),
    "stream-error-throttle": streamed(INITIAL + error("ThrottlingException", "Rate exceeded")),
    "stream-empty": streamed(),
    "stream-endless": stream_endless,
    "stream-silence": stream_silence,
    "stream-large": stream_large,
    "stream-echo": stream_echo,
    "stream-object": streamed(
        INITIAL, object_fields(b'{"a":'), object_fields(b"\x00\xff"), object_fields(b"")),
    "stream-object-exception": streamed(
        INITIAL + object_fields(b"part")
        + exception("InternalStreamingException", {"message": "broke off"})),
    "stream-object-cut": raw(head(200, [STREAM]) + INITIAL + object_fields(b"part")[:-20]),
    "stream-object-bad-crc": streamed(
        INITIAL + object_fields(b"part") + corrupted(object_fields(b"more"), -8)),
    "stream-object-bad-base64": streamed(INITIAL + event("fields", {"data": "====="})),
    "stream-object-echo": stream_object_echo,
    "error-xml": answer(
        403,
        b"<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code>"
        b"<Message>The signature does not match.</Message></Error></ErrorResponse>",
        ("Content-Type", "text/xml"),
    ),
}
