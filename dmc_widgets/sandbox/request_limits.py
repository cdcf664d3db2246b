"""What stands between the network and the gate: sizes, times, paths, and the log.

Paths stay percent-encoded while they are routed, so that a slash within an external
reference code separates nothing. The log tells method, path, status, time and the
sizes of both bodies; never a query, a header or a body, which may hold secrets and
somebody's data.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .requests import body_too_large_error
from .responses import ApiError

_LOG: Final = logging.getLogger("dmc_widgets.sandbox")
_MAX_URL_BYTES: Final = 8 * 1024
_MIN_BYTES_PER_S: Final = 4 * 1024


class RequestLimits:
    """Refuse what is too large, and note what was asked.

    Args:
        app: Behind it.
        max_body_bytes: Of any request.
        body_seconds: How long a body may take, whatever its size.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int, body_seconds: float) -> None:
        self._app = app
        self._max = max_body_bytes
        self._seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = bytes(scope.get("raw_path") or scope["path"].encode())
        text = path.partition(b"?")[0].decode("latin-1")
        scope["path"] = text.rstrip("/") or "/"
        noting, counted = (
            _RecordedSend(send),
            _LimitedReceive(receive, self._max, self._seconds),
        )
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

    def _fault(self, path: bytes, query: bytes, headers: Headers) -> ApiError | None:
        if len(path) + len(query) > _MAX_URL_BYTES:
            return ApiError(414, f"The URL is longer than {_MAX_URL_BYTES:,} bytes")
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:19]) > self._max:
            return body_too_large_error(self._max)
        return None


class _LimitedReceive:
    """Receives, counts bytes, and stops at too many and at too few."""

    def __init__(self, receive: Receive, limit: int, seconds: float) -> None:
        self._receive = receive
        self._limit = limit
        self._seconds = seconds
        self._began = time.monotonic()
        self._is_whole = False
        self.number = 0

    async def __call__(self) -> Message:
        if self._is_whole:  # what is waited for is the client's going away
            return await self._receive()
        left = self._began + self._seconds - time.monotonic()
        try:
            async with asyncio.timeout(left + self.number / _MIN_BYTES_PER_S):
                message = await self._receive()
        except TimeoutError as exc:
            title = "The request's body came too slowly"
            raise ApiError(408, title, headers={"Connection": "close"}) from exc
        if message["type"] == "http.request":
            self._is_whole = not message.get("more_body", False)
            self.number += len(message.get("body", b""))
            if self.number > self._limit:
                raise body_too_large_error(self._limit)
        return message


class _RecordedSend:
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
