"""Doing what somebody outside of the project does: running tools on an installation of caws."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What the developer's shell has is no part of a test.
ENVIRONMENT = {
    name: value for name, value in os.environ.items()
    if not name.startswith(("AWS_", "PKG_CONFIG", "CMAKE_", "CAWS_"))
    and not name.lower().endswith("_proxy") and name not in ("LD_LIBRARY_PATH", "DESTDIR", "CFLAGS",
                                                             "LDFLAGS")
}


def run(*command, **environment):
    """Its output. Fails with all of it if the command does."""
    result = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, timeout=300,
                            env=ENVIRONMENT | {k: str(v) for k, v in environment.items()})
    if result.returncode != 0:
        pytest.fail(f"{' '.join(map(str, command))}: exit status {result.returncode}\n{result.stdout}",
                    pytrace=False)
    return result.stdout


class Installation:
    """A prefix that caws is installed in."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.lib = next(prefix.glob("**/pkgconfig/caws.pc")).parents[1]
        self.include = prefix / "include"

    def pkg_config(self, *arguments):
        return run("pkg-config", *arguments, PKG_CONFIG_PATH=self.lib / "pkgconfig").split()
