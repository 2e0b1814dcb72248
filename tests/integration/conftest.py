"""Fixtures of the integration tests. One set of servers serves them all."""

import contextlib
import pathlib
import signal
import sys

import pytest

import harness

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))


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
