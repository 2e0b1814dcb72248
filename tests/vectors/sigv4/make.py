#!/usr/bin/env python3
"""Writes cases.json: requests with what botocore, an independent signer, makes of them.

    python3 make.py > cases.json

Every case has the request as caws_signer gets it, and from botocore the canonical request, the
string to sign and the headers (or the query string) that it adds.
"""

import datetime
import json
import sys
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJGMEQCIA+b/C=="
HOST = ["Host", "example.amazonaws.com"]
JSON_BODY = '{"destination":"my-bucket","from":1441490400000,"logGroupName":"group","to":1441494000000}'
OWN_HEADERS = ("X-Amz-Content-SHA256", "X-Amz-Date", "X-Amz-Security-Token", "Authorization")


def query_of(params):
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in params)


def case(name, *, kind="v4", method="GET", path="/", query="", params=None, headers=(HOST,), body="",
         time="2015-08-30T12:36:00Z", region="us-east-1", service="service", token=None,
         secret=SECRET, expires=None, unsigned=False, omit_token=False):
    """One case. params: the parameters that query stands for, where botocore cannot read query by
    itself (it takes it to be encoded and canonical already, apart from the order)."""
    moment = datetime.datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda: moment.replace(tzinfo=None)
    credentials = Credentials(KEY_ID, secret, None if omit_token else token)
    host = next((value for key, value in headers if key.lower() == "host"), "example.amazonaws.com")
    url = f"https://{host}{path}" + (f"?{query}" if query and params is None else "")
    request = AWSRequest(method=method, url=url, data=body.encode() if expires is None else b"",
                         params=params)
    if expires is not None and body:
        raise ValueError("botocore would move the body into the query string")
    for key, value in headers:
        request.headers[key] = value
    if unsigned:
        request.context["payload_signing_enabled"] = False

    if expires is None:
        signers = {"v4": botocore.auth.SigV4Auth, "s3": botocore.auth.S3SigV4Auth}
        auth = signers[kind](credentials, service, region)
    else:
        signers = {"v4": botocore.auth.SigV4QueryAuth, "s3": botocore.auth.S3SigV4QueryAuth}
        auth = signers[kind](credentials, service, region, expires)
    texts = {}
    string_to_sign = auth.string_to_sign

    def recorded(request, canonical_request):
        texts["canonical_request"] = canonical_request
        texts["string_to_sign"] = string_to_sign(request, canonical_request)
        return texts["string_to_sign"]

    auth.string_to_sign = recorded
    auth.add_auth(request)

    given = {key.lower() for key, _ in headers}
    added = {key.lower(): request.headers[key] for key in OWN_HEADERS
             if key in request.headers and key.lower() not in given}
    if token is not None and omit_token:
        added["x-amz-security-token"] = token
        request.url += f"&X-Amz-Security-Token={quote(token, safe='')}"
    flags = {"no_normalize": kind == "s3", "no_double_encoding": kind == "s3",
             "content_sha256": kind == "s3" and expires is None,
             "unsigned_payload": unsigned or (kind == "s3" and expires is not None),
             "omit_session_token": omit_token}
    return {
        "name": name, "method": method, "path": path, "query": query, "headers": list(headers),
        "body": body, "time": int(moment.timestamp()), "region": region, "service": service,
        "access_key_id": KEY_ID, "secret_access_key": secret, "session_token": token,
        "flags": [flag for flag, on in flags.items() if on], "expires": expires,
        "expect": texts | ({"headers": added} if expires is None
                           else {"query": request.url.partition("?")[2]}),
    }


