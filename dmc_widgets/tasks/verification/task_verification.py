"""Verify a task: compare what it sent with what its target holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from functools import partial

from ...errors import NotSupported
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome_runs import OutcomeRuns
from ...model.plan import ImportPlan, MigrationPlan
from ...model.task import Task, TaskPart
from ...model.verification import PartVerification, Verification
from ...objects.entries.validation import EntryRules
from ...objects.names import ERC
from ...ports import Installation
from ...workspace import Workspace
from ...workspace.outcomes import OutcomeBatch
from ...workspace.workspace import current_timestamp, current_user
from ..checkers.compiled_rules import compile_rules
from ..installation_access import find_entity_type, open_connection
from ..matching.matched_codes import MatchedCodes
from .document_verification import SentDocument, verify_documents
from .entry_index import EntryIndex
from .entry_verification import EntryVerification
from .equal_records import EqualRecords, RepeatedCodes
from .migration_items import migrated_documents, migrated_entries, part_plan
from .mismatch_log import MismatchLog
from .record_digests import STORED_KINDS
from .sent_items import FileItems, OpenSource, SentItems
from .sent_records import SentRecords
from .stored_entries import OpenReader, StoredEntries, StoredReader
from .verified_part import VerifiedPart


def require_verifiable(task: Task) -> None:
    """Refuse a task that cannot be verified.

    Raises:
        NotSupported: It is neither an import nor a migration, or it was a dry run, or
            it has not ended.
    """
    plan = task.plan
    instead = "Verify a finished import or migration."
    if not isinstance(plan, (ImportPlan, MigrationPlan)):
        what = f"Task {task.id} ({task.action}) has written nothing to an installation."
    elif plan.dry_run:
        what = f"Task {task.id} was a dry run, which writes nothing."
    elif task.pruned:
        what = f"What task {task.id} has written was pruned from the workspace."
        instead = "Compare source and target: dmc verify SOURCE TARGET."
    elif not task.status.is_final:
        what = f"Task {task.id} has not ended yet."
    else:
        return
    raise NotSupported(what=what, instead=instead)


class TaskVerification:
    """Verifies the records of one import or migration.

    Args:
        workspace: Holds the task and its digests, and stores the result.
        task: The task, with the counts and parts that it has by now.
        target: Its target, which is only read.
        maker: The id of the task that makes the verification; it may be the same.
        advance: Called with the number of items that were compared since the last
            time. It may end the verification by an exception.
    """

    def __init__(
        self,
        workspace: Workspace,
        task: Task,
        target: Installation,
        maker: int,
        advance: Callable[[int], None],
    ) -> None:
        self._workspace = workspace
        self._task = task
        self._target = target
        self._maker = maker
        self._advance = advance
        self._log = MismatchLog(workspace, maker)

    def carry_out(
        self,
        source: Installation | None = None,
        open_reader: OpenReader | None = None,
    ) -> Verification:
        """Compare every part, and store the result.

        Args:
            source: The source of a migration, where it is open; else it is opened if it
                is needed.
            open_reader: Has other processes read the entries of the target.

        Raises:
            DmcError: The target does not answer.
        """
        self._source = source
        self._open_reader = open_reader
        started = current_timestamp()
        plan = self._task.plan
        self._types = self._target.entity_types()
        if isinstance(plan, MigrationPlan):
            parts = [
                self._verify_migration_part(plan, part)
                for part in self._task.parts
                if part.counts.total
            ]
        else:
            assert isinstance(plan, ImportPlan)
            parts = [self._verify_import(plan)]
        self._log.save()
        verification = Verification(
            task=self._task.id,
            source=plan.source
            if isinstance(plan, MigrationPlan)
            else self._task.original_file,
            target=self._task.installation,
            started=started,
            ended=current_timestamp(),
            author=current_user(),
            parts=tuple(parts),
            listed=self._log.listed,
        )
        self._workspace.verifications.put(self._maker, verification)
        return verification

    def _verify_import(self, plan: ImportPlan) -> PartVerification:
        entity_type = find_entity_type(self._types, plan.entity_type)
        items = FileItems(self._workspace, self._task, plan, self._target, entity_type)
        part = TaskPart(entity_type=entity_type.key, counts=self._task.counts)
        documents = partial(self._imported_documents, part, items)
        return self._verify(plan, part, entity_type, items, documents)

    def _verify_migration_part(
        self, plan: MigrationPlan, part: TaskPart
    ) -> PartVerification:
        entity_type = find_entity_type(self._types, part.entity_type)
        open_source = partial(self._open_source, plan.source)
        codes = MatchedCodes(self._workspace, self._task.id)
        items = migrated_entries(open_source, part, entity_type, codes)
        documents = partial(self._migrated_documents, open_source, plan, part)
        return self._verify(part_plan(plan, part), part, entity_type, items, documents)

    def _open_source(self, name: str) -> AbstractContextManager[Installation]:
        if self._source is not None:
            return nullcontext(self._source)
        return closing(open_connection(self._workspace.connections.get(name)))

    def _verify(
        self,
        plan: ImportPlan,
        part: TaskPart,
        entity_type: EntityType,
        items: SentItems,
        documents: Callable[[], Iterator[SentDocument]],
    ) -> PartVerification:
        verified = VerifiedPart(
            target=self._target,
            entity_type=entity_type,
            plan=plan,
            result=PartVerification(entity_type=entity_type.key, links=part.links),
            log=self._log,
            advance=self._advance,
        )
        if entity_type.class_name != OBJECT_ENTRY:
            return verify_documents(verified, documents())
        rules = self._rules(entity_type, plan)
        stored = StoredEntries(self._target, entity_type, rules)
        with closing(EntryIndex()) as index:
            reader: StoredReader = stored
            if self._open_reader is not None:
                reader = self._open_reader(entity_type, plan)
            equal = EqualRecords(verified, reader)
            unverified = self._fill(index, part, stored, equal)
            result = replace(verified.result, unverified=unverified)
            verified = replace(verified, result=result)
            return EntryVerification(verified, stored, index, items, equal).carry_out()

    def _repeated_codes(self, part: TaskPart) -> RepeatedCodes:
        """Find the codes that several records have: all but the first change it."""
        if not part.counts.updated + part.counts.unchanged:
            return RepeatedCodes()
        return RepeatedCodes(
            OutcomeRuns.of(batch.outcomes).keys for batch in self._batches(part)
        )

    def _batches(self, part: TaskPart) -> Iterator[OutcomeBatch]:
        """Yield the outcomes of a part's records."""
        last = part.first + part.counts.total - 1
        for batch in self._workspace.outcomes.read(self._task.id, part.first - 1):
            if batch.first_index > last:
                return
            yield batch
            self._advance(0)

    def _rules(self, entity_type: EntityType, plan: ImportPlan) -> EntryRules:
        lazy = plan.policy.lazy_references
        return compile_rules(
            self._target, self._types, entity_type, lazy_references=lazy
        ).rules

    def _fill(
        self,
        index: EntryIndex,
        part: TaskPart,
        stored: StoredEntries,
        equal: EqualRecords,
    ) -> int:
        """Add the records that are not stored as they were sent, as far as is known.

        Returns:
            How many records have no code.
        """
        repeated = self._repeated_codes(part)
        sent = SentRecords(self._workspace, self._task.id, stored, repeated, index)
        for entries in equal.take(sent.groups(self._batches(part))):
            index.add(entries)
        return sent.unverified

    def _imported_documents(
        self, part: TaskPart, items: FileItems
    ) -> Iterator[SentDocument]:
        keys = self._stored_keys(part)
        for record, item in items.read_all():
            if record in keys:
                yield record, keys[record], item

    def _migrated_documents(
        self,
        open_source: OpenSource,
        plan: MigrationPlan,
        part: TaskPart,
    ) -> Iterator[SentDocument]:
        records = {key: record for record, key in self._stored_keys(part).items()}
        for item in migrated_documents(open_source, plan, part, self._target):
            key = str(item[ERC])
            if key in records:
                yield records[key], key, item

    def _stored_keys(self, part: TaskPart) -> dict[int, str]:
        """Return the codes of the documents that were stored, by record."""
        return {
            record: outcome.key
            for batch in self._batches(part)
            for record, outcome in enumerate(batch.outcomes, start=batch.first_index)
            if outcome.kind in STORED_KINDS and outcome.key
        }
