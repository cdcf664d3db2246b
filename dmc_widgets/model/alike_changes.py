"""The changes of items to which a write did alike, kept as columns.

Most batches add all their items, or replace the values of the same fields in all of
them. What :class:`~.change.ItemChange` says of each is then made when it is asked for,
and the text for the database is made from the columns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, repeat
from typing import Any, NamedTuple, Self, overload

from .change import MODIFIED, VALUES, ItemChange, new_field_change, new_item_change


class ReplacedValues(NamedTuple):
    """The values of a field that each of some items has, and gets another one.

    Attributes:
        name: The name of the field.
        old: The stored values; none is empty.
        new: The values that come in their place; none is empty.
    """

    name: str
    old: Sequence[Any]
    new: Sequence[Any]


class AlikeChanges(Sequence[ItemChange], ABC):
    """The changes of items of one site; each is made when it is asked for.

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

    @property
    @abstractmethod
    def names(self) -> Collection[str]:
        """The fields that each of the items has another value of; none has lost one."""

    @abstractmethod
    def _format(self, site: str) -> tuple[bytes, Iterator[Any]]:
        """Return the text of one change with gaps, and what fills those of all.

        Args:
            site: The key of the site as JSON text in which percent signs are doubled.
        """

    @abstractmethod
    def _make(self, fingerprints: Iterator[str]) -> Iterator[ItemChange]:
        """Yield the changes with these fingerprints."""

    @abstractmethod
    def _select(self, places: slice) -> Self:
        """Return the changes at some places."""

    def dump(self) -> bytes:
        """Return the changes as :data:`~.change.dump_changes` writes them."""
        if self._text is None:
            one, values = self._format(_escaped(self._site))
            text = b",".join([one] * len(self)) % tuple(values)
            self._text = b"[%s]" % text
        return self._text

    def __len__(self) -> int:
        return len(self._checksums)

    def __iter__(self) -> Iterator[ItemChange]:
        return self._make(f"{self._prefix}{one:x}" for one in self._checksums)

    @overload
    def __getitem__(self, place: int) -> ItemChange: ...
    @overload
    def __getitem__(self, place: slice) -> Self: ...
    def __getitem__(self, place: int | slice) -> ItemChange | Self:
        if isinstance(place, slice):
            return self._select(place)
        wanted = range(len(self))[place]
        return next(iter(self._select(slice(wanted, wanted + 1))))


class AddedChanges(AlikeChanges):
    """The changes of new items that have nothing beside: a fingerprint each."""

    __slots__ = ()

    @property
    def names(self) -> Collection[str]:
        """Nothing: new items had no values."""
        return ()

    def _format(self, site: str) -> tuple[bytes, Iterator[Any]]:
        one = f'[[],{site},"{self._prefix}%x",null]'
        return one.encode(), iter(self._checksums)

    def _make(self, fingerprints: Iterator[str]) -> Iterator[ItemChange]:
        parts = zip(repeat(()), repeat(self._site), fingerprints, repeat(None))
        return map(new_item_change, parts)

    def _select(self, places: slice) -> Self:
        return type(self)(self._site, self._prefix, self._checksums[places])


class ReplacedChanges(AlikeChanges):
    """The changes of stored items that get other values of the same fields.

    Args:
        site: The key of the site; empty where the items belong to none.
        prefix: What all fingerprints begin with: digits and full stops.
        checksums: The number that each fingerprint ends with, in hexadecimal.
        replaced: The fields and their values, as they are stored.
        modified: When each item was changed before, in milliseconds since the epoch.
        shown: The same with the values of each language in place of translations; None
            where nothing is translated.
    """

    __slots__ = ("_modified", "_replaced", "_shown")

    def __init__(
        self,
        site: str,
        prefix: str,
        checksums: Sequence[int],
        replaced: Sequence[ReplacedValues],
        modified: Sequence[int],
        *,
        shown: Sequence[ReplacedValues] | None = None,
    ) -> None:
        super().__init__(site, prefix, checksums)
        self._shown = replaced if shown is None else shown
        self._replaced = replaced
        self._modified = modified

    @property
    def names(self) -> Collection[str]:
        """The fields of each of the items."""
        return [one.name for one in self._shown]

    def _format(self, site: str) -> tuple[bytes, Iterator[Any]]:
        old = [_as_texts(one.old) for one in self._shown]
        new = [_as_texts(one.new) for one in self._shown]
        former = old
        if self._replaced is not self._shown:
            former = [_as_texts(one.old) for one in self._replaced]
        fields = ",".join(f"[{_escaped(name)},%s,%s]" for name in self.names)
        values = ",".join(f"{_escaped(one.name)}:%s" for one in self._replaced)
        image = f'{{"{VALUES}":{{{values}}},"{MODIFIED}":%d}}'
        one = f'[[{fields}],{site},"{self._prefix}%x",{image}]'
        pairs = chain.from_iterable(zip(old, new, strict=True))
        columns = zip(*pairs, self._checksums, *former, self._modified, strict=True)
        return one.encode(), chain.from_iterable(columns)

    def _make(self, fingerprints: Iterator[str]) -> Iterator[ItemChange]:
        listed = (
            map(new_field_change, zip(repeat(name), old, new, strict=False))
            for name, old, new in self._shown
        )
        names = [one.name for one in self._replaced]
        former = zip(*(one.old for one in self._replaced), strict=True)
        images = (
            {VALUES: dict(zip(names, values, strict=True)), MODIFIED: modified}
            for values, modified in zip(former, self._modified, strict=True)
        )
        fields = zip(*listed, strict=True)
        parts = zip(fields, repeat(self._site), fingerprints, images, strict=False)
        return map(new_item_change, parts)

    def _select(self, places: slice) -> Self:
        replaced, shown = (
            [ReplacedValues(name, old[places], new[places]) for name, old, new in part]
            for part in (self._replaced, self._shown)
        )
        checksums, modified = self._checksums[places], self._modified[places]
        values = checksums, replaced, modified
        return type(self)(self._site, self._prefix, *values, shown=shown)


def _escaped(text: str) -> str:
    """Return a text as JSON for a format, in which percent signs are doubled."""
    # `import dmc_widgets` is to cost next to nothing.
    import orjson

    return orjson.dumps(text).decode().replace("%", "%%")


def _as_texts(values: Sequence[Any]) -> list[bytes]:
    """Return each value as JSON."""
    import msgspec

    lines = msgspec.json.Encoder(enc_hook=str).encode_lines(values)
    return lines.split(b"\n")[:-1]  # JSON has no such character inside
