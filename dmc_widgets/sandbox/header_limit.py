"""A time limit for the head of a request, which uvicorn does not have.

Without one a client that sends a header a minute keeps its connection for ever, and
some hundreds of them keep everybody else out.
"""

from __future__ import annotations

import asyncio
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_BODY: Final = (
    b'{"status":"REQUEST_TIMEOUT","title":"The request\'s head came too slowly"}'
)
_TOO_SLOW: Final = (
    b"HTTP/1.1 408 Request Timeout\r\n"
    b"content-type: application/json\r\n"
    b"connection: close\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


def protocol_with_limit(seconds: float) -> type[asyncio.Protocol]:
    """Return the protocol for connections whose requests have *seconds* for a head."""

    class LimitedProtocol(_LimitedProtocol):
        header_seconds = seconds

    return LimitedProtocol


class _LimitedProtocol(H11Protocol):
    """HTTP/1.1 with a clock that runs while the head of a request is awaited.

    Between two requests of a connection uvicorn's limit for idle ones holds; the
    clock starts again with the first byte of the next request.
    """

    header_seconds: float
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_clock()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._start_clock()
        else:
            self._stop_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def _start_clock(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(self.header_seconds, self._end)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _end(self) -> None:
        """Close a connection whose request has not come; one that has began says so."""
        self._clock = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            if self.conn.trailing_data[0]:
                self.transport.write(_TOO_SLOW)
            self.transport.close()
