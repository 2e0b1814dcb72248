"""Fixtures of the integration tests. One set of servers serves them all."""

import contextlib
import pathlib
import shutil
import signal
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import c_library  # noqa: E402
import capture_server  # noqa: E402
import harness  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--build-dir", default="build/release", help="which build to test")


def pytest_configure(config):
    def interrupt(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


@pytest.fixture(scope="session")
def build_dir(request):
    folder = ROOT / request.config.getoption("--build-dir")
    if not folder.is_dir():
        pytest.fail(f"{folder} is not built")
    return folder


@pytest.fixture(scope="session")
def moto():
    with contextlib.closing(harness.MotoServer()) as server:
        yield server


@pytest.fixture(scope="session")
def faults():
    with contextlib.closing(harness.FaultServers()) as servers:
        yield servers


@pytest.fixture(scope="session")
def server():
    """Keeps the last request and gives the answer that a test has set."""
    with capture_server.capture_server() as server:
        yield server


@pytest.fixture(scope="session")
def client(build_dir, server, tmp_path_factory):
    """All of logs, through its C functions, at that server."""
    path = c_library.of_build(build_dir)
    if shutil.which("cc") is None:
        pytest.skip("no C preprocessor")
    text = c_library.declarations(
        tmp_path_factory.mktemp("headers"), ROOT / "generated/logs/include", ["caws/logs.h"])
    with contextlib.closing(c_library.Library(path, text).client(server.url)) as client:
        yield client
