"""Keywords and categories of entries: lists beside the fields of the definition.

Liferay takes keywords and ``taxonomyCategoryIds``, and gives out keywords and
``taxonomyCategoryBriefs`` (objects facts, 2.3). Here briefs are taken in, too:
an export holds nothing else of the categories, and ids alone would lose their
names. Where a record has both, its ids say which categories and its briefs how
they are called. A cell of a table holds the keywords separated by commas.

A definition with ``enableCategorization: false`` has neither, and gives out null; what
an item holds of them is refused there, since Liferay would drop it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..model.outcome import Problem
from .entry_faults import invalid_value
from .list_cells import texts_in
from .number_types import whole_number
from .scalar_text import scalar_text

KEYWORDS: Final = "keywords"
CATEGORY_IDS: Final = "taxonomyCategoryIds"
BRIEFS: Final = "taxonomyCategoryBriefs"
GIVEN_OUT: Final = (KEYWORDS, BRIEFS)

_ID: Final = "taxonomyCategoryId"
_NAME: Final = "taxonomyCategoryName"
_TAKEN: Final = {
    KEYWORDS: "Keywords are a list of texts.",
    CATEGORY_IDS: "Categories are a list of whole numbers.",
    BRIEFS: f"Categories are a list of objects with {_ID} and {_NAME}.",
}
_LARGEST_ID: Final = 2**63 - 1


def read_categorization(item: Mapping[str, Any]) -> dict[str, Any] | Problem:
    """Find what an item says of keywords and categories.

    Returns:
        Lists to keep by name, each without what stands twice, and None for an
        empty list; no key where the item does not speak of it.
    """
    found: dict[str, Any] = {}
    if KEYWORDS in item:
        stated = item[KEYWORDS]
        text = None if stated is None else scalar_text(stated)
        stated = stated if text is None else texts_in(text)
        keywords = _listed(KEYWORDS, stated, _keyword)
        if isinstance(keywords, Problem):
            return keywords
        found[KEYWORDS] = list(dict.fromkeys(filter(None, keywords))) or None
    if CATEGORY_IDS not in item and BRIEFS not in item:
        return found
    briefs = _listed(BRIEFS, item.get(BRIEFS), _brief)
    if isinstance(briefs, Problem):
        return briefs
    names: dict[int, str | None] = dict(briefs)
    ids = _listed(CATEGORY_IDS, item.get(CATEGORY_IDS), _category_id)
    if isinstance(ids, Problem):
        return ids
    if item.get(CATEGORY_IDS) is not None:
        names = {each: names.get(each) for each in ids}
    found[BRIEFS] = [{_ID: name, _NAME: names[name]} for name in names] or None
    return found


def _listed(name: str, value: Any, read: Callable[[Any], Any]) -> list[Any] | Problem:
    """Read each of a list; None is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        return invalid_value(name, value, _TAKEN[name])
    found = [read(each) for each in value]
    return invalid_value(name, value, _TAKEN[name]) if None in found else found


def uncategorized_fault(item: Mapping[str, Any]) -> Problem | None:
    """Report keywords or categories for entries that have neither."""
    for name in (KEYWORDS, CATEGORY_IDS, BRIEFS):
        value = item.get(name)
        if value is not None and value not in ([], "", "[]"):
            cause = (
                "Categorization of the definition is off (enableCategorization), so "
                f'its entries have no {name}. Turn it on, or leave out "{name}".'
            )
            return invalid_value(name, value, cause)
    return None


def _keyword(value: Any) -> str | None:
    """Return the keyword without blanks around it; None if it has no text."""
    text = scalar_text(value)
    try:
        return None if text is None else text.strip().encode().decode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return None


def _category_id(value: Any) -> int | None:
    whole = None if isinstance(value, bool | list | dict) else whole_number(value)
    return whole if whole is not None and 0 < whole <= _LARGEST_ID else None


def _brief(value: Any) -> tuple[int, str | None] | None:
    if not isinstance(value, dict):
        return None
    category_id = _category_id(value.get(_ID))
    name = value.get(_NAME)
    kept = None if name is None else _keyword(name)
    if category_id is None or (name is not None and kept is None):
        return None
    return category_id, kept
