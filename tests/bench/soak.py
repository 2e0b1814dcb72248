"""A soak: many calls of all kinds and ends, after which no memory and no file descriptor is gone.

    soak.py BUILD_DIR [CALLS]
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

from server import nginx

LARGE_BYTES = 256 * 1024


def error(status, code):
    return f"""return {status} '{{"__type":"{code}","message":"as the soak wants it"}}';"""


def locations(folder):
    """What soak.c asks for. 444 is nginx's for no answer at all; a file is not for POST, but for
    what that error leads to."""
    large = "error_page 405 =200 /file; return 405;"
    answers = {
        "500": error(500, "InternalFailure"),
        "throttle": error(400, "ThrottlingException"),
        "refuse": error(400, "ResourceNotFoundException"),
        "expired": error(400, "ExpiredTokenException"),
        "garbage": "return 200 '<html>';",
        "reset": "return 444;",
        "large": large,
        "drip": large.replace("file", "drip-file"),
        "cancel": large.replace("file", "drip-file"),
    }
    return (f"reset_timedout_connection on;\n"
            f"location = /file {{ alias {folder}/large; }}\n"
            f"location = /drip-file {{ alias {folder}/large; limit_rate 4k; }}\n"
            + "\n".join(f"location = /{name}/ {{ {answer} }}" for name, answer in answers.items()))


def main():
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="the build directory (./dev gives it)")
    parser.add_argument("calls", nargs="?", type=int, default=200000, help="%(default)s")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)  # the server's worker may be another user
        pathlib.Path(folder, "large").write_text('{"taskId":"' + "a" * LARGE_BYTES + '"}')
        with nginx(locations(folder)) as url:
            began = time.monotonic()
            status = subprocess.call([options.build / "tests/bench/soak", str(options.calls), url])
            print(f"{time.monotonic() - began:.0f} s; {'flat' if status == 0 else 'FAILED'}")
    return status


if __name__ == "__main__":
    sys.exit(main())
