"""A folder of `./dev generate --service`, built by itself against an installation, and used."""

import shutil
import subprocess
import sys

import pytest

from outside import ENVIRONMENT, ROOT, run

PROGRAM = r"""
#include <caws/sqs.h>
#include <stdio.h>

int main(void)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = caws_client_new(NULL, &error);
    caws_sqs_send_message_output *output = NULL;
    if (client != NULL)
        (void)caws_sqs_send_message(client, &(caws_sqs_send_message_input){.queue_url = "q"},
                                    &output, &error);
    printf("%s: %s\n", error.code, error.message);
    caws_client_free(client);
    caws_error_clear(&error);
    return 0;
}
"""
LISTS = """
cmake_minimum_required(VERSION 3.24)
project(outside LANGUAGES C)
add_subdirectory(caws-sqs)
add_executable(program program.c)
target_link_libraries(program PRIVATE caws::sqs)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    pytest.importorskip("botocore")
    place = tmp_path_factory.mktemp("outside")
    run(sys.executable, "-m", "caws_codegen", "--cwd", place, "generate", "--service", "sqs",
        "--operations", "SendMessage", PYTHONPATH=ROOT / "codegen")
    (place / "program.c").write_text(PROGRAM)
    (place / "CMakeLists.txt").write_text(LISTS)
    return place


def cmake(source, build, *definitions, **environment):
    run("cmake", "-S", source, "-B", build, *(f"-D{definition}" for definition in definitions),
        **environment)
    run("cmake", "--build", build)


@pytest.mark.parametrize("shared", ["ON", "OFF"])
def test_builds_by_itself(folder, installation, tmp_path, shared):
    cmake(folder / "caws-sqs", tmp_path / "build", f"CMAKE_PREFIX_PATH={installation.prefix}",
          f"BUILD_SHARED_LIBS={shared}")
    library = "libcaws_sqs.so" if shared == "ON" else "libcaws_sqs.a"
    assert (tmp_path / "build" / library).exists()
    run("cmake", "--install", tmp_path / "build", "--prefix", tmp_path / "prefix")
    assert (tmp_path / "prefix/include/caws/sqs/send_message.h").exists()
    assert list((tmp_path / "prefix").rglob(library))


@pytest.mark.parametrize("static", ["ON", "OFF"])
def test_is_part_of_a_project(folder, installation, tmp_path, static):
    cmake(folder, tmp_path, f"CMAKE_PREFIX_PATH={installation.prefix}",
          f"CAWS_USE_STATIC_LIBS={static}")
    assert run(tmp_path / "program") == "InvalidInput: MessageBody: required\n"


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_compilers(folder, installation, tmp_path, compiler):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    cmake(folder / "caws-sqs", tmp_path, f"CMAKE_PREFIX_PATH={installation.prefix}",
          "CMAKE_C_FLAGS=-Wall -Wextra -Werror", CC=compiler)
    assert (tmp_path / "libcaws_sqs.a").exists()


def test_without_the_runtime(folder, tmp_path):
    done = subprocess.run(
        ["cmake", "-S", folder / "caws-sqs", "-B", tmp_path, "-DCMAKE_DISABLE_FIND_PACKAGE_caws=ON"],
        capture_output=True, text=True, check=False,
        env=ENVIRONMENT | {"PKG_CONFIG_LIBDIR": str(tmp_path)})
    assert done.returncode != 0
    assert "caws_sqs needs the caws runtime, which is not found. Where it is installed under a prefix" \
        in " ".join(done.stderr.split())


@pytest.mark.parametrize("first", ["folder", "package"])
@pytest.mark.parametrize("static", ["ON", "OFF"])
def test_beside_an_installed_service(folder, installation, tmp_path, first, static):
    """Two services in one program, over one runtime, whichever is found first."""
    steps = [f"add_subdirectory({folder}/caws-sqs sqs)", "find_package(caws REQUIRED COMPONENTS logs)"]
    if first == "package":
        steps.reverse()
    (tmp_path / "program.c").write_text(
        "#include <caws/logs.h>\n" + PROGRAM.replace("    caws_client_free", """
    (void)caws_logs_create_export_task(client, &(caws_logs_create_export_task_input){0}, NULL, &error);
    printf("%s\\n", error.message);
    caws_client_free"""))
    (tmp_path / "CMakeLists.txt").write_text("\n".join([
        "cmake_minimum_required(VERSION 3.24)", "project(outside LANGUAGES C)", *steps,
        "add_executable(program program.c)",
        "target_link_libraries(program PRIVATE caws::sqs caws::logs)"]))
    cmake(tmp_path, tmp_path / "build", f"CMAKE_PREFIX_PATH={installation.prefix}",
          f"CAWS_USE_STATIC_LIBS={static}")
    lines = run(tmp_path / "build/program").splitlines()
    assert lines[0] == "InvalidInput: MessageBody: required"
    assert lines[1].startswith("logGroupName: required")


def test_finds_the_runtime_by_pkg_config(folder, installation, tmp_path):
    cmake(folder, tmp_path, "CMAKE_DISABLE_FIND_PACKAGE_caws=ON",
          PKG_CONFIG_PATH=installation.lib / "pkgconfig")
    assert run(tmp_path / "program") == "InvalidInput: MessageBody: required\n"
