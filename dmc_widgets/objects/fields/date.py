"""Date and DateTime fields: ISO 8601 is read, Liferay's form is stored."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

from ...model.outcome import Problem
from ..errors.entry_problems import invalid_date

_FORM: Final = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<minute>[0-9]{2}:[0-9]{2})(?P<second>:[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)

_MIDNIGHT: Final = "T00:00:00.000Z"


def build_date_check(name: str) -> Callable[[Any], str | Problem | None]:
    """Build the check of a day, which is stored as ``2024-01-05``.

    A time is dropped, not converted: the day counts as it was written.
    """

    def check(value: Any) -> str | Problem | None:
        if isinstance(value, str):
            if len(value) == 10 and _is_canonical_day(value):
                return value
            is_read = len(value) == 24 and value.endswith(_MIDNIGHT)
            if is_read and _is_canonical_day(value[:10]):
                return value[:10]
            text = value.strip()
            if not text:
                return None
            form = _FORM.fullmatch(text)
            if form and _parse_moment(form) is not None:
                return form["day"]
        return invalid_date(name, value)

    return check


def build_date_time_check(
    name: str, *, as_entered: bool
) -> Callable[[Any], str | Problem | None]:
    """Build the check of a moment, which is stored to the millisecond.

    Args:
        name: The name of the field.
        as_entered: Store the clock time as written, without a zone
            (``useInputAsEntered``); otherwise convert to UTC, where a time without a
            zone counts as UTC.
    """
    usual, zone = (23, "") if as_entered else (24, "Z")  # 2024-01-05T15:00:00.000

    def check(value: Any) -> str | Problem | None:
        if isinstance(value, str):
            if len(value) == usual and value[23:] == zone and _is_canonical(value):
                return value
            text = value.strip()
            if not text:
                return None
            form = _FORM.fullmatch(text)
            stored = (
                _format_kept(_parse_moment(form), as_entered=as_entered)
                if form
                else None
            )
            if stored is not None:
                return stored
        return invalid_date(name, value)

    return check


def format_day(stored: str) -> str:
    """Format a stored day as Liferay does: midnight in UTC."""
    return f"{stored}{_MIDNIGHT}"


def _is_canonical(text: str) -> bool:
    """Return True for a text of the usual length that needs no conversion.

    Python's parser also accepts weeks and other forms of ISO 8601.
    """
    if text[4] != "-" or text[7] != "-" or not text.isascii():
        return False
    if len(text) > 10 and not (
        text[10] == "T"
        and text[13] == text[16] == ":"
        and text[19] == "."
        and text[20:23].isdigit()
    ):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


_is_canonical_day: Final = lru_cache(maxsize=4096)(_is_canonical)
"""The same with a cache: unlike moments, the same days occur again and again."""


def _parse_moment(form: re.Match[str]) -> datetime | None:
    clock = f"{form['minute'] or '00:00'}{form['second'] or ':00'}"
    try:
        date.fromisoformat(form["day"])
        return datetime.fromisoformat(f"{form['day']}T{clock}{form['zone'] or ''}")
    except ValueError:
        return None


def _format_kept(moment: datetime | None, *, as_entered: bool) -> str | None:
    if moment is None:
        return None
    if not as_entered and moment.tzinfo is not None:
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:  # the first and last day of the calendar
            return None
    text = moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return text if as_entered else f"{text}Z"
