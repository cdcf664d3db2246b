"""``fieldNameMapping``: the fields that the columns of a file are for.

Reading is flat: a name with dots is a name like any other. Where a mapping states the
part before the first dot, ``state.key`` and ``state.name`` become one object, and
``tags.key_1`` … a list of keys: see *Field mapping* in the page *Batch engine*.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ...model.record import Record
from ..responses import ApiError

FieldPairs = tuple[tuple[str, str], ...]

_LIST_PART: Final = re.compile(r"(key|name)_[0-9]+")
_FLAT_FORMATS: Final = frozenset({"CSV"})
"""The formats whose readers give all columns; others give those that are mapped."""


def parse_field_mapping(text: str) -> FieldPairs:
    """Parse ``source1=target1,source2=target2``.

    Raises:
        ApiError: A pair has no right side. Liferay answers 500 to it.
    """
    pairs = []
    for part in filter(None, text.strip().split(",")):
        source, *targets = part.split("=")
        if not targets or not targets[0]:
            raise ApiError(400, f"The field name mapping {part!r} has no right side")
        pairs.append((source, targets[0]))
    return tuple(pairs)


def make_field_mapper(pairs: FieldPairs, reader: str) -> Callable[[Record], Record]:
    """Return the function that renames the fields of a record.

    Without pairs a record stays as it is. Otherwise fields that no pair names are left
    out, and a source that a record lacks is null (except in CSV, where it is left out).

    Args:
        pairs: The source and the target name of each field.
        reader: The content type of the records.
    """
    targets = dict(pairs)
    if not targets:
        return lambda record: record
    if reader in _FLAT_FORMATS:
        return lambda record: _rename(record, targets)

    def project(record: Record) -> Record:
        return _rename({source: record.get(source) for source in targets}, targets)

    return project


def _rename(record: Record, targets: Mapping[str, str]) -> Record:
    renamed: Record = {}
    for source, value in record.items():
        if source in targets:
            _put(renamed, targets[source], value)
            continue
        whole, *parts = source.split(".")
        if parts and whole in targets:
            _put_part(renamed, targets[whole], parts, value)
    return renamed


def _put(renamed: Record, target: str, value: Any) -> None:
    """Store a value; maps of the same target, such as languages, are merged."""
    before = renamed.get(target)
    if isinstance(before, dict) and isinstance(value, dict):
        value = before | value
    renamed[target] = value


def _put_part(renamed: Record, target: str, parts: list[str], value: Any) -> None:
    """Store a part of an object, or a key of a list; names in lists are ignored."""
    match = _LIST_PART.fullmatch(parts[0])
    if match:
        if match[1] == "key":
            if not isinstance(renamed.get(target), list):
                renamed[target] = []
            renamed[target].append(value)
        return
    owner = renamed
    for step in (target, *parts[:-1]):
        if not isinstance(owner.get(step), dict):
            owner[step] = {}
        owner = owner[step]
    owner[parts[-1]] = value
