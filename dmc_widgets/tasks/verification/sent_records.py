"""The records that a task has written, grouped for a comparison by their digests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from ...model.outcome_runs import OutcomeRuns
from ...workspace import Workspace
from ...workspace.digests import BatchDigests
from ...workspace.outcomes import OutcomeBatch
from .entry_index import EntryIndex, IndexedEntry
from .equal_records import RepeatedCodes
from .record_digests import STORED_KINDS
from .stored_entries import SentGroup, StoredEntries

_GROUP_SIZE: Final = 1000


class SentRecords:
    """Groups the records of a task whose digests the target can tell by themselves.

    All others go into the index: those without a digest, and those of a code that
    several records have, because only the last of them counts.

    Args:
        workspace: Holds the digests.
        task_id: The task.
        stored: Tells which digests can be compared.
        repeated: The codes that several records may have.
        index: Takes the records that are in no group.

    Attributes:
        unverified: The number of records without a code, which cannot be verified.
    """

    def __init__(
        self,
        workspace: Workspace,
        task_id: int,
        stored: StoredEntries,
        repeated: RepeatedCodes,
        index: EntryIndex,
    ) -> None:
        self._digests = workspace.digests
        self._task_id = task_id
        self._stored = stored
        self._repeated = repeated
        self._index = index
        self.unverified = 0

    def groups(self, batches: Iterable[OutcomeBatch]) -> Iterator[SentGroup]:
        """Yield the groups of batches, in the order of their records."""
        for batch in batches:
            whole = self._whole_batch(batch)
            if whole is not None:
                yield whole
                continue
            for sent, entries in groupby(self._entries(batch), key=_kind):
                yield from self._group(sent, [*entries])

    def _whole_batch(self, batch: OutcomeBatch) -> SentGroup | None:
        """Return a batch as one group if all its records can be compared at once."""
        outcomes = OutcomeRuns.of(batch.outcomes)
        if not outcomes.kinds <= STORED_KINDS or not all(outcomes.keys):
            return None
        first, number = batch.first_index, len(outcomes.keys)
        sent = self._digests.find_batch(self._task_id, first, number)
        if sent is None or not self._stored.can_compare(sent):
            return None
        if self._repeated.include_any(outcomes.keys):
            return None
        return SentGroup(range(first, first + number), outcomes.keys, sent)

    def _entries(self, batch: OutcomeBatch) -> Iterator[IndexedEntry]:
        """Yield the records of a batch that were stored under a code."""
        found = self._digests.find(self._task_id, batch.first_index)
        digests = found[: len(batch.outcomes)]  # a resumed task shortens batches
        digests += [None] * (len(batch.outcomes) - len(digests))
        for record, (outcome, digest) in enumerate(
            zip(batch.outcomes, digests, strict=True), start=batch.first_index
        ):
            if outcome.kind not in STORED_KINDS:
                continue
            if not outcome.key:
                self.unverified += 1
            elif digest is None:
                yield IndexedEntry("", outcome.key, record)
            else:
                site, names, content, of_entry = digest
                yield IndexedEntry(
                    site, outcome.key, record, names, content, of_entry=of_entry
                )

    def _group(
        self, sent: BatchDigests, entries: Sequence[IndexedEntry]
    ) -> Iterator[SentGroup]:
        """Yield groups of records of one kind; index those that are in no group."""
        if not self._stored.can_compare(sent):
            self._add(entries)
            return
        for start in range(0, len(entries), _GROUP_SIZE):
            some = entries[start : start + _GROUP_SIZE]
            self._add([entry for entry in some if entry.key in self._repeated])
            alone = [entry for entry in some if entry.key not in self._repeated]
            if alone:
                digests = b"".join(entry.digest or b"" for entry in alone)
                yield SentGroup(
                    [entry.record for entry in alone],
                    [entry.key for entry in alone],
                    sent._replace(digests=digests),
                )

    def _add(self, entries: Iterable[IndexedEntry]) -> None:
        """Add records to the index, without digests of whole entries.

        Those do not tell which of the values differ.
        """
        self._index.add(
            entry._replace(digest=None) if entry.of_entry else entry
            for entry in entries
        )


def _kind(entry: IndexedEntry) -> BatchDigests:
    return BatchDigests(entry.site, entry.names, b"", entry.of_entry)
