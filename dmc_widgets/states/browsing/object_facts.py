"""What the browser says of objects, fields and relationships, as texts for people."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Final

from ...center.browsing import (
    Catalogue,
    FieldSummary,
    ObjectSummary,
    RelationshipSummary,
    format_entry_value,
)
from ...languages import format_number, isolate, lazy, ngettext, resolve
from ...languages import gettext as _
from ...model.entity_type import Field
from ..graph_layout import GraphEdge

_TAG: Final = re.compile(r"<[^>]*>")
_RICH_TEXT: Final = "RichText"
_WORD_START: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_KINDS: Final = {
    "oneToMany": lazy("one to many"),
    "oneToOne": lazy("one to one"),
    "manyToMany": lazy("many to many"),
}
_DELETIONS: Final = {
    "cascade": lazy("deleting the parent deletes them"),
    "disassociate": lazy("deleting the parent keeps them"),
    "prevent": lazy("a parent with some cannot be deleted"),
}
_MANY: Final = "manyToMany"


def format_cell(field: Field, value: Any, limit: int = 200) -> str:
    """Return a value of an entry as plain text of at most *limit* characters."""
    text = format_entry_value(value)
    if field.type == _RICH_TEXT:
        text = unescape(_TAG.sub(" ", text))
    text = " ".join(text.split()) if limit else text.strip()
    return f"{text[:limit]}…" if limit and len(text) > limit else text


def describe_type(field: FieldSummary) -> str:
    """Return the business type in words: ``Multiselect Picklist``."""
    return _WORD_START.sub(" ", field.type)


def describe_relationship(catalogue: Catalogue, found: RelationshipSummary) -> str:
    """Describe a relationship in one line."""
    facts = [resolve(_KINDS.get(found.type, found.type))]
    if found.deletion in _DELETIONS and found.type != _MANY:
        facts.append(_(_DELETIONS[found.deletion]))
    source, target = map(catalogue.object_label, (found.source, found.target))
    return (
        f"{isolate(source)} → {isolate(target)}: {isolate(found.label)} "
        f"({'; '.join(facts)})"
    )


def list_graph_edges(found: tuple[RelationshipSummary, ...]) -> list[GraphEdge]:
    """Return relationships as edges between the codes of definitions."""
    return [
        GraphEdge(x.source, x.target, x.label, is_weak=x.type == _MANY) for x in found
    ]


def describe_size(catalogue: Catalogue) -> str:
    """Describe in numbers how much an installation defines."""
    numbers = (
        (len(catalogue.objects), describe_objects),
        (len(catalogue.picklists), _describe_picklists),
        (len(catalogue.folders), _describe_folders),
        (len(catalogue.relationships), _describe_relationships),
    )
    return ", ".join(describe(number) for number, describe in numbers)


def describe_objects(number: int) -> str:
    """Return a number of objects in words."""
    text = ngettext("{count} object", "{count} objects", number)
    return text.format(count=format_number(number))


def describe_fields(number: int) -> str:
    """Return a number of fields in words."""
    text = ngettext("{count} field", "{count} fields", number)
    return text.format(count=format_number(number))


def _describe_picklists(number: int) -> str:
    text = ngettext("{count} picklist", "{count} picklists", number)
    return text.format(count=format_number(number))


def _describe_folders(number: int) -> str:
    text = ngettext("{count} folder", "{count} folders", number)
    return text.format(count=format_number(number))


def _describe_relationships(number: int) -> str:
    text = ngettext("{count} relationship", "{count} relationships", number)
    return text.format(count=format_number(number))


def describe_object(
    catalogue: Catalogue, found: ObjectSummary, count: int | None
) -> list[str]:
    """Return facts about an object, each a few words."""
    folders = {folder.code: folder.label for folder in catalogue.folders}
    facts = [found.name] if found.name != found.label else []
    if count is not None:
        facts.append(
            ngettext("{count} entry", "{count} entries", count).format(
                count=format_number(count)
            )
        )
    facts.append(describe_fields(len(found.own_fields)))
    if found.folder:
        facts.append(
            _("in the folder {folder}").format(
                folder=folders.get(found.folder, found.folder)
            )
        )
    if found.scope == "site":
        facts.append(_("entries belong to sites"))
    if not found.is_published:
        facts.append(_("not published"))
    return facts
