"""A server for one cell of the table: honest at first, then it lies, then it is honest again.

The runner tells it when (lie, repent); what it does while it lies is a Fault's matter. Every
request that came in full is kept, so that a call which was sent twice is seen.
"""

import contextlib
import json
import pathlib
import select
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import fault_server  # noqa: E402
from event_frames import CONTENT_TYPE, event  # noqa: E402

MOST_SECONDS = 40  # that a connection lives; more than any cell
EXPIRED_KEY = "AKIDFIRST"
KEEP, CLOSE, RESET, HOLD = "keep", "close", "reset", "hold"


class Connection:
    """One connection, as a fault sees it. Its socket is TLS's own after a handshake."""

    def __init__(self, server, plain, number):
        self.server = server
        self.plain = plain
        self.socket = plain
        self.number = number  # from 1
        self.reader = None
        self.idle_since_lie = None  # an event that is waited for
        plain.settimeout(MOST_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handshake(self, context=None):
        """Does nothing if the server is plain and no context is given."""
        context = context or self.server.tls
        if context is not None:
            # Not with wrap_socket: the plain one is still needed, for garbage and resets.
            self.socket = context.wrap_socket(
                self.plain.dup(), server_side=True, suppress_ragged_eofs=True)
        self.reader = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data)

    def read_request(self):
        """The next request, which is noted down; None: there was no whole one."""
        request = fault_server.read_request(self.reader, self.socket, self.number)
        if request is not None:
            self.server.note(request)
        return request

    def read_some(self, length):
        """So many bytes of what is there and comes, or fewer at the end."""
        return self.reader.read(length)

    def wait(self, seconds):
        """Returns False when the client has gone away, or the lie is over."""
        return not self.server.over.wait(seconds) and not self._is_gone(0)

    def hold(self):
        """Says and reads nothing until the client goes away or the lie is over."""
        while not self._is_gone(0.03) and not self.server.over.is_set():
            pass

    def end(self, how):
        """One of the four words; KEEP returns True."""
        if how == HOLD:
            self.hold()
        if how == RESET:
            # A close with zero linger time sends RST instead of FIN.
            self.plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return how == KEEP

    def has_come(self):
        """Waits for a request's first byte; False: there will be none."""
        idle = self.server.fault.idle
        poll = select.poll()
        poll.register(self.plain, select.POLLIN)
        while not self.server.stopping.is_set():
            if poll.poll(200 if idle is None else 10):
                with contextlib.suppress(OSError):
                    return self.plain.recv(1, socket.MSG_PEEK) != b""
                return False
            if self.idle_since_lie:
                self.idle_since_lie.set()
                self.idle_since_lie = None
                if not self.end(idle(self)):
                    return False
        return False

    def _is_gone(self, seconds):
        poll = select.poll()
        poll.register(self.plain, select.POLLRDHUP)
        return bool(poll.poll(int(seconds * 1000)))

    def close(self):
        for one in (self.reader, self.socket, self.plain):
            if one is not None:
                with contextlib.suppress(OSError, ValueError):
                    one.close()


