"""What tasks change on installations that keep no journal, found by comparison.

Before a batch is written, its items are read as they are stored: the before-images,
which the workspace keeps with the announced batch. After it, they are read again. The
difference is what the batch has changed, and what an undo restores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from ...model.change import FieldChange, ItemChange, find_field_changes, has_value
from ...model.entity_type import OBJECT_ENTRY, EntityType, Field
from ...model.outcome import Outcome, OutcomeKind
from ...objects.comparison.differences import normalize_properties
from ...objects.comparison.document_changes import find_document_changes
from ...objects.entries.system_properties import has_site_scope
from ...objects.fields.attachment import ATTACHMENT
from ...objects.fields.encrypted import HIDDEN, Secret
from ...objects.fields.field_rules import ENCRYPTED
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Installation, Item, ItemRemover, Undoer

VALUES: Final = "values"
REMOVED: Final = "removed"
"""The keys of what an undo needs: the former values of the fields that changed, and an
item that an undo has deleted."""

Place = tuple[str, str]
"""The site, empty for none, and the external reference code of an item."""

Images = dict[Place, Item]
"""Items as they are stored, as plain data. Values of Encrypted fields are secrets,
which are hidden wherever an image is kept."""

_WRITTEN: Final = frozenset({OutcomeKind.CREATED, OutcomeKind.UPDATED})
_LINK: Final = "r_"
_LOCAL_PARTS: Final = frozenset({"id", "link", "thumbnailURL", "fileURL"})


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

    def site(self, item: Mapping[str, Any]) -> str:
        """Return the key of an item's site; empty where it belongs to none."""
        if not has_site_scope(self.entity_type):
            return ""
        return self.scope or str(item.get(SCOPE_KEY) or "")

    def places(self) -> list[Place]:
        """Return the places of the items that have a code."""
        return [
            (self.site(item), str(item[ERC])) for item in self.items if item.get(ERC)
        ]


def needs_images(installation: Installation, entity_type: EntityType) -> bool:
    """Return True if changes of the items there are found by comparison.

    Parts are not compared: their definitions can be.
    """
    is_own = isinstance(installation, Undoer) or bool(entity_type.part_of)
    return isinstance(installation, ItemRemover) and not is_own


def read_images(
    installation: Installation, entity_type: EntityType, places: Iterable[Place]
) -> Images:
    """Read items as they are stored now, by one request a site.

    Raises:
        InstallationError: The installation does not answer.
    """
    codes: dict[str, list[str]] = {}
    for site, code in dict.fromkeys(places):
        codes.setdefault(site, []).append(code)
    images: Images = {}
    for site, wanted in codes.items():
        found = installation.fetch(entity_type, wanted, site)
        for code, item in found.items():
            images[site, code] = _to_plain(entity_type, item)
    return images


def read_after(
    installation: Installation, batch: WrittenBatch, outcomes: Sequence[Outcome]
) -> Images:
    """Read the items that a batch has written.

    Raises:
        InstallationError: The installation does not answer.
    """
    places = [
        (batch.site(item), outcome.key)
        for item, outcome in zip(batch.items, outcomes, strict=True)
        if outcome.kind in _WRITTEN and outcome.key
    ]
    return read_images(installation, batch.entity_type, places)


def add_changes(
    batch: WrittenBatch, before: Images, after: Images, outcomes: Sequence[Outcome]
) -> list[Outcome]:
    """Return the outcomes of a batch's items with what they changed.

    Where several items of the batch have one code, the first one states the change.
    """
    seen: set[Place] = set()
    changed: list[Outcome] = []
    for item, outcome in zip(batch.items, outcomes, strict=True):
        place = batch.site(item), outcome.key
        is_written = outcome.kind in _WRITTEN and place in after and place not in seen
        if is_written:
            seen.add(place)
            old = before.get(place)
            change = find_change(batch.entity_type, place[0], old, after[place])
            changed.append(outcome._replace(change=change))
        else:
            changed.append(outcome)
    return changed


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
    fields = find_document_changes(entity_type.name, old, new)
    return ItemChange(tuple(fields), site, fingerprint, {VALUES: old})


def reverse_fields(fields: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Return changes as they are taken back."""
    return tuple(FieldChange(field, new, old) for field, old, new in fields)


def make_fingerprint(entity_type: EntityType, image: Item) -> str:
    """Return a digest of an image, without what a server sets by itself."""
    if entity_type.class_name == OBJECT_ENTRY:
        counted: Any = {name: x for name, x in image.items() if has_value(x)}
    else:
        counted = normalize_properties(image)
    text = orjson.dumps(counted, option=orjson.OPT_SORT_KEYS, default=_hide)
    return blake2b(text, digest_size=16).hexdigest()


def pack_images(images: Images) -> list[list[Any]]:
    """Return images as plain data that :func:`unpack_images` reads back."""
    return [[*place, hide_secrets(image)] for place, image in images.items()]


def unpack_images(packed: Iterable[Sequence[Any]]) -> Images:
    """Read what :func:`pack_images` wrote."""
    return {(site, code): image for site, code, image in packed}


def hide_secrets(image: Item) -> Item:
    """Return an image as it may be kept."""
    return {name: _hide(x) if type(x) is Secret else x for name, x in image.items()}


def _to_plain(entity_type: EntityType, item: Item) -> Item:
    """Return what can be written of an item, as it is read from JSON."""
    kept = dict(item)
    secrets: dict[str, Any] = {}
    if entity_type.class_name == OBJECT_ENTRY:
        kept = {
            field.name: _without_id(field, item[field.name])
            for field in entity_type.export_fields
            if field.name in item and not field.read_only and not _is_id(field)
        }
        secrets = {
            field.name: Secret(str(kept.pop(field.name)))
            for field in entity_type.fields
            if _is_secret(field) and has_value(kept.get(field.name))
        }
    text = orjson.dumps(kept, default=str, option=orjson.OPT_NON_STR_KEYS)
    plain: Item = orjson.loads(text)
    return plain | secrets


def _without_id(field: Field, value: Any) -> Any:
    """Return a file without what it gets anew whenever its content is written."""
    if field.type != ATTACHMENT or not isinstance(value, dict):
        return value
    if not value.get("fileBase64"):
        return value
    return {name: x for name, x in value.items() if name not in _LOCAL_PARTS}


def _is_same(old: Any, new: Any) -> bool:
    """Compare two values; of a secret that was kept nothing is known."""
    if isinstance(old, Secret) and isinstance(new, Secret):
        return old.text == new.text
    return bool(old == new)


def _hide(value: Any) -> str:
    return HIDDEN if isinstance(value, Secret) else str(value)


def _is_secret(field: Field | None) -> bool:
    return field is not None and field.type == ENCRYPTED


def _is_id(field: Field) -> bool:
    """Return True for the id of a parent, which stands beside its code."""
    return field.name.startswith(_LINK) and field.name.endswith("Id")


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
    return changes


def _comparable(entity_type: EntityType, image: Item) -> Item:
    """Return the values of an entry as changes show them: keys and codes."""
    known = {field.name: field for field in entity_type.fields}
    maps = {name.removesuffix("_i18n") for name in image if name.endswith("_i18n")}
    return {
        name: _reduce(known.get(name), value)
        for name, value in image.items()
        if name not in maps and name != ERC and not _is_secret(known.get(name))
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
