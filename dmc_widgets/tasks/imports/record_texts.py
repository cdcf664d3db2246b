"""Records as texts of a report, without values that are to be encrypted."""

from __future__ import annotations

from typing import Any, Final

import orjson

from ...formats.json.values import to_json
from ...model.entity_type import EntityType
from ...model.mapping import Mapping
from ...model.record import LargeText, Record, UnreadableRecord
from ...objects.fields.encrypted import HIDDEN
from ...objects.fields.field_rules import ENCRYPTED

_MAX_ITEM_CHARS: Final = 64 * 1024


class RecordTexts:
    """Formats the records of one import.

    Args:
        mapping: The mapping of the import.
        entity_type: The entity type in the target.
    """

    def __init__(self, mapping: Mapping, entity_type: EntityType) -> None:
        self._encrypted = encrypted_sources(mapping, entity_type)

    def format(self, record: Record | UnreadableRecord) -> str:
        """Return a record as a text for the report, without values to be encrypted."""
        if isinstance(record, UnreadableRecord):
            return record.text
        hidden = {name: HIDDEN for name in self._encrypted if record.get(name)}
        text = _format_record({**record, **hidden} if hidden else record)
        if len(text) > _MAX_ITEM_CHARS and hidden:  # their names must not be cut off
            text = _format_record({**hidden, **record, **hidden})
        return text if len(text) <= _MAX_ITEM_CHARS else text[:_MAX_ITEM_CHARS] + "…"


def encrypted_sources(mapping: Mapping, entity_type: EntityType) -> frozenset[str]:
    """Return the source fields whose values go into Encrypted fields."""
    targets = {field.name for field in entity_type.fields if field.type == ENCRYPTED}
    sources = {pair.source for pair in mapping.pairs if pair.target in targets}
    parents = {source.partition(".")[0] for source in sources}
    return frozenset(targets | sources | parents)


def _format_record(record: Record) -> str:
    try:
        text = orjson.dumps(record, default=_encode_other).decode()
    except TypeError:  # an integer beyond 64 bits, or half of a surrogate pair
        text = to_json(_shorten_large_texts(record)).decode()
    return text


def _encode_other(value: Any) -> Any:
    """Return every digit of a number, or the beginning of a large text."""
    if isinstance(value, LargeText):
        return str(value)
    return orjson.Fragment(str(value).encode())


def _shorten_large_texts(value: Any) -> Any:
    """Return *value* with the beginnings of large texts in their place."""
    if isinstance(value, dict):
        return {key: _shorten_large_texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shorten_large_texts(inner) for inner in value]
    return str(value) if isinstance(value, LargeText) else value
