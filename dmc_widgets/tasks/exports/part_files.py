"""Batch files of parts: the definition or picklist that they belong to.

Liferay's engine takes the parts of one definition a file, which the parameter
``externalReferenceCode`` names; what a part says of it does not count, and its classes
of fields, actions and entries of picklists have no property for it. So a file with the
parts of one definition names it once. A file with the parts of several names it in each
part: it comes back here, and not into Liferay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ...model.entity_type import EntityType
from ...objects.documents.kinds import KINDS_BY_NAME
from ...objects.names import ERC
from ...objects.parts.part_kinds import PART_KINDS_BY_NAME
from ...ports import Installation, Item, Query

_BATCH_FORMAT: Final = "JSONT"


@dataclass(frozen=True, slots=True)
class PartFile:
    """What a file of parts says of the definitions or picklists that they belong to.

    Attributes:
        parameters: The parameters that name the only one; empty for several.
        dropped: The property that parts need not state, or empty.
        notes: What a person should know of the file.
        is_batch_file: False for other formats, and for items that are not parts.
    """

    parameters: dict[str, str]
    dropped: str = ""
    notes: tuple[str, ...] = ()
    is_batch_file: bool = True

    def items(self, items: Iterator[Item]) -> Iterator[Item]:
        """Return the items as the file holds them: a batch file holds no nulls."""
        if not self.is_batch_file:
            return items
        return (
            {k: v for k, v in item.items() if k != self.dropped and v is not None}
            for item in items
        )


def describe_part_file(
    installation: Installation, entity_type: EntityType, query: Query, format_name: str
) -> PartFile:
    """Find out what the file of an export has to say of the owners of its parts.

    Args:
        installation: The source.
        entity_type: The entity type of the items; a file of others says nothing.
        query: The query of the export.
        format_name: The name of the format.

    Raises:
        InstallationError: The source does not answer.
    """
    field = entity_type.parent_field
    if not field or format_name != _BATCH_FORMAT:
        return PartFile({}, is_batch_file=False)
    parents = {str(item[field]) for item in installation.read(entity_type, query)}
    kind = PART_KINDS_BY_NAME[entity_type.name]
    if len(parents) == 1:
        is_own = field in kind.properties
        return PartFile({ERC: parents.pop()}, "" if is_own else field)
    if not parents:
        return PartFile({})
    plural = KINDS_BY_NAME[kind.owner].plural
    note = (
        f"The file holds parts of {len(parents)} {plural}, and Liferay takes those of "
        f"one a file: filter by {field} for a file that it takes."
    )
    return PartFile({}, notes=(note,))
