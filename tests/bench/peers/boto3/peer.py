"""The peer with boto3 (see ../c/peer.h for what a peer does). Region and keys are in the environment."""

import concurrent.futures
import pathlib
import sys

import boto3
from botocore.config import Config

TASK = {"taskName": "nightly", "logGroupName": "my-log-group", "fromTime": 1441490400000,
        "to": 1441494000000, "destination": "my-exported-logs", "destinationPrefix": "exports"}
STREAM = {"logGroupName": "my-log-group", "logStreamName": "my-log-stream"}


def make_calls(client, count):
    return sum(len(client.create_export_task(**TASK)["taskId"]) for _ in range(count))


def flight(client, count, size):
    """A thread each. The threads of a block are new ones."""
    shares = [count // size + (i < count % size) for i in range(size)]
    with concurrent.futures.ThreadPoolExecutor(size) as pool:
        return sum(pool.map(lambda share: make_calls(client, share), shares))


def read_events(folder):
    texts = pathlib.Path(folder, "messages").read_bytes().decode().split("\0")[:-1]
    return [{"timestamp": 1441490400000 + i, "message": text} for i, text in enumerate(texts)]


def encode(client, count, events):
    for _ in range(count):
        client.put_log_events(**STREAM, logEvents=events)
    return count


def decode(client, count):
    return sum(len(client.get_log_events(**STREAM, startFromHead=True)["events"])
               for _ in range(count))


def main():
    kind, url, size, folder = sys.argv[1:]
    # Its pool has ten connections otherwise.
    config = Config(max_pool_connections=int(size)) if kind == "flight" else None
    client = boto3.client("logs", endpoint_url=url, config=config)
    if kind == "call":
        run = make_calls
    elif kind == "flight":
        def run(client, count):
            return flight(client, count, int(size))
    elif kind == "encode":
        events = read_events(folder)

        def run(client, count):
            return encode(client, count, events)
    else:
        run = decode
    for line in sys.stdin:
        print("done", run(client, int(line)), flush=True)


if __name__ == "__main__":
    main()
