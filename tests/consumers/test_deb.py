"""The Debian packages: what is in them, and that they install, serve a program, and go away again.

They are installed by dpkg itself into a root of their own, whose list of installed packages is cut
from the machine's: dependencies are checked in earnest and the machine stays as it is.
"""

import os
import pathlib
import re
import shutil

import pytest

from outside import ROOT, Installation, run
from test_consumers import EXPECTED, HERE, caws_libraries, compile_and_run

BUILD = ROOT / "build/deb"

pytestmark = pytest.mark.skipif(not (shutil.which("dpkg-shlibdeps") and shutil.which("cpack")),
                                reason="not on Debian, or no dpkg-dev")


@pytest.fixture(scope="module")
def packages():
    """Package name -> file, freshly made."""
    for old in BUILD.glob("*.deb"):
        old.unlink()
    run("cmake", "--preset", "deb", "-S", ROOT)
    run("cmake", "--build", BUILD, "--target", "package")
    return {path.name.split("_")[0]: path for path in BUILD.glob("*.deb")}


@pytest.fixture(scope="module")
def runtime(packages):
    return next(name for name in packages if re.fullmatch(r"libcaws\d+", name))


def field(package, name):
    return run("dpkg-deb", "--field", package, name).strip()


def files(package):
    """Paths of files and links."""
    lines = run("dpkg-deb", "--contents", package).splitlines()
    return {line.split()[5].removeprefix(".") for line in lines if not line.startswith("d")}


def test_names(packages, runtime):
    assert set(packages) == {runtime, "libcaws-dev"}


def test_runtime_contents(packages, runtime):
    number = runtime.removeprefix("libcaws")
    version = field(packages[runtime], "Version")
    names = {re.sub(r"^/usr/lib/[^/]+-linux-gnu[^/]*/", "LIB/", name) for name in files(packages[runtime])}
    assert names == {f"/usr/share/doc/{runtime}/copyright"} | {
        f"LIB/{library}.so.{end}" for library in ("libcaws", "libcaws_logs") for end in (number, version)}


def test_runtime_depends(packages, runtime):
    depends = field(packages[runtime], "Depends")
    names = {item.split()[0] for item in depends.split(", ")}
    assert names == {"libc6", "libcjson1", "libcurl4", "libssl3"}
    if "GLIBC_ABI_DT_RELR" in run("readelf", "-V", BUILD / "libcaws.so"):
        assert "libc6 (>= 2.36)" in depends


def test_runtime_tells_other_packages_what_to_depend_on(packages, runtime, tmp_path):
    run("dpkg-deb", "--control", packages[runtime], tmp_path / "control")
    number, version = runtime.removeprefix("libcaws"), field(packages[runtime], "Version")
    assert sorted((tmp_path / "control/shlibs").read_text().splitlines()) == [
        f"{library} {number} {runtime} (>= {version})" for library in ("libcaws", "libcaws_logs")]


def test_development_contents(packages, runtime):
    names = files(packages["libcaws-dev"])
    kinds = {re.sub(r".*(\.[a-z]+|/copyright)$", r"\1", name) for name in names}
    assert kinds == {".h", ".a", ".so", ".pc", ".cmake", "/copyright"}
    assert not names & files(packages[runtime])
    assert field(packages["libcaws-dev"], "Depends").startswith(
        f"{runtime} (= {field(packages[runtime], 'Version')}), libcurl4-openssl-dev")


@pytest.mark.parametrize("package", ["runtime", "development"])
def test_description(packages, runtime, package):
    path = packages[runtime if package == "runtime" else "libcaws-dev"]
    lines = field(path, "Description").splitlines()
    assert lines[0].startswith("AWS client library for C, ")
    assert len(lines) >= 2 and all(re.match(r" \S", line) for line in lines[1:])


def test_nothing_is_writable_or_foreign(packages):
    for path in packages.values():
        for line in run("dpkg-deb", "--contents", path).splitlines():
            mode, owner = line.split()[:2]
            assert owner == "root/root"
            assert mode in ("drwxr-xr-x", "-rw-r--r--", "lrwxrwxrwx"), line


@pytest.fixture(scope="module")
def scratch(packages, tmp_path_factory):
    """dpkg, told to use a root of its own, as a function; and that root."""
    root = tmp_path_factory.mktemp("root")
    for folder in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "etc", "bin"):
        (root / folder).mkdir(parents=True)
    (root / "etc/ld.so.conf").write_text("".join(
        f"{folder}\n" for folder in pathlib.Path("/usr/lib").glob("*-linux-gnu*")))
    wanted = {word.split()[0] for path in packages.values()
              for word in re.split(r"[,|]", field(path, "Depends"))}
    status = [paragraph for paragraph in pathlib.Path("/var/lib/dpkg/status").read_text().split("\n\n")
              if paragraph and paragraph.splitlines()[0].removeprefix("Package: ") in wanted]
    # Their own dependencies are of no concern here.
    kept = [re.sub(r"^(Pre-Depends|Depends|Breaks|Conflicts|Conffiles):.*\n( .*\n)*", "", text + "\n",
                   flags=re.MULTILINE) for text in status]
    (root / "var/lib/dpkg/status").write_text("\n".join(kept) + "\n")
    (root / "var/lib/dpkg/available").touch()

    # The packages' scripts run ldconfig: on that root.
    ldconfig = root / "bin/ldconfig"
    ldconfig.write_text(f'#!/bin/sh\nexec /sbin/ldconfig -r "{root}"\n')
    ldconfig.chmod(0o755)
    as_root = [] if os.geteuid() == 0 else ["fakeroot"]
    if as_root and not shutil.which("fakeroot"):
        pytest.skip("neither root nor fakeroot")

    def dpkg(*arguments):
        return run(*as_root, "dpkg", f"--root={root}", "--force-script-chrootless", *arguments,
                   PATH=f"{root / 'bin'}:/usr/sbin:/sbin:{os.environ['PATH']}")

    return dpkg, root


def test_install_use_and_remove(packages, runtime, scratch, tmp_path):
    dpkg, root = scratch
    dpkg("--install", *packages.values())
    status = dpkg("--status", runtime, "libcaws-dev")
    assert status.count("Status: install ok installed") == 2
    assert b"libcaws_logs.so" in (root / "etc/ld.so.cache").read_bytes()

    installation = Installation(root / "usr")
    shared, static = tmp_path / "shared", tmp_path / "static"
    assert compile_and_run(["cc", "-std=c11"], HERE / "consumer.c", installation, "caws-logs",
                           shared) == EXPECTED
    assert len(caws_libraries(shared)) == 2
    assert compile_and_run(["cc", "-std=c11"], HERE / "consumer.c", installation, "caws-logs-static",
                           static) == EXPECTED
    run("cmake", "-S", HERE / "find_package", "-B", tmp_path / "build",
        f"-DCMAKE_PREFIX_PATH={root / 'usr'}")
    run("cmake", "--build", tmp_path / "build")
    assert run(tmp_path / "build/consumer") == EXPECTED

    dpkg("--purge", "libcaws-dev", runtime)
    assert [path for path in root.rglob("*caws*") if path.exists()] == []


def test_development_needs_its_runtime(packages, scratch):
    dpkg, _ = scratch
    with pytest.raises(pytest.fail.Exception, match="depends on libcaws"):
        dpkg("--install", packages["libcaws-dev"])
    dpkg("--purge", "--force-remove-reinstreq", "libcaws-dev")
