"""Digests of entries as a write has left them, for a verification that comes later."""

from __future__ import annotations

from collections.abc import Iterable

from xxhash import xxh3_128_digest


def digest_entries(bodies: Iterable[bytes], statuses: Iterable[int]) -> list[bytes]:
    """Return the digests of stored entries, each of 16 bytes.

    xxHash is fast and not cryptographic: that two entries have the same digest by
    chance is as improbable as with any hash of 128 bits, but a pair can be made.

    The external reference codes are left out: entries are looked up by them.

    Args:
        bodies: The values of each, as the installation stores them.
        statuses: The status of each, which seeds the hash.
    """
    return list(map(xxh3_128_digest, bodies, statuses))


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

    def take(self, bodies: Iterable[bytes], statuses: Iterable[int]) -> None:
        """Make the digests of the entries of all items; see :func:`digest_entries`."""
        self.listed = digest_entries(bodies, statuses)

    def clear(self) -> None:
        """Drop the digests of a write that is begun again, and may end otherwise."""
        self.listed = []
