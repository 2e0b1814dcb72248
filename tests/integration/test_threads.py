"""ThreadSanitizer over 16 threads that share a client through expired credentials and faults."""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import credential_server

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 4  # of calls
# The operation and what it needs, of everything that is generated.
GENERATED = [f"generated/logs/src/{name}.c"
             for name in ("create_export_task", "endpoint_rules", "enums", "service", "types")]
SCRIPT = {
    # Good for 1,200 s of the driver's fast date, which are due after 300: 0.3 s.
    "container": {"expires": 1200, "every": {13: "503"}, "delay": 0.02},
    "service": {"every": {19: "500", 23: "reset", 41: "503 slow down"}, "revoke_every": 150},
}
# Neither is built with ThreadSanitizer, which does not see how they synchronize.
SUPPRESSIONS = "called_from_lib:libcrypto.so\ncalled_from_lib:libssl.so\n"


def compile_all(folder, sources, flags):
    def compile_one(source):
        file = folder / (source.replace("/", "-") + ".o")
        subprocess.run(["clang", *flags, "-c", source, "-o", file], check=True, cwd=ROOT)
        return file

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(compile_one, sources))


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    if shutil.which("clang") is None:
        pytest.skip("no clang")
    folder = tmp_path_factory.mktemp("threads")
    sanitizer = ["-fsanitize=thread", "-g", "-O1"]
    empty = folder / "empty.c"
    empty.write_text("int main(void) { return 0; }\n")
    if subprocess.run(["clang", *sanitizer, empty, "-o", folder / "empty"],
                      capture_output=True).returncode != 0:
        pytest.skip("clang has no ThreadSanitizer")
    sources = [str(path.relative_to(ROOT)) for pattern in
               ("runtime/src/*.c", "generated/partitions/*.c") for path in ROOT.glob(pattern)]
    sources += [*GENERATED, "tests/integration/threads_driver.c"]
    version = re.search(r"\d+\.\d+\.\d+", (ROOT / "VERSION").read_text())[0]
    includes = ["runtime/include", "runtime/src", "generated/partitions", "generated/logs/include"]
    objects = compile_all(folder, sources, [
        *sanitizer, "-std=c11", "-D_POSIX_C_SOURCE=200809L", f'-DCAWS_VERSION="{version}"',
        *(f"-I{folder}" for folder in includes)])
    program = folder / "threads_driver"
    libraries = subprocess.run(["pkg-config", "--libs", "libcurl", "libcrypto", "libcjson"],
                               check=True, capture_output=True, text=True).stdout.split()
    subprocess.run(["clang", *sanitizer, *objects, "-o", program, *libraries, "-pthread", "-lm"],
                   check=True)
    return program


def test_no_races(driver, tmp_path):
    suppressions = tmp_path / "suppressions"
    suppressions.write_text(SUPPRESSIONS)
    with credential_server.running() as servers:
        servers.start_afresh(SCRIPT)
        ports = servers.environment()
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_REGION": "eu-central-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports['CAWS_TEST_SERVICE_PORT']}",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI":
                f"http://127.0.0.1:{ports['CAWS_TEST_CONTAINER_PORT']}/",
            "TSAN_OPTIONS": f"suppressions={suppressions}:halt_on_error=0:exitcode=66",
        }
        result = subprocess.run([driver, str(SECONDS)], env=environment, capture_output=True,
                                text=True, timeout=60)
    assert "WARNING: ThreadSanitizer" not in result.stderr, result.stderr[:8000]
    assert result.returncode == 0, result.stderr[:8000]
    counts = {name: int(value) for name, value in
              (field.split("=") for field in result.stdout.split())}
    # All of it has happened, and most calls have come through it.
    assert counts.pop("bad") < counts["good"] / 10, result.stdout
    assert all(counts.values()), result.stdout
    assert servers.issued > 5
