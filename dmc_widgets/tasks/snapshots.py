"""Reading an installation as it is at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..ports import Installation, SnapshotReader


@contextmanager
def frozen(installation: Installation) -> Iterator[Installation]:
    """Give *installation* as it is now, where it can be read so; else as it is.

    A server has no such thing: what is written there meanwhile may be read, too.
    """
    if isinstance(installation, SnapshotReader):
        with installation.snapshot() as snapshot:
            yield snapshot
    else:
        yield installation
