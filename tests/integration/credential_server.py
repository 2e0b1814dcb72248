"""Who gives credentials and who takes them, for test_credentials.c, test_credentials_failures.c and
test_threads.py: a container's credential server, an instance's metadata service, a service whose
answer tells the access key that a request was signed with, and a proxy.

Each listens on a free loopback port of its own and counts connections. A test posts a script to the
control port, which also starts counts, keys and log afresh, and reads the log there:

    POST /script   {'container': {'answers': ['503', 'ok'], 'expires': 3600}, 'service': {...}}
    GET /log       a line for each request, then a line of all counts

For each kind of server ("container", "imds", "service", "proxy"):

    answers   what to answer with, request by request:
              "ok", "stall" (nothing until the next script), "reset", "huge" (100,000 bytes),
              or an HTTP status with a body behind it: "404 no such thing"
    every     {7: 'reset'}: when there are no more, this for each seventh request
    then      and this for all others; without: "ok"
    delay     seconds before each answer
    expires   seconds that credentials are good for; without: 7200
    revoked   service: the beginning of access keys that it calls expired
    revoke_every  service: so many requests, and it calls all keys expired that there were

Credentials are numbered: AKIDCONTAINER0001. All secrets of these servers have SECRET in them.
"""

import ast
import contextlib
import datetime
import http.server
import json
import re
import socket
import struct
import threading

SECRET = "TOPSECRET"
ROLE = "test-role"
KINDS = ("container", "imds", "service", "proxy")


class Servers:
    def __init__(self):
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.start_afresh({})
        self._servers = {kind: Server(self, kind, Handler) for kind in KINDS}
        self._servers["control"] = Server(self, "control", ControlHandler)

    def start_afresh(self, script):
        with self.lock:
            self.released.set()  # whoever stalls
            self.released = threading.Event()
            self.script = {kind: dict(script.get(kind, {})) for kind in KINDS}
            self.connections = dict.fromkeys(KINDS, 0)
            self.requests = dict.fromkeys(KINDS, 0)
            self.issued = 0
            self.revoked = 0
            self.lines = []

    def environment(self):
        return {f"CAWS_TEST_{kind.upper()}_PORT": str(server.server_port)
                for kind, server in self._servers.items()}

    def close(self):
        self.released.set()
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def log(self):
        with self.lock:
            counts = [f"{kind}={self.connections[kind]}/{self.requests[kind]}" for kind in KINDS]
            return "".join(f"{line}\n" for line in [*self.lines, " ".join(counts)])


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, servers, kind, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.servers = servers
        self.kind = kind
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def process_request(self, request, client_address):
        with self.servers.lock:
            if self.kind in KINDS:
                self.servers.connections[self.kind] += 1
        super().process_request(request, client_address)

    def handle_error(self, request, client_address):
        pass  # the client went away, as many of the tests want


class BaseHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *arguments):
        pass

    def read_body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def send(self, status, body):
        """Without a Date, since the clock of a test may be elsewhere."""
        data = body.encode()
        head = f"HTTP/1.1 {status} -\r\nContent-Length: {len(data)}\r\n\r\n"
        self.wfile.write(head.encode() + data)


class ControlHandler(BaseHandler):
    def do_POST(self):
        self.server.servers.start_afresh(ast.literal_eval(self.read_body().decode()))
        self.send(200, "")

    def do_GET(self):
        self.send(200, self.server.servers.log())


class Handler(BaseHandler):
    def handle_any(self):
        self.read_body()
        servers, kind = self.server.servers, self.server.kind
        with servers.lock:
            script, released = servers.script[kind], servers.released
            servers.requests[kind] += 1
            number = servers.requests[kind]
            servers.lines.append(f"{kind} {self.command} {self.path} {self.token()}")
            answers = script.get("answers")
            command = answers.pop(0) if answers else next(
                (what for n, what in script.get("every", {}).items() if number % n == 0),
                script.get("then", "ok"))
        if script.get("delay"):
            released.wait(script["delay"])
        self.answer(command, script, released)

    do_GET = do_PUT = do_POST = do_CONNECT = handle_any

    def token(self):
        """What tells who asks: the provider's token, or the access key of a signature."""
        authorization = self.headers.get("Authorization", "")
        key = re.search(r"Credential=([^/]*)/", authorization)
        return key[1] if key else (
            self.headers.get("x-aws-ec2-metadata-token") or authorization or "-")

    def answer(self, command, script, released):
        if command == "stall":
            released.wait(60)
        if command in ("stall", "reset"):
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        elif command == "huge":
            self.send(200, SECRET * (100_000 // len(SECRET)))
        elif command == "ok":
            self.send(*self.good_answer(script))
        else:
            status, _, body = command.partition(" ")
            self.send(int(status), body)

    def good_answer(self, script):
        if self.server.kind in ("service", "proxy"):
            return self.serve_call(script)
        if self.server.kind == "container":
            return 200, self.new_credentials("AKIDCONTAINER", script)
        if self.command == "PUT":
            return 200, f"{SECRET}-imds-token"
        if self.token() != f"{SECRET}-imds-token":
            return 401, ""
        if self.path.endswith("/security-credentials/"):
            return 200, ROLE
        return 200, self.new_credentials("AKIDINSTANCE", script, Code="Success")

    def new_credentials(self, prefix, script, **more):
        servers = self.server.servers
        with servers.lock:
            servers.issued += 1
            number = servers.issued
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(
            seconds=script.get("expires", 7200))
        return json.dumps(more | {"AccessKeyId": f"{prefix}{number:04}",
                                  "SecretAccessKey": f"{SECRET}-key-{number}",
                                  "Token": f"{SECRET}-session-{number}",
                                  "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ")})

    def serve_call(self, script):
        servers, key = self.server.servers, self.token()
        with servers.lock:
            every = script.get("revoke_every")
            if every and servers.requests[self.server.kind] % every == 0:
                servers.revoked = servers.issued
            digits = re.search(r"\d+$", key)
            revoked = bool(digits) and int(digits[0]) <= servers.revoked
        if revoked or "revoked" in script and key.startswith(script["revoked"]):
            session = self.headers.get("X-Amz-Security-Token", "")
            return 400, json.dumps({"__type": "ExpiredTokenException",
                                    "message": f"The security token {session} is expired"})
        return 200, json.dumps({"taskId": key})


@contextlib.contextmanager
def running():
    with contextlib.closing(Servers()) as servers:
        yield servers
