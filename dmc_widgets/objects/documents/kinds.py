"""The kinds of documents, and what is the same for all of them.

A new kind is a module that defines its :class:`~.document_kind.DocumentKind`, and a
line in :data:`DOCUMENT_KINDS`. Installations, tasks, the sandbox and forms read the
rest from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ...model.entity_type import EntityType
from .change_set import StoredDocument
from .definitions import DEFINITION_KIND
from .document_kind import DocumentKind
from .folders import FOLDER_KIND
from .picklists import PICKLIST_KIND

DOCUMENT_KINDS: Final = (FOLDER_KIND, PICKLIST_KIND, DEFINITION_KIND)
"""In the order in which documents move: what is referenced comes first."""

KINDS_BY_NAME: Final[Mapping[str, DocumentKind]] = {
    kind.name: kind for kind in DOCUMENT_KINDS
}

KINDS_BY_CLASS: Final[Mapping[str, DocumentKind]] = {
    kind.class_name: kind for kind in DOCUMENT_KINDS
}


def build_document_entity_types(
    unlisted: Mapping[str, Iterable[str]] | None = None,
) -> list[EntityType]:
    """Return the entity types of all kinds of documents.

    Args:
        unlisted: Further properties that stored documents have, by the kind's name.
    """
    return [
        kind.entity_type((unlisted or {}).get(kind.name, ())) for kind in DOCUMENT_KINDS
    ]


def parse_stored_document(kind: str, item: Mapping[str, Any]) -> StoredDocument:
    """Return the document that an installation gave out as *item*."""
    return KINDS_BY_NAME[kind].parse(item)
