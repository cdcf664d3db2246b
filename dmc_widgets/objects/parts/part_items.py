"""Parts as items of their own: what an export holds, and what identifies a part.

Parts have no identity beyond their owner. A field and a relationship are identified by
their name, an entry of a picklist by its key. An action, a rule or a view is identified
by its external reference code where it has one, else by its name; a layout has no code
in any version of Liferay. Names of layouts, rules and views are texts by language, and
the one in the default language of the definition counts.

The key of a part in outcomes and look-ups joins that to the code of its owner:
``TICKET/priority``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..documents.change_set import Body
from ..documents.definition_bodies import DERIVED_FIELD_PROPERTIES
from ..documents.definition_fields import is_relationship, select_custom_fields
from ..documents.document_kind import SERVER_SET
from ..names import ERC
from .part_kinds import COMMON_PROPERTIES, FIELD, RELATIONSHIP, PartKind

_DEFAULT_LANGUAGE: Final = "en_US"
_SEPARATOR: Final = "/"


def part_keys(kind: PartKind, parts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the keys that identify the parts within their owner.

    If no property of a part is unique, its ERC is the key, or its name with a number
    if other parts have the same name.
    """
    counts: Counter[str] = Counter()
    keys = []
    for part in parts:
        key = str(part.get(kind.key or ERC) or part.get("name") or "")
        counts[key] += 1
        keys.append(key if counts[key] == 1 else f"{key} {counts[key]}")
    return keys


def part_label(kind: PartKind, part: Mapping[str, Any], language: str) -> str:
    """Return the name of a part for people: its key, or its name in one language."""
    name = part.get(kind.key or "name")
    if not isinstance(name, dict):
        return str(name or "")
    texts = {key.replace("-", "_"): text for key, text in name.items()}
    return str(texts.get(language) or next(filter(None, texts.values()), ""))


def join_key(owner: str, label: str) -> str:
    """Return the key of a part across owners: ``TICKET/priority``."""
    return f"{owner}{_SEPARATOR}{label}"


def possible_keys(kind: PartKind, item: Mapping[str, Any]) -> list[str]:
    """Return the keys that a part in a file may have, one for each language."""
    name = item.get(kind.key or "name")
    labels = list(name.values()) if isinstance(name, Mapping) else [name]
    owners = [item.get(x) for x in (kind.parent, *kind.parent_aliases)]
    return [
        join_key(str(owner), str(label))
        for owner in owners
        if owner
        for label in dict.fromkeys(labels)
        if label
    ]


def owner_candidates(key: str) -> list[str]:
    """Return the codes of owners that the key of a part may begin with."""
    pieces = key.split(_SEPARATOR)
    return [_SEPARATOR.join(pieces[:end]) for end in range(1, len(pieces))]


def default_language(owner: Mapping[str, Any]) -> str:
    """Return the language in which the names of an owner's parts are compared."""
    return str(owner.get("defaultLanguageId") or _DEFAULT_LANGUAGE).replace("-", "_")


def list_part_items(kind: PartKind, owner: Mapping[str, Any]) -> list[Body]:
    """Return the parts of an exported owner as items, each with its owner's code.

    System fields are in every definition, and a Relationship field is made by its
    relationship, so neither is an item.
    """
    parts = owner.get(kind.array) or ()
    return [_part_item(kind, owner, part) for part in _movable_parts(kind, parts)]


def _movable_parts(kind: PartKind, parts: Iterable[Body]) -> Iterator[Body]:
    if kind is FIELD:
        custom = select_custom_fields(parts)
        yield from (field for field in custom if not is_relationship(field))
    elif kind is RELATIONSHIP:
        yield from (part for part in parts if not part.get("reverse"))
    else:
        yield from parts


def _part_item(kind: PartKind, owner: Mapping[str, Any], part: Body) -> Body:
    output_only = (kind.server_set | COMMON_PROPERTIES | SERVER_SET) - {kind.parent}
    output_only |= frozenset(kind.parent_ids)
    item = {
        name: value
        for name, value in part.items()
        if name not in output_only and value is not None
    }
    field = item.get("objectField")
    if isinstance(field, dict):
        stated = field.keys() - DERIVED_FIELD_PROPERTIES
        item["objectField"] = {k: v for k, v in field.items() if k in stated}
    return item | {kind.parent: owner[ERC]}


def key_items(
    kind: PartKind, owner: Mapping[str, Any], items: Iterable[Body]
) -> Iterator[tuple[str, Body]]:
    """Yield the items of one owner with their keys."""
    language = default_language(owner)
    for item in items:
        yield join_key(str(owner[ERC]), part_label(kind, item, language)), item
