"""Endpoints that are an account's own: a generated DynamoDB sends its calls where botocore does,
whoever tells the account."""

import contextlib
import http.server
import json
import os
import re
import shlex
import subprocess
import sys
import threading

import botocore.awsrequest
import botocore.exceptions
import botocore.session
import pytest
from botocore.config import Config

import harness
from conftest import ROOT

sys.path.insert(0, str(ROOT / "codegen"))

from caws_codegen.cli import build_service  # noqa: E402
from caws_codegen.folder import write_folder  # noqa: E402
from caws_codegen.installed import botocore_sources  # noqa: E402

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "secret"}
ENVIRONMENT = {**KEYS, "AWS_ACCOUNT_ID": "123456789012"}
MODE = "AWS_ACCOUNT_ID_ENDPOINT_MODE"
ANSWER = {"AccessKeyId": "AKIDTEST", "SecretAccessKey": "secret", "AccountId": "444455556666"}


@pytest.fixture(scope="module")
def driver(build_dir, tmp_path_factory):
    """The driver with a generated DynamoDB, compiled as the build was."""
    folder = tmp_path_factory.mktemp("accounts")
    source = next(source for source in botocore_sources() if source.name == "dynamodb")
    write_folder(folder / "dynamodb",
                 build_service(ROOT, source, ("DescribeTable", "ListTables"), "dynamodb")[0])
    cache = (build_dir / "CMakeCache.txt").read_text()
    compiler, flags = (re.search(rf"^{name}:\w+=(.*)$", cache, re.M)[1]
                       for name in ("CMAKE_C_COMPILER", "CMAKE_C_FLAGS"))
    command = [compiler, *shlex.split(flags), "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall",
               "-Wextra", "-Werror", "-I", ROOT / "runtime/include",
               "-I", folder / "dynamodb/include", ROOT / "tests/integration/account_driver.c",
               *sorted((folder / "dynamodb/src").glob("*.c")), build_dir / "libcaws.a",
               "-lcurl", "-lcrypto", "-lcjson", "-lm", "-pthread", "-o", folder / "driver"]
    subprocess.run(list(map(str, command)), check=True)
    return folder / "driver"


@pytest.fixture
def place(driver, monkeypatch, tmp_path):
    """Sets environment and config file, for both sides; returns the two ways to ask for a host."""
    harness.forget_user_configuration()

    def run(variables, config="", table="table", options=None, theirs=None):
        (tmp_path / "config").write_text(config)
        with monkeypatch.context() as patch:
            for name, value in {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
                                "AWS_CONFIG_FILE": str(tmp_path / "config"), **variables}.items():
                patch.setenv(name, value)
            return ours(driver, table, options or {}), botocores(table, **(theirs or {}))

    return run


def ours(driver, table, options) -> str:
    arguments = [f"{name}={value}" for name, value in options.items()]
    done = subprocess.run([driver, table, *arguments], check=True, capture_output=True, text=True,
                          timeout=60)
    waits, loop = done.stdout.splitlines()
    assert waits.removeprefix("waits: ") == loop.removeprefix("loop: ")
    assert done.stderr == ""
    return waits.removeprefix("waits: ")


def botocores(table, mode=None, **options) -> str:
    hosts = []

    def answer(request, **_):
        hosts.append(re.match(r"https?://([^/]+)", request.url)[1])
        return botocore.awsrequest.AWSResponse(request.url, 200, {}, Raw())

    try:
        client = botocore.session.Session().create_client(
            "dynamodb", os.environ["AWS_REGION"], config=Config(account_id_endpoint_mode=mode),
            **options)
        client.meta.events.register("before-send.dynamodb", answer)
        if table:
            client.describe_table(TableName=table)
        else:
            client.list_tables()
    except botocore.exceptions.BotoCoreError as error:
        return str(error)
    return hosts[0]


class Raw:
    def stream(self):
        return iter([b"{}"])


def host(account, region="us-east-1"):
    return f"{account}.ddb.{region}.amazonaws.com"


PLAIN = "dynamodb.us-east-1.amazonaws.com"
NO_ACCOUNT = "AccountIdEndpointMode is required but no AccountID was provided or able to be loaded"


def profile(*lines):
    return "[profile p]\n" + "\n".join(lines) + "\n"


PROFILE_KEYS = ("aws_access_key_id = AKIDTEST", "aws_secret_access_key = secret")


def process(answer):
    text = json.dumps({"Version": 1, **answer})
    return f"credential_process = echo {shlex.quote(text)}"


