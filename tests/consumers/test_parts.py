"""Builds that leave parts of the runtime out: they work, and say what is missing where it is needed."""

import json
import pathlib
import subprocess
import sys

import pytest

from outside import ENVIRONMENT, ROOT, run

sys.path.append(str(ROOT / "tests/support"))
from capture_server import Answer, capture_server  # noqa: E402

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
NO_FILES = "this build of caws leaves out the shared files (CAWS_SHARED_FILES)"
NO_CHAIN = "this build of caws leaves them out (CAWS_CREDENTIAL_CHAIN)"


class Build:
    """examples/minimal.c with such a caws."""

    def __init__(self, folder, **parts):
        run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCAWS_BUILD_TESTS=OFF",
            *(f"-D{name}={'ON' if value else 'OFF'}" for name, value in parts.items()))
        run("cmake", "--build", folder, "--parallel", 2, "--target", "minimal")
        self.program = folder / "examples/minimal"
        self.objects = set(run("ar", "t", folder / "libcaws.a").split())

    def call(self, home, **environment):
        """Exit status and output, where all that is known of the world is in the arguments."""
        result = subprocess.run([self.program], capture_output=True, text=True, timeout=60, env={
            **ENVIRONMENT, "HOME": str(home), "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            **environment})
        return result.returncode, (result.stdout + result.stderr).strip()

    def makes_a_call(self, home):
        with capture_server() as server:
            server.answer = Answer(body=json.dumps({"taskId": "task-1"}).encode())
            assert self.call(home, AWS_ENDPOINT_URL=server.url, **KEYS) == (0, "task-1")
            assert "AKIDEXAMPLE" in server.last.headers["Authorization"]


@pytest.fixture(scope="session")
def smallest(tmp_path_factory):
    return Build(tmp_path_factory.mktemp("smallest"), CAWS_SHARED_FILES=False,
                 CAWS_CREDENTIAL_CHAIN=False, CAWS_ENDPOINT_RULES=False)


@pytest.fixture(scope="session")
def without_chain(tmp_path_factory):
    return Build(tmp_path_factory.mktemp("no-chain"), CAWS_CREDENTIAL_CHAIN=False)


def write_config(home, text):
    folder = pathlib.Path(home, ".aws")
    folder.mkdir()
    (folder / "config").write_text(text)


def test_smallest_makes_a_call(smallest, tmp_path):
    assert not smallest.objects & {"profile_parse.c.o", "credentials_instance.c.o", "process.c.o",
                                   "partitions.c.o"}
    smallest.makes_a_call(tmp_path)


def test_smallest_says_what_it_lacks(smallest, tmp_path):
    write_config(tmp_path, "[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    status, text = smallest.call(tmp_path)
    assert status == 1 and text.startswith("NoCredentials: ")
    assert NO_FILES in text and NO_CHAIN in text


def test_smallest_has_no_profile(smallest, tmp_path):
    write_config(tmp_path, "[profile dev]\nregion = eu-west-1\n")
    status, text = smallest.call(tmp_path, AWS_PROFILE="dev", **KEYS)
    assert status == 1 and text.startswith("InvalidConfiguration: AWS_PROFILE: \"dev\"")
    assert "which this build of caws leaves out (CAWS_SHARED_FILES)" in text


@pytest.mark.parametrize("environment", [{"AWS_ENDPOINT_URL": ""}, {"AWS_USE_FIPS_ENDPOINT": "true"}])
def test_smallest_makes_no_endpoint(smallest, tmp_path, environment):
    status, text = smallest.call(tmp_path, **KEYS, **environment)
    assert status == 1 and text.startswith("NoEndpoint: ")
    assert "this build of caws leaves out endpoint rules (CAWS_ENDPOINT_RULES): set" in text


def test_without_chain_reads_keys_from_files(without_chain, tmp_path):
    without_chain.makes_a_call(tmp_path)
    write_config(tmp_path, "[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    status, text = without_chain.call(tmp_path)
    assert status == 1 and text.startswith("ConnectionFailed: ")


def test_without_chain_runs_no_program(without_chain, tmp_path):
    write_config(tmp_path, f"[default]\ncredential_process = touch {tmp_path}/ran\n")
    status, text = without_chain.call(tmp_path)
    assert status == 1 and NO_CHAIN in text
    assert "this build of caws leaves out credential_process (CAWS_CREDENTIAL_CHAIN)" in text
    assert not (tmp_path / "ran").exists()
