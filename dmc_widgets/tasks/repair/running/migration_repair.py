"""Try the failed records of a migration again, as they were mended.

The items are fetched from the source once more, and the mends are applied to them. The
parts follow each other as in the migration, so that parents come before their children.
An entry whose links move in a second pass gets them in the part that brings them. What
names an entry that is given another code follows it, as where entries are matched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import Final

from ....errors import InvalidPlan
from ....formats.json.values import STRICT
from ....model.mend import Mend
from ....model.outcome import OutcomeKind, Problem
from ....model.plan import MigrationPlan
from ....model.record import Record, UnreadableRecord
from ....model.task import TaskPart, part_number
from ....objects.names import ERC, SCOPE_KEY
from ....ports import Installation
from ....workspace import Failure
from ....workspace.repairs import RepairRow
from ...imports.document_notes import report_placeholders
from ...imports.numbered_chunk import Chunk, NumberedChunk
from ...imports.offered_strategies import require_strategies
from ...imports.record_writer import RecordWriter
from ...installation_comparison import read_documents
from ...matching.entry_matches import EntryMatches
from ...matching.matched_codes import MatchedCodes
from ...migration.key_store import KeyStore
from ...migration.migration_task import create_part_plan, open_migration_rehearsal
from ...migration.preflight import SideOfMigration, check_migration
from ...migration.selection import MigrationPart, create_task_part, resolve_selection
from ...migration.site_filter import filter_by_sites
from ...migration.source_items import FieldNames, SourceItems, fields_to_move, has_links
from ...migration.target import MigrationTarget
from ...verification.automatic import verify_at_end
from .import_repair import mend_record
from .repair_end import begin_round_for_references, finish_repair
from .repair_run import RepairRun, RetriedRecords

_BATCH_RECORDS: Final = 200
_CODE: Final = (ERC,)
_NOT_IN_SOURCE: Final = "not-in-source"
_STORED: Final = frozenset(
    {OutcomeKind.CREATED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED}
)


def run_migration_repair(
    run: RepairRun, plan: MigrationPlan, source: Installation, target: Installation
) -> None:
    """Try the records of the task's open round again, and end the round.

    Raises:
        RequestError: The migration cannot be carried out any more.
        InstallationError: One of the installations gave up.
        TaskCancelled: The task was cancelled.
    """
    failure = write_migration_records(run, plan, source, target)
    report_placeholders(run, target)
    verify_at_end(run, plan, target)
    finish_repair(run, failure)


def write_migration_records(
    run: RepairRun,
    plan: MigrationPlan,
    source: Installation,
    target: Installation,
    *,
    rehearse: Callable[[Installation], None] | None = None,
) -> Failure | None:
    """Write the records of the open round, and of those that follow from it.

    Args:
        run: The running repair.
        plan: The plan of the migration.
        source: The source.
        target: The target.
        rehearse: Called with the target as it would be by then; nothing of it is
            stored. None to store it.

    Returns:
        The failure that stopped the repair; None if none did.

    Raises:
        RequestError: The migration cannot be carried out any more.
        InstallationError: One of the installations gave up.
        TaskCancelled: The task was cancelled.
    """
    plan = replace(plan, options=replace(plan.options, as_shown=0))
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
    with closing(KeyStore()) as store, ExitStack() as stack:
        if rehearse is not None:
            target = stack.enter_context(
                open_migration_rehearsal(run, source, selected, target, store)
            )
        codes = EntryMatches(run, plan.match, source, target, store)
        run.matched_codes = codes
        migration_target = MigrationTarget(target, matched.codes, codes)
        items = SourceItems(source, store, migration_target, matched.codes)
        repair = _MigrationRepair(run, plan, migration_target, items, codes)
        failure = repair.carry_out(selected.parts)
        while failure is None and begin_round_for_references(run):
            failure = repair.carry_out(selected.parts)
        if rehearse is not None:
            rehearse(target)
        return failure


@dataclass(slots=True)
class _MigrationRepair:
    """Writes the records of rounds of one migration, part by part."""

    run: RepairRun
    plan: MigrationPlan
    target: MigrationTarget
    items: SourceItems
    codes: MatchedCodes
    number: int = 0

    def carry_out(self, parts: Sequence[MigrationPart]) -> Failure | None:
        """Write the records of the open round; return the failure that stopped it."""
        run, self.number = self.run, 0
        rows: dict[int, list[RepairRow]] = {}
        for row in run.rows():
            rows.setdefault(part_number(run.parts, row.index), []).append(row)
        run.total = sum(map(len, rows.values()))
        for number, task_part in enumerate(run.parts):
            waiting = self._waiting_for_links(rows, task_part)
            if not rows.get(number) and not waiting:
                continue
            part = _find_part(parts, task_part)
            failure = self._carry_out_part(part, rows.get(number, []), waiting)
            if failure is not None:
                return failure
        return None

    def _carry_out_part(
        self,
        part: MigrationPart,
        rows: Sequence[RepairRow],
        waiting: Sequence[RepairRow],
    ) -> Failure | None:
        run, target = self.run, self.target.installation
        entity_type = self.target.entity_type(part)
        plan = create_part_plan(self.plan, part, entity_type)
        require_strategies(plan, entity_type)
        announced = {batch.first_index: batch for batch in run.pending_batches()}
        writer = RecordWriter(run, plan, target, entity_type, announced)
        names = fields_to_move(part, entity_type)
        for written in writer.write(self._read_chunks(part, names, rows, waiting)):
            run.advance(run.done + len(written.chunk.records))
            run.look_at(written, plan)
            if written.failure is not None and writer.stops:
                run.skip_pending()
                index = run.index_of(written.failure.index)
                return run.workspace.outcomes.failure(run.task.id, index)
        return None

    def _read_chunks(
        self,
        part: MigrationPart,
        names: FieldNames,
        rows: Sequence[RepairRow],
        waiting: Sequence[RepairRow],
    ) -> Iterator[NumberedChunk]:
        own = [row for row in rows if not row.is_stored]
        for batch in _split(own):
            self.number += 1
            if all(row.is_done for row in batch):
                self.run.pass_over(len(batch))
                continue
            records = self._fetch(part, names, batch)
            indices = [row.index for row in batch]
            retried = RetriedRecords(indices, OutcomeKind.FAILED)
            yield self._chunk(retried, records)
        for batch in _split(waiting):
            self.number += 1
            pairs = [
                (row.index, record)
                for row, record in zip(
                    batch, self._fetch(part, names, batch), strict=True
                )
                if not isinstance(record, UnreadableRecord) and has_links(record, part)
            ]
            if pairs:
                indices = [index for index, _ in pairs]
                retried = RetriedRecords(indices, OutcomeKind.CREATED, are_links=True)
                yield self._chunk(retried, [record for _, record in pairs])

    def _chunk(self, retried: RetriedRecords, records: Chunk) -> NumberedChunk:
        return NumberedChunk(self.number, self.run.announce(retried), records, 0)

    def _waiting_for_links(
        self, rows: dict[int, list[RepairRow]], second_pass: TaskPart
    ) -> list[RepairRow]:
        """Return the entries of the first pass that came in with the repair."""
        waiting: list[RepairRow] = []
        if not second_pass.links:
            return waiting
        for number, task_part in enumerate(self.run.parts):
            if task_part.links or task_part.entity_type != second_pass.entity_type:
                continue
            for row in rows.get(number, ()):
                outcome = self.run.find_outcome(row.index)
                if row.is_stored or (outcome and outcome.kind in _STORED):
                    waiting.append(row)
        return waiting

    def _fetch(
        self, part: MigrationPart, names: FieldNames, rows: Sequence[RepairRow]
    ) -> Chunk:
        """Return the items of records, with their mends, in the order of the rows."""
        reported = {row.index: self._reported(row) for row in rows}
        if part.is_entries and not part.second_pass_fields:
            self._note_codes(part, reported, rows)
        keys: dict[str, list[str]] = {}
        for record in reported.values():
            if isinstance(code := record.get(ERC), str):
                keys.setdefault(str(record.get(SCOPE_KEY) or ""), []).append(code)
        fetched = {
            (scope, code): item
            for scope, codes in keys.items()
            for code, item in self.items.fetch(part, names, scope, codes).items()
        }
        return [
            mend_record(
                _pick(fetched, reported[row.index], part),
                _without_code(row.mend) if part.second_pass_fields else row.mend,
            )
            for row in rows
        ]

    def _note_codes(
        self,
        part: MigrationPart,
        reported: Mapping[int, Record],
        rows: Sequence[RepairRow],
    ) -> None:
        """Remember which entries are given another code, before they are written."""
        noted = [
            (str(record.get(SCOPE_KEY) or ""), code, row.mend.values[_CODE])
            for row in rows
            if isinstance(row.mend.values.get(_CODE), str)
            for record in [reported[row.index]]
            if isinstance(code := record.get(ERC), str)
        ]
        self.codes.note(part.entity_type.key, noted)

    def _reported(self, row: RepairRow) -> Record:
        """Return what reports hold of a record; its code alone once it is in.

        The code is that of the source, also where it was mended before.
        """
        index = row.index
        failure = self.run.workspace.outcomes.failure(self.run.task.id, index)
        if failure is not None:
            try:
                record = STRICT.decode(failure.item)
            except ValueError:
                return {}
            if not isinstance(record, dict):
                return {}
            if _CODE not in row.mend.values:
                return record
            site, code = str(record.get(SCOPE_KEY) or ""), str(record.get(ERC) or "")
            return {**record, ERC: self._source_code(index, site, code)}
        outcome = self.run.workspace.outcomes.find(self.run.task.id, index)
        change = self.run.workspace.changes.find(self.run.task.id, index)
        site = change.site if change else ""
        if outcome is None:
            return {}
        code = self._source_code(index, site, outcome.key)
        return {ERC: code, SCOPE_KEY: site}

    def _source_code(self, index: int, site: str, code: str) -> str:
        """Return the code in the source of what the target has under a code."""
        key = self.run.parts[part_number(self.run.parts, index)].entity_type
        return self.codes.find_records(key, site, [code]).get(code, code)


def _without_code(mend: Mend) -> Mend:
    """Return changes without that of the code, which is known by now."""
    values = {path: value for path, value in mend.values.items() if path != _CODE}
    return Mend(values, mend.removed)


def _split(rows: Sequence[RepairRow]) -> Iterator[Sequence[RepairRow]]:
    for start in range(0, len(rows), _BATCH_RECORDS):
        yield rows[start : start + _BATCH_RECORDS]


def _pick(
    fetched: dict[tuple[str, str], Record], reported: Record, part: MigrationPart
) -> Record | UnreadableRecord:
    """Return an item as the source holds it now; a document as it was, if it is gone.

    Reports hold documents whole, while the values of entries may be shortened there.
    """
    code, scope = reported.get(ERC), str(reported.get(SCOPE_KEY) or "")
    item = fetched.get((scope, str(code)))
    if item is not None:
        return item
    if not part.is_entries and reported:
        return reported
    message = f"The source has no entry {code!r} any more, so it cannot be tried again."
    return UnreadableRecord(Problem(_NOT_IN_SOURCE, message, ERC), str(code or ""))


def _find_part(parts: Sequence[MigrationPart], wanted: TaskPart) -> MigrationPart:
    """Return the part of the selection that a part of the task was made from."""
    for part in parts:
        made = create_task_part(part)
        if (made.entity_type, made.links, made.needed) == (
            wanted.entity_type,
            wanted.links,
            wanted.needed,
        ):
            return part
    reason = (
        f"{wanted.title} is not part of this migration any more: the source has "
        "changed since. Migrate again instead."
    )
    raise InvalidPlan(reason)
