"""What stands between a client and a server: relays, a proxy; and nginx, which speaks HTTP/2."""

import contextlib
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import certificates
import fault_scenarios
import fault_server
import retry_scenarios

MAX_HEAD = 64 * 1024

NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {certificate}; ssl_certificate_key {key};
        default_type application/x-amz-json-1.1;
        location / {{ return 200 '{{"taskId":"$server_protocol $connection"}}'; }}
    }}
}}
"""


class Listener:
    """Accepts connections until close(), each served in a thread of its own."""

    def __init__(self, family=socket.AF_INET):
        self._sockets = []
        self._accepted = 0
        host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
        self._listener = socket.create_server((host, 0), family=family)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://{'[::1]' if family == socket.AF_INET6 else host}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        for one in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def serve(self, connection, number):
        raise NotImplementedError

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._accepted += 1
                self._sockets.append(connection)
                threading.Thread(
                    target=self._serve, args=(connection, self._accepted), daemon=True).start()

    def _serve(self, connection, number):
        with contextlib.suppress(OSError), connection:
            self.serve(connection, number)


def copy_until_end(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def join(connection, port, first=b""):
    """Passes everything on in both directions until both have ended."""
    with socket.create_connection(("127.0.0.1", port)) as other:
        other.sendall(first)
        back = threading.Thread(target=copy_until_end, args=(other, connection), daemon=True)
        back.start()
        copy_until_end(connection, other)
        back.join()


class Relay(Listener):
    """The server at another port. With reset_odd every second connection, from the first on, is
    reset before anything is read from it."""

    def __init__(self, port, family=socket.AF_INET, reset_odd=False):
        self._target = port
        self._reset_odd = reset_odd
        super().__init__(family)

    def serve(self, connection, number):
        if self._reset_odd and number % 2 == 1:
            fault_server.reset(None, connection, None)
        else:
            join(connection, self._target)


class Proxy(Listener):
    """An HTTP proxy. The host service.test is the fault server; the others are here. A request to
    itself is answered with the first lines that it got, as JSON text in taskId."""

    def __init__(self, port):
        self._target = port
        self._lines = []
        super().__init__()

    def serve(self, connection, number):
        data = b""
        while b"\r\n\r\n" not in data and len(data) < MAX_HEAD:
            more = connection.recv(4096)
            if not more:
                return
            data += more
        line, _, rest = data.partition(b"\r\n")
        method, target, version = line.decode().split(" ")
        if target.startswith("/"):
            body = json.dumps({"taskId": json.dumps(self._lines)}).encode()
            connection.sendall(fault_server.head(200, [("Connection", "close")], len(body)) + body)
            return
        self._lines.append(line.decode())
        if method == "CONNECT":
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            join(connection, int(target.rpartition(":")[2]))
            return
        host, _, path = target.removeprefix("http://").partition("/")
        port = self._target if host == "service.test" else int(host.rpartition(":")[2])
        join(connection, port, f"{method} /{path} {version}\r\n".encode() + rest)


class Nginx:
    """taskId says which protocol, and the number of the connection."""

    def __init__(self, certificate, key):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="caws-nginx-"))
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            self.url = f"https://127.0.0.1:{port}"
            file = pathlib.Path(folder) / "nginx.conf"
            file.write_text(NGINX.format(folder=folder, port=port, certificate=certificate, key=key))
            program = subprocess.Popen(
                ["nginx", "-p", folder, "-c", file, "-e", f"{folder}/error.log"],
                stdin=subprocess.DEVNULL)
            stack.callback(program.wait)
            stack.callback(program.terminate)
            self._wait_for(port, program)
            self._stack = stack.pop_all()

    def close(self):
        self._stack.close()

    @staticmethod
    def _wait_for(port, program):
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                return
            if program.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError("nginx does not start")


def port_of(url):
    return int(url.rpartition(":")[2])


class GuestServers:
    """Everything, in front of a FaultServers."""

    def __init__(self, faults):
        fault_scenarios.SCENARIOS.update(retry_scenarios.SCENARIOS)
        port = port_of(faults.url)
        with contextlib.ExitStack() as stack:

            def start(server):
                stack.enter_context(contextlib.closing(server))
                return server.url

            self._environment = {
                "CAWS_TEST_RESETTING_URL": start(Relay(port, reset_odd=True)),
                "CAWS_TEST_RESETTING_TLS_URL":
                    start(Relay(port_of(faults.tls_url), reset_odd=True)).replace("http", "https"),
                "CAWS_TEST_PROXY_URL": start(Proxy(port)),
            }
            with contextlib.suppress(OSError):  # where there is no IPv6
                self._environment["CAWS_TEST_IPV6_URL"] = start(Relay(port, socket.AF_INET6))
            if shutil.which("nginx"):
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="caws-test-"))
                authority = certificates.Authority(folder, "h2-ca")
                files = authority.issue("h2", ["localhost"], ["127.0.0.1"])
                self._environment["CAWS_TEST_HTTP2_URL"] = start(Nginx(*files))
                self._environment["CAWS_TEST_HTTP2_CA_FILE"] = str(authority.file)
            self._stack = stack.pop_all()

    def close(self):
        self._stack.close()

    def environment(self):
        return self._environment
