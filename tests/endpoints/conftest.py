"""Fixtures of the endpoint tests, and the counts at their end."""

import collections
import pathlib
import shutil
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("codegen", "tests/support", "tests/protocols",
                                              "tests/endpoints")]

import cases  # noqa: E402
import library  # noqa: E402

counts = collections.defaultdict(collections.Counter)  # of a kind of cases: outcomes
times = []


@pytest.fixture(scope="session")
def rules(tmp_path_factory):
    return _build(lambda suites: library.build_rules(suites, tmp_path_factory.mktemp("rules")))


@pytest.fixture(scope="session")
def operations(tmp_path_factory):
    def build(suites):
        wanted = {}
        for suite in suites:
            if suite.is_json:
                for _, operation in cases.operation_inputs(suite):
                    wanted.setdefault(suite.name, set()).add(operation["operationName"])
        folder = tmp_path_factory.mktemp("operations")
        return library.build_operations([suite for suite in suites if suite.name in wanted], wanted,
                                        folder)

    return _build(build)


def _build(build):
    for tool in ("cc", "gcc"):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool}")
    return build(cases.load()[0].values())


def pytest_terminal_summary(terminalreporter):
    for kind, outcomes in counts.items():
        terminalreporter.write_line(", ".join(
            f"{outcomes[outcome]} {outcome}" for outcome in ("passed", "left out", "failed")
        ) + f": {kind}")
    for line in times:
        terminalreporter.write_line(line)
