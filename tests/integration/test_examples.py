"""The examples of calls at once: what they print and do, seen by boto3 on the other side."""

import re
import subprocess

import pytest

TIMEOUT_SECONDS = 60


@pytest.fixture
def run(build_dir, moto):
    """Runs an example at moto; returns its status, its lines and what it told of errors."""

    def run(name, *arguments, **environment):
        program = build_dir / "examples" / name
        if not program.exists():
            pytest.skip(f"examples/{name}.c is not built: pkg-config found no {name}")
        result = subprocess.run(
            [program, *map(str, arguments)], text=True, capture_output=True,
            env=moto.environment() | {"AWS_ENDPOINT_URL": moto.url} | environment,
            timeout=TIMEOUT_SECONDS, check=False)
        return result.returncode, result.stdout.splitlines(), result.stderr

    return run


@pytest.mark.parametrize("count", [1, 200])
def test_epoll(run, moto, count):
    prefix = f"/caws/epoll-{count}-"
    for letter, groups in ("a", 3), ("c", 1):
        for number in range(groups):
            moto.logs.create_log_group(logGroupName=f"{prefix}{letter}{number}")
    status, lines, errors = run("epoll", count, prefix)
    assert (status, errors) == (0, "")
    assert lines.pop() == f"{count} calls, 0 failed"
    found = {}
    for line in lines:
        letter, groups = re.fullmatch(re.escape(prefix) + r"([a-z])\*: (\d+) groups", line).groups()
        found.setdefault(letter, []).append(int(groups))
    assert sum(map(len, found.values())) == count
    for letter, groups in found.items():
        assert set(groups) == {{"a": 3, "c": 1}.get(letter, 0)}


@pytest.mark.parametrize("count", [1, 100])
def test_libuv(run, moto, count):
    group = moto.create_log_group()
    moto.logs.create_log_stream(logGroupName=group, logStreamName="stream")
    status, lines, errors = run("libuv", count, group, "stream")
    assert (status, lines, errors) == (0, [f"{count} calls, 0 failed"], "")
    events = moto.logs.get_log_events(logGroupName=group, logStreamName="stream", limit=10000,
                                      startFromHead=True)["events"]
    assert sorted(event["message"] for event in events) == sorted(
        f"event {number}" for number in range(count))


@pytest.mark.parametrize("name, arguments", [
    ("epoll", [5, "/caws/"]),
    ("libuv", [5, "group", "stream"]),
])
def test_failures_are_told(run, name, arguments):
    status, lines, _ = run(name, *arguments, AWS_SECRET_ACCESS_KEY="wrong")
    assert status == 1
    assert lines.pop() == "5 calls, 5 failed"
    assert len(lines) == 5
    assert all("SignatureDoesNotMatch" in line or "Signature" in line for line in lines)


@pytest.mark.parametrize("name, arguments", [
    ("epoll", [3, "no valid prefix "]),
    ("libuv", [3, "no valid group", "stream"]),
])
def test_what_cannot_be_started_is_told(run, name, arguments):
    status, lines, errors = run(name, *arguments)
    assert (status, lines) == (1, ["3 calls, 3 failed"])
    assert errors.count("InvalidInput") == 3


@pytest.mark.parametrize("name, arguments", [
    ("epoll", [2, "/caws/"]),
    ("libuv", [2, "group", "stream"]),
])
def test_no_server(run, name, arguments):
    status, lines, _ = run(name, *arguments, AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert status == 1
    assert len([line for line in lines if "ConnectionFailed" in line]) == 2


@pytest.mark.parametrize("name", ["epoll", "libuv"])
def test_usage(run, name):
    for arguments in [], ["0", "a", "b"], ["many", "a", "b"], ["-1", "a", "b"], ["1"] * 5:
        status, lines, errors = run(name, *arguments)
        assert (status, lines) == (2, [])
        assert errors.startswith(f"usage: {name} COUNT ")


GROUPS = [f"arn:aws:logs:eu-central-1:123456789012:log-group:{name}" for name in ("one", "two")]


def test_tail(run, faults):
    status, lines, errors = run("tail", 1, *GROUPS, AWS_ENDPOINT_URL=f"{faults.url}/stream-endless/20")
    assert (status, errors) == (0, "")
    for group in GROUPS:
        heard = [line.removeprefix(f"{group}: ") for line in lines if line.startswith(group)]
        assert heard == [f"event {number}" for number in range(len(heard))]
    groups = [line.split(": ")[0] for line in lines]
    first, last = ([order.index(group) for group in GROUPS] for order in (groups, groups[::-1]))
    assert max(first) < len(groups) - 1 - max(last)  # both at once


def test_tail_ends_with_its_streams(run, faults):
    status, lines, errors = run("tail", 60, *GROUPS, AWS_ENDPOINT_URL=f"{faults.url}/stream")
    assert (status, errors) == (0, "")
    assert sorted(lines) == sorted(f"{group}: {text}" for group in GROUPS
                                   for text in ("one", "two", "three"))
    status, lines, errors = run("tail", 60, *GROUPS, AWS_ENDPOINT_URL=f"{faults.url}/stream-exception")
    assert status == 1
    assert sorted(errors.splitlines()) == [
        f"{group}: SessionTimeoutException: the session is over" for group in GROUPS]
    status, lines, errors = run("tail", 60, "", AWS_ENDPOINT_URL=faults.url)
    assert (status, lines) == (1, [])
    assert errors.startswith(": InvalidInput: ")


def test_usage_of_tail(run):
    for arguments in [], [1], [0, "group"], ["many", "group"], ["1x", "group"], [10**6, "group"]:
        status, lines, errors = run("tail", *arguments)
        assert (status, lines) == (2, [])
        assert errors.startswith("usage: tail SECONDS GROUP-ARN")
