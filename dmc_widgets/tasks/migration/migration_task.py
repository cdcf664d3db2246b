"""The task of a migration: from one installation into another, without a file between.

The parts move one after another. An item is read, mapped to the target's fields of the
same names, and written like a record of an import. Ids do not travel: parents are named
by their external reference codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import ExitStack, closing, contextmanager
from itertools import compress
from typing import Final

from ...model.entity_type import EntityType
from ...model.error_limit import ErrorLimit
from ...model.mapping import Mapping
from ...model.match_keys import find_key
from ...model.outcome import OutcomeKind
from ...model.plan import ImportPlan, MigrationPlan
from ...model.record import UnreadableRecord
from ...model.task import TaskStatus, final_status
from ...objects.comparison.erc_matching import Documents, ErcTranslation
from ...objects.documents.definition_bodies import is_system_definition
from ...objects.documents.dependency_order import ParentEdge
from ...objects.names import ERC
from ...ports import Installation, Rehearser
from ...workspace import Failure
from ..dry_runs import DRY_RUN_NOTE
from ..dry_runs.dry_run_target import DryRunTarget
from ..error_budget import ErrorBudget, finish_at_error_limit
from ..imports.batch_outcomes import record_code
from ..imports.document_notes import open_reference_tracker, report_placeholders
from ..imports.numbered_chunk import NumberedChunk
from ..imports.offered_strategies import require_strategies
from ..imports.open_placeholders import report_open_placeholders
from ..imports.record_writer import RecordWriter, WrittenChunk
from ..installation_comparison import read_documents, same_server_warnings
from ..item_losses import find_losses
from ..matching.entry_matches import EntryMatches
from ..matching.matched_codes import MatchedCodes
from ..task_run import TaskRun, count_records, was_or_were
from ..verification.automatic import verify_at_end
from .dependencies import collect_dependencies
from .incoming_items import IncomingItems
from .key_store import KeyStore
from .moved_items import MovedItems
from .part_chunks import PartChunks
from .part_policy import part_policy
from .preflight import SideOfMigration, check_migration
from .selection import (
    MigrationPart,
    ResolvedSelection,
    create_task_part,
    resolve_selection,
)
from .site_filter import empty_site_notes, filter_by_sites
from .source_items import (
    SourceItems,
    existing_keys_group,
    fields_fixed_in_target,
    fields_missing_in_target,
    fields_to_move,
    written_keys_group,
)
from .target import MigrationTarget

_EXISTING: Final = frozenset({OutcomeKind.UPDATED, OutcomeKind.UNCHANGED})
_STORED: Final = _EXISTING | {OutcomeKind.CREATED}


def run_migration(
    run: TaskRun, plan: MigrationPlan, source: Installation, target: Installation
) -> None:
    """Carry out a migration task to its end.

    Raises:
        RequestError: The plan asks for something that is not there.
        InstallationError: One of the installations gave up.
        TaskCancelled: The task was cancelled.
    """
    source = filter_by_sites(source, plan.selection)
    selected = resolve_selection(
        source, plan.selection, lazy_references=plan.policy.lazy_references
    )
    documents = read_documents(source), read_documents(target)
    matched = check_migration(
        plan,
        selected,
        SideOfMigration(source, documents[0]),
        SideOfMigration(target, documents[1]),
    )
    connection = run.workspace.connections.get
    run.notes += same_server_warnings(
        connection(plan.source), connection(run.task.installation), *documents
    )
    run.notes += _loss_notes(selected, documents[0], target)
    with closing(KeyStore()) as store, ExitStack() as stack:
        if plan.dry_run:
            run.notes.append(DRY_RUN_NOTE)
            target = stack.enter_context(
                open_migration_rehearsal(run, source, selected, target, store)
            )
        elif plan.options.as_shown and not isinstance(target, Rehearser):
            run.predictor = _create_predictor(run, source, selected, target, store)
        if plan.match:
            run.matched_codes = EntryMatches(run, plan.match, source, target, store)
        run.notes += matched.notes
        run.references = open_reference_tracker(run, lambda: documents[1])
        migration_target = MigrationTarget(target, matched.codes, run.matched_codes)
        task = _MigrationTask(run, plan, source, migration_target, store)
        task.carry_out(selected, matched.codes)


@contextmanager
def open_migration_rehearsal(
    run: TaskRun,
    source: Installation,
    selected: ResolvedSelection,
    target: Installation,
    store: KeyStore,
) -> Iterator[Installation]:
    """Yield the target of a dry run of a migration; see :mod:`..dry_runs`."""
    if isinstance(target, Rehearser):
        with target.rehearsal() as rehearsal:
            yield rehearsal
    else:
        yield _create_predictor(run, source, selected, target, store)


def _create_predictor(
    run: TaskRun,
    source: Installation,
    selected: ResolvedSelection,
    target: Installation,
    store: KeyStore,
) -> Installation:
    deferred = {
        part.entity_type.key: part.deferred_fields
        for part in selected.parts
        if not part.second_pass_fields
    }
    codes = MatchedCodes(run.workspace, run.task.id)
    return DryRunTarget(target, IncomingItems(source, deferred, codes), store)


def _loss_notes(
    selected: ResolvedSelection, documents: Documents, target: Installation
) -> Iterator[str]:
    """Yield what the target does not know of the documents that move to it."""
    for part in selected.parts:
        kind = part.entity_type.name
        if not part.is_entries:
            items = (
                dict(body)
                for body in documents[kind]
                if not is_system_definition(body) and selected.brings(kind, body[ERC])
            )
            yield from find_losses(part.entity_type, items, target)


class _MigrationTask:
    """Moves the parts of one migration, and notes what stays behind."""

    def __init__(
        self,
        run: TaskRun,
        plan: MigrationPlan,
        source: Installation,
        target: MigrationTarget,
        store: KeyStore,
    ) -> None:
        self._run = run
        self._plan = plan
        self._source = source
        self._target = target
        self._store = store
        self._budget = ErrorBudget(plan.options)
        self._batch = 0
        self._work_before = 0

    def carry_out(self, selected: ResolvedSelection, codes: ErcTranslation) -> None:
        """Move one part after the other; the first failure may end the task."""
        run, source = self._run, self._source
        run.parts = [create_task_part(part) for part in selected.parts]
        run.notes += [_circular_relationship_note(x) for x in selected.circular_edges]
        run.notes += [_omitted_link_note(name) for name in selected.omitted_links]
        self._target.require_definitions(selected)
        collect_dependencies(source, selected, self._store, lambda _: run.advance(0))
        items = SourceItems(source, self._store, self._target, codes, selected.parts)
        estimates = [items.estimate(part) for part in selected.parts]
        moving = compress(selected.parts, estimates)
        work = _count_work(selected.parts, estimates)
        run.total = sum(work)
        self._target.require_permissions(moving, self._plan.policy)
        if not self._move_parts(selected.parts, items, work):
            return
        run.notes += items.notes()
        run.notes += empty_site_notes(source)
        report_placeholders(run, self._target.installation)
        if not self._plan.dry_run:
            moved = [x.entity_type for x in selected.parts if x.is_entries]
            report_open_placeholders(
                run, self._target.installation, moved, self._plan.policy
            )
        self._note_existing_dependencies()
        verify_at_end(run, self._plan, self._target.installation, source)
        run.finish(final_status(run.task.action, run.counts, stopped=False))

    def _move_parts(
        self, parts: Sequence[MigrationPart], items: SourceItems, work: Sequence[int]
    ) -> bool:
        """Move one part after the other; return False if one has ended the task."""
        run = self._run
        two_pass_types = {
            part.entity_type.key for part in parts if part.second_pass_fields
        }
        self._moved = MovedItems(run, self._plan, self._store)
        self._batch = self._moved.last_batch
        for number, part in enumerate(parts):
            run.begin_part(number)
            items.entries_visited, self._work_before = 0, sum(work[:number])
            stop = self._moved.count(number, part, self._budget)
            self._revisit(number, items, part)
            if self._moved.is_complete(number):
                self._note_fields_left_out(part, self._target.entity_type(part))
            elif stop is None:
                stop = self._move(
                    number, items, part, remember=part.entity_type.key in two_pass_types
                )
            run.end_part(number, self._status(stopped=stop is not None))
            if stop is not None:
                self._finish_stopped(number, stop)
                return False
        return True

    def _revisit(self, number: int, items: SourceItems, part: MigrationPart) -> None:
        """Note what a part tells that was moved before the task was resumed."""
        recorded = () if part.is_entries else self._moved.recorded(number)
        if not recorded:
            if self._moved.is_complete(number):
                items.revisit(part)
            return
        entity_type = self._target.entity_type(part)
        plan = create_part_plan(self._plan, part, entity_type)
        writer = RecordWriter(self._run, plan, self._target.installation, entity_type)
        names = fields_to_move(part, entity_type)
        codes = [code for moved, _ in recorded for _, code in moved.codes]
        if part.is_dependency:  # what is in the target by now is not read any more
            records = items.fetch(part, names, "", codes)
        else:
            records = {str(item[ERC]): item for item in items.read(part, names)}
        for moved, batch in recorded:
            known = [
                (records[code], outcome)
                for (_, code), outcome in zip(moved.codes, batch.outcomes, strict=False)
                if code in records
            ]
            chunk = [record for record, _ in known]
            writer.revisit(
                NumberedChunk(moved.batch, moved.first_index, [*chunk], 0),
                [outcome for _, outcome in known],
            )

    def _move(
        self, number: int, items: SourceItems, part: MigrationPart, *, remember: bool
    ) -> Failure | ErrorLimit | None:
        """Move a part; return the failure or the limit that ends the task, or None."""
        entity_type = self._target.entity_type(part)
        plan = create_part_plan(self._plan, part, entity_type)
        require_strategies(plan, entity_type)
        self._note_fields_left_out(part, entity_type)
        chunks = PartChunks(self._run, self._moved, number, part, plan)
        names = fields_to_move(part, entity_type)
        writer = RecordWriter(
            self._run, plan, self._target.installation, entity_type, chunks.announced
        )
        if names is not None and not part.second_pass_fields:
            writer.expect_no_links()
        work_before = self._work_before

        def done(number_done: int) -> int:
            is_second = bool(part.second_pass_fields)
            return work_before + (items.entries_visited if is_second else number_done)

        chunks.last_batch = self._batch
        target = self._target.installation, entity_type
        read = chunks.read(items.read(part, names), target, done)
        stop: Failure | ErrorLimit | None = None
        with writer.settling():
            for written in writer.write(read):
                self._batch = chunks.last_batch
                if remember and not part.second_pass_fields:
                    self._remember_keys(part, written)
                self._run.advance(written.chunk.done)
                stop = written.failure if writer.stops else None
                stop = stop or self._budget.spend(written.outcomes)
                if stop is not None:
                    break
        if stop is None:
            return chunks.failure
        self._run.skip_pending()
        return stop

    def _remember_keys(self, part: MigrationPart, written: WrittenChunk) -> None:
        """Remember for the second pass which entries the target holds now."""
        group = written_keys_group(part.entity_type)
        self._store.add(group, _stored_keys(written, _STORED))
        group = existing_keys_group(part.entity_type)
        self._store.add(group, _stored_keys(written, _EXISTING))

    def _status(self, *, stopped: bool) -> TaskStatus:
        run = self._run
        return final_status(run.task.action, run.part_counts, stopped=stopped)

    def _finish_stopped(self, number: int, stop: Failure | ErrorLimit) -> None:
        target, source = self._target.installation, self._source
        verify_at_end(self._run, self._plan, target, source)
        if isinstance(stop, ErrorLimit):
            finish_at_error_limit(self._run, stop)
        else:
            self._finish_failed(number, stop)

    def _finish_failed(self, number: int, failure: Failure) -> None:
        inner = failure.index - self._run.parts[number].first + 1
        message = (
            f"Record {inner} of {self._run.parts[number].title}: "
            f"{failure.problem.message.rstrip('.')}."
        )
        if not self._plan.dry_run:
            message += " What was written before it stays."
        rest = len(self._run.parts) - number - 1
        if rest:
            total = len(self._run.parts)
            message += f" {rest} of {total} parts {was_or_were(rest)} not begun."
        self._run.finish(TaskStatus.FAILED, message)

    def _note_fields_left_out(
        self, part: MigrationPart, entity_type: EntityType
    ) -> None:
        if part.second_pass_fields or entity_type.open:
            return
        name, notes = entity_type.name, self._run.notes
        if names := fields_missing_in_target(part, entity_type):
            notes.append(
                f"{name} has no fields of these names in the target, so "
                f"they were left out: {', '.join(names)}."
            )
        if names := fields_fixed_in_target(part, entity_type):
            notes.append(
                f"{name} has read-only fields in the target, so they were left out: "
                f"{', '.join(names)}."
            )

    def _note_existing_dependencies(self) -> None:
        number = self._target.existing_dependencies
        if number:
            self._run.notes.append(
                f"Of what is needed, {count_records(number)} {was_or_were(number)} in "
                f"the target already and {_stay_phrase(number)}."
            )


def _stay_phrase(number: int) -> str:
    return "stays as it is" if number == 1 else "stay as they are"


def _count_work(parts: Sequence[MigrationPart], estimates: Sequence[int]) -> list[int]:
    """Return how many items each part reads.

    A second pass reads every entry of the first, though few of them have links.
    """
    first: Counter[str] = Counter()
    for part, estimate in zip(parts, estimates, strict=True):
        first[part.entity_type.key] += estimate
    return [
        first[part.entity_type.key] if part.second_pass_fields else estimate
        for part, estimate in zip(parts, estimates, strict=True)
    ]


def create_part_plan(
    plan: MigrationPlan, part: MigrationPart, entity_type: EntityType
) -> ImportPlan:
    """Return the plan by which the items of a part are written.

    Args:
        plan: The plan of the migration.
        part: The part.
        entity_type: The entity type of the part in the target.
    """
    key = () if part.second_pass_fields else find_key(plan.match, entity_type)
    return ImportPlan(
        entity_type=entity_type.key,
        mapping=Mapping(same_names=True, match=key),
        policy=part_policy(
            plan.policy,
            is_second_pass=bool(part.second_pass_fields),
            is_dependency=part.is_dependency,
        ),
        allow_deletions=plan.allow_deletions or plan.dry_run,
        new_sites=True,  # the source has these sites, so no key is misspelt
        options=plan.options,
    )


def _circular_relationship_note(edge: ParentEdge) -> str:
    return (
        f"The relationship {edge.link.nested_name} of {edge.child} is required and "
        "part of a circle of required ones, so entries can only name parents that the "
        "target has already."
    )


def _omitted_link_note(name: str) -> str:
    return (
        f"The many-to-many relationship {name} was left alone: it moves only together "
        "with both of its objects."
    )


def _stored_keys(
    written: WrittenChunk, kinds: Set[OutcomeKind]
) -> Iterator[tuple[str, str]]:
    """Yield site and code of a chunk's records with an outcome of one of *kinds*."""
    for record, outcome in zip(written.chunk.records, written.outcomes, strict=True):
        if outcome.kind in kinds and not isinstance(record, UnreadableRecord):
            yield record_code(record)
