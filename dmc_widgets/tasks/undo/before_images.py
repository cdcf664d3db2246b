"""What tasks change on installations that keep no journal, found by comparison.

Before a batch is written, its items are read as they are stored: the before-images,
which the workspace keeps with the announced batch. After it, they are read again. The
difference is what the batch has changed, and what an undo restores.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

from ...model.change import (
    VALUES,
    FieldChange,
    ItemChange,
    find_field_changes,
    has_value,
)
from ...model.entity_type import OBJECT_ENTRY, EntityType, Field
from ...model.item_reads import ItemPlace
from ...model.outcome import Outcome, OutcomeKind
from ...objects.comparison.differences import normalize_properties
from ...objects.comparison.document_changes import find_document_changes
from ...objects.entries.system_properties import has_site_scope
from ...objects.fields.attachment import ATTACHMENT
from ...objects.fields.encrypted import HIDDEN, Secret
from ...objects.fields.many_to_many import is_link_list
from ...objects.names import ERC, SCOPE_KEY
from ...objects.parts.part_items import possible_keys
from ...objects.parts.part_kinds import PART_KINDS_BY_NAME
from ...ports import Installation, Item, ItemRemover, Undoer
from .item_images import ImageMaker, Images, hide_secrets, is_secret, make_fingerprint

REMOVED: Final = "removed"
"""Where an image holds an item that an undo has deleted."""

_WRITTEN: Final = frozenset({OutcomeKind.CREATED, OutcomeKind.UPDATED})


class WrittenBatch(NamedTuple):
    """The items of a batch, and where they are stored.

    Attributes:
        entity_type: The entity type of the items.
        items: The items; their codes and sites count here.
        scope: The site of all items; empty where each of them names its own.
    """

    entity_type: EntityType
    items: Sequence[Mapping[str, Any]]
    scope: str = ""

    def places(self) -> list[ItemPlace]:
        """Return the places of the items that have a code, or the key of a part."""
        kind = PART_KINDS_BY_NAME.get(self.entity_type.name)
        if kind is not None:
            return [("", key) for x in self.items for key in possible_keys(kind, x)]
        has_sites = has_site_scope(self.entity_type)
        return [
            (self._site(item) if has_sites else "", str(item[ERC]))
            for item in self.items
            if item.get(ERC)
        ]

    def written_places(self, outcomes: Sequence[Outcome]) -> list[ItemPlace | None]:
        """Return where each item is stored; None for one that has not been written.

        An entry of which a link was refused is stored although its record has failed.
        """
        links = {x.name for x in self.entity_type.fields if is_link_list(x)}
        has_sites = has_site_scope(self.entity_type)
        return [
            (self._site(item) if has_sites else "", outcome.key)
            if outcome.key and _may_be_stored(outcome, links)
            else None
            for item, outcome in zip(self.items, outcomes, strict=True)
        ]

    def _site(self, item: Mapping[str, Any]) -> str:
        return self.scope or str(item.get(SCOPE_KEY) or "")


def _may_be_stored(outcome: Outcome, links: Collection[str]) -> bool:
    problem = outcome.problem
    return outcome.kind in _WRITTEN or (problem is not None and problem.field in links)


def needs_images(installation: Installation) -> bool:
    """Return True if changes of the items there are found by comparison."""
    keeps_journal = isinstance(installation, Undoer)
    return isinstance(installation, ItemRemover) and not keeps_journal


def add_changes(
    batch: WrittenBatch, before: Images, after: Images, outcomes: Sequence[Outcome]
) -> list[Outcome]:
    """Return the outcomes of a batch's items with what they changed.

    Where several items of the batch have one code, the first one states the change.
    """
    seen: set[ItemPlace] = set()
    changed: list[Outcome] = []
    for place, outcome in zip(batch.written_places(outcomes), outcomes, strict=True):
        new = None if place is None else after.get(place)
        if place is None or new is None or place in seen:
            changed.append(outcome)
            continue
        seen.add(place)
        # A worker that was killed may have left half of a new definition behind.
        is_new = outcome.kind is OutcomeKind.CREATED
        old = None if is_new else before.get(place)
        change = None
        if old is None and outcome.kind is OutcomeKind.UPDATED:
            changed.append(outcome)  # it cannot be restored, and it is not new
            continue
        if outcome.kind in _WRITTEN or old != new:
            change = find_change(batch.entity_type, place[0], old, new)
        changed.append(outcome._replace(change=change))
    return changed


def describe_new_item(
    installation: Installation, entity_type: EntityType, key: str
) -> ItemChange | None:
    """Return the change of an item that was added just now; None if it is not there."""
    place = ("", key)
    image = ImageMaker(entity_type).read(installation, [place]).get(place)
    return None if image is None else find_change(entity_type, "", None, image)


def find_change(
    entity_type: EntityType, site: str, old: Item | None, new: Item
) -> ItemChange:
    """Return the change from one image to another; *old* is None of a new item."""
    fingerprint = make_fingerprint(entity_type, new)
    if old is None:
        return ItemChange((), site, fingerprint)
    if entity_type.class_name == OBJECT_ENTRY:
        names = sorted(old.keys() | new.keys())
        changed = [x for x in names if not _is_same(old.get(x), new.get(x))]
        values = hide_secrets({name: old.get(name) for name in changed})
        fields = _field_changes(entity_type, old, new, changed)
        return ItemChange(tuple(fields), site, fingerprint, {VALUES: values})
    if entity_type.part_of:
        sides = normalize_properties(old), normalize_properties(new)
        fields = list(find_field_changes(*sides))
    else:
        fields = find_document_changes(entity_type.name, old, new)
    return ItemChange(tuple(fields), site, fingerprint, {VALUES: old})


def reverse_fields(fields: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Return changes as they are taken back."""
    return tuple(FieldChange(field, new, old) for field, old, new in fields)


def _is_same(old: Any, new: Any) -> bool:
    """Compare two values; of a secret that was kept nothing is known."""
    if isinstance(old, Secret) and isinstance(new, Secret):
        return old.text == new.text
    return bool(old == new)


def _field_changes(
    entity_type: EntityType, old: Item, new: Item, changed: Sequence[str]
) -> list[FieldChange]:
    """Return the changes of an entry's fields; values of Encrypted ones are hidden."""
    shown = _comparable(entity_type, old), _comparable(entity_type, new)
    changes = list(find_field_changes(*shown))
    for name in changed:
        sides = old.get(name), new.get(name)
        if any(isinstance(x, Secret) for x in sides):
            hidden = [HIDDEN if has_value(x) else None for x in sides]
            changes.append(FieldChange(name, *hidden))
    return sorted(changes, key=attrgetter("field"))


def _comparable(entity_type: EntityType, image: Item) -> Item:
    """Return the values of an entry as changes show them: keys and codes."""
    known = {field.name: field for field in entity_type.fields}
    maps = {name.removesuffix("_i18n") for name in image if name.endswith("_i18n")}
    return {
        name: _reduce(known.get(name), value)
        for name, value in image.items()
        if name not in maps and name != ERC and not is_secret(known.get(name))
    }


def _reduce(field: Field | None, value: Any) -> Any:
    if field is not None and field.type == ATTACHMENT and isinstance(value, dict):
        return {name: value.get(name) for name in (ERC, "name") if value.get(name)}
    if isinstance(value, dict) and "key" in value:
        return value["key"]
    if isinstance(value, list):
        return [_reduce(None, one) for one in value]
    if isinstance(value, dict) and value.keys() == {ERC}:
        return value[ERC]
    return value
