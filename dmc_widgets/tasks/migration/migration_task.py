"""From one installation into another, with no file between.

The parts move one after another; an item is read, mapped to the target's fields of
the same names, and written like a record of an import. Ids do not travel: parents
are named by their external reference codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import closing
from dataclasses import replace
from itertools import compress, islice
from typing import Final

from ...model.entity_type import EntityType
from ...model.mapping import Mapping
from ...model.outcome import OutcomeKind
from ...model.plan import ImportPlan, MigrationPlan
from ...model.record import UnreadableRecord
from ...model.strategies import ImportStrategy, Policy, UpdateStrategy
from ...model.task import TaskStatus, final_status
from ...objects.comparison.erc_matching import ErcTranslation
from ...objects.documents.dependency_order import ParentEdge
from ...objects.documents.references import ReferenceTracker
from ...objects.names import SCOPE_KEY
from ...ports import Installation
from ...workspace import Failure
from ..imports.document_notes import report_placeholders
from ..imports.import_task import require_strategies
from ..imports.record_writer import NumberedChunk, RecordWriter, WrittenChunk
from ..installation_comparison import read_documents, same_server_warnings
from ..task_run import TaskRun, count_records, was_or_were
from .dependencies import collect_dependencies
from .dry_run import DryRunTarget, IncomingItems
from .key_store import KeyStore
from .preflight import check_migration
from .selection import (
    MigrationPart,
    ResolvedSelection,
    create_task_part,
    filter_by_sites,
    resolve_selection,
    unmet_site_notes,
)
from .source_items import (
    FieldNames,
    SourceItems,
    existing_keys_group,
    fields_fixed_in_target,
    fields_missing_in_target,
    fields_to_move,
    written_keys_group,
)
from .target import MigrationTarget

DRY_RUN_NOTE: Final = (
    "This was a dry run: nothing was written, and the counts say what would become of "
    "the records."
)
_BATCH_SIZE: Final = 1000
_EXISTING: Final = frozenset({OutcomeKind.UPDATED, OutcomeKind.UNCHANGED})
_STORED: Final = _EXISTING | {OutcomeKind.CREATED}


def run_migration(
    run: TaskRun, plan: MigrationPlan, source: Installation, target: Installation
) -> None:
    """Carry out a migration task to its end.

    Raises:
        RequestError: The plan asks for something that is not there.
        InstallationError: One of the installations gave up.
        Cancelled: Somebody asked for it.
    """
    source = filter_by_sites(source, plan.selection)
    selected = resolve_selection(source, plan.selection)
    there, here = read_documents(source), read_documents(target)
    found = check_migration(plan, selected, there, here)
    known = run.workspace.connections.get
    run.remarks += same_server_warnings(
        known(plan.source), known(run.task.installation), there, here
    )
    with closing(KeyStore()) as store:
        if plan.dry_run:
            run.remarks.append(DRY_RUN_NOTE)
            whole = [part for part in selected.parts if not part.brought]
            left_out = {each.entity_type.key: each.left_out for each in whole}
            target = DryRunTarget(target, IncomingItems(source, left_out), store)
        run.remarks += found.remarks
        run.mentions = ReferenceTracker.beside(here)
        moving = MigrationTarget(target, found.codes)
        _MigrationTask(run, plan, moving, store).carry_out(
            source, selected, found.codes
        )


class _MigrationTask:
    def __init__(
        self,
        run: TaskRun,
        plan: MigrationPlan,
        target: MigrationTarget,
        store: KeyStore,
    ) -> None:
        self._run = run
        self._plan = plan
        self._target = target
        self._store = store
        self._batch = 0
        self._before = 0

    def carry_out(
        self, source: Installation, selected: ResolvedSelection, codes: ErcTranslation
    ) -> None:
        """Move part after part; the first failure may end it all."""
        run = self._run
        run.parts = [create_task_part(part) for part in selected.parts]
        run.remarks += [_circular_relationship_note(each) for each in selected.stuck]
        run.remarks += [_left_relationship_note(each) for each in selected.apart]
        self._target.require(selected)
        collect_dependencies(source, selected, self._store, lambda _: run.advance(0))
        items = SourceItems(source, self._store, self._target, codes)
        hints = [items.hint(part) for part in selected.parts]
        moving = compress(selected.parts, hints)
        work = _count_work(selected.parts, hints)
        run.of = sum(work)
        self._target.require_rights(moving, self._plan.policy)
        twice = {part.entity_type.key for part in selected.parts if part.brought}
        for number, part in enumerate(selected.parts):
            run.begin_part(number)
            items.looked_at, self._before = 0, sum(work[:number])
            failure = self._move(part, items, keep=part.entity_type.key in twice)
            run.end_part(number, self._status(stopped=failure is not None))
            if failure is not None:
                self._end_stopped(number, failure)
                return
        run.remarks += items.remarks()
        run.remarks += unmet_site_notes(source)
        report_placeholders(run, self._target.installation)
        self._remark_kept(self._target.kept)
        run.finish(final_status(run.task.action, run.counts, stopped=False))

    def _move(
        self, part: MigrationPart, items: SourceItems, *, keep: bool
    ) -> Failure | None:
        """Move a part; return the failure that ends the task, if one does."""
        entity_type = self._target.entity_type(part)
        plan = self._import_plan(part, entity_type)
        require_strategies(plan, entity_type)
        self._remark_left_behind(part, entity_type)
        writer = RecordWriter(self._run, plan, self._target.installation, entity_type)
        names = fields_to_move(part, entity_type)
        for written in writer.write(self._numbered(part, items, names)):
            if keep and not part.brought:
                self._keep(part, written)
            self._run.advance(written.chunk.done)
            if written.failure is not None and writer.stops:
                self._run.skip_pending()
                return written.failure
        return None

    def _numbered(
        self, part: MigrationPart, items: SourceItems, names: FieldNames
    ) -> Iterator[NumberedChunk]:
        start = number = self._run.counts.total
        found = items.read(part, names)
        while records := list(islice(found, _BATCH_SIZE)):
            self._batch += 1
            first, number = number + 1, number + len(records)
            passed = items.looked_at if part.brought else number - start
            yield NumberedChunk(self._batch, first, [*records], self._before + passed)

    def _keep(self, part: MigrationPart, written: WrittenChunk) -> None:
        """Remember for the second pass what stands in the target now."""
        group, stood = (
            written_keys_group(part.entity_type),
            existing_keys_group(part.entity_type),
        )
        self._store.add(group, _stored_keys(written, _STORED))
        self._store.add(stood, _stored_keys(written, _EXISTING))

    def _import_plan(self, part: MigrationPart, entity_type: EntityType) -> ImportPlan:
        return ImportPlan(
            entity_type=entity_type.key,
            mapping=Mapping(same_names=True),
            policy=part_policy(
                self._plan.policy, links=bool(part.brought), needed=part.needed
            ),
            new_sites=True,  # the source knows them: none of their keys is a slip
        )

    def _status(self, *, stopped: bool) -> TaskStatus:
        run = self._run
        return final_status(run.task.action, run.part_counts, stopped=stopped)

    def _end_stopped(self, number: int, failure: Failure) -> None:
        inner = failure.index - self._run.parts[number].first + 1
        told = (
            f"Record {inner} of {self._run.parts[number].title}: "
            f"{failure.problem.message.rstrip('.')}."
        )
        if not self._plan.dry_run:
            told += " What was written before it stays."
        rest = len(self._run.parts) - number - 1
        if rest:
            total = len(self._run.parts)
            told += f" {rest} of {total} parts {was_or_were(rest)} not begun."
        self._run.finish(TaskStatus.FAILED, told)

    def _remark_left_behind(self, part: MigrationPart, entity_type: EntityType) -> None:
        if part.brought or entity_type.open:
            return
        name, told = entity_type.name, self._run.remarks
        if names := fields_missing_in_target(part, entity_type):
            told.append(
                f"{name} has no fields of these names in the target, so "
                f"they were left out: {', '.join(names)}."
            )
        if names := fields_fixed_in_target(part, entity_type):
            told.append(
                f"{name} has read-only fields in the target, so they were left out: "
                f"{', '.join(names)}."
            )

    def _remark_kept(self, number: int) -> None:
        if number:
            self._run.remarks.append(
                f"Of what is needed, {count_records(number)} {was_or_were(number)} in "
                "the target "
                f"already and {_stay_phrase(number)}."
            )


def _stay_phrase(number: int) -> str:
    return "stays as it is" if number == 1 else "stay as they are"


def _count_work(parts: Sequence[MigrationPart], hints: Sequence[int]) -> list[int]:
    """Return how many items each part looks at.

    A second pass looks at every entry of the first, though few of them have links.
    """
    first: Counter[str] = Counter()
    for part, hint in zip(parts, hints, strict=True):
        first[part.entity_type.key] += hint
    return [
        first[part.entity_type.key] if part.brought else hint
        for part, hint in zip(parts, hints, strict=True)
    ]


def part_policy(policy: Policy, *, links: bool, needed: bool) -> Policy:
    """Return how the records of a part of a migration are written.

    Args:
        policy: Of the migration.
        links: The part is the second pass, which only brings links.
        needed: The part was not chosen; what is there already stays.
    """
    if links:
        return replace(
            policy,
            import_strategy=ImportStrategy.UPDATE,
            update_strategy=UpdateStrategy.PARTIAL_UPDATE,
        )
    return replace(policy, import_strategy=ImportStrategy.INSERT) if needed else policy


def _circular_relationship_note(arc: ParentEdge) -> str:
    return (
        f"The relationship {arc.link.nested_name} of {arc.child} is required and leads "
        "in a circle of required ones, so entries can only name parents that the "
        "target has already."
    )


def _left_relationship_note(name: str) -> str:
    return (
        f"The many-to-many relationship {name} was left alone: it moves only together "
        "with both of its objects."
    )


def _stored_keys(
    written: WrittenChunk, kinds: Set[OutcomeKind]
) -> Iterator[tuple[str, str]]:
    """Yield site and code of the records of a chunk that came to one of *kinds*."""
    for record, outcome in zip(written.chunk.records, written.outcomes, strict=True):
        if outcome.kind in kinds and not isinstance(record, UnreadableRecord):
            yield record.get(SCOPE_KEY) or "", outcome.key
