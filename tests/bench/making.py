"""How long it takes to generate all of logs, and to compile it."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from turns import show

ROOT = pathlib.Path(__file__).resolve().parents[2]


def wall_seconds(*command, environment=None):
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.monotonic() - began


def generate_into(root):
    """The whole program, from the start of Python to the last file, into a folder without any."""
    for name in ("model", "codegen", ".clang-format"):
        (root / name).symlink_to(ROOT / name)
    return wall_seconds(sys.executable, "-m", "caws_codegen", "--root", root, "generate",
                        environment={**os.environ, "PYTHONPATH": str(ROOT / "codegen")})


def bench_generate(rounds):
    seconds = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            seconds.append(generate_into(pathlib.Path(folder)))
            count = sum(path.is_file() for path in pathlib.Path(folder, "generated").rglob("*"))
    show(f"generate all of logs, {count} files, whole process", "s of wall time",
         {"caws_codegen": seconds})


def bench_compile(rounds):
    """Every source of generated/logs, one object each, as in a release, on all cores."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        wall_seconds("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_C_COMPILER=gcc",
                     "-DCMAKE_BUILD_TYPE=Release", "-DCAWS_BUILD_TESTS=OFF",
                     "-DCAWS_BUILD_EXAMPLES=OFF")
        for _ in range(rounds):
            objects = pathlib.Path(folder, "CMakeFiles/caws_logs_objects.dir")
            shutil.rmtree(objects, ignore_errors=True)
            seconds.append(wall_seconds("cmake", "--build", folder, "--target",
                                        "caws_logs_objects"))
            count = sum(1 for _ in objects.rglob("*.o"))
    show(f"compile generated/logs, {count} files, gcc, release, {os.cpu_count()} cores",
         "s of wall time", {"ninja": seconds})