def cases():
    logs = [["Content-Type", "application/x-amz-json-1.1"],
            ["X-Amz-Target", "Logs_20140328.CreateExportTask"],
            ["Host", "logs.eu-central-1.amazonaws.com"]]
    post = {"method": "POST", "region": "eu-central-1", "service": "logs", "headers": logs,
            "body": JSON_BODY}
    yield case("json-post", **post)
    yield case("json-post-session-token", **post, token=TOKEN)
    yield case("json-post-unsigned-payload", **post, unsigned=True)
    yield case("json-post-omit-session-token", **post, token=TOKEN, omit_token=True)
    yield case("json-post-unicode", **(post | {"body": '{"x":"\u65e5\u672c\u8a9e \U0001f600"}'}))
    yield case("long-secret", **post, secret="s" * 200)
    yield case("secret-of-a-block", **post, secret="s" * 60)
    yield case("secret-over-a-block", **post, secret="s" * 61)

    for time in ("1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2000-03-01T00:00:00Z",
                 "2023-02-28T23:59:59Z", "2024-12-31T23:59:59Z", "2100-02-28T23:59:59Z",
                 "2100-03-01T00:00:00Z", "2038-01-19T03:14:08Z", "9999-12-31T23:59:59Z"):
        yield case(f"time-{time}", time=time)

    for name, path in (
            ("encoded", "/a%20b/%E2%82%AC"), ("raw", "/a b/\u20ac"), ("percent", "/100%/%zz"),
            ("reserved", "/a=b/c&d/e+f/g@h:i/(j)*'!/$,;/[k]"), ("tilde", "/~user/-._~"),
            ("dots", "/a/./b/../c/..//d/"), ("dots-above-root", "/../../a/../../b"),
            ("dots-at-end", "/a/b/.."), ("dot-at-end", "/a/b/."), ("names-of-dots", "/.../..a/.b."),
            ("encoded-dots", "/a/%2e%2e/b"), ("encoded-slash", "/log-group%2Fname/x"),
            ("slashes", "///a////b///"), ("only-dots", "/./../.")):
        yield case(f"path-{name}", path=path)
    for name, path in (
            ("encoded", "/bucket/a%20b/%E2%82%AC%2Bc"), ("dots", "/bucket/./a/../b"),
            ("slashes", "//bucket///a//"), ("reserved-encoded", "/b/%3D%26%24%40%3A%2C%3B")):
        yield case(f"s3-path-{name}", kind="s3", service="s3", path=path)
    yield case("s3-put", kind="s3", service="s3", method="PUT", path="/bucket/key", body="content",
               headers=[HOST, ["x-amz-storage-class", "GLACIER"]], token=TOKEN)
    yield case("s3-unsigned-payload", kind="s3", service="s3", method="PUT", path="/bucket/key",
               headers=[HOST, ["Content-MD5", "mgNkuembtIDdJeHwKEyFVQ=="]], body="content",
               unsigned=True)

    tests = [
        ("order", [("b", "2"), ("a", "2"), ("a", "1"), ("B", "1"), ("A", "")]),
        ("prefix-order", [("Param-3", "1"), ("Param", "2"), ("Param3", "3"), ("Param.", "4")]),
        ("value-prefix-order", [("a", "bb"), ("a", "b"), ("a", "b-"), ("a", "")]),
        ("encoded-order", [("z", "1"), ("\u00e9", "2"), ("~", "3"), ("+", "4"), ("\U0001f600", "5")]),
        ("reserved", [("a b", "c d"), ("x", "!*'();:@&=+$,/?#[]"), ("p", "100%"), ("q", "a%20b")]),
        ("empty-values", [("acl", ""), ("prefix", ""), ("a", "")]),
        ("empty-name", [("", "value"), ("a", "1")]),
        ("repeated", [("a", "3"), ("a", "1"), ("a", "3"), ("a", "2")]),
        ("unreserved", [("-._~", "-._~")]),
        ("many", [(f"name{i * 7 % 40}", f"{i}") for i in range(120)]),
    ]
    for name, params in tests:
        yield case(f"query-{name}", query=query_of(params), params=params)
    yield case("query-without-equals", query="acl&b=1&a", params=[("acl", ""), ("b", "1"), ("a", "")])
    yield case("query-lower-case-escapes", query="a=%c3%a9%2f", params=[("a", "\u00e9/")])
    yield case("query-needless-escapes", query="%61=%62%7E", params=[("a", "b~")])
    yield case("query-raw-reserved", query="a=b=c&d=e:f/g?h@i,j&k=l+m&n=\u00e9",
               params=[("a", "b=c"), ("d", "e:f/g?h@i,j"), ("k", "l+m"), ("n", "\u00e9")])
    yield case("query-bad-escapes", query="a=100%&b=%zz&c=%4&d=%%41",
               params=[("a", "100%"), ("b", "%zz"), ("c", "%4"), ("d", "%A")])
    yield case("query-empty-parameters", query="&a=1&&b=2&", params=[("a", "1"), ("b", "2")])

    yield case("headers-odd-spacing", headers=[HOST, ["A", "  x   y  "], ["B", "\tx\t \ty"],
                                               ["C", ""], ["D", "   "], ["E", '"a   b"'],
                                               ["F", "one\n two\n\tthree"]])
    yield case("headers-repeated", headers=[["X-Tag", "b"], HOST, ["x-tag", " a  c "], ["X-TAG", ""],
                                            ["X-Tag2", "z"]])
    yield case("headers-order", headers=[["x-b", "1"], ["X-A", "2"], ["x_c", "3"], ["x-a-b", "4"], HOST,
                                         ["xa", "5"], ["X", "6"], ["x1", "7"]])
    yield case("headers-unicode", headers=[HOST, ["x-amz-meta-name", "caf\u00e9 \u65e5\u672c"]])
    yield case("headers-that-change", headers=[
        HOST, ["User-Agent", "x"], ["Expect", "100-continue"], ["Transfer-Encoding", "chunked"],
        ["X-Amzn-Trace-Id", "Root=1"], ["Connection", "close"], ["TE", "trailers"],
        ["Keep-Alive", "timeout=5"], ["Trailer", "x"], ["Upgrade", "h2c"], ["Traceparent", "00"],
        ["Tracestate", "a=b"], ["Baggage", "a=b"], ["Proxy-Authorization", "x"],
        ["Proxy-Authenticate", "x"], ["Accept", "*/*"], ["Tea", "signed"]])
    yield case("headers-many", headers=[HOST] + [[f"X-Amz-Meta-{i * 11 % 50}", f"value {i}"]
                                                 for i in range(100)])
    yield case("headers-given-payload-hash", method="PUT", body="x", headers=[
        HOST, ["X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"]])

    yield case("presign", expires=3600)
    yield case("presign-session-token", expires=60, token=TOKEN)
    yield case("presign-omit-session-token", expires=60, token=TOKEN, omit_token=True)
    yield case("presign-query", expires=604800, path="/a/../b", query="Version=1&Action=x&empty=")
    yield case("presign-headers", expires=1, headers=[["X-B", "2"], HOST, ["X-A", "1"]])
    yield case("presign-s3", kind="s3", service="s3", expires=86400, path="/bucket//a%20b/./c",
               query="response-content-type=text%2Fplain")


if __name__ == "__main__":
    json.dump({"cases": list(cases())}, sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")
