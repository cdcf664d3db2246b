"""The attachments of an entry: what is known of them, and their bytes."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from ...errors import UnknownName
from ...model.entity_type import EntityType
from ...model.record import LargeText
from ...objects.fields.attachment import ATTACHMENT, CONTENT
from ...objects.names import ERC
from ...ports import Installation, Item, Query
from .entry_links import code_filter

_GROUP: Final = 4
"""Base64 decodes four characters at a time."""


class StoredAttachment(NamedTuple):
    """A file that an entry holds.

    Attributes:
        field: The name of the field that holds it.
        name: The name of the file.
        size: Its size in bytes; None where the installation does not tell.
    """

    field: str
    name: str
    size: int | None


def list_attachments(
    entity_type: EntityType, item: Item
) -> tuple[StoredAttachment, ...]:
    """Return the attachments of an item, in the order of the fields."""
    return tuple(
        StoredAttachment(field.name, str(value.get("name") or ""), _size_of(value))
        for field in entity_type.fields
        if field.type == ATTACHMENT and isinstance(value := item.get(field.name), dict)
    )


def open_attachment(
    installation: Installation,
    entity_type: EntityType,
    code: str,
    field: str,
    scope: str = "",
) -> tuple[str, Iterable[bytes]]:
    """Return the name of an attachment, and its bytes in chunks.

    Raises:
        UnknownName: There is no such entry, or it holds no file in this field.
        InstallationError: The installation does not answer.
    """
    query = Query(fields=(ERC, field), filter=code_filter((code,)), scope=scope)
    item = next(iter(installation.read(entity_type, query)), {})
    value = item.get(field)
    content = value.get(CONTENT) if isinstance(value, dict) else None
    if not isinstance(value, dict) or content is None:
        raise UnknownName(kind="attachment", name=f"{code} {field}", known=())
    return str(value.get("name") or field), _decode(content)


def _decode(content: str | LargeText) -> Iterator[bytes]:
    pieces = content.pieces() if isinstance(content, LargeText) else [content.encode()]
    rest = b""
    for piece in pieces:
        text = rest + piece
        end = len(text) - len(text) % _GROUP
        rest = text[end:]
        yield b64decode(text[:end])
    yield b64decode(rest)


def _size_of(value: dict[str, Any]) -> int | None:
    size = value.get("size", value.get("sizeInBytes"))
    return size if isinstance(size, int) else None
