"""The retry policy does what the SDKs' published cases say, and its rate limiter what botocore's
does."""

import os
import pathlib
import random
import shutil
import subprocess

import botocore.retries.adaptive
import botocore.retries.bucket
import botocore.retries.throttling
import cffi
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VECTORS = pathlib.Path(os.environ.get("CAWS_VECTORS", ROOT / "../shared/vectors"))
CASES = VECTORS / "retry/standard.yaml"
CASE_COUNT = 19  # that the file had when this was written

VERDICTS = ["retry_request", "fail_request", "max_attempts_exceeded", "retry_quota_exceeded"]
FULL_JITTER = 2**32 - 1  # what the cases call exponential_base 1

DECLARATIONS = """
void *driver_new(int adaptive, int max_attempts, int long_polling, int tokens, int max_delay_ms,
                 long long now_ms);
void driver_free(void *d);
int driver_tokens(void *d);
double driver_rate(void *d);
void *driver_call(void *d);
void driver_call_free(void *call);
int driver_success(void *d, void *call, long long now_ms);
int driver_failure(void *d, void *call, int http_status, const char *code, const char *retry_after,
                   unsigned random, long long now_ms, long long *delay_ms);
long long driver_wait(void *d, long long now_ms);
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    if shutil.which("cc") is None:
        pytest.skip("no C compiler")
    path = tmp_path_factory.mktemp("retry") / "retry.so"
    sources = ["tests/integration/retry_driver.c"] + [
        f"runtime/src/{name}.c" for name in ("retry", "rate_limit", "classify")]
    subprocess.run(
        ["cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-fPIC",
         "-shared", "-O1", "-I", "runtime/include", "-I", "runtime/src", "-o", path, *sources,
         "-pthread", "-lm"], check=True, cwd=ROOT)
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    return ffi, ffi.dlopen(str(path))


class Retries:
    """A client's retry policy."""

    def __init__(self, library, adaptive=False, max_attempts=0, long_polling=False, tokens=500,
                 max_delay=0, now=0):
        self.ffi, self.lib = library
        self.driver = self.ffi.gc(
            self.lib.driver_new(adaptive, max_attempts, long_polling, tokens,
                                round(max_delay * 1000), now),
            self.lib.driver_free)
        assert self.driver != self.ffi.NULL

    def call(self):
        return self.ffi.gc(self.lib.driver_call(self.driver), self.lib.driver_call_free)

    def answer(self, call, status, code="", retry_after=None, now=0):
        """Returns the outcome, and the delay in seconds."""
        if status < 300:
            self.lib.driver_success(self.driver, call, now)
            return "success", 0
        delay = self.ffi.new("long long *")
        header = self.ffi.NULL if retry_after is None else self.ffi.new(
            "char[]", retry_after.encode())
        verdict = self.lib.driver_failure(
            self.driver, call, status, self.ffi.new("char[]", code.encode()), header, FULL_JITTER,
            now, delay)
        return VERDICTS[verdict], delay[0] / 1000

    @property
    def tokens(self):
        return self.lib.driver_tokens(self.driver)


def load_cases():
    """Each document has its name in the comment before it."""
    yaml = pytest.importorskip("yaml")
    for text in CASES.read_text().split("\n---\n"):
        name = next(line[1:].strip() for line in text.splitlines() if line.startswith("#"))
        yield name, yaml.safe_load(text)


def step(retries, call, response, expected):
    response = dict(response)
    headers = response.pop("headers", {})
    status, code = response.pop("status_code"), response.pop("error_code", "")
    assert not response and set(headers) <= {"x-amz-retry-after"}, "a case of a new kind"
    outcome, delay = retries.answer(call, status, code, headers.get("x-amz-retry-after"))
    expected = dict(expected)
    assert outcome == expected.pop("outcome")
    if "retry_quota" in expected:
        assert retries.tokens == expected.pop("retry_quota")
    # Where a case does not say otherwise a call that is over is over at once.
    if "delay" in expected:
        assert delay == pytest.approx(expected.pop("delay"))
    elif outcome != "retry_request":
        assert delay == 0
    assert not expected, "a case of a new kind"
    return outcome


