"""An nginx that answers every request at once."""

import contextlib
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{around}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        default_type application/x-amz-json-1.1;
        add_header x-amzn-RequestId 11111111-2222-4333-8444-555555555555 always;
        location / {{ return 200 '{{"taskId":"cda45419-90ea-4db5-9833-aade86253e66"}}'; }}
{more}
    }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def nginx(more="", around=""):
    """Yields its URL. more: further locations and directives of the server, around: of all."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        config = pathlib.Path(folder, "nginx.conf")
        config.write_text(CONFIG.format(folder=folder, port=port, more=more,
                                        around=around))
        # Debian keeps it in sbin, which is on few users' PATH.
        server = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-c", str(config)],
                                  stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                if server.poll() is not None:
                    sys.exit("nginx does not start")
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
            server.wait()