@pytest.mark.parametrize(("variables", "config", "expected"), [
    (ENVIRONMENT, "", host("123456789012")),
    (KEYS, "", PLAIN),
    ({**ENVIRONMENT, "AWS_ACCOUNT_ID": ""}, "", PLAIN),
    ({**ENVIRONMENT, MODE: "preferred"}, "", host("123456789012")),
    ({**ENVIRONMENT, MODE: "disabled"}, "", PLAIN),
    ({**ENVIRONMENT, MODE: "Required"}, "", host("123456789012")),
    ({**KEYS, MODE: "required"}, "", NO_ACCOUNT),
    (ENVIRONMENT, "[default]\naccount_id_endpoint_mode = disabled\n", PLAIN),
    (KEYS, "[default]\naccount_id_endpoint_mode = required\n", NO_ACCOUNT),
    # The profile's account is that of the profile's keys.
    (KEYS, "[default]\naws_account_id = 111122223333\n", PLAIN),
    ({"AWS_PROFILE": "p", "AWS_ACCOUNT_ID": "123456789012"}, profile(*PROFILE_KEYS), PLAIN),
    ({"AWS_PROFILE": "p"}, profile(*PROFILE_KEYS, "aws_account_id = 111122223333"),
     host("111122223333")),
    ({"AWS_PROFILE": "p"}, profile(process(ANSWER)), host("444455556666")),
    ({"AWS_PROFILE": "p"}, profile(process(ANSWER), "aws_account_id = 111122223333"),
     host("444455556666")),
    ({"AWS_PROFILE": "p"},
     profile(process({**ANSWER, "AccountId": None}), "aws_account_id = 111122223333"),
     host("111122223333")),
    # What the rules make of it.
    ({**ENVIRONMENT, "AWS_REGION": "eu-west-1"}, "", host("123456789012", "eu-west-1")),
    ({**ENVIRONMENT, "AWS_REGION": "cn-north-1"}, "", "123456789012.ddb.cn-north-1.amazonaws.com.cn"),
    ({**ENVIRONMENT, "AWS_REGION": "local"}, "", "localhost:8000"),
    ({**ENVIRONMENT, "AWS_USE_FIPS_ENDPOINT": "true"}, "",
     "dynamodb-fips.us-east-1.amazonaws.com"),
    ({**ENVIRONMENT, "AWS_USE_FIPS_ENDPOINT": "true", MODE: "required"}, "", None),
    ({**ENVIRONMENT, "AWS_USE_DUALSTACK_ENDPOINT": "true"}, "",
     "123456789012.ddb.us-east-1.api.aws"),
    ({**ENVIRONMENT, "AWS_REGION": "cn-north-1", MODE: "required"}, "", None),
    ({**ENVIRONMENT, "AWS_ENDPOINT_URL": "http://tables.example"}, "", "tables.example"),
    ({**KEYS, MODE: "required", "AWS_ENDPOINT_URL": "http://tables.example"}, "",
     "tables.example"),
    ({**ENVIRONMENT, "AWS_ACCOUNT_ID": "no/account"}, "",
     "Credentials-sourced account ID parameter is invalid"),
])
def test_hosts(place, variables, config, expected):
    mine, theirs = place(variables, config)
    assert mine == theirs
    assert expected is None or mine == expected


@pytest.mark.parametrize("mode", ["preferred", "disabled", "required"])
def test_an_account_in_the_input(place, mode):
    """The table's account, if its ARN tells that; kept though the input is gone."""
    arn = "arn:aws:dynamodb:us-east-1:222233334444:table/t"
    mine, theirs = place({**ENVIRONMENT, MODE: mode}, table=arn)
    assert mine == theirs
    assert mine == (PLAIN if mode == "disabled" else host("222233334444"))


@pytest.mark.parametrize("mode", ["preferred", "disabled", "required"])
def test_nothing_in_the_input(place, mode):
    """Disabled, such a call has the endpoint that the client remembers."""
    mine, theirs = place({**ENVIRONMENT, MODE: mode}, table="")
    assert mine == theirs
    assert mine == (PLAIN if mode == "disabled" else host("123456789012"))


def test_options(place):
    """Options go before all else; an account goes with the credentials that it is given with."""
    theirs = {"aws_access_key_id": "AKIDTEST", "aws_secret_access_key": "secret"}
    with_account = {**theirs, "aws_account_id": "777788889999"}
    keys = {"key": "AKIDTEST"}
    both = {**keys, "account": "777788889999"}
    for variables, mine, botos, expected in (
            (ENVIRONMENT, keys, theirs, PLAIN),
            (ENVIRONMENT, both, with_account, host("777788889999")),
            ({MODE: "disabled"}, both, with_account, PLAIN),
            ({MODE: "disabled"}, {**both, "mode": "required"},
             {**with_account, "mode": "required"}, host("777788889999")),
            ({}, {**keys, "mode": "required"}, {**theirs, "mode": "required"}, NO_ACCOUNT),
            ({}, {**both, "mode": "disabled"}, {**with_account, "mode": "disabled"}, PLAIN)):
        assert place(variables, options=mine, theirs=botos) == (expected, expected)


def test_a_callback(place):
    assert place(KEYS, options={"callback": "777788889999"})[0] == host("777788889999")


def test_an_endpoint_of_the_call(place):
    for mode in ("preferred", "required"):
        mine = place({**KEYS, MODE: mode}, options={"url": "http://call.example"})[0]
        assert mine == "call.example"


@contextlib.contextmanager
def container(answer):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/credentials"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("account", ["444455556666", None])
@pytest.mark.parametrize("mode", ["preferred", "required"])
def test_a_container(place, account, mode):
    """Credentials that come later than the call's input goes."""
    answer = {**ANSWER, "AccountId": account, "Token": "token",
              "Expiration": "2099-01-01T00:00:00Z"}
    with container(answer) as url:
        mine, theirs = place({"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, MODE: mode})
    assert mine == theirs
    assert mine == (host(account) if account else PLAIN if mode == "preferred" else NO_ACCOUNT)
