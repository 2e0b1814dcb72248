"""Measures caws side by side with its floor, in one run:

    bench.py BUILD_DIR [--calls N] [--signatures N] [--rounds N]

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


def run(*command):
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(word) for word in output.split()]


def take_turns(rounds, *commands):
    """Runs the commands in turn; returns for each the list of its rounds' figures."""
    results = [[] for _ in commands]
    for _ in range(rounds):
        for result, command in zip(results, commands):
            result.append(run(*command))
    return results


def describe(values):
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:9.2f}  ({low:.2f} to {high:.2f})"


def compare(title, unit, caws, floor, floor_name):
    ratios = [a / b for a, b in zip(caws, floor)]
    print(f"{title}, {unit}: median (middle half)")
    print(f"  caws         {describe(caws)}")
    print(f"  {floor_name:12} {describe(floor)}")
    print(f"  ratio        {describe(ratios)}\n")


def bench_calls(build, calls):
    with nginx() as url:
        figures = run(build / "tests/bench/bench_calls", str(calls), url)
    caws_cpu, caws_wall, bare_cpu, bare_wall = (figures[column::4] for column in range(4))
    compare("CreateExportTask, CPU time per call", "us", caws_cpu, bare_cpu, "bare libcurl")
    compare("CreateExportTask, wall time per call", "us", caws_wall, bare_wall, "bare libcurl")


def bench_signatures(build, signatures, rounds):
    program = str(build / "tests/bench/bench_sign")
    caws, floor = take_turns(rounds, (program, "caws", str(signatures)),
                             (program, "hash", str(signatures)))
    caws, floor = [r[0] for r in caws], [r[0] for r in floor]
    compare("signature, CPU time", "us", caws, floor, "hashes alone")
    print(f"signatures per second: {1e6 / statistics.median(caws):,.0f}\n")


TEXT = (".text", ".rodata", ".eh_frame", ".eh_frame_hdr")
DATA = (".data", ".data.rel.ro")


def section_sizes(program):
    """Bytes of text and data, without the tables that only dynamic linking needs."""
    lines = subprocess.run(["size", "-A", program], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    sizes = {words[0]: int(words[1]) for line in lines if len(words := line.split()) == 3
             and words[1].isdigit()}
    return {"code": sizes[".text"], "text": sum(sizes.get(name, 0) for name in TEXT),
            "data": sum(sizes.get(name, 0) for name in DATA)}


def report_size(build):
    """Sizes of the 25-line program, caws linked statically, libcurl, OpenSSL and cJSON apart."""
    whole = section_sizes(build / "tests/bench/bench_size")
    empty = section_sizes(build / "tests/bench/bench_size_empty")
    print("program that calls CreateExportTask, libcurl, OpenSSL and cJSON apart, bytes")
    print("(less what an empty program has):")
    for name, what in (("text", f"code, constants and unwind tables; code alone "
                                f"{whole['code'] - empty['code']}"), ("data", "")):
        print(f"  {name} {whole[name] - empty[name]:8}   {what}".rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="the build directory")
    parser.add_argument("--calls", type=int, default=40000, help="of each side (%(default)s)")
    parser.add_argument("--signatures", type=int, default=300000, help="per round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="of signatures (%(default)s)")
    options = parser.parse_args()
    if not (options.build / "tests/bench/bench_calls").exists():
        sys.exit(f"bench: {options.build} is not built")
    print(f"{platform.machine()}, {platform.system()} {platform.release()}; "
          f"both sides of each comparison take turns\n")
    bench_calls(options.build, options.calls)
    bench_signatures(options.build, options.signatures, options.rounds)
    report_size(options.build)


if __name__ == "__main__":
    main()
