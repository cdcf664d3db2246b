"""What stands between the network and the gate: sizes, paths, and the log.

Paths stay percent-encoded while they are routed, so that a slash within an external
reference code separates nothing. The log tells method, path, status, time and the
sizes of both bodies; never a query, a header or a body, which may hold secrets and
somebody's data.
"""

from __future__ import annotations

import logging
import time
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .answers import Fault
from .calls import too_large

_LOG: Final = logging.getLogger("dmc_widgets.sandbox")
_LONGEST_URL: Final = 8 * 1024


class Limits:
    """Refuse what is too large, and note what was asked.

    Args:
        app: Behind it.
        max_body_bytes: Of any request.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = bytes(scope.get("raw_path") or scope["path"].encode())
        text = path.partition(b"?")[0].decode("latin-1")
        scope["path"] = text.rstrip("/") or "/"
        noting, counted = _Noting(send), _Counting(receive, self._max)
        began = time.monotonic()
        try:
            fault = self._fault(path, scope["query_string"], Headers(scope=scope))
            if fault is not None:
                await fault.response()(scope, receive, noting)
                return
            await self._app(scope, counted, noting)
        finally:
            took = (time.monotonic() - began) * 1000
            shown = text[:200].encode("unicode_escape").decode()
            asked = f"{scope['method']} {shown} {noting.status}"
            sizes = counted.number, noting.number
            _LOG.info("%s %.0fms %d bytes in, %d out", asked, took, *sizes)

    def _fault(self, path: bytes, query: bytes, headers: Headers) -> Fault | None:
        if len(path) + len(query) > _LONGEST_URL:
            return Fault(414, f"The URL is longer than {_LONGEST_URL:,} bytes")
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:19]) > self._max:
            return too_large(self._max)
        return None


class _Counting:
    """Receives, counts bytes, and stops at too many."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self.number = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self.number += len(message.get("body", b""))
            if self.number > self._limit:
                raise too_large(self._limit)
        return message


class _Noting:
    """Sends, counts bytes, and remembers the status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.number = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.number += len(message.get("body", b""))
        await self._send(message)
