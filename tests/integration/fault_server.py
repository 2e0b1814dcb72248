"""The engine of an HTTP server that misbehaves on purpose: connections, requests, and what answers
are made of. What it does is in fault_scenarios.py.

The first segment of the path names a scenario: a client whose endpoint URL is URL/html-500 gets an
HTML page with status 500 for every call. The second segment, where there is one, is an argument:
URL/task-status/FAILED.

It is written on plain sockets, because an HTTP library would not send most of this.
"""

import contextlib
import json
import socket
import ssl
import struct
import threading
import urllib.parse

REQUEST_ID = "00000000-0000-4000-8000-000000000001"
MAX_CONNECTIONS = 64
MAX_HEAD = 256 * 1024
MAX_BODY = 128 * 1024 * 1024
IDLE_SECONDS = 30  # how long a connection may be silent


class Request:
    def __init__(self, method, target, headers, body, connection):
        self.method = method
        self.target = target
        self.headers = headers  # list of (name, value), as received
        self.body = body
        self.connection = connection  # number of the connection, from 1
        segments = [urllib.parse.unquote(s) for s in target.split("?")[0].split("/") if s]
        self.scenario = segments[0] if segments else "ok"
        self.argument = segments[1] if len(segments) > 1 else ""

    def header(self, name):
        return next((v for n, v in self.headers if n.lower() == name), "")


class FaultServer:
    """Listens on a free loopback port until close(), with a thread a connection.

    scenarios: functions of (server, connection, request) by name, which answer a request and return
    CLOSE for the connection to be closed."""

    def __init__(self, scenarios, tls_context=None):
        self._scenarios = scenarios
        self._tls_context = tls_context
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._sockets = set()
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._connections = 0
        self._seen = {}  # (scenario, argument) -> what it counts
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=MAX_CONNECTIONS)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls_context else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self):
        self._stopping.set()
        # Closing a socket does not wake a thread that waits in it; shutting it down does.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._sockets:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def wait(self, seconds):
        """Sleeps, but not beyond close()."""
        self._stopping.wait(seconds)

    def count(self, request, value=None):
        """Adds value (default: a new one) to the scenario's set and returns the set's size."""
        with self._lock:
            seen = self._seen.setdefault((request.scenario, request.argument), set())
            seen.add(len(seen) if value is None else value)
            return len(seen)

    def _accept(self):
        while not self._stopping.is_set():
            self._slots.acquire()
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections += 1
            threading.Thread(
                target=self._serve, args=(connection, self._connections), daemon=True
            ).start()

    def _serve(self, connection, number):
        with self._lock:
            self._sockets.add(connection)
        plain = connection
        try:
            connection.settimeout(IDLE_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls_context:
                connection = self._tls_context.wrap_socket(connection, server_side=True)
                with self._lock:
                    self._sockets.discard(plain)
                    self._sockets.add(connection)
            with connection.makefile("rb") as reader:
                while not self._stopping.is_set():
                    request = read_request(reader, connection, number)
                    if request is None:
                        break
                    scenario = self._scenarios.get(request.scenario, unknown_scenario)
                    if scenario(self, connection, request) is CLOSE:
                        break
        except (OSError, ValueError):
            pass  # the client went away, as many of the tests want, or does not speak HTTP
        finally:
            with self._lock:
                self._sockets.discard(plain)
                self._sockets.discard(connection)
            connection.close()
            self._slots.release()


def read_request(reader, connection, number):
    """Returns the next request of a connection, or None at its end."""
    line = reader.readline(MAX_HEAD)
    if not line.strip():
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = []
    size = len(line)
    while (line := reader.readline(MAX_HEAD)) not in (b"\r\n", b""):
        size += len(line)
        if size > MAX_HEAD:
            raise ValueError("request head too large")
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name, value.strip()))
    request = Request(method, target, headers, b"", number)
    length = int(request.header("content-length") or 0)
    if not 0 <= length <= MAX_BODY or request.header("transfer-encoding"):
        raise ValueError("cannot read this body")
    if request.header("expect").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.body = reader.read(length)
    return request if len(request.body) == length else None


# --- answers ------------------------------------------------------------------------------------

CLOSE = object()  # what a scenario returns for the connection to be closed


def head(status, headers=(), length=None):
    reasons = {200: "OK", 307: "Temporary Redirect", 400: "Bad Request", 403: "Forbidden"}
    lines = [f"HTTP/1.1 {status} {reasons.get(status, 'Whatever')}"]
    named = {name.lower() for name, _ in headers}
    if "content-type" not in named:
        lines.append("Content-Type: application/x-amz-json-1.1")
    if "x-amzn-requestid" not in named:
        lines.append(f"x-amzn-RequestId: {REQUEST_ID}")
    if length is not None:
        lines.append(f"Content-Length: {length}")
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def encoded(body):
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def answer(status, body, *headers):
    """The scenario that always gives this answer. A body that is no bytes is sent as JSON."""
    data = encoded(body)
    message = head(status, headers, len(data)) + data
    return lambda server, connection, request: connection.sendall(message)


def computed(function):
    """The scenario whose answer is function(server, request): (status, body) or body."""

    def scenario(server, connection, request):
        result = function(server, request)
        status, body = result if isinstance(result, tuple) else (200, result)
        answer(status, body)(server, connection, request)

    return scenario


def raw(message):
    """The scenario that sends these bytes and closes."""

    def scenario(server, connection, request):
        connection.sendall(message)
        return CLOSE

    return scenario


unknown_scenario = answer(404, b"no such scenario\n", ("Content-Type", "text/plain"))


def reset(server, connection, request):
    # A close with zero linger time sends RST instead of FIN.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return CLOSE


def close(server, connection, request):
    return CLOSE


def tls_context(certificate_file, key_file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return context
