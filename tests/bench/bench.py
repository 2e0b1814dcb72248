"""Measures caws side by side with its floor, in one run:

    bench.py BUILD_DIR [ROW...] [--calls N] [--signatures N] [--turns N] [--rounds N]

Rows: calls, signatures, codec, generate, compile; without any, all. Sizes are ./dev size's.
Both sides of a comparison take turns, and each figure is the median over the turns with the middle
half of them, so that what else the machine does meets both alike.
"""

import argparse
import contextlib
import pathlib
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from codec import bench_codec
from making import bench_compile, bench_generate
from turns import columns, ratios, run, show

NGINX_CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            default_type application/x-amz-json-1.1;
            add_header x-amzn-RequestId 11111111-2222-4333-8444-555555555555;
            return 200 '{{"taskId":"cda45419-90ea-4db5-9833-aade86253e66"}}';
        }}
    }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def nginx():
    """An nginx that answers every request at once; yields its URL."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        config = pathlib.Path(folder, "nginx.conf")
        config.write_text(NGINX_CONFIG.format(folder=folder, port=port))
        # Debian keeps it in sbin, which is on few users' PATH.
        server = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-c", str(config)],
                                  stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                if server.poll() is not None:
                    sys.exit("bench: nginx does not start")
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
            server.wait()


def compare(title, unit, caws, floor, floor_name):
    show(title, unit, {"caws": caws, floor_name: floor, "ratio": ratios(caws, floor)})


def bench_calls(build, calls):
    with nginx() as url:
        figures = run(build / "tests/bench/bench_calls", str(calls), url)
    caws_cpu, caws_wall, bare_cpu, bare_wall = columns(figures, 4)
    compare("CreateExportTask, CPU time per call", "us", caws_cpu, bare_cpu, "bare libcurl")
    compare("CreateExportTask, wall time per call", "us", caws_wall, bare_wall, "bare libcurl")


def bench_signatures(build, signatures, rounds):
    program = build / "tests/bench/bench_sign"
    caws, floor = [], []
    for _ in range(rounds):
        caws += run(program, "caws", str(signatures))
        floor += run(program, "hash", str(signatures))
    compare("signature, CPU time", "us", caws, floor, "hashes alone")
    print(f"signatures per second: {1e6 / statistics.median(caws):,.0f}\n", flush=True)


ROWS = {
    "calls": lambda o: bench_calls(o.build, o.calls),
    "signatures": lambda o: bench_signatures(o.build, o.signatures, o.rounds),
    "codec": lambda o: bench_codec(o.build, o.rounds, o.turns),
    "generate": lambda o: bench_generate(3),
    "compile": lambda o: bench_compile(3),
}


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="the build directory (./dev gives it)")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; else all")
    parser.add_argument("--calls", type=int, default=40000, help="of each side (%(default)s)")
    parser.add_argument("--signatures", type=int, default=300000, help="per round (%(default)s)")
    parser.add_argument("--turns", type=int, default=50, help="of codec per round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=7,
                        help="of signatures and codec (%(default)s)")
    options = parser.parse_intermixed_args()
    for row in options.rows:
        if row not in ROWS:
            parser.error(f"no row {row}: there are {', '.join(ROWS)}")
    if options.rounds < 2:
        parser.error("--rounds: 2 or more")
    if not (options.build / "tests/bench/bench_calls").exists():
        sys.exit(f"bench: {options.build} is not built")
    print(f"{platform.machine()}, {platform.system()} {platform.release()}; "
          f"both sides of each comparison take turns\n")
    for row in options.rows or ROWS:
        ROWS[row](options)


if __name__ == "__main__":
    main()
