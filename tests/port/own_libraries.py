"""libcurl, OpenSSL, cJSON and cmocka as static libraries, from Debian's sources: Debian has none for
musl, and its libcurl brings two dozen libraries more. They are made once for a target, in
build/port/TARGET/prefix, as small as caws lets them be."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import debian

# One section a function, so that programs leave out what they do not call; position-independent, so
# that shared libraries can have them inside.
FLAGS = "-O2 -ffunction-sections -fdata-sections -fPIC"
OPENSSL = ["no-shared", "no-tests", "no-dso", "no-engine", "no-async", "no-legacy",
           "--libdir=lib", "--openssldir=/etc/ssl"]
OFF = {
    "cjson": ["ENABLE_CJSON_TEST"],
    "cmocka": ["WITH_EXAMPLES", "UNIT_TESTING"],
    "curl": ["BUILD_CURL_EXE", "BUILD_TESTING", "CURL_ZLIB", "CURL_BROTLI", "CURL_ZSTD",
             "USE_NGHTTP2", "USE_LIBIDN2", "CURL_USE_LIBSSH2", "CURL_USE_LIBPSL"],
}
ON = {
    "cjson": [],
    "cmocka": ["WITH_STATIC_LIB"],
    "curl": ["HTTP_ONLY", "CURL_USE_OPENSSL"],
}
# CMake's own file for libcurl names files of the compiler's and none of OpenSSL's that it needs.
LIBCURL_PC = """\
prefix={prefix}
Name: libcurl
Description: what caws needs of libcurl
Version: {version}
Requires.private: libssl libcrypto
Libs: -L${{prefix}}/lib -lcurl
Cflags: -I${{prefix}}/include
"""


def make(folder: Path, compiler: str) -> None:
    """Everything that is not there yet, or was made in another way."""
    prefix = folder / "prefix"
    sources = debian.sources(folder, ["openssl", "cjson", "cmocka", "curl"])
    flags = FLAGS
    if compiler == "musl-gcc":
        link_kernel_headers(prefix / "kernel")
        flags += f" -idirafter {prefix}/kernel"
    for name, source in sources.items():
        work = folder / "work" / name
        commands = openssl_steps(source, prefix, compiler, flags) if name == "openssl" else \
            cmake_steps(name, source, prefix, work, compiler, flags)
        stamp = folder / f"{name}.stamp"
        wanted = hashlib.sha256(repr(commands).encode()).hexdigest()
        if stamp.exists() and stamp.read_text() == wanted:
            continue
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        environment = os.environ | {"PKG_CONFIG_LIBDIR": str(prefix / "lib" / "pkgconfig")}
        for command in commands:
            subprocess.run(command, cwd=work, env=environment, check=True)
        stamp.write_text(wanted)
    finish(prefix, sources["curl"].name.removeprefix("curl-"))


def link_kernel_headers(folder: Path) -> None:
    """musl's compiler sees none of the system's headers, and these belong to the kernel."""
    folder.mkdir(parents=True, exist_ok=True)
    triplet = subprocess.run(["gcc", "-print-multiarch"], text=True, capture_output=True,
                             check=True).stdout.strip()
    for name, target in ("linux", "linux"), ("asm-generic", "asm-generic"), ("asm", f"{triplet}/asm"):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(f"/usr/include/{target}")


def openssl_steps(source, prefix, compiler, flags) -> list:
    machine = {"x86_64": "linux-x86_64", "aarch64": "linux-aarch64"}[os.uname().machine]
    return [
        ["perl", source / "Configure", machine, *OPENSSL, f"--prefix={prefix}", f"CC={compiler}",
         f"CFLAGS={flags}"],
        ["make", f"-j{os.cpu_count()}", "build_libs"],
        ["make", "install_dev"],
    ]


def cmake_steps(name, source, prefix, work, compiler, flags) -> list:
    settings = {
        "CMAKE_C_COMPILER": compiler, "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_C_FLAGS": flags, "BUILD_SHARED_LIBS": "OFF",
        "CMAKE_INSTALL_PREFIX": prefix, "CMAKE_INSTALL_LIBDIR": "lib",
        "CMAKE_FIND_ROOT_PATH": prefix, "CMAKE_FIND_ROOT_PATH_MODE_LIBRARY": "ONLY",
        "CMAKE_FIND_ROOT_PATH_MODE_INCLUDE": "ONLY", "CMAKE_FIND_ROOT_PATH_MODE_PACKAGE": "ONLY",
        "CURL_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt", "CURL_CA_PATH": "none",
    }
    settings |= dict.fromkeys(OFF[name], "OFF") | dict.fromkeys(ON[name], "ON")
    return [
        ["cmake", "-G", "Ninja", "-S", source, "-B", work,
         *(f"-D{key}={value}" for key, value in settings.items())],
        ["cmake", "--build", work, "--target", "install"],
    ]


def finish(prefix: Path, version: str) -> None:
    """What cannot be asked for: libcurl.pc in the form that static programs need, and cmocka's static
    library under the name that its file for pkg-config has."""
    (prefix / "lib" / "pkgconfig" / "libcurl.pc").write_text(
        LIBCURL_PC.format(prefix=prefix, version=version))
    for shared in (prefix / "lib").glob("libcmocka.so*"):
        shared.unlink()
    static = prefix / "lib" / "libcmocka-static.a"
    if static.exists():
        static.rename(prefix / "lib" / "libcmocka.a")
