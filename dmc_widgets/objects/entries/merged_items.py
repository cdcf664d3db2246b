"""What a merge sends of an entry: everything but what would replace a value by nothing.

A record that has no value for a field says nothing of it, whether its file leaves the
field out or writes null, an empty text or an empty list. So what only the target has
stays, and the rest is written as *Update Changed Record Fields* does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})


def drop_empty_values(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item without values that are empty, also of single languages.

    >>> drop_empty_values({"title": "Leak", "state": "", "title_i18n": {"de-DE": ""}})
    {'title': 'Leak'}
    """
    kept = {}
    for name, value in item.items():
        stated = _drop_empty_texts(value) if name.endswith("_i18n") else value
        if not _is_nothing(stated):
            kept[name] = stated
    return kept


def _drop_empty_texts(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: text for key, text in value.items() if not _is_nothing(text)}


def _is_nothing(value: Any) -> bool:
    return any(value is x or (type(value) is type(x) and value == x) for x in _NOTHING)
