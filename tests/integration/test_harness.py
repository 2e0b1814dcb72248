"""The harness itself: a test server that accepts everything would prove nothing."""

import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

import botocore.eventstream
import botocore.exceptions
import pytest

import fault_scenarios
import fault_server
import harness

HERE = pathlib.Path(__file__).parent
WITH_SERVERS = [sys.executable, HERE / "with_servers.py"]


def connect(url):
    parts = urllib.parse.urlsplit(url)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)


def post(url, path, body=b"{}"):
    connection = connect(url)
    try:
        connection.request("POST", path, body)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def test_wrong_secret_is_refused(moto):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        moto.client("logs", secret_access_key="wrong").describe_export_tasks()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_unsigned_request_is_refused(moto):
    # Not by a status of its own: moto fails on it.
    assert post(moto.url, "/", b"{}")[0] >= 400


def test_developers_account_stays_out(moto, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "mine")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")
    harness.forget_user_configuration()
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTPS_PROXY"} & set(moto.environment())


def test_events_are_deterministic_and_sorted():
    events = harness.recent_events(300)
    assert events == sorted(events)
    assert len({message for _, message in events}) == 300
    assert 3_400_000 < events[-1][0] - events[0][0] < 3_600_000


# --- the fault server ----------------------------------------------------------------------------

# What http.client makes of the scenarios that are not one plain answer.
BREAKS = {
    "cut": http.client.IncompleteRead,
    "chunked-cut": http.client.IncompleteRead,
    "huge-header": http.client.HTTPException,
    "garbage": http.client.BadStatusLine,
    "close": http.client.RemoteDisconnected,
    "reset": ConnectionResetError,
    "stream-chunked-cut": http.client.IncompleteRead,
    "stream-reset": ConnectionResetError,
}
ARGUMENTS = {"slow": "/0.1", "status": "/418", "drip": "/0", "stream-drip": "/0",
             "stream-cut": "/300", "stream-large": "/10", "get-events": "/3-30"}
ENDLESS = {"huge-length", "stream-endless", "stream-silence"}


@pytest.mark.parametrize("name", sorted(set(fault_scenarios.SCENARIOS) - ENDLESS))
def test_scenario_does_what_it_is_named_for(faults, name):
    path = f"/{name}{ARGUMENTS.get(name, '/x')}/"
    if name in BREAKS or name == "slow":
        with pytest.raises(BREAKS.get(name, http.client.RemoteDisconnected)):
            post(faults.url, path)
        return
    status, headers, body = post(faults.url, path)
    assert headers["x-amzn-RequestId"] == fault_server.REQUEST_ID
    if name == "huge":
        assert len(body) > 64 * 1024 * 1024
    elif name == "redirect":
        assert (status, headers["Location"]) == (307, "/ok")
    elif name.startswith("error-"):
        assert status in (400, 403, 503)
    elif name == "status":
        assert status == 418
    else:
        assert status == (500 if name.endswith("-500") else 200)


def test_huge_length_is_announced_and_not_sent(faults):
    connection = connect(faults.url)
    connection.request("POST", "/huge-length", b"{}")
    response = connection.getresponse()
    assert response.headers["Content-Length"] == str(1 << 40)
    assert b"".join(iter(lambda: response.read1(100), b"")) == fault_scenarios.OK_BODY
    connection.close()


@pytest.mark.parametrize("name", ["stream", "stream-frames", "stream-until-close", "stream-drip"])
def test_streams_are_what_botocore_reads(faults, name):
    buffer = botocore.eventstream.EventStreamBuffer()
    buffer.add_data(post(faults.url, f"/{name}/0")[2])
    messages = list(buffer)
    assert [message.headers[":event-type"] for message in messages] == [
        "initial-response", "sessionStart", "sessionUpdate", "sessionUpdate", "sessionUpdate"]
    results = [json.loads(message.payload).get("sessionResults") for message in messages]
    assert [result["message"] for result in results[3]] == ["two", "three"]


@pytest.mark.parametrize("name", ["stream-bad-crc", "stream-bad-payload", "stream-bad-prelude"])
def test_bad_streams_are_what_botocore_refuses(faults, name):
    buffer = botocore.eventstream.EventStreamBuffer()
    buffer.add_data(post(faults.url, f"/{name}")[2])
    with pytest.raises(botocore.eventstream.ChecksumMismatch):
        list(buffer)


def test_unknown_scenario_is_no_answer(faults):
    assert post(faults.url, "/no-such-thing")[0] == 404


