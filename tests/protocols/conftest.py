"""Fixtures of the protocol tests, and the counts at their end."""

import collections
import os
import pathlib
import shutil
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "codegen"), str(ROOT / "tests" / "support")]

import c_library  # noqa: E402
import capture_server  # noqa: E402
import generated  # noqa: E402
import suites  # noqa: E402

counts = collections.defaultdict(collections.Counter)  # of a suite: outcomes


def pytest_addoption(parser):
    parser.addoption("--build-dir", default="build/release", help="which build to test")


@pytest.fixture(scope="session")
def built(request, tmp_path_factory):
    """The library of all groups, and the groups that the generator refuses, with its reasons."""
    caws = c_library.of_build(ROOT / request.config.getoption("--build-dir"))
    for tool in ("cc", "gcc"):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool}")
    return generated.build(suites.load()[0], caws, tmp_path_factory.mktemp("protocols"))


@pytest.fixture(scope="session")
def server():
    for name in list(os.environ):  # the developer's own AWS account and proxies
        if name.upper().startswith("AWS_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    with capture_server.capture_server() as server:
        yield server


def pytest_runtest_logreport(report):
    suite = dict(report.user_properties).get("suite")
    if suite is None:
        return
    if report.failed:
        counts[suite]["failed"] += 1
    elif report.when == "call":
        counts[suite]["passed" if report.passed else "left out"] += 1


def pytest_terminal_summary(terminalreporter):
    for suite in suites.SUITES:
        if suite in counts:
            terminalreporter.write_line(", ".join(
                f"{counts[suite][outcome]} {outcome}" for outcome in ("passed", "left out", "failed")
            ) + f": {suite}")
