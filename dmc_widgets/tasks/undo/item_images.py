"""Images: items of an installation as they are stored, as plain data.

An image holds what can be written of an item, so that an undo can write it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final

import orjson

from ...model.change import has_value
from ...model.entity_type import OBJECT_ENTRY, EntityType, Field
from ...model.item_reads import ItemPlace
from ...objects.comparison.differences import normalize_properties
from ...objects.fields.attachment import ATTACHMENT
from ...objects.fields.encrypted import HIDDEN, Secret
from ...objects.fields.field_rules import ENCRYPTED, is_true
from ...ports import Installation, Item

Images = dict[ItemPlace, Item]
"""Images by the places of their items. Values of Encrypted fields are secrets, which
are hidden wherever an image is kept."""

_LINK: Final = "r_"
_RELATIONSHIP: Final = "Relationship"
_LOCAL_PARTS: Final = frozenset({"id", "link", "thumbnailURL", "fileURL"})


def read_items(
    installation: Installation, entity_type: EntityType, places: Iterable[ItemPlace]
) -> dict[ItemPlace, Item]:
    """Read items as they are stored now, by one request a site.

    Raises:
        InstallationError: The installation does not answer.
    """
    codes: dict[str, list[str]] = {}
    for site, code in dict.fromkeys(places):
        codes.setdefault(site, []).append(code)
    return {
        (site, code): item
        for site, wanted in codes.items()
        for code, item in installation.fetch(entity_type, wanted, site).items()
    }


class ImageMaker:
    """Makes images of the items of one entity type.

    Args:
        entity_type: The entity type.
    """

    def __init__(self, entity_type: EntityType) -> None:
        self._type = entity_type
        self._is_entry = entity_type.class_name == OBJECT_ENTRY
        fields = [*_written_fields(entity_type)] if self._is_entry else []
        self._secrets = {field.name for field in fields if is_secret(field)}
        self._files = {field.name for field in fields if field.type == ATTACHMENT}
        self._plain = [
            field.name
            for field in fields
            if field.name not in self._secrets | self._files
        ]

    def make_images(self, items: Mapping[ItemPlace, Item]) -> Images:
        """Return the images of items."""
        return {place: self.make_image(item) for place, item in items.items()}

    def read(self, installation: Installation, places: Iterable[ItemPlace]) -> Images:
        """Return the images of items as they are stored now; see :func:`read_items`."""
        return self.make_images(read_items(installation, self._type, places))

    def make_image(self, item: Item) -> Item:
        """Return what can be written of an item, as it would be read from JSON."""
        if not self._is_entry:
            text = orjson.dumps(item, default=str, option=orjson.OPT_NON_STR_KEYS)
            document: Item = orjson.loads(text)
            return document
        image = {
            name: str(value) if type(value) is Decimal else value
            for name in self._plain
            if (value := item.get(name, _ABSENT)) is not _ABSENT
        }
        for name in self._files & item.keys():
            image[name] = _without_id(item[name])
        for name in self._secrets & item.keys():
            value = item[name]
            image[name] = Secret(str(value)) if has_value(value) else None
        return image


def make_fingerprint(entity_type: EntityType, image: Item) -> str:
    """Return a digest of an image, without what a server sets by itself."""
    if entity_type.class_name == OBJECT_ENTRY:
        counted: Any = {name: x for name, x in image.items() if has_value(x)}
    else:
        counted = normalize_properties(_without_foreign_parts(image))
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


def is_secret(field: Field | None) -> bool:
    """Return True for an Encrypted field."""
    return field is not None and field.type == ENCRYPTED


_ABSENT: Final = object()


def _without_foreign_parts(document: Item) -> Item:
    """Return a definition without what the relationships of others add to it."""
    return {
        name: [part for part in value if not _is_foreign(part)]
        if isinstance(value, list)
        else value
        for name, value in document.items()
    }


def _is_foreign(part: Any) -> bool:
    return isinstance(part, dict) and (
        is_true(part.get("reverse")) or part.get("businessType") == _RELATIONSHIP
    )


def _written_fields(entity_type: EntityType) -> Iterator[Field]:
    """Yield the fields of an entry that can be written.

    The id of a parent stands beside its code.
    """
    for field in entity_type.export_fields:
        is_id = field.name.startswith(_LINK) and field.name.endswith("Id")
        if not field.read_only and not is_id:
            yield field


def _without_id(file: Any) -> Any:
    """Return a file without what it gets anew whenever its content is written."""
    if not isinstance(file, dict) or not file.get("fileBase64"):
        return file
    return {name: x for name, x in file.items() if name not in _LOCAL_PARTS}


def _hide(value: Any) -> str:
    return HIDDEN if isinstance(value, Secret) else str(value)
