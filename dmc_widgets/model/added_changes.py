"""The changes of items that were added: a fingerprint each, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import overload

from .change import ItemChange, new_item_change


class AddedChanges(Sequence[ItemChange]):
    """The changes of new items of one site; each is made when it is asked for.

    Args:
        site: The key of the site; empty where the items belong to none.
        prefix: What all fingerprints begin with: digits and full stops.
        checksums: The number that each fingerprint ends with, in hexadecimal.
    """

    __slots__ = ("_checksums", "_prefix", "_site", "_text")

    def __init__(self, site: str, prefix: str, checksums: Sequence[int]) -> None:
        self._site = site
        self._prefix = prefix
        self._checksums = checksums
        self._text: bytes | None = None

    def dump(self) -> bytes:
        """Return the changes as :data:`~.change.dump_changes` writes them."""
        if self._text is None:
            # `import dmc_widgets` is to cost next to nothing.
            import orjson

            site = orjson.dumps(self._site).decode().replace("%", "%%")
            one = f'[[],{site},"{self._prefix}%x",null]'
            text = ",".join([one] * len(self)) % tuple(self._checksums)
            self._text = f"[{text}]".encode()
        return self._text

    def __len__(self) -> int:
        return len(self._checksums)

    def __iter__(self) -> Iterator[ItemChange]:
        fingerprints = (f"{self._prefix}{one:x}" for one in self._checksums)
        parts = zip(repeat(()), repeat(self._site), fingerprints, repeat(None))
        return map(new_item_change, parts)

    @overload
    def __getitem__(self, place: int) -> ItemChange: ...
    @overload
    def __getitem__(self, place: slice) -> AddedChanges: ...
    def __getitem__(self, place: int | slice) -> ItemChange | AddedChanges:
        if isinstance(place, slice):
            return AddedChanges(self._site, self._prefix, self._checksums[place])
        fingerprint = f"{self._prefix}{self._checksums[place]:x}"
        return ItemChange((), self._site, fingerprint)
