"""Digests of entries as a write has left them, for a verification that comes later."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

_BYTES: Final = 16


def digest_entries(entries: Iterable[tuple[str, int, bytes]]) -> list[bytes]:
    """Return the digests of stored entries.

    Args:
        entries: The external reference code, the status and the values of each, as the
            installation stores them.
    """
    return [
        sha256(b"%b\0%d\0%b" % (code.encode(), status, values)).digest()[:_BYTES]
        for code, status, values in entries
    ]


class EntryDigests:
    """Takes the digests of the entries of a batch, from the installation that writes.

    An installation that decides itself what becomes of an entry knows all its values,
    so a digest costs little there. An entry that has another digest later is compared
    value by value.

    Attributes:
        listed: One an item, in their order; empty if the installation has made none.
    """

    def __init__(self) -> None:
        self.listed: list[bytes] = []

    def take(self, entries: Iterable[tuple[str, int, bytes]]) -> None:
        """Make the digests of the entries of all items; see :func:`digest_entries`."""
        self.listed = digest_entries(entries)

    def clear(self) -> None:
        """Drop the digests of a write that is begun again, and may end otherwise."""
        self.listed = []
