"""What integration tests run against: moto with signature checking on, and the fault server.

Everything listens on free loopback ports, inside this process, and ends with it.
"""

import contextlib
import itertools
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
import botocore.config
import botocore.exceptions
from moto.server import ThreadedMotoServer

import certificates
import fault_scenarios
import fault_server

REGION = "us-east-1"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def forget_user_configuration():
    """Keeps the developer's own AWS account and proxies out of this process and its programs."""
    for name in list(os.environ):
        if name.upper().startswith("AWS_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.devnull
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"


class MotoServer:
    """moto, a user that may do everything, and boto3 clients that act as that user."""

    def __init__(self):
        forget_user_configuration()
        # A request a line is no help in a test's output; moto's errors still are.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        self._numbers = itertools.count(1)
        try:
            host, port = self._server.get_host_and_port()
            self.url = f"http://{host}:{port}"
            self.access_key_id, self.secret_access_key = self._create_user()
            self._check_signatures()
            self.logs = self.client("logs")
            self.s3 = self.client("s3")
        except BaseException:
            self.close()
            raise

    def close(self):
        self._server.stop()

    def client(self, service, secret_access_key=None):
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=secret_access_key or self.secret_access_key,
            config=botocore.config.Config(
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
            ),
        )

    def environment(self):
        """What a program needs to act as the user."""
        return os.environ | {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_REGION": REGION,
        }

    def create_log_group(self, messages=(), stream="stream-1"):
        """Creates a log group with a stream of (timestamp, message) pairs; returns its name."""
        group = f"/caws/group-{next(self._numbers)}"
        self.logs.create_log_group(logGroupName=group)
        self.put_events(group, stream, messages)
        return group

    def put_events(self, group, stream, messages):
        self.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [{"timestamp": timestamp, "message": message} for timestamp, message in messages]
        if events:
            self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def create_pages(self, prefix):
        """What test_pages_moto.c goes through: 7 log groups; in the first 5 streams; in the first of
        these 23 events, "event 00" and so on, a millisecond apart."""
        start = int(time.time() * 1000) - 60_000
        for number in range(7):
            self.logs.create_log_group(logGroupName=f"{prefix}group-{number}")
        for number in range(5):
            events = [(start + n, f"event {n:02}") for n in range(23)] if number == 0 else []
            self.put_events(f"{prefix}group-0", f"stream-{number}", events)
        return prefix

    def create_bucket(self):
        bucket = f"caws-bucket-{next(self._numbers)}"
        self.s3.create_bucket(Bucket=bucket)
        return bucket

    def read_bucket(self, bucket):
        """Returns the bucket's objects as {key: bytes}."""
        objects = {}
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for item in page.get("Contents", ()):
                body = self.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"]
                objects[item["Key"]] = body.read()
        return objects

    def _create_user(self):
        self.access_key_id, self.secret_access_key = "nobody", "nothing"
        iam = self.client("iam")
        iam.create_user(UserName="caws")
        iam.put_user_policy(
            UserName="caws", PolicyName="everything", PolicyDocument=json.dumps(ALLOW_ALL)
        )
        key = iam.create_access_key(UserName="caws")["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def _check_signatures(self):
        """Makes moto check signatures from now on, and makes sure that it does."""
        # The number of actions that moto still lets pass unchecked.
        request = urllib.request.Request(
            f"{self.url}/moto-api/reset-auth",
            data=b"0",
            headers={"Content-Type": "application/octet-stream"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            response.read()
        self.client("logs").describe_log_groups()
        try:
            self.client("logs", secret_access_key="wrong").describe_log_groups()
        except botocore.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
                return
            raise
        raise RuntimeError("the server accepts a wrong secret")


class FaultServers:
    """The fault server on plain HTTP, and on TLS with each certificate a client can meet."""

    def __init__(self):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="caws-test-"))
            authority = certificates.Authority(folder, "ca")
            stranger = certificates.Authority(folder, "other-ca")

            def serve(context=None):
                server = fault_server.FaultServer(fault_scenarios.SCENARIOS, context)
                stack.callback(server.close)
                return server.url

            def serve_tls(issuer, name, *hosts, **options):
                files = issuer.issue(name, *hosts, **options)
                return serve(fault_server.tls_context(*files))

            here = ["localhost"], ["127.0.0.1"]
            self.ca_file = str(authority.file)
            self.url = serve()
            self.tls_url = serve_tls(authority, "good", *here)
            self.tls_badhost_url = serve_tls(authority, "badhost", ["elsewhere.example"])
            self.tls_expired_url = serve_tls(authority, "expired", *here, expired=True)
            self.tls_untrusted_url = serve_tls(stranger, "untrusted", *here)
            self._stack = stack.pop_all()

    def close(self):
        self._stack.close()

    def environment(self):
        return {
            "CAWS_TEST_FAULT_URL": self.url,
            "CAWS_TEST_CA_FILE": self.ca_file,
            "CAWS_TEST_TLS_URL": self.tls_url,
            "CAWS_TEST_TLS_BADHOST_URL": self.tls_badhost_url,
            "CAWS_TEST_TLS_EXPIRED_URL": self.tls_expired_url,
            "CAWS_TEST_TLS_UNTRUSTED_URL": self.tls_untrusted_url,
        }


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_on_signals():
    """Turns the signals that end a program into an exit that runs every clean-up."""

    def end(number, frame):
        for ignored in SIGNALS:
            signal.signal(ignored, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in SIGNALS:
        signal.signal(number, end)


@contextlib.contextmanager
def signals_held_back():
    caught = []
    before = {n: signal.signal(n, lambda number, frame: caught.append(number)) for n in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in caught[:1]:
            signal.raise_signal(number)


@contextlib.contextmanager
def running(command, environment, **options):
    """A started program, which ends with the block, however that is left."""
    program = None
    try:
        # An exception out of Popen itself would leave a program that nobody knows of.
        with signals_held_back():
            program = subprocess.Popen(command, env=environment, **options)
        yield program
    finally:
        if program is not None:
            if program.poll() is None:
                program.terminate()
            try:
                program.wait(5)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
            if program.stdout is not None:
                program.stdout.close()


def recent_events(count):
    """(timestamp, message) pairs of a web service, spread over the last hour."""
    now = int(time.time() * 1000)
    start = now - 3_600_000
    paths = ["/", "/login", "/orders", "/orders/1042", "/health", "/images/logo.png"]
    events = []
    for number in range(count):
        timestamp = start + number * 3_500_000 // count
        path = paths[number * 7 % len(paths)]
        if number % 40 == 39:
            message = f"ERROR request {number:04}: no answer after {number % 9 + 1} s, prüfen ⚠"
        elif number % 10 == 9:
            message = f'{{"level":"warn","request":{number},"path":"{path}","ms":{number * 13}}}'
        else:
            message = f"INFO request {number:04}: GET {path} 200 in {number % 37 + 2} ms"
        events.append((timestamp, message))
    return events
