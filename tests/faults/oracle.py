"""What botocore does at the same servers: whether it sends a request again is a second opinion."""

import concurrent.futures
import contextlib
import logging
import threading

import botocore.config
import botocore.exceptions
import botocore.session

import lying_server

JOBS = 16
MOST_SECONDS = 20  # of one that waits for bytes without end, which the server closes then
NOT_ASKED = "-"


def is_askable(fault):
    """Not about what has no end but a deadline of the whole call, which botocore lacks."""
    return (fault.kind in ("call", "large") and fault.botocore != NOT_ASKED
            and fault.only != "reused" and not getattr(fault.act, "endless", False))


class Sandbox:
    """A session that knows no files and no proxies of this machine's user."""

    def __init__(self):
        self._lock = threading.Lock()
        self._session = botocore.session.Session()
        self._session.set_credentials("AKIDTEST", "secret")
        logging.getLogger("botocore").setLevel(logging.CRITICAL)

    def client(self, url, fault, ca_file):
        seconds = min(fault.timeout_ms / 1000, MOST_SECONDS)
        config = botocore.config.Config(
            connect_timeout=seconds, read_timeout=seconds, proxies={},
            retries={"mode": "standard", "total_max_attempts": fault.attempts})
        with self._lock:  # sessions are not for several threads
            return self._session.create_client(
                "logs", region_name="us-east-1", endpoint_url=url, verify=ca_file, config=config)


def ask_one(sandbox, fault, secure):
    """Returns how often it sent the request, and the name of its error or OK."""
    sent = []
    with contextlib.ExitStack() as stack:
        elsewhere = lying_server.LyingServer(lying_server.HONEST)
        stack.callback(elsewhere.close)
        server = lying_server.LyingServer(fault, secure.context(fault.secure), lying=True)
        stack.callback(server.close)
        server.elsewhere, server.secure = elsewhere.port, secure
        client = sandbox.client(server.url, fault, secure.ca_file if fault.secure else None)
        stack.callback(client.close)
        client.meta.events.register("before-send", lambda **more: sent.append(1))
        timer = threading.Timer(MOST_SECONDS, server.repent)
        timer.start()
        stack.callback(timer.cancel)
        try:
            call(client, fault.kind)
            outcome = "OK"
        except botocore.exceptions.ClientError as error:
            outcome = error.response["Error"]["Code"]
        except Exception as error:  # noqa: BLE001 - some are urllib3's and json's own
            outcome = type(error).__name__
        return len(sent), outcome


def call(client, kind):
    if kind == "large":
        client.put_log_events(
            logGroupName="/caws/group", logStreamName="judged",
            logEvents=[{"timestamp": 1441490400000, "message": "x" * 300 * 1024}] * 3)
    else:
        client.create_export_task(
            logGroupName="/caws/group", fromTime=1441490400000, to=1441494000000,
            destination="bucket", destinationPrefix="judged")


def ask(faults, secure):
    """Returns {id of fault: text for the table}, and the decisions on retries that differ from
    those of the faults without a word about it."""
    sandbox = Sandbox()
    asked = [fault for fault in faults if is_askable(fault)]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        answers = list(pool.map(lambda fault: ask_one(sandbox, fault, secure), asked))
    opinions, quarrels = {}, []
    for fault, (tries, outcome) in zip(asked, answers):
        ours = fault.tries if isinstance(fault.tries, tuple) else (fault.tries,)
        expected = (fault.botocore,) if fault.botocore is not None else ours
        opinions[id(fault)] = f"{outcome} {tries}" + (f" ({fault.why})" if fault.why else "")
        if tries not in expected:
            quarrels.append(f"{fault.point}: {fault.name}: botocore sends {tries} ({outcome}), "
                            f"not {fault.botocore or fault.tries}")
        elif fault.botocore is not None and not fault.why:
            quarrels.append(f"{fault.point}: {fault.name}: differs without a reason")
    return opinions, quarrels
