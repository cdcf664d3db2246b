"""``fieldNameMapping``: source names to target names (batch-engine facts, 5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..model.record import Record
from .answers import Fault

Pairs = tuple[tuple[str, str], ...]

_LOCALIZED: Final = re.compile(r"(.+_i18n)_(.+)")
_ABSENT: Final = object()


def read_pairs(text: str) -> Pairs:
    """Read ``src1=dst1,src2=dst2``.

    Raises:
        Fault: A part has no right side. Liferay answers 500 to it.
    """
    pairs = []
    for part in filter(None, text.split(",")):
        source, sign, target = part.partition("=")
        if not sign:
            raise Fault(400, f"The field name mapping {part!r} has no right side")
        pairs.append((source.strip(), target.strip()))
    return tuple(pairs)


def mapper(pairs: Pairs, reader: str) -> Callable[[Record], Record]:
    """Build the function that renames a record's fields.

    Without pairs names stay as they are; with some, what no pair names is left out,
    and a source that is not there is null (but in CSV, where it is left out).
    """
    if not pairs:
        return lambda record: record
    fills = reader != "CSV"

    def rename(record: Record) -> Record:
        made: Record = {}
        for source, target in pairs:
            value = _found(record, source)
            if value is _ABSENT:
                if not fills:
                    continue
                value = None
            if target:
                before = made.get(target)
                made[target] = _merged(before, value) if target in made else value
        return made

    return rename


def _found(record: Mapping[str, Any], source: str) -> Any:
    """Find a value; our readers have put ``a.b`` and ``a_i18n_en`` together."""
    if source in record:
        return record[source]
    localized = _LOCALIZED.fullmatch(source)
    if localized and isinstance(record.get(localized[1]), dict):
        texts = record[localized[1]]
        return {localized[2]: texts[localized[2]]} if localized[2] in texts else _ABSENT
    value: Any = record
    for step in source.split("."):
        if not isinstance(value, dict) or step not in value:
            return _ABSENT
        value = value[step]
    return value


def _merged(before: Any, value: Any) -> Any:
    if isinstance(before, dict) and isinstance(value, dict):
        return before | value
    return value
