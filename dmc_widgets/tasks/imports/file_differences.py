"""Differences between the documents of a file and those of an installation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...errors import InvalidPlan
from ...installations.document_overlay import DocumentOverlay
from ...model.entity_type import EntityType
from ...model.outcome import Problem
from ...model.plan import ImportPlan
from ...model.strategies import Policy
from ...objects.comparison.differences import Difference, find_differences
from ...objects.documents.change_set import (
    DEFINITION,
    FOLDER,
    PICKLIST,
    Body,
    StoredDocument,
)
from ...objects.documents.document_kind import check_shape, convert_scalars
from ...objects.documents.folders import (
    list_included_codes,
    remove_definitions,
    select_written_definitions,
)
from ...objects.documents.kinds import (
    KINDS_BY_NAME,
    evaluate_document,
    normalize_item,
)
from ...objects.names import ERC
from ...ports import Installation
from ..installation_access import find_entity_type
from ..merge_paths import require_known_paths
from .expressions import compile_expression
from .file_head import FileHead

_LISTS: Final = {
    "listTypeEntries": PICKLIST,
    "objectFields": DEFINITION,
    "objectFolderItems": FOLDER,
}
"""The list that tells a record of each kind from those of the others."""


_OVERWRITING: Final = Policy()


def recognise_documents(head: FileHead) -> str:
    """Return the kind of the documents of a file that does not state it.

    Raises:
        InvalidPlan: Its records are entries, or something else.
    """
    for name, kind in _LISTS.items():
        if any(name in record for record in head.records):
            return kind
    reason = (
        f"{head.name} holds neither object definitions nor picklists nor folders, "
        "which alone can be compared."
    )
    raise InvalidPlan(reason)


def find_file_differences(
    installation: Installation,
    plan: ImportPlan,
    entity_type: EntityType,
    head: FileHead,
) -> list[Difference]:
    """Return how the documents of a file differ from those of the target.

    What only the target has is a difference within a document, and never a document:
    a file does not say that it holds all of them.

    Args:
        installation: The target; it is only read.
        plan: The plan, with its mapping.
        entity_type: The entity type of the records.
        head: The file. Only its first records are compared; see
            :attr:`~.file_head.FileHead.complete`.

    Raises:
        InstallationError: The installation does not answer.
        InvalidPlan: The records are entries or parts.
    """
    if entity_type.name not in KINDS_BY_NAME:
        reason = (
            f"{entity_type.name} is not compared: only object definitions, picklists "
            "and folders are."
        )
        raise InvalidPlan(reason)
    overlay = DocumentOverlay(
        installation,
        {
            kind: find_entity_type(installation.entity_types(), kind)
            for kind in KINDS_BY_NAME
        },
    )
    return [
        difference
        for kind, body in _written_documents(plan, entity_type, head)
        for difference in _differences(kind, body, overlay)
    ]


def _differences(kind: str, body: Body, overlay: DocumentOverlay) -> list[Difference]:
    """Return what overwriting the stored document would change of it."""
    stored = overlay.by_erc(kind, str(body.get(ERC) or ""))
    if stored is None or stored.is_placeholder:
        return list(find_differences(kind, [body], []))
    _, change = evaluate_document(kind, body, overlay, _OVERWRITING, str)
    after = next(
        (
            document
            for document in (change.documents if change else ())
            if (document.kind, document.erc) == (kind, stored.erc)
        ),
        stored if change else None,
    )
    written = body if after is None else _as_item(after)
    return list(find_differences(kind, [written], [_as_item(stored)]))


def _as_item(document: StoredDocument) -> Body:
    status = {"status": {"code": document.status}}
    return document.body | (status if document.kind == DEFINITION else {})


def _written_documents(
    plan: ImportPlan, entity_type: EntityType, head: FileHead
) -> Iterator[tuple[str, Body]]:
    """Yield the documents that the first records write, with their kinds.

    Definitions that a folder includes are written with it.
    """
    make = plan.mapping.compile(entity_type, compile_expression)
    kind = entity_type.name
    for record in head.records:
        mapped = make(record)
        body = mapped if isinstance(mapped, Problem) else normalize_item(mapped)
        if isinstance(body, Problem):
            continue
        body = convert_scalars(body, KINDS_BY_NAME[kind].shape)
        if check_shape(body, KINDS_BY_NAME[kind].shape):
            continue
        if kind == FOLDER and list_included_codes(body):
            yield kind, remove_definitions(body)
            for definition in select_written_definitions(body):
                yield DEFINITION, definition
        else:
            yield kind, body


def require_known_choices(
    installation: Installation,
    plan: ImportPlan,
    entity_type: EntityType,
    head: FileHead,
) -> None:
    """Refuse a merge of which a path names no difference of the file.

    Files with more than the first records are not read for that.

    Raises:
        InstallationError: The installation does not answer.
        InvalidPlan: The error names the paths, and the differences that there are; or
            the records are entries, which have none.
    """
    if plan.policy.merge and head.complete:
        differences = find_file_differences(installation, plan, entity_type, head)
        require_known_paths(plan.policy.merge, differences)
