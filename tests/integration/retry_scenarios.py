"""More of the fault server's scenarios: servers that change their mind, and that remember.

    URL/script/NAME.STEP.STEP   the first request with this NAME gets the first step, the next the
                                second; after the last all is well. A step is a scenario of
                                fault_scenarios.py ("503" is "status~503"; "slow~2" has the argument
                                2), or one of STEPS below.
    URL/skew/NAME.SECONDS.CODE  a service whose clock is so far ahead, and that refuses signatures
                                which are more than five minutes off, with that code
    URL/records/NAME            taskId is JSON text: the requests that came for NAME, on any of the
                                servers

Signatures are checked, by botocore, for the one access key in KEYS.
"""

import calendar
import copy
import email.utils
import json
import re
import socket
import threading
import time
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import fault_scenarios
import fault_server
from fault_scenarios import OK_BODY
from fault_server import answer, head

KEYS = {"AKIDTEST": "secret-of-the-test"}
MOST_SKEW = 300

_lock = threading.Lock()
_records = {}  # NAME -> what record() returns, for each request


def signed_seconds(request):
    """The time that the request was signed for, in seconds since 1970; 0: it was not."""
    text = request.header("x-amz-date")
    return calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ")) if text else 0


def ttl_seconds(request):
    """When the client gives up the request, by its own words; 0: it does not say."""
    match = re.search(r"ttl=(\d{8}T\d{6}Z); ", request.header("amz-sdk-request") or "")
    return calendar.timegm(time.strptime(match[1], "%Y%m%dT%H%M%SZ")) if match else 0


def is_signature_right(request):
    """Whether botocore comes to the same signature from the same headers."""
    kind, _, fields = request.header("authorization").partition(" ")
    if kind != "AWS4-HMAC-SHA256":
        return False
    fields = dict(field.strip().split("=", 1) for field in fields.split(","))
    key, _, region, service, _ = fields["Credential"].split("/")
    signed = fields["SignedHeaders"].split(";")
    headers = {name.lower(): value for name, value in request.headers if name.lower() in signed}
    url = urllib.parse.urljoin(f"http://{request.header('host')}", request.target)
    ours = AWSRequest(request.method, url, headers=headers, data=request.body)
    ours.context["timestamp"] = request.header("x-amz-date")
    auth = SigV4Auth(Credentials(key, KEYS.get(key, "")), service, region)
    text = auth.string_to_sign(ours, auth.canonical_request(ours))
    return auth.signature(text, ours) == fields["Signature"] and "host" in signed


def record(server, request):
    try:
        body = json.loads(request.body or b"null")
    except ValueError:
        body = "not JSON: mixed bytes?"
    return {
        "ms": time.monotonic_ns() // 1_000_000,
        "connection": f"{server.port}/{request.connection}",
        "signature": is_signature_right(request),
        "signed_ahead": signed_seconds(request) - time.time(),
        "ttl_ahead": ttl_seconds(request) - time.time(),
        "body": body,
        "headers": {name.lower(): value for name, value in request.headers},
    }


def remember(server, request):
    """Returns how many requests of that name came before, and the rest of the argument."""
    name, *rest = request.argument.split(".")
    seen = record(server, request)
    with _lock:
        records = _records.setdefault(name, [])
        records.append(seen)
        return len(records) - 1, rest


def records(server, request):
    with _lock:
        return {"taskId": json.dumps(_records.get(request.argument, []))}


# --- steps: of "name~argument" they are called with the argument --------------------------------


def date_ahead(seconds):
    return "Date", email.utils.formatdate(time.time() + float(seconds), usegmt=True)


def refusal(argument):
    """400, with this code."""
    return answer(400, {"__type": argument, "message": f"the message of {argument}"})


def wait_asked_for(argument):
    """503, and please in so many milliseconds."""
    return answer(503, b"", ("x-amz-retry-after", argument))


def dated(argument):
    """503, and a Date so many seconds off."""
    return answer(503, b"", date_ahead(argument))


def wrong_date(argument):
    """403 with a code, and a Date so many seconds off: "3600_RequestTimeTooSkewed"."""
    seconds, code = argument.split("_")
    return answer(403, {"__type": code, "message": "look at the clock"}, date_ahead(seconds))


def fin_and_reset(argument):
    """An answer, or with an argument none for so many milliseconds; after which the connection is
    closed and then reset. Whoever writes to it gets SIGPIPE, unless he takes care."""

    def scenario(server, connection, request):
        if argument:
            server.wait(float(argument) / 1000)
        else:
            connection.sendall(head(200, (), len(OK_BODY)) + OK_BODY)
        # As a plain socket: a TLS server that closes in good order would wait.
        plain = socket.socket(fileno=connection.detach())
        plain.shutdown(socket.SHUT_WR)
        server.wait(0.03)
        fault_server.reset(server, plain, request)
        plain.close()
        return fault_server.CLOSE

    return scenario


STEPS = {"error": refusal, "after": wait_asked_for, "dated": dated, "date": wrong_date,
         "fin-reset": fin_and_reset}


def script(server, connection, request):
    number, steps = remember(server, request)
    name, _, argument = (steps[number] if number < len(steps) else "ok").partition("~")
    if name.isdigit():
        name, argument = "status", name
    if name in STEPS:
        return STEPS[name](argument)(server, connection, request)
    asked = copy.copy(request)
    asked.scenario, asked.argument = name, argument
    return fault_scenarios.SCENARIOS[name](server, connection, asked)


def skew(server, connection, request):
    _, (seconds, code) = remember(server, request)
    ahead = signed_seconds(request) - time.time() - float(seconds)
    if abs(ahead) <= MOST_SKEW:
        return answer(200, OK_BODY, date_ahead(seconds))(server, connection, request)
    message = f"Signature expired: {ahead:.0f} s ahead"
    return answer(403, {"__type": code, "message": message}, date_ahead(seconds))(
        server, connection, request)


SCENARIOS = {"script": script, "skew": skew, "records": fault_server.computed(records)}
