"""Records of table rows as Liferay's batch engine makes them.

Columns stay flat: ``state.key`` is a name like any other until a field mapping joins
it. A column with ``_i18n`` in its name holds a map with one language, which is the text
after ``_i18n_``. Of several columns with one name the last counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from ...model.outcome import Problem
from ...model.record import Record

TOO_MANY_VALUES: Final = "too-many-values"
NO_LANGUAGE: Final = "no-language"
MALFORMED_ROW: Final = "malformed-row"
"""The codes of problems that Java reports as exceptions of its own."""

UNNAMED_COLUMNS: Final = tuple(map(str, range(100)))
"""The names of columns in a file without headers; Liferay reads no more of them."""

_LOCALIZED: Final = "_i18n"
_JAVA_SPACE: Final = "".join(map(chr, range(33)))
"""What Java's ``trim`` removes; no-break spaces stay."""

CellPlacer = Callable[[Record, Any], Problem | None]
"""Puts a value into a record, or returns why the record cannot be read."""


def trim_cell(text: str) -> str | None:
    """Return a text without white space around it; None for one without any text."""
    return text.strip(_JAVA_SPACE) or None


def build_liferay_maker(
    names: Sequence[str],
) -> Callable[[Sequence[Any]], Record | Problem]:
    """Build the function from the values of a row to a record.

    A value that a short row lacks is absent; a value without a column fails the row,
    even if it is empty.
    """
    placers = [_cell_placer(name) for name in names]
    width = len(names)

    def make(values: Sequence[Any]) -> Record | Problem:
        record: Record = {}
        for place, value in zip(placers, values, strict=False):
            problem = place(record, value)
            if problem is not None:
                return problem
        if len(values) > width:
            return _too_many_values(len(values), width)
        return record

    return make


def _cell_placer(name: str) -> CellPlacer:
    position = name.rfind(_LOCALIZED)
    if position < 0:
        return _plain_placer(name)
    begin = position + len(_LOCALIZED) + 1  # after the underscore before the language
    if begin > len(name):
        problem = _no_language(name, begin)
        return lambda _record, _value: problem
    return _localized_placer(name, name[begin:])


def _plain_placer(name: str) -> CellPlacer:
    def place(record: Record, value: Any) -> None:
        record[name] = value

    return place


def _localized_placer(name: str, language: str) -> CellPlacer:
    def place(record: Record, value: Any) -> None:
        record.setdefault(name, {})[language] = value

    return place


def _too_many_values(count: int, width: int) -> Problem:
    message = f"Index {width} out of bounds for length {width}"
    cause = f"The row has {count} values for {width} columns."
    return Problem(TOO_MANY_VALUES, message).with_cause(cause)


def _no_language(name: str, begin: int) -> Problem:
    length = len(name)
    message = f"begin {begin}, end {length}, length {length}"
    cause = f"No language follows _i18n in the name of the column {name!r}."
    return Problem(NO_LANGUAGE, message, name).with_cause(cause)
