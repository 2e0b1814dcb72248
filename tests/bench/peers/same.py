"""Whether the peers do the same work: what each sends, as a server gets it."""

import json
import re
import sys

from place import BENCH, FLIGHT
from process import Failed, Running

sys.path.insert(0, str(BENCH.parent / "support"))

from capture_server import Answer, capture_server
from place import TASK_ID

TASK = {"taskName": "nightly", "logGroupName": "my-log-group", "from": 1441490400000,
        "to": 1441494000000, "destination": "my-exported-logs", "destinationPrefix": "exports"}
PAGE = {"logGroupName": "my-log-group", "logStreamName": "my-log-stream", "startFromHead": True}
SIGNATURE = re.compile(r"AWS4-HMAC-SHA256 "
                       r"Credential=AKIDEXAMPLE/\d{8}/us-east-1/logs/aws4_request, ?"
                       r"SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, ?Signature=[0-9a-f]{64}")


def check_same(peers, place):
    """Names of those that do something else, each with a line on standard error."""
    put = json.loads((place.folder / "put.json").read_text())
    task = {"taskId": TASK_ID}
    page = json.loads((place.folder / "page.json").read_text())
    kinds = {"call": ("CreateExportTask", TASK, task), "flight": ("CreateExportTask", TASK, task),
             "encode": ("PutLogEvents", put, {}), "decode": ("GetLogEvents", PAGE, page)}
    wrong = []
    for name, peer in peers.items():
        try:
            for kind, (operation, request, answer) in kinds.items():
                check(peer.command(place, False), kind, operation, request, answer, place)
        except (Failed, ValueError) as error:
            print(f"  {name} is left out: {kind}: {error}", file=sys.stderr, flush=True)
            wrong.append(name)
    return wrong


def check(command, kind, operation, request, answer, place):
    with capture_server() as server:
        server.answer = Answer(headers={"Content-Type": "application/x-amz-json-1.1"},
                               body=json.dumps(answer).encode())
        with Running([*command, kind, server.url, str(FLIGHT), place.folder],
                     place.environment()) as running:
            running.calls(1)
        sent = server.last
    if sent.headers["X-Amz-Target"] != f"Logs_20140328.{operation}":
        raise ValueError(f"the target is {sent.headers['X-Amz-Target']}")
    if json.loads(sent.body) != request:
        raise ValueError(f"another request: {sent.body[:500]!r}")
    if not SIGNATURE.fullmatch(sent.headers["Authorization"] or ""):
        raise ValueError(f"no signature: {sent.headers['Authorization']}")
    if any(name in sent.headers for name in ("Content-Encoding", "Transfer-Encoding", "Expect")):
        raise ValueError(f"sent in another way: {sent.headers}")
