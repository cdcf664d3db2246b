"""New definitions in the order that older servers need.

A relationship needs both of its definitions there. Newer servers make a placeholder
for one that is missing; older ones refuse. So on these, definitions that are new and
come with relationships are made bare first, in a task of its own, and then put whole:
fields, relationships, and published at the end, as sample sets of definitions do.
Where an import then stops at one of them, those behind it stay as bare drafts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ...model.entity import EntityType
from ...model.strategies import ErrorStrategy, Policy, UpdateStrategy
from ...objects.documents import DEFINITION
from .batches import Part, Ready
from .exact_json import encode

MAKES_PLACEHOLDERS: Final = (1, 0, 90)
"""The first version of the API of which it is known."""

_BARE: Final = (
    "defaultLanguageId",
    "externalReferenceCode",
    "label",
    "name",
    "pluralLabel",
    "scope",
)
BARE_MARK: Final = "b"

BARE_POLICY: Final = Policy(on_error=ErrorStrategy.CONTINUE)
"""What is wrong with a definition is told when it is put whole."""


def bare_part(
    part: Part,
    entity_type: EntityType,
    policy: Policy,
    before: Collection[str],
    version: tuple[int, ...],
) -> tuple[Part, tuple[Ready, ...]] | None:
    """Return the definitions that have to be made bare first; None if none has.

    The task notes what was there of the whole part. With *Update Changed Record
    Fields* there are none: what is made bare exists, and its fields would be left
    alone.

    Args:
        part: Of a batch.
        entity_type: Of its items.
        policy: Of the batch.
        before: Codes of what was there before.
        version: Of the server's API; empty if unknown.
    """
    if entity_type.name != DEFINITION or version >= MAKES_PLACEHOLDERS:
        return None
    if policy.on_update is UpdateStrategy.PARTIAL_UPDATE:
        return None
    new = [each for each in part.items if each.key not in before]
    if not any(_reaches_out(each.item, before) for each in new):
        return None
    return replace(part, mark=part.mark + BARE_MARK), tuple(map(_bare, new))


def whole_policy(policy: Policy) -> Policy:
    """Return how definitions that were made bare are put whole."""
    return replace(policy, on_existing=Policy().on_existing)


def _bare(each: Ready) -> Ready:
    item = {name: each.item[name] for name in _BARE if name in each.item}
    return replace(each, line=encode({**item, "externalReferenceCode": each.key}))


def _reaches_out(item: Mapping[str, Any], before: Collection[str]) -> bool:
    """Say whether an item has relationships with what is not there yet."""
    return any(end not in before for end in _ends(item))


def _ends(item: Mapping[str, Any]) -> Sequence[str]:
    stated = item.get("objectRelationships")
    return [
        str(each.get("objectDefinitionExternalReferenceCode2") or "")
        for each in (stated if isinstance(stated, list) else ())
        if isinstance(each, dict)
    ]
