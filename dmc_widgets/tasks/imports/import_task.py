"""The task of an import: from a file into an installation, batch by batch.

The batches of a file are always the same, because only the file decides where a batch
ends. So a task that is resumed writes batches that the installation recognises by their
marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import closing
from itertools import chain
from typing import Protocol

from ...errors import FileError
from ...formats.source import Source, open_source
from ...model.entity_type import EntityType
from ...model.error_limit import ErrorLimit
from ...model.field_mapping import ABSENT
from ...model.mapping import Mapping
from ...model.outcome import Outcome
from ...model.plan import ImportPlan
from ...model.task import final_status
from ...ports import Installation
from ...workspace import Failure
from ...workspace.linked_files import LinkedFile
from ..error_budget import ErrorBudget, finish_at_error_limit, finish_at_failure
from ..installation_access import require_permission
from ..task_files import original_file
from ..task_run import TaskRun, count_records
from ..verification.automatic import verify_at_end
from ..verification.stored_entries import OpenReader
from .document_notes import create_reference_tracker, report_placeholders
from .duplicate_codes import ImportedCodeCollector, is_checked_before_import
from .file_chunks import read_chunks
from .numbered_chunk import NumberedChunk
from .offered_strategies import require_strategies
from .open_placeholders import report_open_placeholders
from .postponed import find_postponed
from .record_writer import RecordWriter
from .recorded_records import RecordedRecords


def run_import(
    run: TaskRun, plan: ImportPlan, installation: Installation, entity_type: EntityType
) -> None:
    """Carry out an import task to its end.

    Raises:
        FileError: The file cannot be read to its end.
        InstallationError: The installation gave up.
        InvalidPlan: An expression of the mapping is invalid.
        NotSupported: The installation does not offer a strategy of the plan.
        TaskCancelled: The task was cancelled.
    """
    require_strategies(plan, entity_type)
    require_permission(installation, entity_type, plan.policy, plan.scope)
    file = original_file(run.workspace, run.task)
    name = run.task.original_file
    with open_source(file.path, name=name, options=plan.reading) as source:
        run.total = source.size
        with closing(_ImportTask(run, plan, installation, entity_type, file)) as task:
            task.carry_out(source)


def ignored_fields(
    mapping: Mapping, entity_type: EntityType, fields: Iterable[str]
) -> list[str]:
    """Return the fields of a file that a mapping by same names leaves out.

    Other mappings leave fields out on purpose.
    """
    if entity_type.open or not mapping.same_names:
        return []
    known = {field.name for field in entity_type.fields}
    known |= {child.name for child in entity_type.children}  # refused, not left out
    used = {pair.source for pair in mapping.pairs}
    used |= {source.partition(".")[0] for source in used}
    return sorted(set(fields) - known - used)


def ignored_fields_message(entity_type: EntityType, ignored: Sequence[str]) -> str:
    """Return the message that names left-out fields, before an import and after it."""
    return (
        f"{entity_type.name} has no fields of these names, so they are left out: "
        f"{_join_names(ignored)}."
    )


class _ImportTask:
    """Imports one file, and notes what a person should know of it."""

    def __init__(
        self,
        run: TaskRun,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
        file: LinkedFile,
    ) -> None:
        self._file = file
        self._run = run
        self._plan = plan
        self._installation = installation
        self._entity_type = entity_type
        self._writing = self._choose_writing()

    def _choose_writing(self) -> ImportWriting:
        """Return what reads and writes the records: this process, or several workers.

        Raises:
            InvalidPlan: The mapping has an invalid expression or an impossible look-up.
        """
        parts = (self._run, self._plan, self._installation, self._entity_type)
        is_begun = bool(self._run.workspace.partitions.read(self._run.task.id))
        if not (self._plan.options.is_divided or is_begun):
            return _OwnWriting(*parts, self._file)
        from ..partitions.division import DividedWriting, undivided_reason

        reason = undivided_reason(*parts)
        if reason:
            self._run.course.add_step("part", f"One worker imports the file: {reason}")
            self._run.notes.append(f"One worker has imported the file: {reason}")
            return _OwnWriting(*parts, self._file)
        return DividedWriting(*parts)

    def close(self) -> None:
        """End what only the import needs."""
        self._writing.close()

    def carry_out(self, source: Source) -> None:
        """Import every record, or all up to the first failure under STOP."""
        run = self._run
        run.references = create_reference_tracker(
            run, self._installation, self._entity_type
        )
        codes = self._create_code_collector(source)
        try:
            stop = self._writing.write(source, codes)
            if stop is None:
                self._retry_postponed(source)
        finally:  # whatever ends the import, the task keeps its notes
            self._add_notes(source, codes)
        verify_at_end(
            run,
            self._plan,
            self._installation,
            share_reading=self._writing.share_reading,
        )
        if isinstance(stop, ErrorLimit):
            finish_at_error_limit(run, stop)
            return
        if stop is not None:
            finish_at_failure(run, stop)
            return
        report_placeholders(run, self._installation)
        report_open_placeholders(
            run, self._installation, [self._entity_type], self._plan.policy
        )
        run.finish(final_status(run.task.action, run.counts, stopped=False))

    def _retry_postponed(self, source: Source) -> None:
        """Write the records whose parents came after them in the file."""
        run = self._run
        is_begun = run.workspace.repairs.open_round(run.task.id) is not None
        if is_begun or find_postponed(run.workspace, run.task.id):
            from ..repair.running.import_repair import (
                retry_postponed,  # few files need it
            )

            retry_postponed(
                run, self._plan, self._installation, self._entity_type, source
            )

    def _add_notes(self, source: Source, codes: ImportedCodeCollector | None) -> None:
        run = self._run
        self._note_ignored_fields()
        self._note_missing_fields()
        self._note_other_sites()
        run.notes += [*source.warnings, *self._writing.notes(source)]
        if codes is not None:
            outcomes = run.workspace.outcomes
            run.notes += codes.warnings(lambda: outcomes.read(run.task.id))

    def _create_code_collector(self, source: Source) -> ImportedCodeCollector | None:
        """Return a collector of codes unless they were checked before the start."""
        if is_checked_before_import(source.size, source.format.info.name):
            return None
        return ImportedCodeCollector(self._plan.mapping, self._entity_type)

    def _note_ignored_fields(self) -> None:
        fields_seen = self._writing.fields_seen
        ignored = ignored_fields(self._plan.mapping, self._entity_type, fields_seen)
        if ignored:
            self._run.notes.append(ignored_fields_message(self._entity_type, ignored))

    def _note_missing_fields(self) -> None:
        """Note the fields that the mapping takes and no record had."""
        fields_seen = self._writing.fields_seen
        mapped = {
            pair.source
            for pair in self._plan.mapping.pairs
            if pair.has_source and pair.if_missing is ABSENT
        }
        missing = sorted(
            name
            for name in mapped - fields_seen
            if name.partition(".")[0] not in fields_seen
        )
        if missing and fields_seen:
            self._run.notes.append(
                "No record had these fields, so nothing was filled from them: "
                f"{_join_names(missing)}."
            )

    def _note_other_sites(self) -> None:
        """Note that records went to the site of the import, not to their own."""
        others = self._writing.other_sites
        if others:
            number = others.total()
            self._run.notes.append(
                f"{count_records(number)} named another site "
                f"({_join_names(sorted(others))}) and went to "
                f"{self._plan.scope!r}, the site of the import."
            )


class ImportWriting(Protocol):
    """Reads the records of a file and writes them."""

    def write(
        self, source: Source, codes: ImportedCodeCollector | None
    ) -> Failure | ErrorLimit | None:
        """Write the records; return what stopped the import, or None."""
        ...

    @property
    def fields_seen(self) -> Set[str]:
        """The names of the fields that records had."""
        ...

    @property
    def other_sites(self) -> Counter[str]:
        """How many records named another site than the plan, by its key."""
        ...

    def notes(self, source: Source) -> Iterable[str]:
        """Return notes on the file and its records, besides warnings of the file."""
        ...

    def share_reading(self, advance: Callable[[], None]) -> OpenReader | None:
        """Return what opens readers of the target; None if the task itself reads it.

        Args:
            advance: Called a few times a second; it may end the reading by an
                exception.
        """
        ...

    def close(self) -> None:
        """End what only the import needs."""
        ...


class _OwnWriting:
    """This process reads and writes all records."""

    def __init__(
        self,
        run: TaskRun,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
        file: LinkedFile,
    ) -> None:
        self._run = run
        self._file = file
        self._plan = plan
        announced = run.workspace.outcomes.pending(run.task.id)
        by_index = {batch.first_index: batch for batch in announced}
        self._writer = RecordWriter(run, plan, installation, entity_type, by_index)
        self._recorded = RecordedRecords(run, plan.policy)

    @property
    def fields_seen(self) -> Set[str]:
        """The names of the fields that records had."""
        return self._writer.fields_seen

    @property
    def other_sites(self) -> Counter[str]:
        """How many records named another site than the plan, by its key."""
        return self._writer.other_sites

    def notes(self, source: Source) -> Iterable[str]:
        """Return notes on the file and its records, besides warnings of the file."""
        return [*source.notes, *self._writer.notes()]

    def share_reading(self, advance: Callable[[], None]) -> None:
        """Return None: this process reads the target."""
        del advance

    def close(self) -> None:
        """Do nothing: this process does all the work."""

    def write(
        self, source: Source, codes: ImportedCodeCollector | None
    ) -> Failure | ErrorLimit | None:
        """Write the records; return what stopped the import, or None."""
        budget = ErrorBudget(self._plan.options)
        reached: list[ErrorLimit | None] = []

        def visit(chunk: NumberedChunk, outcomes: Sequence[Outcome]) -> None:
            self._writer.revisit(chunk, outcomes)
            if codes is not None:
                codes.add(chunk.first, chunk.records, outcomes)
            new = outcomes[max(0, self._recorded.passed - chunk.first + 1) :]
            reached.append(budget.spend(new))

        chunks = self._file.watch(read_chunks(source, self._plan.options))
        chunks = self._recorded.remaining(chunks, visit)
        if self._recorded.failure:  # the worker died after it
            self._skip_rest(chunks)
            return self._recorded.failure
        first = next(chunks, None)
        if limit := next(filter(None, reached), None):
            self._skip_rest(chain([first] if first else [], chunks))
            return limit
        chunks = chain([first] if first else [], chunks)
        stop = self._write_chunks(chunks, codes, budget)
        if stop is not None:
            self._skip_rest(chunks)
        return stop

    def _write_chunks(
        self,
        chunks: Iterator[NumberedChunk],
        codes: ImportedCodeCollector | None,
        budget: ErrorBudget,
    ) -> Failure | ErrorLimit | None:
        """Write chunks up to one that stops the import; return what did, or None."""
        with self._writer.settling():
            for written in self._writer.write(chunks):
                chunk = written.chunk
                self._run.advance(chunk.done)
                if codes is not None:
                    codes.add(chunk.first, chunk.records, written.outcomes)
                if written.failure and self._writer.stops:
                    return written.failure
                if limit := budget.spend(written.outcomes):
                    return limit
        return None

    def _skip_rest(self, chunks: Iterator[NumberedChunk]) -> None:
        """Count the records after the chunk at which the import stopped."""
        first = self._run.counts.total + 1
        number = sum(records.number for records in self._run.pending)
        self._run.pending.clear()
        try:
            for chunk in chunks:
                number += len(chunk.records)
                self._run.advance(chunk.done)
        except FileError as exc:
            self._run.notes.append(f"The file has another error: {exc}")
        finally:
            self._run.skip(first, number)


def _join_names(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
