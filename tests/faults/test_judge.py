"""A judge that finds nothing wrong would prove nothing: each thing that a client could do wrong is
noticed."""

import types

import fault
import judge
import pytest

MARK = [("amz-sdk-invocation-id", "1"), ("amz-sdk-request", "attempt=1; max=2")]
SECOND = [("amz-sdk-invocation-id", "1"), ("amz-sdk-request", "attempt=2; max=2")]


class Server:
    def __init__(self, lied_on):
        self._lied_on = lied_on

    def lied_on(self):
        return self._lied_on

    def requests(self, lying):
        return []


def request(headers):
    return types.SimpleNamespace(
        headers=headers, body=b"{}",
        header=lambda name: next((v for n, v in headers if n == name), ""))


def line(**more):
    return {"name": "judged", "status": "ConnectionFailed", "code": "ConnectionFailed", "http": 0,
            "message": "", "answer": "", "attempts": 2, "error_attempts": 2, "callbacks": 1,
            "ms": 10, "peak_kb": 10_000} | more


AFTER = line(name="after", status="OK", code="", answer="after", attempts=1)
FAULT = fault.Fault("point", "name", status=fault.CONNECTION, tries=2)


def problems(judged=None, seen=(MARK, SECOND), after=AFTER, lied_on=(1, 2), strayed=(), what=FAULT,
             column="reused"):
    result = judge.Result(judge.Cell(what, "sync", column))
    result.lines = {"judged": judged or line(), "after": after}
    judge.judge(result, Server(list(lied_on)), [request(one) for one in seen], list(strayed))
    return result.problems


def test_what_is_right_is_right():
    assert problems() == []


@pytest.mark.parametrize("wrong", [
    {"judged": line(status="Timeout", code="Timeout")},
    {"judged": line(attempts=1)},
    {"judged": line(error_attempts=1)},
    {"judged": line(callbacks=2)},
    {"judged": line(callbacks=0)},
    {"judged": line(ms=10**6)},
    {"judged": line(peak_kb=10**6)},
    {"seen": [MARK]},
    {"seen": [MARK, MARK]},  # sent twice, counted once
    {"seen": [MARK, SECOND, SECOND]},
    {"seen": [MARK, [("amz-sdk-invocation-id", "2"), SECOND[1]]]},
    {"seen": [MARK, [*SECOND, ("Cookie", "a=b")]]},
    {"after": line(name="after", status="OK", answer="judged")},  # another call's answer
    {"after": AFTER | {"status": "Timeout"}},
    {"after": AFTER | {"callbacks": 2}},
    {"after": None},
    {"lied_on": [2, 3]},  # the connection was not reused
    {"strayed": [request([])]},
])
def test_what_is_wrong_is_noticed(wrong):
    assert problems(**wrong) != []


def test_an_answer_that_came_whole_is_no_reason_to_repeat():
    what = fault.Fault("point", "name", status=fault.MALFORMED, tries=2)
    judged = line(status="MalformedResponse", code="MalformedResponse", http=200)
    assert "sent again after MalformedResponse, HTTP 200" in problems(judged, what=what)


def test_an_answer_has_to_be_the_calls_own():
    what = fault.Fault("point", "name")
    judged = line(status="OK", code="", answer="poison", attempts=1)
    assert problems(judged, [MARK], what=what) == ["the answer is 'poison'"]


@pytest.mark.parametrize("calls", [["judged"], ["other"]])
def test_nothing_goes_out_without_credentials(calls):
    what = fault.Fault("point", "name", status=fault.CREDENTIALS, tries=0, full=1, kind="imds")
    judged = line(status="NoCredentials", code="NoCredentials", attempts=0, error_attempts=0)
    assert problems(judged, [[]], what=what) == []
    sent = [types.SimpleNamespace(body=b'{"destinationPrefix":"%s"}' % name.encode())
            for name in calls]
    assert problems(judged, [[]], what=what, strayed=sent) != []
