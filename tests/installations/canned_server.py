"""A small HTTP server with canned responses, for tests of the client."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

DEFINITIONS = "/o/object-admin/v1.0/object-definitions"


@dataclass(frozen=True)
class Request:
    """A request as the server received it."""

    method: str
    path: str
    params: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    target: str = ""
    """Path and query as they were sent."""


@dataclass(frozen=True)
class Answer:
    """A response; a dict or list as body is sent as JSON."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Answering = Callable[[Request], Answer]


@dataclass
class Canned:
    """A running server, and the requests that it has received."""

    url: str
    answering: Answering
    requests: list[Request] = field(default_factory=list)

    def request_lines(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.requests]


def page(*items: Any, **envelope: Any) -> Answer:
    """Return a page of a list in Liferay's envelope."""
    whole = {"items": items, "lastPage": 1, "page": 1, "totalCount": len(items)}
    return Answer({"actions": {}, "facets": [], "pageSize": 500, **whole, **envelope})


def problem(status: int, title: str, name: str) -> Answer:
    """Return a response with a Problem body."""
    return Answer({"status": name, "title": title}, status)


@contextmanager
def canned(
    answering: Answering, context: ssl.SSLContext | None = None
) -> Iterator[Canned]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            request = Request(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query)),
                dict(self.headers.items()),
                self.rfile.read(length),
                self.path,
            )
            running.requests.append(request)
            answer = running.answering(request)
            body = answer.body
            headers = dict(answer.headers)
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
                headers.setdefault("Content-Type", "application/json")
            self.send_response(answer.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_arguments: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if context is None else "https"
    running = Canned(f"{scheme}://127.0.0.1:{server.server_port}", answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