def test_echo_tells_what_was_sent(faults):
    body = "überall\0\n".encode()
    received = json.loads(json.loads(post(faults.url, "/echo/?a=b", body)[2])["taskId"])
    assert received["method"] == "POST"
    assert received["target"] == "/echo/?a=b"
    assert received["body"] == "überall\0\n"
    assert {"name": "Content-Length", "value": str(len(body))} in received["headers"]


def test_task_progress_goes_by_argument(faults):
    def code(key):
        body = post(faults.url, f"/task-progress/{key}")[2]
        return json.loads(body)["exportTasks"][0]["status"]["code"]

    assert [code("a") for _ in range(4)] == ["PENDING", "RUNNING", "COMPLETED", "COMPLETED"]
    assert code("b") == "PENDING"


def test_keepalive_count_tells_connections_apart(faults):
    kept = connect(faults.url)
    counts = []
    for _ in range(3):
        kept.request("POST", "/keepalive-count/one", b"{}")
        counts.append(json.loads(kept.getresponse().read())["taskId"])
    kept.close()
    assert counts == ["1", "1", "1"]
    assert json.loads(post(faults.url, "/keepalive-count/one")[2])["taskId"] == "2"
    assert json.loads(post(faults.url, "/keepalive-count/two")[2])["taskId"] == "1"


@pytest.mark.parametrize(
    "which, problem",
    [("badhost", "mismatch"), ("expired", "expired"), ("untrusted", "unable to get local issuer")],
)
def test_bad_certificates_are_bad_for_their_own_reason(faults, which, problem):
    context = ssl.create_default_context(cafile=faults.ca_file)
    port = urllib.parse.urlsplit(getattr(faults, f"tls_{which}_url")).port
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with pytest.raises(ssl.SSLCertVerificationError, match=problem):
            context.wrap_socket(plain, server_hostname="127.0.0.1")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_good_certificate_is_good(faults, host):
    context = ssl.create_default_context(cafile=faults.ca_file)
    port = urllib.parse.urlsplit(faults.tls_url).port
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname=host) as connection:
            connection.sendall(b"POST /ok HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_close_does_not_wait_for_clients():
    server = fault_server.FaultServer(fault_scenarios.SCENARIOS)
    idle = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    waiting = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    waiting.sendall(b"POST /slow/30 HTTP/1.1\r\n\r\n")
    time.sleep(0.2)
    started = time.monotonic()
    server.close()
    assert idle.recv(1) == b""
    assert waiting.recv(1) == b""
    assert time.monotonic() - started < 2
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=10)
    idle.close()
    waiting.close()


# --- with_servers.py -----------------------------------------------------------------------------


def test_with_servers_passes_environment_and_status():
    check = """if True:
        import os, sys
        assert "AWS_PROFILE" not in os.environ
        names = ["MOTO_URL", "FAULT_URL", "LOG_GROUP", "BUCKET", "TLS_URL", "CA_FILE"]
        assert all(os.environ["CAWS_TEST_" + name] for name in names)
        assert os.environ["AWS_REGION"] == "us-east-1"
        sys.exit(7)
    """
    command = [*WITH_SERVERS, "--", sys.executable, "-c", check]
    assert subprocess.run(command, env=os.environ | {"AWS_PROFILE": "mine"}).returncode == 7


def test_with_servers_tells_a_killed_program():
    command = [*WITH_SERVERS, "--", "sh", "-c", "kill -9 $$"]
    assert subprocess.run(command).returncode == 128 + 9


def test_with_servers_ends_a_program_that_hangs():
    command = [*WITH_SERVERS, "--timeout", "0.2", "--", "sleep", "60"]
    result = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 124
    assert result.stderr == "with_servers: no end after 0.2 s\n"


@pytest.mark.parametrize("number, pause", [(signal.SIGINT, 0), (signal.SIGTERM, 0.2)])
def test_with_servers_takes_its_program_along(number, pause):
    command = [*WITH_SERVERS, "--", "sh", "-c", "echo $$ $CAWS_TEST_CA_FILE; exec sleep 60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as wrapper:
        program, ca_file = wrapper.stdout.readline().split()
        time.sleep(pause)  # 0: the wrapper may still be busy with starting its program
        wrapper.send_signal(number)
        assert wrapper.wait(10) == 128 + number
    with pytest.raises(ProcessLookupError):
        os.kill(int(program), 0)
    assert not pathlib.Path(ca_file).exists()
