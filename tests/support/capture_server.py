"""An HTTP server that keeps the last request and gives the answer that a test has set."""

import contextlib
import dataclasses
import email.message
import http.server
import threading


@dataclasses.dataclass(frozen=True)
class Request:
    method: str
    target: str  # path and query, as sent
    headers: email.message.Message  # names without regard to case
    body: bytes


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int = 200
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    body: bytes = b"{}"


class CaptureServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), CaptureHandler)
        self.answer = Answer()
        self.last: Request | None = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class CaptureHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer is two writes

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.last = Request(self.command, self.path, self.headers, body)
        answer = self.server.answer
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def capture_server():
    with CaptureServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
