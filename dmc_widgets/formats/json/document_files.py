"""Files of one document, as the buttons of Liferay's Objects page export them.

*Export Object Definition* and *Export Object Folder* write the document itself, as the
REST API gives it out, without ids and dates; so does a person who saves the answer of
the API. Its properties tell what it is: the file names no class.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Set
from typing import Final

import orjson

from ...model.entity_type import (
    LIST_TYPE_DEFINITION,
    OBJECT_DEFINITION,
    OBJECT_FOLDER,
)
from ...model.strategies import Policy
from .batch_configuration import BatchConfiguration

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
"""A larger file among those of a package is none of one document."""

_PROPERTIES: Final[Mapping[str, Set[str]]] = {
    OBJECT_FOLDER: {"label", "name", "objectFolderItems"},
    OBJECT_DEFINITION: {"label", "name", "objectFields", "pluralLabel"},
    LIST_TYPE_DEFINITION: {"listTypeEntries", "name"},
}
"""Properties that a document of each class has, and that no record of another has."""


def document_class(properties: Set[str]) -> str:
    """Return the class of the document with these properties; empty for another."""
    for class_name, names in _PROPERTIES.items():
        if names <= properties:
            return class_name
    return ""


def is_document_file(data: bytes) -> bool:
    """Return True for the content of a file of one document.

    Args:
        data: The whole file, of no more than :data:`MAX_DOCUMENT_BYTES`.
    """
    try:
        content = orjson.loads(data.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError:
        return False
    return isinstance(content, dict) and bool(document_class(content.keys()))


def document_configuration(class_name: str) -> BatchConfiguration:
    """Return how such a file is imported: the document is added, or replaced."""
    return BatchConfiguration(class_name=class_name, policy=Policy())