def make(library, given):
    given = dict(given)
    assert given.pop("exponential_base") == 1
    given.pop("service", None)
    retries = Retries(library, max_attempts=given.pop("max_attempts", 0),
                      long_polling=given.pop("long_polling", False),
                      tokens=given.pop("initial_retry_tokens", 500),
                      max_delay=given.pop("max_backoff_time", 0))
    assert not given, "a case of a new kind"
    return retries


def run_calls(retries, steps):
    call = retries.call()
    for each in steps:
        if step(retries, call, each["response"], each["expected"]) != "retry_request":
            call = retries.call()


def find_order(threads, tokens):
    """The threads' numbers in an order in which each step leaves the quota that it says; None if
    there is no such order."""
    if not any(threads):
        return []
    for number, steps in enumerate(threads):
        if not steps:
            continue
        change = 14 if steps[0]["response"]["status_code"] == 200 else -14
        if steps[0]["expected"]["retry_quota"] == tokens + change:
            rest = threads[:number] + [steps[1:]] + threads[number + 1:]
            order = find_order(rest, tokens + change)
            if order is not None:
                return [number] + order
    return None


def run_interleaved(retries, threads):
    calls = [retries.call() for _ in threads]
    steps = [iter(steps) for steps in threads]
    order = find_order(threads, retries.tokens)
    assert order is not None
    for number in order:
        each = next(steps[number])
        step(retries, calls[number], each["response"], each["expected"])


@pytest.mark.skipif(not CASES.exists(), reason=f"no retry cases in {CASES}")
def test_published_cases(library):
    names = []
    for name, case in load_cases():
        names.append(name)
        retries = make(library, case["given"])
        if "threads" in case:
            run_interleaved(retries, case["threads"])
            assert retries.tokens == case["expected_final_quota"]
        else:
            run_calls(retries, case["responses"])
    assert len(names) >= CASE_COUNT, names


class Clock:
    def __init__(self, now_ms):
        self.now_ms = now_ms

    def current_time(self):
        return self.now_ms / 1000

    def sleep(self, amount):
        raise AssertionError("the limiter is not to sleep here")


class BotocoreLimiter:
    """botocore's rate limiter, as its register_retry_handler puts it together."""

    def __init__(self, now_ms):
        self.clock = Clock(now_ms)
        self.throttled = False
        self.bucket = botocore.retries.bucket.TokenBucket(max_rate=1, clock=self.clock)
        self.limiter = botocore.retries.adaptive.ClientRateLimiter(
            rate_adjustor=botocore.retries.throttling.CubicCalculator(
                starting_max_rate=0, start_time=self.clock.current_time()),
            rate_clocker=botocore.retries.adaptive.RateClocker(self.clock),
            token_bucket=self.bucket, throttling_detector=self, clock=self.clock)

    def is_throttling_error(self, **kwargs):
        return self.throttled

    def answer(self, now_ms, throttled):
        self.clock.now_ms, self.throttled = now_ms, throttled
        self.limiter.on_receiving_response()

    def wait_ms(self, now_ms):
        """How long the next request would wait; takes nothing."""
        self.clock.now_ms = now_ms
        if not self.limiter._enabled:
            return 0
        self.bucket._refill()
        return max(0, self.bucket._sleep_amount(1)) * 1000


@pytest.mark.parametrize("seed", range(20))
def test_rate_limiter_is_botocores(library, seed):
    chooser = random.Random(seed)
    now = chooser.randrange(1000, 10**9)
    retries, other = Retries(library, adaptive=True, now=now), BotocoreLimiter(now)
    waits = 0
    for _ in range(2000):
        pace = chooser.choice([1, 5, 50, 400, 400, 3000])
        now += chooser.randrange(pace)
        expected = other.wait_ms(now)
        if expected < 2000:  # botocore has no queue: a request waits, then is sent alone
            wait = retries.lib.driver_wait(retries.driver, now)
            assert abs(wait - expected) <= 1.001
            waits += wait > 0
            now += wait
            other.clock.now_ms = now
            if other.limiter._enabled:
                other.bucket._refill()
                other.bucket._current_capacity -= 1
        now += chooser.randrange(20)
        throttled = chooser.random() < 0.02
        if throttled:
            retries.answer(retries.call(), 400, "Throttling", now=now)
        else:
            retries.answer(retries.call(), 200, now=now)
        other.answer(now, throttled)
        assert retries.lib.driver_rate(retries.driver) == pytest.approx(
            other.bucket.max_rate, rel=1e-6)
    assert waits > 10
