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


def rates(size, seconds):
    return [size / 1e6 / one for one in seconds]


def rounds_of(count, program, size, function, *arguments):
    """The program and botocore in turn: the program's numbers, and botocore's MB/s as often as
    there are rounds."""
    numbers, seconds = [], []
    for _ in range(count):
        numbers.append(run(*program))
        seconds.append(cpu_seconds(function, *arguments))
    return numbers, rates(size, seconds)


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
        request = put_request()
        text = compact(request).encode()
        path.write_bytes(text)
        assert json.loads(botocore_side.encode(request)) == request
        numbers, slow = rounds_of(rounds, (program, "encode", path, str(turns)), len(text),
                                  botocore_side.encode, request)
        caws, unformatted, buffered = joined(numbers, 3)
        show(f"encode PutLogEvents, {EVENTS:,} events, {len(text):,} bytes, without validation",
             "MB/s of CPU time", {
                 "caws": caws,
                 "cJSON_PrintUnformatted": unformatted,
                 "cJSON_PrintBuffered": buffered,
                 "botocore": slow,
                 "caws / cJSON_PrintUnformatted": ratios(caws, unformatted),
                 "caws / cJSON_PrintBuffered": ratios(caws, buffered),
                 "caws / botocore": ratios(medians(numbers, 3), slow),
             })

        page = get_page()
        text = compact(page).encode()
        path.write_bytes(text)
        assert len(botocore_side.decode(text)["events"]) == len(page["events"])
        numbers, slow = rounds_of(rounds, (program, "decode", path, str(turns)), len(text),
                                  botocore_side.decode, text)
        caws, parse, caws_freed, parse_freed = joined(numbers, 4)
        show(f"decode GetLogEvents, {len(page['events']):,} events, {len(text):,} bytes, cJSON's parse "
             "included", "MB/s of CPU time", {
                 "caws": caws,
                 "cJSON_ParseWithLength alone": parse,
                 "botocore": slow,
                 "cJSON_ParseWithLength / caws": ratios(parse, caws),
                 "same, result freed on both sides": ratios(parse_freed, caws_freed),
                 "caws / botocore": ratios(medians(numbers, 4), slow),
             })
