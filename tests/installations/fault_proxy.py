"""A proxy that breaks requests between a client and a server, at seeded points.

It parses only as much HTTP as it needs: a request is its head and as many bytes as its
Content-Length says. Each request gets a connection of its own to the server, so that a
fault affects one exchange only.
"""

from __future__ import annotations

import random
import socket
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

_END = b"\r\n\r\n"


class Fault(StrEnum):
    """What goes wrong with one request."""

    CUT_BEFORE = "cut before the request"
    CUT_WITHIN_REQUEST = "cut within the request"
    CUT_AFTER_REQUEST = "cut after the request"
    CUT_WITHIN_ANSWER = "cut within the answer"
    DELAY = "delay"
    BAD_GATEWAY = "502"
    BAD_GATEWAY_LATE = "502 after the server has done it"
    UNAVAILABLE = "503"
    TOO_MANY = "429"
    TWICE = "delivered twice"


_ANSWERS = {
    Fault.BAD_GATEWAY: b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0" + _END,
    Fault.BAD_GATEWAY_LATE: b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0" + _END,
    Fault.UNAVAILABLE: b"HTTP/1.1 503 No\r\nRetry-After: 0\r\nContent-Length: 0" + _END,
    Fault.TOO_MANY: b"HTTP/1.1 429 No\r\nRetry-After: 0\r\nContent-Length: 0" + _END,
}


@dataclass
class Faults:
    """A seeded plan of which requests fail, and how.

    Attributes:
        seed: The same seed breaks the same requests in the same way.
        number: The number of faults in all.
        widest: The most requests between two faults.
        done: The faults so far.
        requests: The number of requests so far.
        bytes: Their size in all.
        paused: No faults happen now.
    """

    seed: int
    number: int
    widest: int = 4
    done: Counter[Fault] = field(default_factory=Counter)
    requests: int = 0
    bytes: int = 0
    paused: bool = True

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()
        self._gap = self._random.randint(1, self.widest)

    def next(self, size: int) -> Fault | None:
        """Return the fault of the next request, or None."""
        with self._lock:
            self.requests += 1
            self.bytes += size
            if self.paused or self.done.total() >= self.number:
                return None
            self._gap -= 1
            if self._gap > 0:
                return None
            self._gap = self._random.randint(1, self.widest)
            fault = self._random.choice(list(Fault))
            self.done[fault] += 1
            return fault


class _Handler(socketserver.BaseRequestHandler):
    """Serves one connection of a client."""

    server: _Server

    def handle(self) -> None:
        buffer = b""
        while True:
            request, buffer = _message(self.request, buffer)
            if not request:
                return
            if not self._exchange(request):
                return

    def _exchange(self, request: bytes) -> bool:
        """Forward or break a request; return True if the connection stays open."""
        fault = self.server.faults.next(len(request))
        if fault is Fault.CUT_BEFORE:
            return False
        if fault is Fault.CUT_WITHIN_REQUEST:
            self._send(request[: len(request) // 2])
            return False
        if fault in {Fault.BAD_GATEWAY, Fault.UNAVAILABLE, Fault.TOO_MANY}:
            self.request.sendall(_ANSWERS[fault])
            return True
        if fault is Fault.DELAY:
            time.sleep(0.05)
        if fault is Fault.TWICE:
            self._send(request, wait=True)
        answer = self._send(request, wait=True)
        if fault is Fault.CUT_AFTER_REQUEST:
            return False
        if fault is Fault.CUT_WITHIN_ANSWER:
            self.request.sendall(answer[: len(answer) // 2])
            return False
        if fault is Fault.BAD_GATEWAY_LATE:
            answer = _ANSWERS[fault]
        self.request.sendall(answer)
        return True

    def _send(self, data: bytes, *, wait: bool = False) -> bytes:
        with socket.create_connection(self.server.upstream, timeout=30) as upstream:
            upstream.sendall(data)
            return _message(upstream, b"")[0] if wait else b""


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, upstream: tuple[str, int], faults: Faults) -> None:
        self.upstream = upstream
        self.faults = faults
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle_error(self, *_arguments: object) -> None:
        """Ignore clients that went away: that is what this is about."""


def _message(connection: socket.socket, buffer: bytes) -> tuple[bytes, bytes]:
    """Read one message; return it, and the bytes after it."""
    while _END not in buffer:
        data = connection.recv(65536)
        if not data:
            return b"", b""
        buffer += data
    head, _, _ = buffer.partition(_END)
    if b"transfer-encoding: chunked" in head.lower():
        while not buffer.endswith(b"0\r\n\r\n"):
            buffer += connection.recv(65536)
        return buffer, b""
    whole = len(head) + len(_END) + _length(head)
    while len(buffer) < whole:
        data = connection.recv(65536)
        if not data:
            return b"", b""
        buffer += data
    return buffer[:whole], buffer[whole:]


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


@contextmanager
def faulty(url: str, faults: Faults) -> Iterator[str]:
    """Run a proxy for the server at *url* until the block ends; yield its URL."""
    parts = urlsplit(url)
    server = _Server((parts.hostname or "", parts.port or 80), faults)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
