"""A small server of files for the tests of downloads: with Range or without, and with faults."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server holds and how it misbehaves; requests are noted."""

    files: dict[str, bytes]
    ranges: bool = True
    break_after: list[int] = field(default_factory=list)  # per answer: bytes sent, then hang up
    statuses: list[int] = field(default_factory=list)  # per answer: refuse with this status
    wrong_extent: bool = False
    hide_length: bool = False
    tag: str = '"1"'
    requests: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    """Run the server on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append(dict(self.headers.items()))
            content = site.files.get(self.path.lstrip("/"))
            status = site.statuses.pop(0) if site.statuses else 200
            if content is None or status != 200:
                self.send_error(status if status != 200 else 404)
                return
            self._send(content)

        def _send(self, content: bytes) -> None:
            start = self._start(content)
            if start is None:
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                first = start + 1 if site.wrong_extent else start
                self.send_header(
                    "Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}"
                )
            if not site.hide_length:
                self.send_header("Content-Length", str(len(content) - start))
            if site.tag:
                self.send_header("ETag", site.tag)
            self.end_headers()
            limit = site.break_after.pop(0) if site.break_after else len(content)
            with suppress(ConnectionError):  # the other side may hang up first
                self.wfile.write(content[start : start + limit])

        def _start(self, content: bytes) -> int | None:
            wanted = self.headers.get("Range", "")
            if not site.ranges or not wanted:
                return 0
            if self.headers.get("If-Range", site.tag) != site.tag:
                return 0
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            return start if start < len(content) else None

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
