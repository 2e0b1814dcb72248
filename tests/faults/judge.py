"""Judges the calls of a cell, by what the client said of them and what the servers saw."""

import collections
import dataclasses

import lying_server
from fault import OK

SLACK_MS = 5000  # beyond a deadline: for a busy machine
FORBIDDEN = ("cookie", "expect", "proxy-authorization", "upgrade", "alt-used", "referer")
most_kb = 64 * 1024  # of memory, whatever the server sends; None: any, for sanitizers

# What AWS's rules let a client send again although the service may have got it whole: the
# connection or its answer broke, or the answer asks for it. See caws_classify_error.
BROKEN = {"ConnectionFailed", "Timeout", "TruncatedResponse", "TlsFailed"}
PASSING_STATUSES = {429, 500, 502, 503, 504}
CLOCK_CODES = {"RequestTimeTooSkewed"}


@dataclasses.dataclass
class Cell:
    fault: object  # as its column has it
    mode: str
    column: str

    @property
    def name(self):
        return f"{self.fault.point}: {self.fault.name} [{self.mode}, {self.column}]"


@dataclasses.dataclass
class Result:
    cell: Cell
    text: str = ""  # for the table
    problems: list = dataclasses.field(default_factory=list)
    lines: dict = dataclasses.field(default_factory=dict)  # what the client said of each call
    whole: int = 0  # requests of the call that was lied to, that the server got whole


def may_repeat(line):
    """Whether what a call ended with, which lasts, is a reason to send it again."""
    return (line["status"] in BROKEN or line["http"] in PASSING_STATUSES
            or line["code"] in CLOCK_CODES
            or line["status"] == "MalformedResponse" and line["http"] == 0)


def figures(value):
    return value if isinstance(value, tuple) else (value,)


def judge(result, server, seen, strayed):
    lines, problems = result.lines, result.problems
    for name in ("warm", "after"):
        if name in lines:
            judge_good_call(problems, name, lines[name])
    judged = lines["judged"]
    if judged is None:
        problems.append("no word about the call")
        return
    fault = result.cell.fault
    result.whole = len(seen)
    result.text = outcome(judged, len(seen))
    judge_end(problems, fault, judged)
    if fault.kind in ("imds", "container"):
        judge_credentials(result, judged, seen, strayed)
    else:
        judge_requests(problems, fault, judged, seen)
        if strayed:
            problems.append(f"{len(strayed)} requests went elsewhere")
    judge_connections(problems, result.cell, server)
    for request in [*seen, *server.requests(False)]:
        odd = [name for name, _ in request.headers if name.lower() in FORBIDDEN]
        if odd:
            problems.append(f"a request has the headers {odd}")


def outcome(judged, full):
    name = judged["code"] or judged["status"]
    if judged["status"] == "HttpError":
        name = f"HTTP {judged['code']}"
    return f"{name} {judged['attempts']}/{full}"


def judge_good_call(problems, name, line):
    if line is None:
        problems.append(f"no word about the call {name}")
    elif line["status"] != OK or line["answer"] != name or line["callbacks"] != 1:
        problems.append(f"the call {name} had {line['status']} ({line['message']}), "
                        f"answer {line['answer']!r}, {line['callbacks']} callbacks")


def judge_end(problems, fault, judged):
    words = judged["status"], judged["code"]
    if not set(words) & set(fault.statuses):
        problems.append(f"{words}, not {fault.statuses}: {judged['message']}")
    if fault.http is not None and judged["http"] != fault.http:
        problems.append(f"HTTP status {judged['http']}, not {fault.http}")
    if judged["attempts"] not in figures(fault.tries):
        problems.append(f"{judged['attempts']} attempts, not {fault.tries}: {judged['message']}")
    if judged["status"] != OK and judged["error_attempts"] != judged["attempts"]:
        problems.append(f"the error tells of {judged['error_attempts']} attempts")
    if judged["callbacks"] != 1:
        problems.append(f"{judged['callbacks']} callbacks")
    if judged["status"] == OK and fault.answer is not None and judged["answer"] != fault.answer:
        problems.append(f"the answer is {judged['answer']!r}")
    if most_kb is not None and judged["peak_kb"] > most_kb:
        problems.append(f"{judged['peak_kb']} KB of memory")
    if judged["ms"] > fault.call_deadline_ms + SLACK_MS:
        problems.append(f"{judged['ms']} ms, deadline {fault.call_deadline_ms} ms")


def judge_requests(problems, fault, judged, seen):
    """What the server got whole: as many as expected, each counted by the client as an attempt."""
    full = figures(fault.tries if fault.full is None else fault.full)
    if len(seen) not in full:
        problems.append(f"the server got {len(seen)} whole requests, not {full}")
    if len(seen) > 1 and judged["status"] != OK and not may_repeat(judged):
        problems.append(f"sent again after {judged['status']}, HTTP {judged['http']}")
    if len(seen) > judged["attempts"]:
        problems.append(f"{len(seen)} whole requests in {judged['attempts']} attempts")
    marks = collections.Counter(
        (r.header("amz-sdk-invocation-id"), r.header("amz-sdk-request")) for r in seen)
    twice = [mark for mark, count in marks.items() if count > 1]
    if twice:
        problems.append(f"sent twice without being counted: {twice}")
    if len({one for one, _ in marks}) > 1:
        problems.append("attempts of one call with different invocation ids")


def judge_connections(problems, cell, server):
    """What is to be a kept connection is one."""
    lied_on = server.lied_on()
    kept = [request.connection for request in server.requests(False)
            if lying_server.call_of(request) in ("warm", None)]
    new = cell.column == "first" or cell.fault.fresh or cell.fault.idle is not None
    if not new and lied_on[:1] not in (kept[-1:], [1]):
        problems.append(f"the connection was not reused: {lied_on}")


def judge_credentials(result, judged, seen, strayed):
    """Without credentials nothing may be sent to the service; and a provider's redirection is
    followed nowhere."""
    problems, fault = result.problems, result.cell.fault
    calls = [lying_server.call_of(request) for request in strayed]
    served = calls.count("judged") - (result.cell.column == "reused" and fault.kind == "container")
    if served != (judged["status"] == OK) or set(calls) - {"warm", "judged"}:
        problems.append(f"{judged['status']}, and the service got {calls}")
    if len(seen) not in figures(fault.full):
        problems.append(f"the provider got {len(seen)} whole requests, not {fault.full}")
