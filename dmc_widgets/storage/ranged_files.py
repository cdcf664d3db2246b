"""A file at an address of which only those bytes are fetched that are read.

What was fetched is kept in a temporary file, so no byte is fetched twice, however often
a reader goes back. It has the size of the whole file and takes the room of what is in
it.
"""

from __future__ import annotations

import io
import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Final, Literal, Protocol, Self, cast

from .remote_addresses import RemoteAddress

BLOCK_BYTES: Final = 64 * 1024
"""What is fetched begins and ends with such a block."""

_MAX_AHEAD_BYTES: Final = 8 * 1024 * 1024


class RemoteRanges(Protocol):
    """The bytes of one version of a file at an address, in any order."""

    @property
    def version(self) -> str:
        """What changes whenever the file does."""
        ...

    @property
    def is_exact(self) -> bool:
        """True if equal versions have equal bytes; a time to the second proves less."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from *start* up to *end*, which is within the file.

        Raises:
            FileBroken: The file is another one by now.
            Refused: The store or host refuses.
            Unreachable: It does not answer.
        """
        ...

    def require_unchanged(self) -> None:
        """Refuse a file that was replaced; raises as :meth:`read`."""
        ...

    def close(self) -> None:
        """Close the connection. It is opened again if anything more is read."""
        ...


class RangedFile:
    """Opens as a path does, and fetches what is read.

    Args:
        address: The address of the file.
        name: The name of the file.
        size: Its size in bytes.
        ranges: Fetches its bytes.
        folder: Where the temporary file is; None for the folder of the system.
    """

    def __init__(
        self,
        address: RemoteAddress,
        name: str,
        size: int,
        ranges: RemoteRanges,
        folder: Path | None = None,
    ) -> None:
        self.address = address
        self.name = name
        self.size = size
        self._ranges = ranges
        self._fetched: set[int] = set()  # by number; the size is what the host says
        self._lock = Lock()
        opened = ExitStack()
        opened.callback(ranges.close)
        kept = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed with the others
        self._kept = opened.enter_context(kept)
        self._end = weakref.finalize(self, opened.close)

    def __repr__(self) -> str:
        return f"RangedFile({str(self.address)!r})"

    @property
    def version(self) -> str:
        """What changes whenever the file does."""
        return self._ranges.version

    @property
    def is_exact(self) -> bool:
        """True if equal versions have equal bytes; a time to the second proves less."""
        return self._ranges.is_exact

    def require_unchanged(self) -> None:
        """Refuse a file that was replaced since this one was opened.

        Raises:
            FileBroken: It was.
            InstallationError: The store or host refuses, or does not answer.
        """
        self._ranges.require_unchanged()

    def open(self, mode: Literal["rb"] = "rb") -> BinaryIO:  # noqa: ARG002 - as of a path
        """Open the file at its beginning; it is a :class:`RangedStream`."""
        return cast("BinaryIO", RangedStream(self))

    def read(self, start: int, end: int, ahead: int = 0) -> bytes:
        """Return the bytes from *start* up to *end*.

        Args:
            start: The offset of the first byte.
            end: The offset after the last one; less is returned at the end of the file.
            ahead: How much more is fetched if something is fetched.

        Raises:
            DmcError: As for :meth:`RemoteRanges.read`.
            OSError: The temporary file cannot be written.
        """
        end = min(end, self.size)
        if start >= end:
            return b""
        with self._lock:
            self._fetch(start, end, min(end + ahead, self.size))
            self._kept.seek(start)
            return self._kept.read(end - start)

    def close(self) -> None:
        """Give up what was fetched. Closing twice is harmless."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _fetch(self, start: int, end: int, ahead: int) -> None:
        first, last = start // BLOCK_BYTES, -(-end // BLOCK_BYTES)
        if self._fetched.issuperset(range(first, last)):
            return
        for begin, stop in self._missing(first, -(-ahead // BLOCK_BYTES)):
            at = begin * BLOCK_BYTES
            data = self._ranges.read(at, min(stop * BLOCK_BYTES, self.size))
            self._kept.seek(at)
            self._kept.write(data)
            self._fetched.update(range(begin, stop))

    def _missing(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield runs of missing blocks, each of what is fetched at once."""
        most = _MAX_AHEAD_BYTES // BLOCK_BYTES
        blocks = groupby(range(first, last), key=self._fetched.__contains__)
        for is_there, run in blocks:
            missing = [] if is_there else [*run]
            for at in range(0, len(missing), most):
                part = missing[at : at + most]
                yield part[0], part[-1] + 1


RecordFile = Path | RangedFile
"""A file of records: of this machine, or one of which parts are fetched."""


class RangedStream(io.RawIOBase):
    """The bytes of a file that are fetched as they are read.

    A reader that goes on without a step gets more and more at once.

    Args:
        file: The file.
    """

    def __init__(self, file: RangedFile) -> None:
        super().__init__()
        self._file = file
        self._position = 0
        self._in_a_row = 0
        self._limit: int | None = None

    def expect(self, start: int, end: int) -> None:
        """Go to an offset from which all up to another one will be read, and no more.

        It is fetched at once, as far as it is not large.
        """
        self._position, self._limit = start, end

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to an offset, of the beginning, the position or the end."""
        starts = {os.SEEK_CUR: self._position, os.SEEK_END: self._file.size}
        position = max(0, starts.get(whence, 0) + offset)
        if position != self._position:
            self._in_a_row, self._limit = 0, None
        self._position = position
        return position

    def readinto(self, buffer: Any) -> int:
        """Fill *buffer*, but for the end of what is there, or is expected."""
        view = memoryview(buffer).cast("B")
        start, end = self._position, self._position + len(view)
        ahead = min(self._in_a_row, _MAX_AHEAD_BYTES)
        if self._limit is not None:
            end = min(end, self._limit)
            ahead = min(self._limit - end, max(0, _MAX_AHEAD_BYTES - end + start))
        data = self._file.read(start, end, ahead)
        view[: len(data)] = data
        self._position += len(data)
        self._in_a_row += len(data)
        return len(data)
