"""Batches of a merge, as a server takes them: Liferay knows no such strategy.

Documents are merged with what the server holds, and the result overwrites them.
Entries are patched without empty values. Parts are merged where they are written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import LEFT_OUT, Outcome, OutcomeKind, Problem
from ...model.strategies import UpdateStrategy
from ...objects.comparison.merging import merge_item
from ...objects.documents.change_set import StoredDocument
from ...objects.documents.kinds import (
    KINDS_BY_NAME,
    normalize_item,
    parse_stored_document,
)
from ...objects.entries.merged_items import drop_empty_values
from ...objects.names import ERC
from ...ports import Batch, Item
from ..document_overlay import DocumentOverlay, DocumentSource


class ServerBatch(NamedTuple):
    """A batch with a strategy of Liferay's.

    Attributes:
        batch: What is sent.
        left_out: The outcomes of the items that are not, by their place in the batch
            of the merge.
    """

    batch: Batch
    left_out: Mapping[int, Outcome] = {}

    def with_left_out(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Return the outcomes of all items, from those of the items that were sent."""
        if not self.left_out:
            return list(outcomes)
        sent = iter(outcomes)
        number = len(self.left_out) + len(outcomes)
        return [self.left_out.get(place) or next(sent) for place in range(number)]


def prepare_batch(
    source: DocumentSource, entity_type: EntityType, batch: Batch
) -> ServerBatch:
    """Return a batch as the server takes it; one of another strategy unchanged.

    Args:
        source: Reads the documents of the server.
        entity_type: The entity type of the items.
        batch: The batch.
    """
    policy = batch.policy
    if not policy.merges or entity_type.part_of:
        return ServerBatch(batch)
    if entity_type.class_name == OBJECT_ENTRY:
        patching = policy.with_update_strategy(UpdateStrategy.PARTIAL_UPDATE)
        items: list[Item] = [drop_empty_values(item) for item in batch.items]
        return ServerBatch(replace(batch, items=items, policy=patching))
    return _merge_documents(source, entity_type.name, batch)


def _merge_documents(source: DocumentSource, kind: str, batch: Batch) -> ServerBatch:
    known = _StoredDocuments(source)
    known.prefetch(kind, batch.items)
    items: list[Item] = []
    left_out: dict[int, Outcome] = {}
    for place, item in enumerate(batch.items):
        body = normalize_item(item)
        if isinstance(body, Problem):
            items.append(item)  # the server says what is wrong with it
            continue
        merged = merge_item(kind, body, known, batch.policy.merge)
        if merged is None:
            key = str(body[ERC])
            left_out[place] = Outcome(OutcomeKind.UNCHANGED, key, note=LEFT_OUT)
            continue
        known.keep(kind, merged)
        items.append(merged)
    overwriting = batch.policy.with_update_strategy(UpdateStrategy.UPDATE)
    return ServerBatch(replace(batch, items=items, policy=overwriting), left_out)


class _StoredDocuments:
    """The documents of the server, with those that earlier items have merged."""

    def __init__(self, source: DocumentSource) -> None:
        types = {
            name: replace(kind.entity_type(), open=False)
            for name, kind in KINDS_BY_NAME.items()
        }
        self._overlay = DocumentOverlay(source, types)
        self._merged: dict[tuple[str, str], StoredDocument] = {}

    def prefetch(self, kind: str, items: Sequence[Item]) -> None:
        self._overlay.prefetch(kind, (item.get(ERC) for item in items))

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        return self._merged.get((kind, erc)) or self._overlay.by_erc(kind, erc)

    def keep(self, kind: str, merged: Item) -> None:
        erc = merged.get(ERC)
        if isinstance(erc, str):
            self._merged[kind, erc] = parse_stored_document(kind, merged)
