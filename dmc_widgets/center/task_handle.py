"""A task as a program holds it: its state and outcomes, and waiting for its end."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Literal,
    NamedTuple,
    TypeAlias,
    Unpack,
    overload,
)

from ..model.coercion import parse_optional_choice
from ..model.outcome import OutcomeKind, Problem
from ..model.plan import Action
from ..model.repair_check import RepairCheck
from ..model.representation import html_pairs
from ..model.task import Counts, Task, TaskStatus
from ..tasks.change_reports import RecordedChange
from ..tasks.task_files import file_name_for_people
from ..workspace import Workspace
from .choices import WorkerChoices
from .following import follow, follow_start
from .tasks import Tasks
from .undo import UndoneRecord
from .verification import VerificationReport

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd

    from .center import Center
    from .repair import Repair

_POLL_INTERVAL_S: Final = 0.1

Mended: TypeAlias = "Path | str | pd.DataFrame | None"
"""Mended records: a file or a dataframe; None for all failed records."""

Replacements = Mapping[str, Mapping[str, Any]] | None
NewKeys = Mapping[str, Iterable[str]] | None


class RecordOutcome(NamedTuple):
    """The outcome of one record.

    Attributes:
        number: The record's number, in its file or among the items of its part, from 1.
        part: The part of a task of several entity types, such as ``C_Ticket``.
        kind: What happened to the record.
        erc: Its external reference code, also a generated one; empty if it has none.
        problem: Why it failed; None if it did not.
        note: A code of :data:`dmc_widgets.model.outcome.NOTES`, or empty.
    """

    number: int
    part: str
    kind: OutcomeKind
    erc: str
    problem: Problem | None
    note: str

    def _repr_html_(self) -> str:
        pairs = [
            ("Record", self.number),
            ("Part", self.part),
            ("Outcome", self.kind.value),
            ("External reference code", self.erc),
            ("Problem", self.problem.message if self.problem else ""),
            ("Note", self.note),
        ]
        return html_pairs("Outcome", pairs)


class TaskHandle:
    """A task that was started or found: ``center.import_file(…)``, ``center.task(3)``.

    The properties show the state that was read last; :meth:`refresh` reads it again.
    In asynchronous code, ``await`` the task to wait for its end.

    >>> task = center.import_file("Production", "Ticket", "tickets.csv", wait=False)
    >>> for outcome in task.outcomes():
    ...     print(outcome.number, outcome.kind)
    >>> task.status
    <TaskStatus.COMPLETED: 'Completed'>

    Args:
        workspace: Holds the task.
        task: The state of the task.
    """

    def __init__(self, workspace: Workspace, task: Task) -> None:
        self._workspace = workspace
        self._tasks = Tasks(workspace)
        self.state = task

    @cached_property
    def _repair(self) -> Repair:
        from .repair import Repair  # few tasks need it

        return Repair(self._workspace)

    @property
    def center(self) -> Center:
        """The center over the workspace of the task."""
        from .center import Center  # which returns tasks itself

        return Center(self._workspace)

    @property
    def id(self) -> int:
        """The number of the task in its workspace."""
        return self.state.id

    @property
    def name(self) -> str:
        """The name of the task."""
        return self.state.name

    @property
    def action(self) -> Action:
        """Export, Import or Migration."""
        return self.state.action

    @property
    def status(self) -> TaskStatus:
        """The status that was read last."""
        return self.state.status

    @property
    def counts(self) -> Counts:
        """The number of records by outcome."""
        return self.state.counts

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that a person should know although nothing failed."""
        return self.state.notes

    @property
    def error(self) -> str:
        """Why the task stopped, as a sentence; empty if it did not."""
        return self.state.error

    def refresh(self) -> TaskHandle:
        """Read the state of the task again."""
        self.state = self._tasks.get(self.id)
        return self

    def wait(self, timeout_s: float | None = None) -> TaskHandle:
        """Wait for the end of the task, with a progress bar in terminal and notebook.

        An interrupt (Ctrl-C, or that of a notebook's kernel) ends the waiting, and the
        task goes on. What starts a task and waits for it by itself cancels it instead.

        Args:
            timeout_s: Seconds to wait at most; None waits for the end.
        """
        self.state = follow(self._tasks, self.state, timeout_s)
        return self

    def __await__(self) -> Generator[Any, None, TaskHandle]:
        return self._wait_async().__await__()

    async def _wait_async(self) -> TaskHandle:
        import asyncio

        while not self.refresh().status.is_final:
            await asyncio.sleep(_POLL_INTERVAL_S)
        self.state = await asyncio.to_thread(self._tasks.recover, self.id)
        return self

    def cancel(self) -> TaskHandle:
        """Ask the task to end, which it does within a second; ended ones stay."""
        self.state = self._tasks.cancel(self.id)
        return self

    def pause(self) -> TaskHandle:
        """Ask the task to pause, which it does within a second; ended ones stay.

        Raises:
            NotSupported: An export or a dry run cannot be paused.
        """
        self.state = self._tasks.pause(self.id)
        return self

    def resume(
        self, *, wait: bool = True, **choices: Unpack[WorkerChoices]
    ) -> TaskHandle:
        """Go on with the task, which was interrupted, and wait for its end.

        Every record keeps the outcome that it has; see :meth:`.Tasks.resume`.

        Args:
            wait: Wait for the end, with a progress bar; otherwise return at once.
            choices: Other workers for an import that several have begun; see
                :class:`.WorkerChoices`.

        Raises:
            InvalidPlan: Its plan cannot have such workers.
            NotSupported: The task is at work, or has nothing left to do.
        """
        resumed = self._tasks.resume(self.id, **choices)
        self.state = follow_start(self._tasks, resumed, wait=wait)
        return self

    def outcomes(
        self, kind: OutcomeKind | str | None = None, *, wait: bool = True
    ) -> Iterator[RecordOutcome]:
        """Yield the outcome of each record in order; of a running task, as they come.

        >>> [record.erc for record in task.outcomes("skipped")]

        The iterator ends with the task. Its memory does not grow with the file.

        Args:
            kind: Only records with this kind of outcome; None for all.
            wait: End with the task; otherwise with what there is by now.

        Raises:
            UnknownChoice: *kind* is not a kind of outcome.
        """
        chosen = parse_optional_choice(OutcomeKind, kind, "outcome")
        found = self._iter_outcomes(wait=wait)
        return found if chosen is None else (x for x in found if x.kind is chosen)

    def _iter_outcomes(self, *, wait: bool) -> Iterator[RecordOutcome]:
        after = 0
        while True:
            is_final = self.refresh().status.is_final
            if is_final:
                self.state = self._tasks.recover(self.id)
            for outcome, index in self._outcomes_after(after):
                after = index
                yield outcome
            if is_final or not wait:
                return
            self._tasks.wait(self.id, timeout_s=_POLL_INTERVAL_S)

    def _outcomes_after(self, after: int) -> Iterator[tuple[RecordOutcome, int]]:
        store = self._workspace.outcomes
        for batch in store.read(self.id, after):
            for index, outcome in enumerate(batch.outcomes, start=batch.first_index):
                problem = None
                if outcome.kind is OutcomeKind.FAILED:
                    failure = store.failure(self.id, index)
                    problem = failure.problem if failure else None
                position = self.state.place(index)
                record = RecordOutcome(
                    position.number,
                    position.title,
                    outcome.kind,
                    outcome.key,
                    problem,
                    outcome.note,
                )
                yield record, index

    def run(self, *, allow_deletions: bool = False, wait: bool = True) -> TaskHandle:
        """Run exactly what this dry run has shown; return the task of the run.

        The run stops before it writes a batch with a record that would now have another
        outcome, or change other values, than was shown.

        >>> task = center.import_file("Shop", "Ticket", "tickets.csv", dry_run=True)
        >>> task.changes(lost=True)
        >>> task.run()

        Args:
            allow_deletions: What the dry run has shown as deleted may be deleted.
            wait: Return when the run has ended; otherwise at once.

        Raises:
            InvalidPlan: The task is not a dry run, did not come to its end, or would
                delete something without leave.
        """
        started = self._tasks.run(self.id, allow_deletions=allow_deletions)
        started = follow_start(self._tasks, started, wait=wait)
        return TaskHandle(self._workspace, started)

    def undo(self, *, dry_run: bool = False, wait: bool = True) -> TaskHandle:
        """Take this task back; return the task of the undo, which can itself be undone.

        What the task created is deleted, what it updated is restored. What somebody
        has changed since is left alone, and :meth:`undone_records` names it.

        >>> undo = task.undo(dry_run=True)
        >>> [one.key for one in undo.undone_records() if one.bucket == "kept"]

        Args:
            dry_run: Tell what would become of each record, and write nothing.
            wait: Return when the undo has ended; otherwise at once.

        Raises:
            InvalidPlan: The task has not ended, or has written nothing.
            NotSupported: The task kept no journal.
        """
        started = self._tasks.undo(self.id, dry_run=dry_run)
        started = follow_start(self._tasks, started, wait=wait)
        return TaskHandle(self._workspace, started)

    def undone_records(self) -> Iterator[UndoneRecord]:
        """Yield what this undo made of each record: reversed, kept, or failed."""
        return self._tasks.undone_records(self.id)

    def changes(self, *, field: str = "", lost: bool = False) -> pd.DataFrame:
        """Return what the records did to single fields; of a dry run, what they would.

        >>> task.changes(lost=True)

        Args:
            field: Only changes of this field, or of a part of it; empty for all.
            lost: Only changes that removed a stored value.

        Returns:
            The columns itemIndex, entityType (in tasks of several), outcome,
            externalReferenceCode, scopeKey, field, old, new and lost.
        """
        return self._tasks.changes(self.id, field=field, lost=lost)

    def iter_changes(
        self, *, field: str = "", lost: bool = False
    ) -> Iterator[RecordedChange]:
        """Yield what :meth:`changes` returns, one by one, whatever their number."""
        return self._tasks.iter_changes(self.id, field=field, lost=lost)

    def failures(self) -> pd.DataFrame:
        """Return the failed records with their fields, to be mended and tried again.

        Returns:
            One line a record: the fields of the original, then *errorRecord* (its
            number in the file, or in its part), *errorCode*, *errorField*,
            *errorValue* and *errorMessage*. See
            :meth:`~dmc_widgets.center.repair.Repair.save_failures`.
        """
        return self._repair.failures(self.id)

    @overload
    def retry(
        self,
        mended: Mended = None,
        *,
        replace: Replacements = None,
        add_keys: NewKeys = None,
        dry_run: Literal[False] = False,
        wait: bool = True,
    ) -> TaskHandle: ...

    @overload
    def retry(
        self,
        mended: Mended = None,
        *,
        replace: Replacements = None,
        add_keys: NewKeys = None,
        dry_run: Literal[True],
    ) -> RepairCheck: ...

    def retry(
        self,
        mended: Mended = None,
        *,
        replace: Replacements = None,
        add_keys: NewKeys = None,
        dry_run: bool = False,
        wait: bool = True,
    ) -> TaskHandle | RepairCheck:
        """Try failed records of the task again, within the task.

        >>> frame = task.failures()
        >>> frame["colour"] = frame["colour"].replace("Blau", "blue")
        >>> task.retry(frame, dry_run=True).problems
        ()
        >>> task.retry(frame).counts
        >>> task.retry(replace={"colour": {"Blau": "blue"}})

        Args:
            mended: The mended records: the frame of :meth:`failures`, or a file of
                failed records. None tries all of them again, as they are, unless one
                of the others is given.
            replace: New values by the rejected ones, by the field at fault: a value
                that is wrong in many records is mended once.
            add_keys: Rejected values that become keys of the field's picklist, by the
                field at fault.
            dry_run: Return what would become of the records, with all problems of
                those that would fail again, and write nothing.
            wait: Return when the task has ended; otherwise at once.

        Raises:
            NotSupported: The task has no records to try again.
            InvalidPlan: The task has not ended, no record failed, or what is given
                does not belong to it.
            FileError: A file cannot be read.
        """
        records = None if mended is None else self._repair.read(self.id, mended)
        records = self._repair.combine(self.id, records, replace or {}, add_keys or {})
        if dry_run:
            return self._repair.check(self.id, records)
        started = self._repair.start(self.id, records)
        self.state = follow_start(self._tasks, started, wait=wait)
        return self

    def verify(
        self, *, wait: bool = True, **choices: Unpack[WorkerChoices]
    ) -> TaskHandle:
        """Compare what the task has sent with what its target holds now.

        >>> task.verify().verification().summary
        >>> task.verify(workers=4)

        Args:
            wait: Return when the verification has ended; otherwise at once.
            choices: The workers that read the target; those of an import by default.

        Raises:
            InvalidPlan: There cannot be such workers.
            NotSupported: It is neither an import nor a migration, or was a dry run.
            WorkspaceError: The verification could not be started.
        """
        started = follow_start(
            self._tasks, self._tasks.verify(self.id, **choices), wait=wait
        )
        return TaskHandle(self._workspace, started)

    def verification(self) -> VerificationReport | None:
        """Return the latest verification of the task, or by it; None without any.

        An import and a migration verify themselves at their end, unless that was
        turned off with ``verify=False``.
        """
        return self._tasks.verification(self.id)

    def report(self, path: Path | str | None = None) -> str:
        """Return the error report as CSV text, and write it to *path* if one is given.

        The path may be an address, such as ``s3://bucket/report.csv``. Columns: item,
        itemIndex, message, code, field, value.
        """
        if path is not None:
            self._tasks.write_report(self.id, path)
        return b"".join(self._tasks.report_chunks(self.id)).decode()

    def file(self) -> Path:
        """Return the task's file: the original of an import, the zip of an export.

        Raises:
            UnknownName: There is none, or none yet.
        """
        return self._tasks.file(self.id)

    @property
    def file_name(self) -> str:
        """The name of that file for people, such as ``Ticket-2026-11-28.zip``."""
        return file_name_for_people(self.state)

    def __repr__(self) -> str:
        return repr(self.state)

    def _repr_html_(self) -> str:
        return self.state._repr_html_()
