"""Samples of a text: its beginning, and whole lines from its middle and its end.

An encoding shows only where there is more than ASCII, which may be far behind the
beginning. What is read for that is bounded, so that looking at the head of a file
stays fast: a plain file is read at evenly spaced places, a packed one, which has to be
unpacked from its beginning, as far as a limit.
"""

from __future__ import annotations

from itertools import islice
from typing import IO, Final, NamedTuple

PIECE_BYTES: Final = 64 * 1024
_WHOLE_BYTES: Final = 1024 * 1024
_PIECES: Final = 16
_STREAMED_BYTES: Final = 16 * 1024 * 1024


class TextSamples(NamedTuple):
    """Pieces of a text in their order, and whether they are all of it."""

    pieces: list[bytes]
    is_whole: bool


def sample_plain(stream: IO[bytes], size: int) -> TextSamples:
    """Take samples of a file that can be read at any place.

    Args:
        stream: The file, at its beginning.
        size: Its size in bytes.
    """
    if size <= _WHOLE_BYTES:
        return TextSamples([stream.read(_WHOLE_BYTES)], is_whole=True)
    pieces = []
    for number in range(_PIECES):
        place = number * (size - PIECE_BYTES) // (_PIECES - 1)
        stream.seek(place)
        pieces.append(_whole_lines(stream.read(PIECE_BYTES), is_head=not place))
    return TextSamples(pieces, is_whole=False)


def sample_stream(stream: IO[bytes]) -> TextSamples:
    """Take samples of a text that can only be read from its beginning.

    Pieces of nothing but ASCII tell nothing and are left out. Of too many others every
    second one is kept, then every fourth, and so on.
    """
    pieces = iter(lambda: stream.read(PIECE_BYTES), b"")
    head = next(pieces, b"")
    kept: list[bytes] = []
    stride, telling, is_whole = 1, 0, True
    for piece in islice(pieces, _STREAMED_BYTES // PIECE_BYTES):
        is_whole = False
        if piece.isascii():
            continue
        if telling % stride == 0:
            kept.append(_whole_lines(piece))
        telling += 1
        if len(kept) == _PIECES:
            kept, stride = kept[::2], stride * 2
    if is_whole:
        return TextSamples([head], is_whole=True)
    return TextSamples([_whole_lines(head, is_head=True), *kept], is_whole=False)


def _whole_lines(piece: bytes, *, is_head: bool = False) -> bytes:
    """Leave out what may be half a line at both ends, and so half a character."""
    start = 0 if is_head else _first_end(piece)
    end = max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1
    if end <= start:
        return piece if is_head else b""
    return piece[start:end]


def _first_end(piece: bytes) -> int:
    ends = [at for at in (piece.find(b"\n"), piece.find(b"\r")) if at >= 0]
    return min(ends, default=len(piece)) + 1
