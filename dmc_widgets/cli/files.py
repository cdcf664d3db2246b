"""Files that commands write: all of one, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

_CHUNK_BYTES = 1 << 20


def write_whole(target: Path, chunks: Iterable[bytes]) -> None:
    """Put *chunks* at *target*; what is there is replaced when all have been written.

    Raises:
        OSError: It cannot be written; what was at *target* is still there.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as stream:
            stream.writelines(chunks)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def chunks_of(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file in pieces."""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk
