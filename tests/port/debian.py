"""Debian's packages of other architectures, and its sources, without touching the system's own packages:
an apt-get that has all its files in one folder."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MIRROR = "http://deb.debian.org/debian"


def mirror() -> tuple[str, str]:
    """Where the system takes its Debian packages from, and which release."""
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "bookworm")
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages",
         "Origin: Debian"], text=True, capture_output=True, check=False).stdout
    for line in listed.splitlines():
        address, name = line.split()
        if name == release:
            return address, release
    return MIRROR, release


class Apt:
    """apt-get for one architecture, which knows of no installed package."""

    def __init__(self, folder: Path, architecture: str, kind: str = "deb"):
        self.folder = folder
        for name in "lists", "archives":
            (folder / name / "partial").mkdir(parents=True, exist_ok=True)
        (folder / "status").touch()
        address, release = mirror()
        options = [f"arch={architecture}"] if kind == "deb" else []
        if KEYRING.exists():
            options.append(f"signed-by={KEYRING}")
        (folder / "sources.list").write_text(f"{kind} [{' '.join(options)}] {address} {release} main\n")
        self.options = [
            f"APT::Architecture={architecture}", f"APT::Architectures::={architecture}",
            "APT::Sandbox::User=root", "Acquire::Languages=none", "Acquire::Retries=3",
            f"Dir::State={folder}", f"Dir::State::status={folder}/status", f"Dir::Cache={folder}",
            f"Dir::Etc::sourcelist={folder}/sources.list", "Dir::Etc::sourceparts=/dev/null"]

    def run(self, *arguments, cwd=None):
        options = [word for option in self.options for word in ("-o", option)]
        subprocess.run(["apt-get", "-q", *options, *arguments], cwd=cwd, check=True)


def unpack(folder: Path, architecture: str, packages: list[str]) -> None:
    """Makes folder/root of the packages and all that they depend on. No script of theirs is run."""
    root, stamp = folder / "root", folder / "root.stamp"
    wanted = " ".join([architecture, *packages])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    apt = Apt(folder / "apt", architecture)
    apt.run("update")
    apt.run("install", "--yes", "--no-install-recommends", "--download-only", *packages)
    stamp.unlink(missing_ok=True)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for package in sorted((folder / "apt" / "archives").glob("*.deb")):
        subprocess.run(["dpkg", "-x", package, root], check=True)
    keep_links_inside(root)
    stamp.write_text(wanted)


def keep_links_inside(root: Path) -> None:
    """Absolute links of the packages would lead out of the root."""
    for folder, folders, files in os.walk(root):
        for link in (Path(folder, name) for name in folders + files):
            if link.is_symlink() and os.path.isabs(target := os.readlink(link)):
                link.unlink()
                link.symlink_to(os.path.relpath(f"{root}{target}", folder))


def sources(folder: Path, names: list[str]) -> dict[str, Path]:
    """Debian's sources, with its patches, in folder/source; one folder a name."""
    place = folder / "source"
    place.mkdir(parents=True, exist_ok=True)
    found = {name: find_source(place, name) for name in names}
    if not all(found.values()):
        apt = Apt(folder / "apt", platform_architecture(), "deb-src")
        apt.run("update")
        apt.run("source", "--download-only", *(name for name in names if not found[name]), cwd=place)
        for name in names:
            if not found[name]:
                description = next(place.glob(f"{name}_*.dsc"))
                subprocess.run(["dpkg-source", "--no-check", "-x", description.name], cwd=place,
                               check=True)
                found[name] = find_source(place, name)
    return found


def find_source(place: Path, name: str) -> Path | None:
    return next((path for path in place.glob(f"{name}-*") if path.is_dir()), None)


def platform_architecture() -> str:
    return subprocess.run(["dpkg", "--print-architecture"], text=True, capture_output=True,
                          check=True).stdout.strip()
