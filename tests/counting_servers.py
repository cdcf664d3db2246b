"""Servers that count the bytes that they send: of the web, and in front of another."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

_RANGE: Final = re.compile(r"bytes=([0-9]+)-([0-9]+)")


class FileServer(ThreadingHTTPServer):
    """A web server of files.

    Attributes:
        files: The contents by path, such as ``/people.csv``.
        has_ranges: It answers requests of ranges with these.
        has_versions: It states an ETag of each file.
        sends_all: It answers each range with the range of the whole file.
        stated_size: The size that it states of files; 0 for the true one.
        moved: The paths to which it redirects others.
        ends: It ends each connection with the answer.
        sent: How many bytes of contents it has sent.
        ranges: The ranges that it was asked for, with the offset after the last byte.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.has_ranges = self.has_versions = True
        self.sends_all = False
        self.stated_size = 0
        self.moved: dict[str, str] = {}
        self.ends = False
        self.sent = 0
        self.ranges: list[tuple[int, int]] = []

    def put(self, path: str, content: bytes) -> str:
        """Serve a file; return its address."""
        self.files[path] = content
        return f"http://127.0.0.1:{self.server_port}{path}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FileServer

    def do_GET(self) -> None:
        server = self.server
        content = server.files.get(self.path)
        found = _RANGE.fullmatch(self.headers.get("Range", ""))
        if self.path in server.moved:
            self._answer(302, b"", {"Location": server.moved[self.path]})
        elif content is None:
            self._answer(404, b"", {})
        elif found is None or not server.has_ranges:
            self._answer(200, content, {})
        else:
            start, end = int(found[1]), int(found[2]) + 1
            server.ranges.append((start, end))
            if start >= len(content):
                self._answer(416, b"", {})
                return
            end = min(end, len(content))
            if server.sends_all:
                start, end = 0, len(content)
            stated = f"bytes {start}-{end - 1}/{server.stated_size or len(content)}"
            self._answer(206, content[start:end], {"Content-Range": stated})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        content = self.server.files.get(self.path)
        if self.server.ends:
            headers["Connection"] = "close"
        if self.server.has_versions and content is not None:
            headers["ETag"] = f'"{hash(content)}"'
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # who has asked may have seen enough
            for at in range(0, len(body), 65536):
                self.wfile.write(body[at : at + 65536])
                self.server.sent += len(body[at : at + 65536])

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def run_file_server() -> Iterator[FileServer]:
    """Run a web server of files on this machine."""
    with FileServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class CountingProxy:
    """Passes connections on to a server, and counts what it sends.

    Attributes:
        url: The address of the proxy.
        sent: How many bytes the server has sent, headers included.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.sent = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._port))
                except OSError:
                    near.close()
                    continue
                for ends in ((near, far), (far, near)):
                    threading.Thread(
                        target=self._pass_on, args=(*ends, ends[0] is far), daemon=True
                    ).start()

    def _pass_on(
        self, source: socket.socket, target: socket.socket, is_counted: bool
    ) -> None:
        with suppress(OSError), source:
            while data := source.recv(65536):
                self.sent += len(data) * is_counted
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def run_counting_proxy(port: int) -> Iterator[CountingProxy]:
    """Run a proxy in front of a server of this machine."""
    proxy = CountingProxy(port)
    yield proxy
    proxy.close()
