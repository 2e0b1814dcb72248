"""What a fault is, and what faults are made of."""

import dataclasses
import typing

from lying_server import CLOSE, HOLD, KEEP, RESET, answer_honestly, head, honest_answer

OK, CONNECTION, TIMEOUT, TLS = "OK", "ConnectionFailed", "Timeout", "TlsFailed"
EMPTY, TRUNCATED, MALFORMED = "EmptyResponse", "TruncatedResponse", "MalformedResponse"
TOO_LARGE, CREDENTIALS, HTTP = "ResponseTooLarge", "NoCredentials", "HttpError"
MEMORY = "OutOfMemory"

STALL_MS = 1000  # the time-outs of cells whose server is silent
STALL_DEADLINE_MS = 6000
SOON_MS = 700  # the deadline of calls that are to end by it
LONGEST_SOON_MS = 1500
PATIENT_MS = 30000  # those of the others, which must not matter


class Pace:
    """How much more time all clocks give: 1, and more where programs are slow."""

    factor = 1


pace = Pace()


def honest(connection):
    return KEEP if answer_honestly(connection) else CLOSE


@dataclasses.dataclass
class Fault:
    """One way to lie, and what has to come of it. A call may be sent twice (max_attempts is 2), and
    the fault lasts."""

    point: str  # of the exchange: the table's sections
    name: str
    act: typing.Callable = honest  # answers a request, of which nothing is read yet
    accept: typing.Callable = None  # is given a new connection, in place of a handshake
    idle: typing.Callable = None  # is given the idle connection, in the column "reused"
    refuses: bool = False  # connections
    fresh: bool = False  # a fault of new connections: "reused" is the second connection then
    kind: str = "call"  # what is called: call (CreateExportTask), large, stream; imds, container
    secure: str = None  # the TLS context of the honest server
    honest: typing.Callable = None  # in place of an answer to calls

    status: typing.Any = OK  # or the possible ones, where the kernel decides
    code: str = None  # of the error; an HTTP status without an error code is one
    tries: int = 1  # requests that the client counts; 2: it retries
    full: typing.Any = None  # requests that the server gets whole; None: as many as tries
    answer: str = "judged"  # what it calls itself, where all is well; None: not looked at
    http: typing.Any = None  # the HTTP status that the error tells; None: not looked at
    botocore: typing.Any = None  # its tries, where they are others; "-": not asked
    why: str = ""  # then
    stall: bool = False  # the server is silent: short time-outs
    deadline_ms: int = None  # of the call, instead of time-outs
    attempts: int = 2  # max_attempts
    most_bytes: int = 1 << 20  # max_response_bytes
    reused: dict = dataclasses.field(default_factory=dict)  # what is different there
    only: str = None  # the one column that makes sense

    def at(self, column):
        """The fault as that column has it."""
        changes = self.reused if column == "reused" else {}
        return dataclasses.replace(self, **changes)

    @property
    def statuses(self):
        return self.status if isinstance(self.status, tuple) else (self.status,)

    @property
    def is_timed(self):
        """Whether what comes of it is a matter of time."""
        return self.stall or self.deadline_ms is not None

    @property
    def timeout_ms(self):
        return STALL_MS * pace.factor if self.stall else PATIENT_MS

    @property
    def call_deadline_ms(self):
        """A short one never becomes longer than the time-outs of those who give credentials."""
        if self.deadline_ms is not None:
            return max(self.deadline_ms, min(self.deadline_ms * pace.factor, LONGEST_SOON_MS))
        return STALL_DEADLINE_MS * pace.factor if self.stall else PATIENT_MS


def says(data, then=KEEP):
    """Reads the request and answers with data: bytes, or what makes them of the request."""

    def act(connection):
        request = connection.read_request()
        if request is None:
            return CLOSE
        connection.send(data(request) if callable(data) else data)
        return then

    return act


def ends(how):
    """Reads nothing and says nothing."""
    return lambda connection: how


def repeats(first, block, then=CLOSE, pause=0, most=256 << 20):
    """Reads the request, says first, and then block until the client has enough of it."""

    def act(connection):
        if connection.read_request() is None:
            return CLOSE
        connection.send(first)
        sent = 0
        while sent < most and (not pause or connection.wait(pause)):
            connection.send(block)
            sent += len(block)
        return then

    act.endless = True
    return act


def good(*headers):
    """The right answer, with more headers."""
    return lambda request: honest_answer(request, *headers)


def split(request, *headers):
    """Head and body of the right answer."""
    before, _, body = honest_answer(request, *headers).partition(b"\r\n\r\n")
    return before + b"\r\n\r\n", body


def bare(*headers, status=200):
    """A head that says nothing of its body's length."""
    return head(status, *headers)


def with_body(change, *headers):
    """The right body, which change makes what is sent, under a head without its length."""

    def data(request):
        return bare(*headers) + change(split(request)[1])

    return data


__all__ = [
    "CLOSE", "CONNECTION", "CREDENTIALS", "EMPTY", "Fault", "HOLD", "HTTP", "KEEP", "MALFORMED",
    "MEMORY", "OK", "RESET", "SOON_MS", "TIMEOUT", "TLS", "TOO_LARGE", "TRUNCATED", "bare",
    "ends", "good", "head", "honest", "repeats", "says", "split", "with_body",
]
