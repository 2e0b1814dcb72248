"""How fast large texts of JSON are written and read, beside cJSON and botocore."""

import json
import pathlib
import statistics
import tempfile

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
from turns import columns, cpu_seconds, ratios, run, show

EVENTS = 10000  # the most that a request takes
START = 1441490400000  # ms
# When something large is freed glibc gives all free memory at the heap's end back, and whoever comes
# next takes a page fault for every 4 KB. It does not with these.
KEEP_MEMORY = ("GLIBC_TUNABLES=glibc.malloc.trim_threshold=100000000"
               ":glibc.malloc.mmap_threshold=100000000")
# Of every ten messages seven are plain text, two JSON, which is all quotes to escape, and one has
# line breaks and characters beyond ASCII.
MESSAGES = [
    "2015-09-05T22:00:{s:02}Z INFO request {i} took {ms} ms",
    "GET /items/{i}?page=3 HTTP/1.1 200 {ms} curl/7.88.1",
    '{{"level":"info","id":{i},"ms":{ms},"path":"/items"}}',
    "START RequestId: 7f2c8f0e-52cf-4a5d-9b0a-{i:012} Version: 5",
    "GET /items/{i}?page=3 HTTP/1.1 304 {ms} Mozilla/5.0",
    "2015-09-05T22:00:{s:02}Z WARN retry {i} after {ms} ms",
    "ERREUR n° {i}: délai dépassé\n\tà app.js:{s}\n\tà main.js:{ms}",
    "REPORT Duration: {ms}.25 ms Memory: 128 MB Used: {s} MB {i}",
    '{{"level":"warn","id":{i},"ms":{ms},"path":"/users"}}',
    "2015-09-05T22:00:{s:02}Z INFO request {i} done in {ms} ms",
]


def message(i):
    return MESSAGES[i % len(MESSAGES)].format(i=i, s=i % 60, ms=i * 7919 % 1000)


def compact(value):
    """As caws and cJSON write it, to the byte."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def put_request():
    return {"logGroupName": "my-log-group", "logStreamName": "my-log-stream",
            "logEvents": [{"timestamp": START + i, "message": message(i)} for i in range(EVENTS)]}


def get_page():
    """1 MB, the most that an answer has; tokens have the shape of real ones."""
    events = []
    left = 1_000_000 - 200
    while left > 0:
        i = len(events)
        events.append({"timestamp": START + i, "message": message(i), "ingestionTime": START + i + 500})
        left -= len(compact(events[-1]).encode()) + 1
    token = "31961209122447488583055879464742346735121166569214640130"
    return {"events": events, "nextForwardToken": f"f/{token}", "nextBackwardToken": f"b/{token}"}


class Botocore:
    """Its serializer and parser; the model is loaded before anything is timed."""

    def __init__(self):
        model = botocore.model.ServiceModel(
            botocore.loaders.create_loader().load_service_model("logs", "service-2"), "logs")
        self.put = model.operation_model("PutLogEvents")
        self.page_shape = model.operation_model("GetLogEvents").output_shape
        self.serializer = botocore.serialize.create_serializer("json", include_validation=False)
        self.parser = botocore.parsers.create_parser("json")

    def encode(self, request):
        return self.serializer.serialize_to_request(request, self.put)["body"]

    def decode(self, body):
        return self.parser.parse({"status_code": 200, "headers": {}, "body": body}, self.page_shape)


def take_turns(rounds, size, commands, botocore_call):
    """The programs and botocore in turn: for each program its numbers of each round, and botocore's
    MB/s as often as there are rounds."""
    outputs = [[] for _ in commands]
    rates = []
    for _ in range(rounds):
        for output, command in zip(outputs, commands):
            output.append(run(*command))
        rates.append(size / 1e6 / cpu_seconds(botocore_call))
    return outputs, rates


def medians(rounds, count):
    """Of the first of count columns in each round."""
    return [statistics.median(columns(numbers, count)[0]) for numbers in rounds]


def joined(rounds, count):
    return columns([number for numbers in rounds for number in numbers], count)


def bench_codec(build, rounds, turns):
    program = build / "tests/bench/bench_codec"
    botocore_side = Botocore()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "text.json")
        bench_encode(program, path, botocore_side, rounds, turns)
        bench_decode(program, path, botocore_side, rounds, turns)


def bench_encode(program, path, botocore_side, rounds, turns):
    request = put_request()
    text = compact(request).encode()
    path.write_bytes(text)
    assert json.loads(botocore_side.encode(request)) == request
    outputs, slow = take_turns(rounds, len(text), [(program, "encode", path, str(turns))],
                               lambda: botocore_side.encode(request))
    caws, unformatted, buffered = joined(outputs[0], 3)
    show(f"encode PutLogEvents, {EVENTS:,} events, {len(text):,} bytes, without validation",
         "MB/s of CPU time", {
             "caws": caws,
             "cJSON_PrintUnformatted": unformatted,
             "cJSON_PrintBuffered": buffered,
             "botocore": slow,
             "caws / cJSON_PrintUnformatted": ratios(caws, unformatted),
             "caws / cJSON_PrintBuffered": ratios(caws, buffered),
             "caws / botocore": ratios(medians(outputs[0], 3), slow),
         })


def bench_decode(program, path, botocore_side, rounds, turns):
    page = get_page()
    text = compact(page).encode()
    path.write_bytes(text)
    assert len(botocore_side.decode(text)["events"]) == len(page["events"])
    command = (program, "decode", path, str(turns))
    outputs, slow = take_turns(rounds, len(text), [command, ("env", KEEP_MEMORY, *command)],
                               lambda: botocore_side.decode(text))
    for heap, output in zip(("malloc as it is", "malloc that keeps its memory"), outputs):
        caws, parse, caws_freed, parse_freed = joined(output, 4)
        show(f"decode GetLogEvents, {len(page['events']):,} events, {len(text):,} bytes, {heap}",
             "MB/s of CPU time", {
                 "caws, to the output struct": caws,
                 "cJSON_ParseWithLength, to its tree": parse,
                 "botocore": slow,
                 "time, caws / cJSON": ratios(parse, caws),
                 "time, result freed on both sides": ratios(parse_freed, caws_freed),
                 "caws / botocore": ratios(medians(output, 4), slow),
             })
