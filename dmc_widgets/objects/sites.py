"""The site of an entry, where a definition's entries belong to sites.

The scope of the whole import wins: Liferay takes a site as a parameter of the task,
and an entry's ``scopeKey`` is only given out (objects facts, 2.1 and 2.3). So a file
from one site can be brought into another. Only where the import names no site does
a record's own ``scopeKey`` count. Liferay would refuse such a task; here a file with
entries of several sites can be brought back as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..model.entity import EntityType
from ..model.outcome import Problem
from .entry_faults import SCOPE_KEY, invalid_scope_key, no_scope_key

_LIMIT: Final = 150
"""Characters of a group's key in Liferay's column."""


OF_EVERY_COMPANY: Final = ("Global", "Guest")
"""The keys of the sites that every company has."""

_CODES: Final = {"L_GLOBAL": "Global", "L_GUEST": "Guest"}
"""Their external reference codes, by which files of Liferay name them, too."""


def site_key(name: str) -> str:
    """Return the key of a site that is named by its key or a well-known code."""
    return _CODES.get(name, name)


def is_of_sites(entity_type: EntityType) -> bool:
    """Say whether the entity type's entries belong to sites."""
    return any(field.name == SCOPE_KEY for field in entity_type.fields)


def site_of(item: Mapping[str, Any], scope: str, short_name: str) -> str | Problem:
    """Return the key of the site that an item belongs to.

    Args:
        item: Of a definition whose entries belong to sites.
        scope: Of the whole import; empty where items say it.
        short_name: Of the definition, for the message.
    """
    stated = scope or item.get(SCOPE_KEY)
    if isinstance(stated, int) and not isinstance(stated, bool):
        stated = str(stated)  # sites may be named by their numeric id
    if stated is None:
        return no_scope_key(short_name)
    if not isinstance(stated, str) or len(stated) > _LIMIT:
        return invalid_scope_key(stated)
    site = stated.strip()
    if not site:
        return no_scope_key(short_name)
    return site_key(site) if site.isprintable() else invalid_scope_key(stated)
