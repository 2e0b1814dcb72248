"""An HTTP server for very many connections at once, all in one thread. The path says what it does:

    /delay/MS/LABEL    answers after so many milliseconds; taskId is the request's destinationPrefix
    /fail/COUNT/MS     refuses so many requests of a call with 503, and asks to wait MS milliseconds
                       before the next; then it answers
    /silent/LABEL      never answers
    /drop/MS           closes the connection after so many milliseconds
    /seen/LABEL        taskId: connections, most requests at once and requests of that label so far

LABEL may be absent. Calls are told apart by the header amz-sdk-invocation-id.
"""

import asyncio
import collections
import contextlib
import json
import resource
import threading

BACKLOG = 4096
MAX_BODY = 1024 * 1024


class Seen:
    def __init__(self):
        self.connections = set()
        self.now = 0
        self.most = 0
        self.requests = 0


class CrowdServer:
    """Listens on a free loopback port until close()."""

    def __init__(self):
        allow_many_files()
        self._seen = collections.defaultdict(Seen)
        self._refused = collections.Counter()
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        started.wait()

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self, started):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=BACKLOG))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        # One more turn, in which they end.
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader, writer):
        with contextlib.suppress(OSError, ValueError, EOFError, asyncio.CancelledError):
            while await self._answer(reader, writer):
                pass
        writer.close()

    async def _answer(self, reader, writer):
        """Returns whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request, *lines = head.rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in
                   (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        if not 0 <= length <= MAX_BODY:
            raise ValueError("cannot read this body")
        body = await reader.readexactly(length)
        what, *arguments = request.split(" ")[1].strip("/").split("/")
        label = arguments[-1] if arguments else ""
        seen = self._seen[what, label]
        seen.connections.add(writer)
        seen.requests += 1
        seen.now += 1
        seen.most = max(seen.most, seen.now)
        try:
            status, text, *more = await self._decide(what, arguments, headers, body)
        finally:
            seen.now -= 1
        if status is None:
            return False
        data = json.dumps(text).encode()
        fields = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(data)}",
                  "Content-Type: application/x-amz-json-1.1", "x-amzn-RequestId: crowd", *more]
        writer.write("\r\n".join(fields).encode() + b"\r\n\r\n" + data)
        await writer.drain()
        return True

    async def _decide(self, what, arguments, headers, body):
        """Status (None: close), JSON, more header lines."""
        if what == "delay":
            await asyncio.sleep(int(arguments[0]) / 1000)
        elif what == "fail":
            call = headers["amz-sdk-invocation-id"]
            self._refused[call] += 1
            if self._refused[call] <= int(arguments[0]):
                return (503, {"__type": "ServiceUnavailableException", "message": "not yet"},
                        f"x-amz-retry-after: {arguments[1]}")
        elif what == "silent":
            await asyncio.sleep(600)
        elif what == "drop":
            await asyncio.sleep(int(arguments[0]) / 1000)
            return None, None
        elif what == "seen":
            # Of the label, whichever path it came by.
            found = [s for (path, label), s in self._seen.items()
                     if path != "seen" and label == arguments[0]]
            connections = set().union(*(s.connections for s in found))
            figures = len(connections), max((s.most for s in found), default=0), \
                sum(s.requests for s in found)
            return 200, {"taskId": " ".join(map(str, figures))}
        else:
            return 404, {"message": "no such path"}
        return 200, {"taskId": json.loads(body or b"{}").get("destinationPrefix", "")}


def allow_many_files():
    """As many as this process may have at all; programs that it starts inherit that."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
