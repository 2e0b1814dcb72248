"""Where the peers call: one nginx on this machine, and the environment that tells them."""

import contextlib
import dataclasses
import os
import pathlib
import sys
import tempfile

BENCH = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(BENCH), str(BENCH.parent / "integration")]

import codec
from certificates import Authority
from server import free_port, nginx

TASK_ID = "cda45419-90ea-4db5-9833-aade86253e66"  # of the server's answer
FLIGHT = 64

# An answer that comes before the whole request has arrived makes some clients give up their
# connection, and nginx's own answers do. Its proxy reads the whole request first; what it would ask
# for is in its cache.
AROUND = "    proxy_cache_path {folder}/cache keys_zone=answers:1m inactive=1d use_temp_path=off;"
LOCATIONS = """
        listen 127.0.0.1:{tls_port} ssl backlog=4096;
        listen unix:{folder}/socket;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        client_max_body_size 16m;
        client_body_buffer_size 2m;
        proxy_cache answers;
        proxy_cache_methods POST;
        proxy_cache_valid 1d;
        proxy_cache_key $uri;
        proxy_method GET;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_hide_header x-amzn-RequestId;
        location = / {{ rewrite ^ /task break; proxy_pass http://unix:{folder}/socket; }}
        location /put {{ rewrite ^ /empty break; proxy_pass http://unix:{folder}/socket; }}
        location /page {{ rewrite ^ /page.json break; proxy_pass http://unix:{folder}/socket; }}
        location = /empty {{ return 200 '{{}}'; }}
        location = /page.json {{ root {folder}; types {{ }} }}
"""


@dataclasses.dataclass(frozen=True)
class Place:
    """folder: has messages (of PutLogEvents, each with a NUL), put.json and page.json."""

    folder: pathlib.Path
    url: str
    tls_url: str
    authority: pathlib.Path
    page_events: int
    page_bytes: int

    def environment(self):
        """What AWS's tools look for first, so that no file and no network is asked."""
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("AWS_", "PEER_")) and not name.lower().endswith("_proxy")}
        nothing = str(self.folder / "nothing")
        return kept | {
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "AWS_CONFIG_FILE": nothing,
            "AWS_SHARED_CREDENTIALS_FILE": nothing,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def tls_environment(self):
        authority = str(self.authority)
        return self.environment() | {
            "AWS_CA_BUNDLE": authority,
            "SSL_CERT_FILE": authority,
            "NODE_EXTRA_CA_CERTS": authority,
        }


@contextlib.contextmanager
def open_place():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # nginx's worker is another user when root starts it
        request, page = codec.put_request(), codec.get_page()
        (folder / "messages").write_bytes(
            b"".join(event["message"].encode() + b"\0" for event in request["logEvents"]))
        (folder / "put.json").write_text(codec.compact(request))
        (folder / "page.json").write_text(codec.compact(page))
        (folder / "nothing").touch()
        authority = Authority(folder, "authority")
        certificate, key = authority.issue("server", ["localhost"], ["127.0.0.1"])
        tls_port = free_port()
        more = LOCATIONS.format(tls_port=tls_port, certificate=certificate, key=key, folder=folder)
        with nginx(more, AROUND.format(folder=folder)) as url:
            yield Place(folder, url, f"https://127.0.0.1:{tls_port}/", authority.file,
                        len(page["events"]), (folder / "page.json").stat().st_size)
