"""Limits on every request: URL length, body size and speed; and the access log.

Paths stay percent-encoded while they are routed, so that a slash within an external
reference code is not a separator. The log has method, path, status, duration and the
sizes of both bodies, but no query, header or body, which may contain secrets and
personal data.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .requests import body_too_large_error, parse_whole_number
from .responses import ApiError

_LOG: Final = logging.getLogger("dmc_widgets.sandbox")
_MAX_DIGITS: Final = 19
_MAX_URL_BYTES: Final = 8 * 1024
_MIN_BYTES_PER_S: Final = 4 * 1024


class RequestLimits:
    """Middleware that refuses requests beyond the limits, and writes the access log.

    Args:
        app: The application to protect.
        max_body_bytes: The size limit of a request's body.
        body_seconds: How long a body may take to arrive, whatever its size.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int, body_seconds: float) -> None:
        self._app = app
        self._max_bytes = max_body_bytes
        self._seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        raw_path = bytes(scope.get("raw_path") or scope["path"].encode())
        path = raw_path.partition(b"?")[0].decode("latin-1")
        scope["path"] = path.rstrip("/") or "/"
        recorded_send = _RecordedSend(send)
        limited_receive = _LimitedReceive(receive, self._max_bytes, self._seconds)
        began = time.monotonic()
        try:
            url_bytes = len(raw_path) + len(scope["query_string"])
            error = self._check(url_bytes, Headers(scope=scope))
            if error is None:
                await self._app(scope, limited_receive, recorded_send)
            else:
                await error.response()(scope, receive, recorded_send)
        finally:
            took_ms = (time.monotonic() - began) * 1000
            printable = path[:200].encode("unicode_escape").decode()
            line = f"{scope['method']} {printable} {recorded_send.status}"
            sizes = limited_receive.size, recorded_send.size
            _LOG.info("%s %.0fms %d bytes in, %d out", line, took_ms, *sizes)

    def _check(self, url_bytes: int, headers: Headers) -> ApiError | None:
        if url_bytes > _MAX_URL_BYTES:
            return ApiError(414, f"The URL is longer than {_MAX_URL_BYTES:,} bytes")
        length = parse_whole_number(headers.get("content-length", "")[:_MAX_DIGITS])
        if length is not None and length > self._max_bytes:
            return body_too_large_error(self._max_bytes)
        return None


class _LimitedReceive:
    """Receives a body, counts its bytes, and refuses too many and too slow ones."""

    def __init__(self, receive: Receive, limit: int, seconds: float) -> None:
        self._receive = receive
        self._limit = limit
        self._seconds = seconds
        self._began = time.monotonic()
        self._is_complete = False
        self.size = 0

    async def __call__(self) -> Message:
        if self._is_complete:  # the only message to come is that the client left
            return await self._receive()
        remaining = self._began + self._seconds - time.monotonic()
        try:
            async with asyncio.timeout(remaining + self.size / _MIN_BYTES_PER_S):
                message = await self._receive()
        except TimeoutError as exc:
            title = "The request's body came too slowly"
            raise ApiError(408, title, headers={"Connection": "close"}) from exc
        if message["type"] == "http.request":
            self._is_complete = not message.get("more_body", False)
            self.size += len(message.get("body", b""))
            if self.size > self._limit:
                raise body_too_large_error(self._limit)
        return message


class _RecordedSend:
    """Sends a response, counts the bytes of its body, and records its status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.size = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.size += len(message.get("body", b""))
        await self._send(message)
