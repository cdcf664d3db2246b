"""Which properties an update of a document leaves as they are stored, and why.

Liferay drops such changes without a word: a published definition keeps its name, its
scope and the types of its fields (objects facts, 1.8), a relationship keeps its type
and the definitions that it connects, and a folder keeps its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from .definition_fields import FROZEN, FROZEN_SETTINGS
from .documents import DEFINITION, FOLDER


class KeptReason(StrEnum):
    """Why a property stays as it is stored."""

    PUBLISHED = "it is published"
    RELATIONSHIP = "a relationship keeps its type and the definitions that it connects"
    FOLDER_NAME = "a folder keeps its name"
    PARTIAL = "'Update Changed Record Fields' leaves the parts of a definition alone"


FROZEN_OF_DEFINITION: Final = frozenset({"name", "scope"})
"""What a published definition keeps of itself."""

FROZEN_OF_RELATIONSHIP: Final = frozenset(
    {"objectDefinitionExternalReferenceCode2", "type"}
)
"""What a relationship keeps, whether its definition is published or not."""


def kept_reason(
    kind: str, path: Sequence[str], *, is_published: bool
) -> KeptReason | None:
    """Return why an update keeps the stored value at *path*; None if it does not.

    Args:
        kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
        path: Where the property stands, as in a difference of two documents.
        is_published: The stored definition is published.
    """
    match (kind, *path):
        case (str(), "name") if kind == FOLDER:
            return KeptReason.FOLDER_NAME
        case (str(), "objectRelationships", _, name) if name in FROZEN_OF_RELATIONSHIP:
            return KeptReason.RELATIONSHIP
    if is_published and kind == DEFINITION and _is_frozen(path):
        return KeptReason.PUBLISHED
    return None


def _is_frozen(path: Sequence[str]) -> bool:
    match path:
        case (name,):
            return name in FROZEN_OF_DEFINITION
        case ("objectFields", _, name):
            return name in FROZEN
        case ("objectFields", _, "objectFieldSettings", name, *_):
            return name in FROZEN_SETTINGS
    return False
