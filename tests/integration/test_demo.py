"""The demo is a test too: export with signatures on, and the bucket compared with what went in."""

import pathlib
import subprocess
import sys

DEMO = pathlib.Path(__file__).parent / "demo.py"


def test_demo(build_dir):
    result = subprocess.run(
        [sys.executable, DEMO, build_dir],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    print(result.stdout)
    assert result.returncode == 0
    assert result.stdout.endswith("The demo succeeded.\n")
