"""Fixtures of the consumers' tests: a build, and an installation of it."""

import shutil

import pytest

from outside import ROOT, Installation, run


def pytest_addoption(parser):
    parser.addoption("--build-dir", default="build/release", help="which build to install and test")


@pytest.fixture(scope="session")
def build_dir(request):
    folder = ROOT / request.config.getoption("--build-dir")
    if not folder.is_dir():
        pytest.fail(f"{folder} is not built")
    return folder


@pytest.fixture(scope="session")
def installation(build_dir, tmp_path_factory):
    """Staged with DESTDIR under another prefix, then moved: nothing in it may know where it was."""
    stage = tmp_path_factory.mktemp("stage")
    run("cmake", "--install", build_dir, "--prefix", "/opt/caws", DESTDIR=stage)
    moved = tmp_path_factory.mktemp("installed") / "prefix"
    shutil.move(stage / "opt/caws", moved)
    return Installation(moved)
