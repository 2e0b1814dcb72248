"""Shows that a compiled program exports a log group: demo.py BUILD_DIR

boto3, an independent client, prepares the server and reads the result back; the work between is
done by examples/create_export_task of that build. Exit status 0: everything was as it should be.
"""

import contextlib
import datetime
import gzip
import os
import pathlib
import subprocess
import sys
import threading
import time

import harness

TIMEOUT_SECONDS = 120
EVENTS = 300
BEFORE, AFTER = 20, 10  # events outside the exported time, at either end


class Failure(Exception):
    pass


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: demo.py BUILD_DIR")
    example = pathlib.Path(sys.argv[1]) / "examples" / "create_export_task"
    sys.stdout.reconfigure(line_buffering=True)
    harness.end_on_signals()
    # moto writes local time with a Z behind it.
    os.environ["TZ"] = "UTC"
    time.tzset()

    print("\n1. A server")
    with contextlib.closing(harness.MotoServer()) as moto:
        print(f"   moto listens on {moto.url}, and refuses a request whose signature is wrong.")
        try:
            demonstrate(moto, example)
        except (Failure, OSError) as failure:
            sys.exit(f"\nThe demo FAILED: {failure}")
    print("\nThe demo succeeded.")


def demonstrate(moto, example):
    print("\n2. Something to export (boto3)")
    events = harness.recent_events(EVENTS)
    group = moto.create_log_group(events, stream="web/server-1")
    bucket = moto.create_bucket()
    wanted = events[BEFORE:-AFTER]
    start, end = wanted[0][0], wanted[-1][0]
    print(f"   log group {group}: {EVENTS} events of the last hour; bucket {bucket}: empty")
    print(f"   to export: the {len(wanted)} events from {clock(start)} to {clock(end)} UTC")

    print("\n3. The export (C)")
    arguments = [example, group, bucket, str(start), str(end)]
    environment = moto.environment() | {"AWS_ENDPOINT_URL": moto.url}
    result = run(arguments, environment)
    if result.returncode != 0:
        raise Failure(f"the example ended with status {result.returncode}")
    task_id = find_task_id(result.stdout)

    print("\n4. What the server says (boto3)")
    tasks = moto.logs.describe_export_tasks()["exportTasks"]
    for task in tasks:
        print(f"   task {task['taskId']}: {task['status']['code']}")
    if [(task["taskId"], task["status"]["code"]) for task in tasks] != [(task_id, "COMPLETED")]:
        raise Failure(f"task {task_id} is not the one completed task of the server")
    compare(moto.read_bucket(bucket), wanted)

    print("\n5. The same with a wrong secret (C); it has to fail")
    result = run(arguments, environment | {"AWS_SECRET_ACCESS_KEY": "not-the-secret"})
    if result.returncode <= 0:
        raise Failure(f"the example ended with status {result.returncode}")
    if not any(word in result.stdout for word in ("403", "Signature", "signature")):
        raise Failure("the example does not say that its signature was refused")
    if "not-the-secret" in result.stdout:
        raise Failure("the example printed the secret")
    if len(moto.logs.describe_export_tasks()["exportTasks"]) != 1:
        raise Failure("the server has a new task")
    print(f"   It ended with status {result.returncode}, and the server has no new task.")


def run(arguments, environment):
    """Runs the example, printing what it prints when it does; returns its result and output."""
    print("   $ create_export_task", *arguments[1:])
    output = []
    options = {"encoding": "utf-8", "errors": "replace"}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with harness.running(arguments, environment, **streams, **options) as program:
        limit = threading.Timer(TIMEOUT_SECONDS, program.kill)
        limit.start()
        try:
            for line in program.stdout:
                print("   |", line.rstrip("\n"))
                output.append(line)
            status = program.wait()
        finally:
            limit.cancel()
    return subprocess.CompletedProcess(arguments, status, "".join(output))


def find_task_id(output):
    lines = [line for line in output.splitlines() if line.startswith("taskId:")]
    ids = [line.split(":", 1)[1].strip() for line in lines]
    if len(ids) != 1:
        raise Failure("the example printed no line 'taskId: ...'")
    return ids[0]


def compare(objects, wanted):
    """Compares the bucket with the events that should be in it."""
    lines = []
    for key, content in sorted(objects.items()):
        print(f"   object {key}: {len(content)} bytes")
        if key.endswith(".gz"):
            lines += gzip.decompress(content).decode().splitlines()
        elif key != "aws-logs-write-test":
            raise Failure(f"unexpected object {key}")
    for line in lines[:2] + ["..."] + lines[-1:]:
        print(f"   > {line}")
    # The server writes whole seconds.
    form = "%Y-%m-%dT%H:%M:%S.000Z"
    expected = [f"{clock(timestamp, form)} {message}" for timestamp, message in wanted]
    if lines != expected:
        missing = len(set(expected) - set(lines))
        foreign = len(set(lines) - set(expected))
        raise Failure(f"{len(lines)} events exported: {missing} missing, {foreign} do not belong")
    print(f"   All {len(lines)} events are there, in order, and no other.")


def clock(milliseconds, form="%H:%M:%S"):
    utc = datetime.timezone.utc
    return datetime.datetime.fromtimestamp(milliseconds // 1000, utc).strftime(form)


if __name__ == "__main__":
    main()