class LyingServer:
    """Listens on a free loopback port until close(), with a thread a connection."""

    def __init__(self, fault, tls=None, lying=False, once=False):
        self.fault = fault
        self.tls = tls
        self.stopping = threading.Event()
        self.over = threading.Event()  # the lie
        self.expires = False  # whether EXPIRED_KEY is refused
        self.lying = lying
        self._once = once  # an honest answer ends its connection
        self._lock = threading.Lock()
        self._requests = []
        self._lies = []
        self._threads = []
        self._open = {}
        self._count = 0
        # Bound and never listening: keeps the port while the server refuses connections.
        self._anchor = self._bind(0)
        self.port = self._anchor.getsockname()[1]
        self._listener = None
        if not (lying and fault.refuses):
            self._listen()

    @property
    def url(self):
        return f"{'https' if self.tls or self.fault.secure else 'http'}://127.0.0.1:{self.port}"

    def lie(self):
        self.lying = True
        if self.fault.refuses and self._listener is not None:
            self._stop_listening()
        with self._lock:
            idle = list(self._open.values())
        if self.fault.idle is None:
            return
        done = [threading.Event() for _ in idle]
        for connection, event_ in zip(idle, done):
            connection.idle_since_lie = event_
        for event_ in done:
            event_.wait(5)
        time.sleep(0.03)  # until the client's kernel has it

    def repent(self):
        """Connections on which something still waits are closed."""
        self.lying = False
        self.over.set()
        time.sleep(0.06)  # until they are
        if self._listener is None:
            self._listen()

    def close(self):
        self.stopping.set()
        self.over.set()
        if self._listener is not None:
            self._stop_listening()
        self._anchor.close()
        for connection in list(self._open.values()):
            with contextlib.suppress(OSError):
                connection.plain.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def note(self, request):
        with self._lock:
            self._requests.append((self.lying, request))

    def requests(self, lying):
        with self._lock:
            return [request for lied, request in self._requests if lied == lying]

    def lied_on(self):
        """The numbers of the connections that met with a lie, in order."""
        with self._lock:
            return list(self._lies)

    def settle(self):
        """Waits until what clients have sent before they closed has been read: connections end
        then, but for those that are kept."""
        until = time.monotonic() + 0.2
        for thread in list(self._threads):
            thread.join(max(0, until - time.monotonic()))

    def _bind(self, port):
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind(("127.0.0.1", port))
        return one

    def _listen(self):
        self._listener = self._bind(self.port)
        self._listener.listen(64)
        thread = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        thread.start()

    def _stop_listening(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._listener = None

    def _accept(self, listener):
        while not self.stopping.is_set():
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._count += 1
                connection = Connection(self, plain, self._count)
                self._open[self._count] = connection
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                thread.start()
                self._threads.append(thread)

    def _serve(self, connection):
        try:
            self._talk(connection)
        except (OSError, ValueError):
            pass  # the client went away, as most faults make it
        finally:
            with self._lock:
                self._open.pop(connection.number, None)
            connection.close()

    def _note_lie(self, connection):
        with self._lock:
            if connection.number not in self._lies:
                self._lies.append(connection.number)

    def _talk(self, connection):
        if self.lying and self.fault.accept is not None:
            self._note_lie(connection)
            if not connection.end(self.fault.accept(connection)):
                return
        else:
            connection.handshake()
        more = True
        while more and connection.has_come():
            if self.lying:
                self._note_lie(connection)
                more = connection.end(self.fault.act(connection))
            else:
                more = answer_honestly(connection, self._once)


def call_of(request):
    """What the client called it: warm, judged, after."""
    body = json.loads(request.body or b"{}")
    if "logEvents" in body:
        return body["logStreamName"]
    return body.get("destinationPrefix") or body.get("logEventFilterPattern")


def head(status=200, *headers, length=None):
    return fault_server.head(status, headers, length)


def honest_answer(request, *headers):
    """The bytes; the client finds in them what it called the request."""
    name = call_of(request)
    if request.header("x-amz-target").endswith("StartLiveTail"):
        body = event("initial-response") + event("sessionStart", {"sessionId": name})
        headers = (("Content-Type", CONTENT_TYPE), *headers)
    else:
        body = json.dumps({"taskId": name, "nextSequenceToken": name}).encode()
    return head(200, *headers, length=len(body)) + body


def answer_honestly(connection, once=False):
    request = connection.read_request()
    if request is None:
        return False
    more = connection.server.fault.honest
    if connection.server.expires and EXPIRED_KEY in request.header("authorization"):
        connection.send(head(400, ("x-amzn-errortype", "ExpiredTokenException"), length=0))
        return True
    if more is not None:  # a server of credentials
        connection.send(more(connection.server, request))
    else:
        connection.send(honest_answer(request, *[("Connection", "close")] * once))
    return not once


class _Honest:
    """What a server needs to know that never lies."""

    accept = idle = honest = secure = None
    refuses = fresh = False


HONEST = _Honest()
