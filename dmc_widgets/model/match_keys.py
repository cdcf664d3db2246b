"""The keys by which the entries of several entity types are matched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import InvalidPlan
from .coercion import pair_tuple, require_text
from .mapping import key_fields

if TYPE_CHECKING:
    from .entity_type import EntityType

MatchKeys = tuple[tuple[str, tuple[str, ...]], ...]
"""Entity types, each with the fields that identify an entry together."""


def match_keys(value: object) -> MatchKeys:
    """Return a dict, or pairs, of entity types and fields as pairs.

    >>> match_keys({"Customer": "email", "Line": ["order", "position"]})
    (('Customer', ('email',)), ('Line', ('order', 'position')))

    Raises:
        InvalidPlan: It is neither, an entity type stands twice, or has no field.
    """
    pairs = tuple(
        (require_text(name, "match").strip(), key_fields(fields))
        for name, fields in pair_tuple(value, "match")
    )
    names = [name for name, _ in pairs]
    for name, fields in pairs:
        if not name or not fields:
            reason = (
                f"match holds {name!r} without a field. Name the fields that identify "
                "an entry; without a key, entries have their external reference codes."
            )
            raise InvalidPlan(reason)
        if names.count(name) > 1:
            reason = f"match names {name!r} twice. Name all fields of its key at once."
            raise InvalidPlan(reason)
    return pairs


def parse_match_keys(texts: Iterable[str] | None) -> MatchKeys:
    """Build the keys that a command line states.

    >>> parse_match_keys(["Customer=email", "Line=order,position"])
    (('Customer', ('email',)), ('Line', ('order', 'position')))

    Raises:
        InvalidPlan: A key is not of the form ``ENTITY=FIELD,FIELD``.
    """
    pairs = []
    for text in texts or ():
        entity, _, fields = text.partition("=")
        names = [name for name in fields.split(",") if name.strip()]
        if not entity.strip() or not names:
            reason = f"The key {text!r} is not of the form ENTITY=FIELD,FIELD."
            raise InvalidPlan(reason)
        pairs.append((entity, names))
    return match_keys(pairs)


def find_key(keys: MatchKeys, entity_type: EntityType) -> tuple[str, ...]:
    """Return the key of an entity type; empty if its codes identify its items."""
    return next((fields for name, fields in keys if entity_type.is_named(name)), ())


def match_keys_to_dict(keys: MatchKeys) -> dict[str, list[str]]:
    """Return plain data that :func:`match_keys` reads back."""
    return {name: list(fields) for name, fields in keys}
