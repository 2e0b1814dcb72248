"""Programs from outside, built against an installation or with caws as a part, and run."""

import pathlib
import re
import shutil
import subprocess

import pytest

from outside import ENVIRONMENT, ROOT, run

HERE = ROOT / "tests/consumers"
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")
EXPECTED = """\
InvalidInput
logGroupName: ':' at byte 2 does not fit the pattern [\\.\\-_/#A-Za-z0-9]+
to: required
"""


def needed(program):
    """The shared libraries that a program names."""
    return set(re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", program)))


def caws_libraries(program):
    return sorted(name for name in needed(program) if name.startswith("libcaws"))


def cmake(source, build, *definitions):
    run("cmake", "-S", source, "-B", build, *(f"-D{definition}" for definition in definitions))
    run("cmake", "--build", build, "--parallel", 2)
    return build / "consumer"


def compile_and_run(compiler, source, installation, package, program, *flags):
    """Compiles, with what pkg-config says and a run path, and gives the program's output."""
    run(*compiler, *WARNINGS, source, "-o", program, *flags,
        *installation.pkg_config("--cflags", "--libs", package), f"-Wl,-rpath,{installation.lib}")
    return run(program)


def test_pkg_config_shared(installation, tmp_path):
    program = tmp_path / "consumer"
    assert compile_and_run(["cc", "-std=c11"], HERE / "consumer.c", installation, "caws-logs",
                           program) == EXPECTED
    soname = re.compile(r"libcaws(_logs)?\.so\.\d+$")
    assert len(caws_libraries(program)) == 2
    assert all(soname.match(name) for name in caws_libraries(program))


def test_pkg_config_shared_c_plus_plus(installation, tmp_path):
    assert compile_and_run(["c++", "-std=c++17"], HERE / "consumer.cpp", installation, "caws-logs",
                           tmp_path / "consumer") == EXPECTED


def test_pkg_config_caws_static_over_shared_system_libraries(installation, tmp_path):
    program = tmp_path / "consumer"
    assert compile_and_run(["cc", "-std=c11"], HERE / "consumer.c", installation,
                           "caws-logs-static", program, "-Wl,--gc-sections") == EXPECTED
    assert caws_libraries(program) == []
    assert {name.split(".")[0] for name in needed(program)} >= {"libcurl", "libcrypto", "libcjson"}


def archives_alone(installation, folder):
    """The same libraries without the shared ones, as a project that is static throughout has them."""
    for archive in installation.lib.glob("*.a"):
        shutil.copy(archive, folder)
    return folder


def test_pkg_config_static_names_every_library_in_order(installation, tmp_path):
    """What --static says links, apart from what libcurl wants for itself: Debian has none of that."""
    words = installation.pkg_config("--static", "--libs", "caws-logs")
    order = [words.index(word) for word in ("-lcaws_logs", "-lcaws", "-lcurl")]
    assert order == sorted(order)
    folder = archives_alone(installation, tmp_path)
    libraries = [word for word in words if word in ("-lcaws_logs", "-lcaws", "-lcurl", "-lcrypto",
                                                    "-lcjson", "-pthread", "-lm")]
    program = tmp_path / "consumer"
    run("cc", "-std=c11", HERE / "consumer.c", "-o", program, f"-L{folder}",
        *installation.pkg_config("--cflags", "caws-logs"), *libraries)
    assert run(program) == EXPECTED
    assert caws_libraries(program) == []


def test_pkg_config_static_throughout(installation, tmp_path):
    words = installation.pkg_config("--static", "--libs", "caws-logs")
    absent = []
    for word in dict.fromkeys(words):
        archive = f"lib{word[2:]}.a"
        if (word.startswith("-l") and not word.startswith("-lcaws")
                and run("cc", f"-print-file-name={archive}").strip() == archive):
            absent.append(archive)
    if absent:
        pytest.skip("this system has no " + ", ".join(absent))
    program = tmp_path / "consumer"
    run("cc", "-std=c11", "-static", HERE / "consumer.c", "-o", program,
        *installation.pkg_config("--cflags", "caws-logs"), *words)
    assert run(program) == EXPECTED
    assert needed(program) == set()


@pytest.mark.parametrize("flags", [("-fno-pie", "-no-pie"), ("-fpie", "-pie"), ("-fPIC",)], ids=" ".join)
@pytest.mark.parametrize("package", ["caws", "caws-static"])
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_tables_of_the_program_point_into_the_runtime(installation, tmp_path, compiler, package, flags):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    assert compile_and_run([compiler, "-std=c11"], HERE / "tables.c", installation, package,
                           tmp_path / "tables", *flags) == (
        "InvalidInput\ntext: required\ntags[1]: not UTF-8 at byte 11\nConnectionFailed\n")


@pytest.mark.parametrize("static", [False, True], ids=["shared", "static"])
@pytest.mark.parametrize("language", ["C", "CXX"])
def test_find_package(installation, tmp_path, language, static):
    program = cmake(HERE / "find_package", tmp_path, f"CMAKE_PREFIX_PATH={installation.prefix}",
                    f"LANGUAGE={language}", f"CAWS_USE_STATIC_LIBS={'ON' if static else 'OFF'}",
                    f"CMAKE_{language}_FLAGS={' '.join(WARNINGS)}")
    assert run(program) == EXPECTED
    assert len(caws_libraries(program)) == (0 if static else 2)


def write_find_package(folder, arguments):
    (folder / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\n"
                                           "project(consumer LANGUAGES C)\n"
                                           f"find_package(caws {arguments})\n")


def find_package_fails(installation, folder, arguments, *definitions):
    """The text of CMake's error."""
    write_find_package(folder, arguments)
    result = subprocess.run(["cmake", "-S", folder, "-B", folder / "build",
                             f"-DCMAKE_PREFIX_PATH={installation.prefix}", *definitions],
                            capture_output=True, text=True, env=ENVIRONMENT, timeout=60)
    assert result.returncode != 0
    return " ".join(result.stderr.split())


def test_find_package_of_an_unknown_component(installation, tmp_path):
    error = find_package_fails(installation, tmp_path, "REQUIRED COMPONENTS logs ec2")
    assert 'no component "ec2" is installed; there are: logs' in error


def test_find_package_of_another_version(installation, tmp_path):
    error = find_package_fails(installation, tmp_path, "99.0 REQUIRED")
    assert 'compatible with requested version "99.0"' in error


@pytest.mark.parametrize("wanted, found", [("0.1", True), ("0.1.0", True), ("0.1.0 EXACT", True),
                                           ("0.1.99", False), ("0.2", False), ("0.0.1", False)])
def test_find_package_versions(installation, tmp_path, wanted, found):
    """A 0.x promises nothing to the next 0.y."""
    if "\nversion 0.1.0\n" not in (ROOT / "VERSION").read_text():
        pytest.skip("written for version 0.1.0")
    if found:
        write_find_package(tmp_path, f"{wanted} REQUIRED COMPONENTS logs")
        run("cmake", "-S", tmp_path, "-B", tmp_path / "build",
            f"-DCMAKE_PREFIX_PATH={installation.prefix}")
    else:
        assert "compatible with requested version" in find_package_fails(
            installation, tmp_path, f"{wanted} REQUIRED COMPONENTS logs")


def test_header_of_another_version_is_not_built(tmp_path):
    """VERSION decides; the header that programs see may not lag behind."""
    for name in ("CMakeLists.txt", "cmake", "runtime", "generated"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "VERSION").write_text("version 9.8.7\nabi 6\n")
    done = subprocess.run(["cmake", "-S", tmp_path, "-B", tmp_path / "build"], capture_output=True,
                          text=True, env=ENVIRONMENT, timeout=60, check=False)
    assert done.returncode != 0
    assert "version.h is not of version 9.8.7, which VERSION has: run ./dev generate" in " ".join(
        done.stderr.split())


def test_find_package_static_without_what_it_needs(installation, tmp_path):
    error = find_package_fails(installation, tmp_path, "REQUIRED COMPONENTS logs",
                               "-DCAWS_USE_STATIC_LIBS=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON")
    assert "static caws needs what pkg-config knows as libcurl>=7.88, libcrypto" in error


@pytest.mark.parametrize("through, shared", [("add_subdirectory", False), ("add_subdirectory", True),
                                             ("FetchContent", False)])
def test_as_a_part_of_a_project(tmp_path, through, shared):
    program = cmake(HERE / "subdirectory", tmp_path, f"THROUGH={through}", f"CAWS_SOURCE={ROOT}",
                    f"BUILD_SHARED_LIBS={'ON' if shared else 'OFF'}")
    assert run(program) == EXPECTED
    assert len(caws_libraries(program)) == (2 if shared else 0)
    # Neither caws's tests nor the kind of library that is not linked.
    caws = tmp_path / ("_deps/caws-build" if through == "FetchContent" else "caws")
    assert caws.is_dir() and not (caws / "tests").exists()
    assert not list(tmp_path.glob("**/libcaws*.a" if shared else "**/libcaws*.so*"))


def test_fetched_as_an_archive(tmp_path):
    """As docs/linking.md has it: what is in the archive is all that a build needs."""
    archive = tmp_path / "caws.tar.gz"
    run("tar", "-C", ROOT, "-czf", archive, "--transform", "s,^,caws-0/,", "CMakeLists.txt", "VERSION",
        "LICENSE", "cmake", "runtime", "generated")
    program = cmake(HERE / "subdirectory", tmp_path / "build", "THROUGH=archive",
                    f"CAWS_SOURCE={archive}")
    assert run(program) == EXPECTED
    assert caws_libraries(program) == []


def test_builds_without_the_packages_of_tests(tmp_path):
    """Neither cmocka nor anything else that the tests alone need is looked for."""
    folder = tmp_path / "pkgconfig"
    folder.mkdir()
    for path in run("pkg-config", "--variable", "pc_path", "pkg-config").strip().split(":"):
        for file in pathlib.Path(path).glob("*.pc"):
            if not file.name.startswith("cmocka") and not (folder / file.name).exists():
                (folder / file.name).symlink_to(file)
    run("cmake", "-S", ROOT, "-B", tmp_path / "build", "-DCAWS_BUILD_TESTS=OFF",
        PKG_CONFIG_LIBDIR=folder)


def test_installed_files(installation):
    """Public headers and nothing private; every file belongs to caws."""
    files = {str(path.relative_to(installation.prefix)) for path in installation.prefix.rglob("*")
             if not path.is_dir()}
    headers = {name for name in files if name.endswith(".h")}
    expected = {f"include/{path.relative_to(folder)}" for folder in
                (ROOT / "runtime/include", ROOT / "generated/logs/include")
                for path in folder.rglob("*.h")}
    assert headers == expected
    lib = installation.lib.relative_to(installation.prefix)
    assert {f"{lib}/libcaws.a", f"{lib}/libcaws_logs.a", f"{lib}/libcaws.so", f"{lib}/libcaws_logs.so",
            "share/doc/caws/LICENSE"} <= files
    assert all("caws" in name for name in files)
    for path in installation.prefix.rglob("*"):
        if path.suffix in (".pc", ".cmake"):
            assert str(ROOT) not in path.read_text() and "/opt/caws" not in path.read_text()
