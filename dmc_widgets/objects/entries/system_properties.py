"""The properties of entries that no definition declares: status, categorization, site.

**Status.** Liferay accepts a status as ``{code, label}`` and publishes everything that
is not a draft. An entry that is pending, expired or denied elsewhere would silently
become approved, so its record fails here until somebody decides.

**Keywords and categories.** Liferay accepts keywords and ``taxonomyCategoryIds``, and
gives out keywords and ``taxonomyCategoryBriefs``. Here briefs are accepted, too: an
export holds nothing else of the categories, and ids alone would lose their names. Where
a record has both, the ids select the categories and the briefs name them. A cell of a
table holds the keywords separated by commas. A definition with ``enableCategorization:
false`` has neither, and gives out null; items with values for them are refused there,
because Liferay would drop the values.

**Site.** The scope of the whole import takes precedence: Liferay accepts a site as a
parameter of the task, and an entry's ``scopeKey`` is only output. So a file from one
site can be imported into another. Only where the import has no scope does the
``scopeKey`` of a record count. Liferay would refuse such a task; here a file with
entries of several sites can be imported as it was exported.

See docs/liferay/objects.md, Entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ...model.entity_type import EntityType, object_type_name
from ...model.outcome import Problem
from ..errors.entry_problem_types import EntryProblemType
from ..errors.entry_problems import (
    invalid_value,
    status_not_supported,
)
from ..fields.number import MAX_ID, parse_integer
from ..names import SCOPE_KEY
from ..text import format_scalar, split_list_cell

APPROVED: Final = 0
DRAFT: Final = 2
EMPTY: Final = 9
"""The status of a placeholder, Liferay's STATUS_EMPTY; see :mod:`.lazy_references`."""

_STATUS_CODES: Final = {
    "0": APPROVED,
    "2": DRAFT,
    "approved": APPROVED,
    "draft": DRAFT,
}


def read_status(stated: Any) -> int | Problem | None:
    """Read the status that an item states.

    Args:
        stated: An object with a code or a label, or one of these alone.

    Returns:
        The code; None where the item states none; or a :class:`Problem`.
    """
    parts = [stated]
    if isinstance(stated, dict):
        parts = [stated[name] for name in ("code", "label") if name in stated]
    for part in parts:
        if part is None or part == "":
            continue
        text = format_scalar(part)
        code = None if text is None else _STATUS_CODES.get(text.strip().lower())
        return status_not_supported(stated) if code is None else code
    return None if parts else status_not_supported(stated)


KEYWORDS: Final = "keywords"
CATEGORY_IDS: Final = "taxonomyCategoryIds"
CATEGORY_BRIEFS: Final = "taxonomyCategoryBriefs"
OUTPUT_PROPERTIES: Final = (KEYWORDS, CATEGORY_BRIEFS)

_ID: Final = "taxonomyCategoryId"
_NAME: Final = "taxonomyCategoryName"
_TAKEN: Final = {
    KEYWORDS: "Keywords are a list of texts.",
    CATEGORY_IDS: "Categories are a list of whole numbers.",
    CATEGORY_BRIEFS: f"Categories are a list of objects with {_ID} and {_NAME}.",
}


def read_categorization(item: Mapping[str, Any]) -> dict[str, Any] | Problem:
    """Read the keywords and categories of an item.

    Returns:
        The lists to store by name, each without duplicates, with None for an empty
        list, and without the properties that the item does not have.
    """
    lists: dict[str, Any] = {}
    if KEYWORDS in item:
        stated = item[KEYWORDS]
        text = None if stated is None else format_scalar(stated)
        stated = stated if text is None else split_list_cell(text)
        keywords = _read_list(KEYWORDS, stated, _keyword)
        if isinstance(keywords, Problem):
            return keywords
        lists[KEYWORDS] = list(dict.fromkeys(filter(None, keywords))) or None
    if CATEGORY_IDS not in item and CATEGORY_BRIEFS not in item:
        return lists
    briefs = _read_list(CATEGORY_BRIEFS, item.get(CATEGORY_BRIEFS), _brief)
    if isinstance(briefs, Problem):
        return briefs
    names: dict[int, str | None] = dict(briefs)
    ids = _read_list(CATEGORY_IDS, item.get(CATEGORY_IDS), _category_id)
    if isinstance(ids, Problem):
        return ids
    if item.get(CATEGORY_IDS) is not None:
        names = {category_id: names.get(category_id) for category_id in ids}
    lists[CATEGORY_BRIEFS] = [{_ID: name, _NAME: names[name]} for name in names] or None
    return lists


def _read_list(
    name: str, value: Any, read: Callable[[Any], Any]
) -> list[Any] | Problem:
    """Read each element of a list; None is an empty list."""
    if value is None:
        return []
    if not isinstance(value, list):
        return invalid_value(name, value, _TAKEN[name])
    elements = [read(element) for element in value]
    return invalid_value(name, value, _TAKEN[name]) if None in elements else elements


def check_uncategorized(item: Mapping[str, Any]) -> Problem | None:
    """Report keywords or categories for entries that have neither."""
    for name in (KEYWORDS, CATEGORY_IDS, CATEGORY_BRIEFS):
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
    text = format_scalar(value)
    try:
        return None if text is None else text.strip().encode().decode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return None


def _category_id(value: Any) -> int | None:
    whole = None if isinstance(value, bool | list | dict) else parse_integer(value)
    return whole if whole is not None and 0 < whole <= MAX_ID else None


def _brief(value: Any) -> tuple[int, str | None] | None:
    if not isinstance(value, dict):
        return None
    category_id = _category_id(value.get(_ID))
    name = value.get(_NAME)
    kept = None if name is None else _keyword(name)
    if category_id is None or (name is not None and kept is None):
        return None
    return category_id, kept


_SITE_KEY_LIMIT: Final = 150
"""Characters of a group's key in Liferay's column."""


DEFAULT_SITES: Final = ("Global", "Guest")
"""The keys of the sites that every company has."""

_SITE_CODES: Final = {"L_GLOBAL": "Global", "L_GUEST": "Guest"}
"""Their external reference codes, by which files of Liferay name them, too."""


def site_key(name: str) -> str:
    """Return the key of a site that is named by its key or a well-known code."""
    return _SITE_CODES.get(name, name)


def has_site_scope(entity_type: EntityType) -> bool:
    """Return True if the entity type's entries belong to sites."""
    return any(field.name == SCOPE_KEY for field in entity_type.fields)


def resolve_site(item: Mapping[str, Any], scope: str, short_name: str) -> str | Problem:
    """Return the key of the site that an item belongs to.

    Args:
        item: An item of a definition whose entries belong to sites.
        scope: The scope of the whole import; empty where the items state it.
        short_name: The short name of the definition, for the message.
    """
    stated = scope or item.get(SCOPE_KEY)
    if isinstance(stated, int) and not isinstance(stated, bool):
        stated = str(stated)  # sites may be named by their numeric id
    if stated is None:
        return EntryProblemType.NO_SCOPE_KEY.problem(
            entity=object_type_name(short_name)
        )
    if not isinstance(stated, str) or len(stated) > _SITE_KEY_LIMIT:
        return EntryProblemType.SCOPE_KEY.problem(SCOPE_KEY, stated)
    site = stated.strip()
    if not site:
        return EntryProblemType.NO_SCOPE_KEY.problem(
            entity=object_type_name(short_name)
        )
    return (
        site_key(site)
        if site.isprintable()
        else EntryProblemType.SCOPE_KEY.problem(SCOPE_KEY, stated)
    )
