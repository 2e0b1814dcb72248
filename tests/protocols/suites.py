"""AWS's protocol tests, out of the source distribution of botocore.

A suite is a file of groups. A group is a small model (metadata and shapes) with cases of one
operation: `given` is the operation; an input case has `params` and how they are `serialized`, an
output case a `response` and the `result` or `error` that it means.
"""

import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile

HERE = pathlib.Path(__file__).parent
CACHE = HERE.parents[1] / "build" / "cache"
REQUIREMENTS = HERE / "requirements.txt"
NAMES = ("json.json", "json_1_0.json", "json_1_0-query-compatible.json")
SUITES = tuple(f"{kind}/{name}" for kind in ("input", "output") for name in NAMES)
DOWNLOAD_TIMEOUT = 300  # seconds


class Unavailable(Exception):
    """The tests are not here and cannot be fetched."""


@dataclasses.dataclass(frozen=True)
class Group:
    """cases: of one operation, `given`."""

    suite: str
    service: str  # a name for it in C
    description: str
    client_endpoint: str | None
    model: dict  # as a service-2.json
    cases: tuple[dict, ...]

    @property
    def operation(self):
        return next(iter(self.model["operations"]))


@functools.cache
def load() -> tuple[list[Group], str]:
    """The groups; and if there are none, why they cannot be had."""
    try:
        place = distribution()
    except Unavailable as reason:
        return [], f"AWS's protocol tests cannot be fetched: {reason}"
    with tarfile.open(place) as archive:
        top = archive.next().name.split("/")[0]
        files = {
            suite: json.load(archive.extractfile(f"{top}/tests/unit/protocols/{suite}"))
            for suite in SUITES
        }
    return [
        _group(suite, number, data)
        for suite, groups in files.items() for number, data in enumerate(groups)
    ], ""


def _group(suite: str, number: int, data: dict) -> Group:
    operations = {case["given"]["name"]: case["given"] for case in data["cases"]}
    assert len(operations) == 1, (suite, number)
    metadata = {"endpointPrefix": "example", "serviceId": "Example", "signatureVersion": "v4"}
    service = re.sub(r"\W", "_", suite.removesuffix(".json")) + f"_{number}"
    model = {
        "version": "2.0",
        "metadata": metadata | data["metadata"],
        "operations": operations,
        "shapes": data["shapes"],
    }
    return Group(suite, service, data["description"], data.get("clientEndpoint"), model,
                 tuple(data["cases"]))


def distribution() -> pathlib.Path:
    """The source distribution, from the cache or else from the package index."""
    name, version, digest = re.search(
        r"^(\w+)==(\S+).*?--hash=sha256:(\w+)", REQUIREMENTS.read_text(), re.DOTALL | re.MULTILINE
    ).groups()
    place = CACHE / f"{name}-{version}.tar.gz"
    if not _is_right(place, digest):
        place.unlink(missing_ok=True)
        _download(place)
        assert _is_right(place, digest), f"{place} is not what {REQUIREMENTS} says"
    return place


def _is_right(place: pathlib.Path, digest: str) -> bool:
    return place.exists() and hashlib.sha256(place.read_bytes()).hexdigest() == digest


def _download(place: pathlib.Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-input",
        "--disable-pip-version-check", "--retries", "2", "--no-deps", "--no-binary", ":all:",
        "--use-pep517", "--no-build-isolation", "--require-hashes", "--dest", str(CACHE),
        "--requirement", str(REQUIREMENTS),
    ]
    environment = os.environ | {"PYTHONPATH": str(HERE / "metadata_only")}
    try:
        result = subprocess.run(command, env=environment, capture_output=True, text=True,
                                timeout=DOWNLOAD_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"no answer from the package index in {DOWNLOAD_TIMEOUT} s") from None
    if "DO NOT MATCH THE HASHES" in result.stderr:
        raise AssertionError(result.stderr)
    if result.returncode != 0 or not place.exists():
        lines = [line for line in result.stderr.splitlines()
                 if line.startswith(("WARNING: Retrying", "ERROR"))]
        raise Unavailable(f"pip download: {lines[0][:300] if lines else 'failed'}")
