"""What is measured: each row runs a peer once and tells figures, metric -> value."""

import dataclasses
import os
import pathlib
import time

from place import FLIGHT, TASK_ID
from process import Running

WARM_CALLS = 10_000
ANSWER_BYTES = len('{"taskId":""}') + len(TASK_ID)


@dataclasses.dataclass(frozen=True)
class Metric:
    title: str
    unit: str
    scale: float = 1  # from the unit of what rows tell
    more_is_better: bool = False
    sdk_only: bool = False  # means nothing for what neither writes nor reads JSON
    ranked: bool = True


MICRO, MILLI, KILO, MEBI = 1e6, 1e3, 1e-3, 1 / 2**20
METRICS = {
    "calls.cpu": Metric("CreateExportTask, CPU per call", "µs", MICRO),
    "calls.wall": Metric("CreateExportTask, wall time per call", "µs", MICRO),
    "tls.cpu": Metric("the same over TLS, CPU per call", "µs", MICRO),
    "tls.wall": Metric("the same over TLS, wall time per call", "µs", MICRO),
    "flight.core": Metric(f"{FLIGHT} calls in flight, calls per second of CPU", "1000/s", KILO,
                          True),
    "flight.rate": Metric(f"{FLIGHT} calls in flight, calls per second", "1000/s", KILO, True),
    "encode.cpu": Metric("PutLogEvents of 10,000 events, CPU per call", "ms", MILLI, sdk_only=True),
    "decode.cpu": Metric("GetLogEvents, a page of 1 MB, CPU per call", "ms", MILLI, sdk_only=True),
    "start.wall": Metric("a fresh process to its first answer, wall time", "ms", MILLI),
    "start.cpu": Metric("a fresh process to its first answer, CPU", "ms", MILLI),
    "start.peak": Metric("a fresh process to its first answer, most memory", "MiB", MEBI),
    "calls.memory": Metric("memory after 10,000 calls", "MiB", MEBI),
    "size.program": Metric("size of the program", "MiB", MEBI, ranked=False),
    "size.carried": Metric("size of program and libraries", "MiB", MEBI, ranked=False),
    "size.runtime": Metric("size of program, libraries, runtime", "MiB", MEBI),
    "build.wall": Metric("a clean build", "s"),
}
# How many more processes than runs a row is worth.
PROCESSES = {"start": 4}


class Bench:
    """seconds: how long a block of calls lasts that is measured, about."""

    def __init__(self, place, seconds):
        self.place = place
        self.seconds = seconds

    def _running(self, peer, kind, path="", tls=False):
        place = self.place
        url = (place.tls_url if tls else place.url) + path
        return Running([*peer.command(place, tls), kind, url, str(FLIGHT), place.folder],
                       place.tls_environment() if tls else place.environment())

    def _warm_block(self, peer, kind, path, each, tls=False, least=1):
        """Returns what a call took."""
        with self._running(peer, kind, path, tls) as running:
            wall = running.warm(least, peer.warm, each)
            return running.timed(max(2, int(self.seconds / wall)), each)

    def calls(self, peer):
        each = peer.each(task=len(TASK_ID), bytes=ANSWER_BYTES)
        with self._running(peer, "call") as running:
            running.timed(WARM_CALLS, each)
            memory = running.kib("VmRSS") * 1024
            wall = running.warm(1000, peer.warm, each)
            spent = running.timed(max(1000, int(self.seconds / wall)), each)
        return {"calls.cpu": spent.cpu, "calls.wall": spent.wall, "calls.memory": memory}

    def tls(self, peer):
        each = peer.each(task=len(TASK_ID), bytes=ANSWER_BYTES)
        spent = self._warm_block(peer, "call", "", each, tls=True, least=200)
        return {"tls.cpu": spent.cpu, "tls.wall": spent.wall}

    def flight(self, peer):
        each = peer.each(task=len(TASK_ID), bytes=ANSWER_BYTES)
        spent = self._warm_block(peer, "flight", "", each, least=20 * FLIGHT)
        return {"flight.core": 1 / spent.cpu, "flight.rate": 1 / spent.wall}

    def encode(self, peer):
        return {"encode.cpu": self._warm_block(peer, "encode", "put", 1).cpu}

    def decode(self, peer):
        each = peer.each(task=self.place.page_events, bytes=self.place.page_bytes)
        return {"decode.cpu": self._warm_block(peer, "decode", "page", each).cpu}

    def start(self, peer):
        """From before the process is made until its answer is there."""
        each = peer.each(task=len(TASK_ID), bytes=ANSWER_BYTES)
        with self._running(peer, "call") as running:
            running.timed(1, each)
            wall = time.monotonic() - running.began
            return {"start.wall": wall, "start.cpu": running.cpu(),
                    "start.peak": running.kib("VmHWM") * 1024}

    def size(self, peer):
        runtime, _ = peer.runtime()
        program, carried, runtime = map(total, (peer.program(), peer.carried(), runtime))
        return {"size.program": program, "size.carried": program + carried,
                "size.runtime": program + carried + runtime}


def total(paths):
    """Bytes of files, and of all files in folders; what links lead to counts once."""
    files = set()
    for path in paths:
        for name in path.rglob("*") if path.is_dir() else [path]:
            if name.is_file():
                files.add(pathlib.Path(os.path.realpath(name)))
    return sum(file.stat().st_size for file in files)
