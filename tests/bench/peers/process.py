"""A peer's process: told how many calls to make, and looked at from outside.

CPU time is that of the whole process, all threads, as the kernel counts it; memory is what
/proc/PID/status says. So no peer tells its own figures, and all are taken alike."""

import dataclasses
import subprocess
import tempfile
import threading
import time

PATIENCE = 300  # s, for a block of calls
MOST_WARM = 60  # s


class Failed(Exception):
    """A peer that ended, or answered something else than it should."""


@dataclasses.dataclass(frozen=True)
class Spent:
    """Per call, in seconds."""

    cpu: float
    wall: float


class Running:
    """A context manager: the process ends with it."""

    def __init__(self, command, environment):
        self.began = time.monotonic()
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=self._errors)
        # What clock_getcpuclockid(3) gives: all threads of that process.
        self._clock = ~self._process.pid << 3 | 2

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def cpu(self):
        """Seconds, since the process began."""
        return time.clock_gettime(self._clock)

    def kib(self, name):
        """VmRSS: the memory it has; VmHWM: the most it had."""
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(f"{name}:"))

    def calls(self, count):
        """Makes them, and returns the sum that the peer tells."""
        guard = threading.Timer(PATIENCE, self._process.kill)
        guard.start()
        try:
            self._process.stdin.write(b"%d\n" % count)
            self._process.stdin.flush()
            words = self._process.stdout.readline().split()
        except BrokenPipeError:
            words = []
        finally:
            guard.cancel()
        if len(words) != 2 or words[0] != b"done":
            self._errors.seek(0)
            raise Failed(self._errors.read().decode(errors="replace")[-2000:] or "no answer")
        return int(words[1])

    def timed(self, count, each):
        """Of that many calls; each: what the sum has per call."""
        cpu, wall = self.cpu(), time.monotonic()
        total = self.calls(count)
        wall, cpu = time.monotonic() - wall, self.cpu() - cpu
        if total != count * each:
            raise Failed(f"{count} calls gave {total} instead of {count * each}")
        return Spent(cpu / count, wall / count)

    def warm(self, count, seconds, each):
        """At least that many calls, and more until the process has had that much CPU time, or some
        time has passed. Returns the seconds of wall time that a call takes."""
        end = time.monotonic() + MOST_WARM
        wall = self.timed(count, each).wall
        while self.cpu() < seconds and time.monotonic() < end:
            wall = min(wall, self.timed(max(1, int(0.3 / wall)), each).wall)
        return wall
