"""Mends: the values that a person changed in a record that failed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from .record import Record
from .representation import ValueDisplay

Path = tuple[str | int, ...]
"""Where a value is in a record: its field, then names of parts and places in lists."""

_DECIMAL: Final = "$decimal"
_SEALED: Final = "$sealed"


class SealedValue:
    """A value that is sealed while it is stored; its repr hides it.

    Not a dataclass, because orjson would serialise it.

    Args:
        text: The sealed value, as text.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return "SealedValue(***)"


@dataclass(frozen=True, slots=True, repr=False)
class Mend(ValueDisplay):
    """What a person changed in a record, compared with the record as it was read.

    >>> Mend({("colour",): "blue"}).apply({"colour": "Blau", "size": 3})
    {'colour': 'blue', 'size': 3}

    Attributes:
        values: The new values by their places.
        removed: The names of fields that the record does not have any more.
    """

    values: Mapping[Path, Any]
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return True if anything was changed."""
        return bool(self.values or self.removed)

    def apply(self, record: Record) -> Record:
        """Return the record with the changes; the record itself stays as it is."""
        mended = {name: x for name, x in record.items() if name not in self.removed}
        for path, value in self.values.items():
            _put(mended, path, value)
        return mended

    def after(self, earlier: Mend) -> Mend:
        """Return the changes of *earlier* and, over them, these."""
        replaced = {path[0] for path in self.values if len(path) == 1}
        values = {
            path: value
            for path, value in earlier.values.items()
            if path[0] not in replaced and path[0] not in self.removed
        }
        given = {path[0] for path in self.values}
        removed = dict.fromkeys((*earlier.removed, *self.removed))
        return Mend(
            {**values, **self.values},
            tuple(name for name in removed if name not in given),
        )

    def map_values(self, convert: Callable[[Path, Any], Any]) -> Mend:
        """Return the changes with other values: *convert* of each place and value."""
        values = {path: convert(path, value) for path, value in self.values.items()}
        return Mend(values, self.removed)

    def to_json(self) -> str:
        """Return the changes as text that :meth:`from_json` reads, every digit kept."""
        pairs = [[list(path), value] for path, value in self.values.items()]
        return encode_value([pairs, list(self.removed)])

    @classmethod
    def from_json(cls, text: str) -> Mend:
        """Build the changes that :meth:`to_json` wrote."""
        pairs, removed = decode_value(text)
        return cls({tuple(path): value for path, value in pairs}, tuple(removed))


NO_MEND: Final = Mend({})
"""Nothing was changed: the record is tried again as it is."""


class PackedMends(Mapping[int, Mend]):
    """The changes of very many records, each of which is text until it is asked for.

    >>> PackedMends.pack([(7, Mend({("colour",): "blue"}))])[7]
    Mend(values={('colour',): 'blue'})

    Args:
        texts: What :meth:`Mend.to_json` has written, by the numbers of the records.
    """

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._texts = texts

    @classmethod
    def pack(cls, mends: Iterable[tuple[int, Mend]]) -> PackedMends:
        """Pack the changes of records, which are given with their numbers."""
        return cls({index: mend.to_json() for index, mend in mends})

    def __getitem__(self, index: int) -> Mend:
        return Mend.from_json(self._texts[index])

    def __iter__(self) -> Iterator[int]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, index: object) -> bool:
        return index in self._texts


def _put(record: Record, path: Path, value: Any) -> None:
    """Put a value at its place; what is on the way is copied, or made."""
    holder: Any = record
    for step, following in itertools.pairwise(path):
        inner = _copy_container(_get(holder, step), following)
        _set(holder, step, inner)
        holder = inner
    _set(holder, path[-1], value)


def _copy_container(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return list(value) if isinstance(value, list) else []
    return dict(value) if isinstance(value, dict) else {}


def _get(holder: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return holder[step] if step < len(holder) else None
    return holder.get(step)


def _set(holder: Any, step: str | int, value: Any) -> None:
    if isinstance(step, int):
        holder += [None] * (step + 1 - len(holder))
    holder[step] = value


def encode_value(value: Any) -> str:
    """Return a value as JSON that :func:`decode_value` reads."""
    return json.dumps(value, default=_encode_other)


def decode_value(text: str) -> Any:
    """Return the value that :func:`encode_value` wrote."""
    return json.loads(text, object_hook=_decode_other)


def _encode_other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {_DECIMAL: str(value)}
    if isinstance(value, SealedValue):
        return {_SEALED: value.text}
    msg = f"{type(value).__name__} is not a value of JSON"
    raise TypeError(msg)


def _decode_other(value: dict[str, Any]) -> Any:
    if value.keys() == {_DECIMAL} and isinstance(value[_DECIMAL], str):
        return Decimal(value[_DECIMAL])
    if value.keys() == {_SEALED} and isinstance(value[_SEALED], str):
        return SealedValue(value[_SEALED])
    return value


def path_text(path: Sequence[str | int]) -> str:
    """Return a place for people: ``address.city``."""
    return ".".join(str(step) for step in path)
