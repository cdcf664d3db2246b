"""Writing in the background: who makes the bytes need not wait until they are packed.

Packing takes a third of the time of an export, and neither zlib nor the disk needs
Python's lock meanwhile, so a second core can do it.
"""

from __future__ import annotations

import io
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any, Final

_QUEUE_LIMIT: Final = 4
"""Pieces that may wait: enough to even out the pace, and little to hold."""


class BackgroundWriter(io.RawIOBase):
    """Writes to *stream* in a thread, in order; *stream* stays the caller's.

    What goes wrong there is raised by a later call, by :meth:`close` at the latest.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self._pending: deque[Future[int]] = deque()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="writing")

    def writable(self) -> bool:
        """Nothing else can be done with it."""
        return True

    def write(self, data: Any, /) -> int:
        """Take *data*; wait if many pieces are waiting already."""
        if len(self._pending) >= _QUEUE_LIMIT:
            self._pending.popleft().result()
        piece = bytes(data)  # the caller's buffer is used again
        self._pending.append(self._pool.submit(self._stream.write, piece))
        return len(piece)

    def close(self) -> None:
        """Wait until everything is written. Closing twice is harmless."""
        try:
            while self._pending:
                self._pending.popleft().result()
        finally:
            self._pool.shutdown(cancel_futures=True)
            super().close()
