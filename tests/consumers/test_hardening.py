"""What is built is hardened as CAWS_HARDENING says: seen from outside, with readelf."""

import platform
import re
import subprocess

import pytest

from outside import ROOT, run

LIBRARIES = ("libcaws.so", "libcaws_logs.so")
PROGRAMS = ("examples/minimal", "examples/create_export_task")
X86 = platform.machine() == "x86_64"


def readelf(path, *options):
    return subprocess.run(["readelf", "-W", *options, path], check=True, capture_output=True,
                          text=True).stdout


def lacks(path, code=True):
    """The protections that a file does not have. code: it has functions with arrays on their stack."""
    headers, dynamic = readelf(path, "-l"), readelf(path, "-d")
    symbols = set(re.findall(r" UND (\w+)", readelf(path, "--dyn-syms")))
    found = {
        "position-independent": "Type:                              DYN" in readelf(path, "-h"),
        "read-only tables": "GNU_RELRO" in headers,
        "bound at the start": re.search(r"\(FLAGS(_1)?\).*\bNOW\b", dynamic) is not None,
        "no code on the stack": re.search(r"GNU_STACK .* RW +0x", headers) is not None,
    }
    if code:
        found["stack protector"] = "__stack_chk_fail" in symbols
        found["checked C library"] = any(name.endswith("_chk") for name in symbols)
    return [name for name, there in found.items() if not there]


@pytest.fixture(scope="module")
def hardened(build_dir):
    cache = (build_dir / "CMakeCache.txt").read_text()
    if "CAWS_HARDENING:BOOL=ON" not in cache:
        pytest.skip("built without CAWS_HARDENING")
    if re.search("^CMAKE_C_FLAGS:.*-fsanitize", cache, re.MULTILINE):
        pytest.skip("a sanitizer's build is not hardened")
    return build_dir


@pytest.mark.parametrize("name", LIBRARIES + PROGRAMS)
def test_is_hardened(hardened, name):
    # The libraries of services are tables and calls.
    assert lacks(hardened / name, code=name != "libcaws_logs.so") == []


def test_every_source_of_the_runtime_is(hardened):
    commands = (hardened / "compile_commands.json").read_text()
    sources = list((ROOT / "runtime/src").glob("*.c"))
    for flag in ("-fstack-protector-strong", "-fstack-clash-protection", "-D_FORTIFY_SOURCE="):
        assert commands.count(flag) >= len(sources), flag


def unprotected(archive):
    """The objects without control-flow protection. Of what is linked the system's start files, which
    may have none, are a part."""
    objects = re.split(r"^File: ", readelf(archive, "-n"), flags=re.MULTILINE)[1:]
    assert objects
    return [text.split("\n")[0] for text in objects if "IBT, SHSTK" not in text]


@pytest.mark.skipif(not X86, reason="not x86-64")
@pytest.mark.parametrize("name", ["libcaws.a", "libcaws_logs.a"])
def test_jumps_only_go_where_they_may(hardened, name):
    assert unprotected(hardened / name) == []


def test_it_can_be_left_out(tmp_path):
    """And what is missing then is noticed."""
    run("cmake", "-S", ROOT, "-B", tmp_path, "-DCMAKE_BUILD_TYPE=Release", "-DCAWS_HARDENING=OFF",
        "-DCAWS_BUILD_TESTS=OFF", "-DCAWS_BUILD_EXAMPLES=OFF",
        "-DCMAKE_C_FLAGS=-fno-stack-protector -U_FORTIFY_SOURCE -fcf-protection=none" if X86 else
        "-DCMAKE_C_FLAGS=-fno-stack-protector -U_FORTIFY_SOURCE",
        "-DCMAKE_SHARED_LINKER_FLAGS=-Wl,-z,norelro,-z,lazy")
    run("cmake", "--build", tmp_path, "--target", "caws_shared", "caws")
    missing = lacks(tmp_path / "libcaws.so")
    assert set(missing) >= {"read-only tables", "bound at the start", "stack protector",
                            "checked C library"}
    assert not X86 or len(unprotected(tmp_path / "libcaws.a")) > 50
