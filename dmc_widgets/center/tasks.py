"""Tasks: started, watched, cancelled and read.

Every task runs in a process of its own, which outlives the one that started it.
"""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Unpack

from ..errors import InvalidPlan
from ..model.match_keys import MatchKeys
from ..model.merge_choices import ACCEPT_ALL, MergeChoices
from ..model.plan import (
    BackupPlan,
    ExportPlan,
    ImportPlan,
    MigrationPlan,
    PackagePlan,
    Plan,
    VerificationPlan,
)
from ..model.strategies import UpdateStrategy
from ..model.task import Task
from ..ports import Installation
from ..tasks.exports.export_task import check_export
from ..tasks.installation_access import find_entity_type
from ..tasks.installation_comparison import read_documents, require_distinct
from ..tasks.migration.preflight import SideOfMigration, check_migration
from ..tasks.migration.site_filter import name_selection
from ..tasks.migration.target import MigrationTarget
from ..tasks.packages.report import PackageStep
from ..tasks.pruning import PruneReport, delete_tasks
from ..tasks.site_checks import site_problem
from ..tasks.task_files import downloadable_file
from ..tasks.task_reports import iter_report_chunks, outcomes_to_frame
from ..tasks.worker.launcher import fork_server, observe_task
from ..workspace import Failure
from .backups import build_restore_plan, require_no_backup
from .base import task_id_of
from .choices import WorkerChoices
from .exported_files import ExportedFiles
from .import_start import prepare_import
from .launching import ImportedFile, start_task
from .package_import import (
    AS_STATED,
    PackageChoices,
    PackageImport,
    choose_update_strategy,
)
from .package_queue import PackageQueue
from .reruns import TaskReruns
from .resuming import resume_task
from .shown_run import start_as_shown
from .source_files import SourceFile, open_source_file
from .stopping import cancel_task, pause_task
from .task_changes import TaskChanges
from .task_course import TaskCourse
from .task_names import run_name, with_name_and_key, with_task_name
from .task_search import TaskSearch
from .undo import UndoneRecord, iter_undone, start_undo
from .verification import (
    Verifications,
    build_task_verification,
    complete_verification_plan,
)

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd

_POLL_INTERVAL_S: Final = 0.1


class Tasks(
    TaskSearch, TaskReruns, TaskChanges, TaskCourse, Verifications, ExportedFiles
):
    """Starts tasks and watches any of them: ``center.tasks``.

    Every method takes a task or its id.
    """

    def __iter__(self) -> Iterator[Task]:
        """Iterate over the tasks of the workspace by id."""
        return iter(self.list())

    def __getitem__(self, task_id: int) -> Task:
        """Return the task of an id; see :meth:`get`."""
        return self.get(task_id)

    def prepare_workers(self) -> None:
        """Load what tasks need in the background, so that the next one starts at once.

        A form calls it when it opens, and what starts a task before it checks the
        plan: both load for as long. Linux only; elsewhere, and where a pool carries
        tasks out, it does nothing.
        """
        if self._workspace.queue.has_pool:
            return
        with suppress(OSError):  # the first task is started as anywhere else
            fork_server.prepare()

    def get(self, task: Task | int) -> Task:
        """Return a task as it is at this moment. Nothing is written.

        A task whose worker died is *Inactive*, with the counts that were recorded
        last; see :meth:`recover`.

        Raises:
            UnknownName: No task has that id.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        return observe_task(self._workspace, stored)

    def recover(self, task: Task | int) -> Task:
        """Complete the outcomes of a task whose worker died, and record its end.

        The target is asked for what it has stored. Other tasks are left alone, and
        two processes may do this at the same time.

        Returns:
            The task as it is now; *Inactive* where the target does not answer.

        Raises:
            UnknownName: No task has that id.
        """
        task_id = task_id_of(task)
        stored = self._workspace.tasks.get(task_id)
        if not self._workspace.tasks.is_unfinished(task_id):
            return stored
        # Few tasks need it, and it imports everything that runs tasks.
        from ..tasks.worker.recovery import recover_task

        return recover_task(self._workspace, stored)

    def cancel(self, task: Task | int) -> Task:
        """Ask a task to end, which it does within a second; ended ones stay.

        What it has written stays, and its error says how far it came.

        Raises:
            UnknownName: No task has that id.
        """
        task_id = task_id_of(task)
        cancel_task(self._workspace, task_id)
        return self.get(task_id)

    def pause(self, task: Task | int) -> Task:
        """Ask a task to pause, which it does within a second; ended ones stay.

        Its worker ends, and the task is *Paused* until it is resumed or cancelled.

        Raises:
            NotSupported: An export or a dry run; they begin anew instead.
            UnknownName: No task has that id.
        """
        task_id = task_id_of(task)
        pause_task(self._workspace, task_id)
        return self.get(task_id)

    def resume(self, task: Task | int, **choices: Unpack[WorkerChoices]) -> Task:
        """Go on with a task that was interrupted, in a new process.

        A task goes on where it stood that pauses, was cancelled, stopped at an error,
        or whose worker died. Every record keeps the outcome that it has, and no batch
        is written twice. An export, or a dry run, begins anew.

        >>> center.tasks.resume(7, workers=2)  # of the four that it began with

        Args:
            task: The task, or its id.
            choices: Other workers for an import that several have begun.

        Raises:
            InvalidPlan: Its plan cannot have such workers.
            NotSupported: The task is at work, has nothing left, or its file is gone.
            UnknownName: No task has that id.
            WorkspaceError: Its process could not be started.
        """
        task_id = task_id_of(task)
        resume_task(self._workspace, task_id, choices)
        return self.get(task_id)

    def delete(self, *tasks: Task | int) -> PruneReport:
        """Remove ended tasks from the list, with their files, outcomes and journals.

        They can no longer be undone, repaired, verified or run again. The history keeps
        their events, and what they have written stays where it is.

        >>> center.tasks.delete(3, 4)

        Returns:
            What was removed. A task stays whose installation does not answer.

        Raises:
            NotSupported: A task is at work, pauses, or its worker died.
            UnknownName: No task has that id.
        """
        return delete_tasks(self._workspace, [self.get(task) for task in tasks])

    def wait(
        self,
        task: Task | int,
        *,
        timeout_s: float | None = None,
        on_change: Callable[[Task], None] | None = None,
    ) -> Task:
        """Return the task when it has ended, or as it is after *timeout_s* seconds.

        A task whose worker died is recovered first; see :meth:`recover`.

        Args:
            task: The task, or its id.
            timeout_s: None waits for the end, however long that takes.
            on_change: Called with the task whenever it has progressed.
        """
        task_id = task_id_of(task)
        end = None if timeout_s is None else time.monotonic() + timeout_s
        previous: Task | None = None
        while True:
            current = self.get(task_id)
            if current.status.is_final:
                current = self.recover(task_id)
            if on_change is not None and current != previous:
                on_change(current)
            previous = current
            is_late = end is not None and time.monotonic() >= end
            if current.status.is_final or is_late:
                return current
            time.sleep(_POLL_INTERVAL_S)

    def outcomes(self, task: Task | int) -> pd.DataFrame:
        """Return the outcome of every record of a task.

        Returns:
            The columns itemIndex (from 1), outcome, externalReferenceCode, code,
            field, value (JSON text or None) and message.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        return outcomes_to_frame(self._workspace, stored.id)

    def failures(
        self, task: Task | int, offset: int = 0, limit: int | None = None
    ) -> builtins.list[Failure]:
        """Return the failed records of a task by their position in the file."""
        stored = self._workspace.tasks.get(task_id_of(task))
        return self._workspace.outcomes.failures(stored.id, offset, limit)

    def report_chunks(self, task: Task | int) -> Iterator[bytes]:
        """Yield the error report of a task as CSV, in pieces."""
        stored = self._workspace.tasks.get(task_id_of(task))
        return iter_report_chunks(self._workspace, stored.id)

    def file(self, task: Task | int) -> Path:
        """Return the file of a task: an import's original, an export's result.

        Raises:
            UnknownName: There is none, or none yet.
        """
        return downloadable_file(self._workspace, self.get(task))

    def start_export(self, installation: str, plan: ExportPlan) -> Task:
        """Start an export in a process of its own and return its task at once.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: The installation does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        self.prepare_workers()
        with closing(self._open(installation)) as opened:
            entity_type = find_entity_type(opened.entity_types(), plan.entity_type)
            check_export(plan, opened, entity_type)
            problem = site_problem(opened, entity_type, plan)
            if problem:
                raise InvalidPlan(problem)
        return self._start(installation, with_name_and_key(plan, entity_type))

    def start_import(
        self,
        installation: str,
        plan: ImportPlan,
        path: Path | str | SourceFile,
        *,
        file_name: str | None = None,
        consume: bool = False,
        is_one_of_many: bool = False,
    ) -> Task:
        """Start an import in a process of its own and return its task at once.

        The workspace keeps a copy of the file, which may be changed or removed as soon
        as this returns, and the fields that the plan pairs, to suggest them again.

        Args:
            installation: The name of the target.
            plan: The plan of the import.
            path: The file, or a zip that holds one, or the address of either.
            file_name: The file's own name where *path* is only where it is stored.
            consume: Move the file instead of copying it.
            is_one_of_many: A path of a merge may name a difference of another file.

        Raises:
            RequestError: The plan asks for something that is not there.
            FileError: The file cannot be imported.
            InstallationError: The installation does not answer.
            WorkspaceError: The file could not be copied, or the task not started.
        """
        self.prepare_workers()
        with (
            open_source_file(self._workspace, path, file_name) as source,
            closing(self._open(installation)) as opened,
        ):
            named, file, notes = prepare_import(
                self._workspace,
                installation,
                opened,
                plan,
                source,
                consume=consume or source.is_copy,
                is_one_of_many=is_one_of_many,
            )
            return self._start(installation, named, file, notes)

    def import_package(
        self,
        installation: str,
        path: Path | str | SourceFile,
        *,
        site: str = "",
        new_sites: bool = False,
        lazy_references: bool = False,
        update_strategy: UpdateStrategy | str | None = None,
        merge: MergeChoices = ACCEPT_ALL,
        match: MatchKeys = (),
        allow_deletions: bool = False,
        resume: bool = False,
        dry_run: bool = False,
        on_change: Callable[[Task], None] | None = None,
    ) -> Iterator[PackageStep]:
        """Import every batch file below a folder, or in a zip, one after another.

        Files are taken in the natural order of their paths, each as a task of its own
        with the strategies and the site that it states. A file that fails does not stop
        others. One whose items do not move is a step that is left out.

        Args:
            installation: The name of the target.
            path: The folder or the zip, or the address of a zip.
            site: The key of the site for all entries that belong to sites; empty for
                the site that each file or record names.
            new_sites: Add sites that entries name and the target does not have.
            lazy_references: Entries may name entries of later files: an empty one is
                added for each, and filled when its record comes.
            update_strategy: ``UPDATE``, ``PARTIAL_UPDATE`` or ``MERGE``, in place of
                what the files state; None for that.
            merge: The differences that a merge accepts.
            match: The fields that identify an item, by entity type, in place of its
                external reference code. Later files may name what was matched by the
                codes that its records have.
            allow_deletions: Parts that only the target has may be deleted. Otherwise
                such a file is refused, and they are named with their values' number.
            resume: Leave imported files out, and resume a task that stopped.
            dry_run: Report what would become of each record, and write nothing. A file
                is checked against what those before it would have written.
            on_change: Called with the task of a file whenever it has progressed.

        Returns:
            The result of each file, which is imported when it is asked for.

        Raises:
            InvalidPlan: A dry run is to be resumed.
            FileUnreadable: It is neither folder nor zip, or holds other files only.
            UnknownName: No installation has that name.
        """
        choices = PackageChoices(
            site=site,
            new_sites=new_sites,
            lazy_references=lazy_references,
            update_strategy=choose_update_strategy(update_strategy, merge),
            merge=merge,
            match=match,
            allow_deletions=allow_deletions,
            resume=resume,
            dry_run=dry_run,
        )
        kind = PackageQueue if dry_run else PackageImport
        package = kind(self, self._workspace, installation, choices, on_change)
        return package.steps(path)

    def start_package_import(
        self,
        installation: str,
        path: Path | str,
        choices: PackageChoices = AS_STATED,
    ) -> builtins.list[PackageStep]:
        """Queue every file of a package, and return at once.

        One worker takes the files in turn, each as a task of its own, as
        :meth:`import_package` does; it outlives the program that started it.

        Args:
            installation: The name of the target.
            path: The folder or the zip, or the address of a zip.
            choices: What is chosen for all files.

        Returns:
            Each file with its queued task, or why it has none.

        Raises:
            FileUnreadable: It is neither folder nor zip, or holds other files only.
            UnknownName: No installation has that name.
            InstallationError: The installation does not answer.
            WorkspaceError: A file could not be copied, or the worker not started.
        """
        queue = PackageQueue(self, self._workspace, installation, choices)
        return [queue.describe(queued) for queued in queue.start(path)]

    def start_migration(self, target: str, plan: MigrationPlan) -> Task:
        """Start a migration in a process of its own and return its task at once.

        Args:
            target: The name of the installation to write to.
            plan: The source, the selection and the strategies.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: One of the installations does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        if plan.source == target:
            reason = f"{target} is source and target. Choose another installation."
            raise InvalidPlan(reason)
        with (
            closing(self._open(plan.source)) as source,
            closing(self._open(target)) as installation,
        ):
            selection, resolved = name_selection(source, plan.selection)
            migration_target = MigrationTarget(installation)
            migration_target.require_definitions(resolved)
            if plan.policy.lazy_references:
                migration_target.require_lazy_references()
            sides = (
                SideOfMigration(source, read_documents(source)),
                SideOfMigration(installation, read_documents(installation)),
            )
            connection = self._workspace.connections.get
            require_distinct(
                connection(plan.source),
                connection(target),
                *(side.documents for side in sides),
            )
            check_migration(plan, resolved, *sides)
        kind = "Dry Run" if plan.dry_run else "Migration"
        plan = replace(plan, selection=selection, name=run_name(plan))
        return self._start(target, with_task_name(plan, kind))

    def run(self, task: Task | int, *, allow_deletions: bool = False) -> Task:
        """Start exactly what a dry run has shown, and return the task at once.

        The run has the plan and the file of the dry run. It stops before it writes a
        batch with a record that would now have another outcome, or change other
        values: the target has changed since, or the source of a migration. What it has
        written before that stays.

        Args:
            task: The dry run.
            allow_deletions: What the dry run has shown as deleted may be deleted.

        Raises:
            InvalidPlan: The task is not a dry run, did not come to its end, or would
                delete something without leave.
            UnknownName: Its file was removed.
            InstallationError: The installation does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        return start_as_shown(self, self.get(task), allow_deletions=allow_deletions)

    def undo(self, task: Task | int, *, dry_run: bool = False) -> Task:
        """Start taking a task back, and return the task of the undo at once.

        What the task created is deleted, what it updated is restored, from its last
        record on. What somebody has changed since is left alone, and
        :meth:`undone_records` names it. An undo is a task like any other, and can be
        undone.

        Args:
            task: An import, a migration or an undo that has ended, whatever its end.
            dry_run: Tell what would become of each record, and write nothing.

        Raises:
            UnknownName: No task has that id.
            InvalidPlan: It has not ended, or has written nothing.
            NotSupported: It kept no journal.
            InstallationError: The installation does not answer.
            WorkspaceError: The undo could not be recorded or started.
        """
        ended = self.recover(task)
        return start_undo(self, self._workspace, ended, dry_run=dry_run)

    def undone_records(self, task: Task | int) -> Iterator[UndoneRecord]:
        """Yield what an undo made of each record: reversed, kept, or failed."""
        stored = self._workspace.tasks.get(task_id_of(task))
        return iter_undone(self._workspace, stored)

    def open_target(self, task: Task) -> Installation:
        """Return the installation of a task, opened; the caller closes it."""
        return self._open(task.installation)

    def start_package(self, installation: str, plan: PackagePlan) -> Task:
        """Start the export of a package and return its task at once.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: The installation does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        with closing(self._open(installation)) as source:
            selection, _ = name_selection(source, plan.selection)
        return self._start(
            installation, with_task_name(replace(plan, selection=selection), "Package")
        )

    def start_verification(self, target: str, plan: VerificationPlan) -> Task:
        """Start comparing a source with a target, and return the task at once.

        Args:
            target: The name of the installation to verify.
            plan: The source, and the entity types to compare.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: The source does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        return self._start(target, complete_verification_plan(self, plan, target))

    def verify(self, task: Task | int, **choices: Unpack[WorkerChoices]) -> Task:
        """Start comparing what a task has sent with its target; return at once.

        >>> center.tasks.verify(7, workers=4)

        Args:
            task: The task, or its id.
            choices: The workers that read the target; those of an import by default.

        Raises:
            InvalidPlan: There cannot be such workers.
            NotSupported: It is neither an import nor a migration, or was a dry run.
            UnknownName: No task has that id.
            WorkspaceError: The task could not be recorded or started.
        """
        subject = self.recover(task)
        # It imports everything that runs tasks, and few callers need it.
        from ..tasks.verification.task_verification import require_verifiable

        require_verifiable(subject)
        return self._start(
            subject.installation, build_task_verification(subject, choices)
        )

    def start_backup(self, installation: str, plan: BackupPlan) -> Task:
        """Start copying entity types of an installation; return the task at once.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: The installation does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        with closing(self._open(installation)) as source:
            selection, _ = name_selection(source, plan.selection)
        named = with_task_name(plan, f"Backup of {installation}")
        return self._start(installation, replace(named, selection=selection))

    def start_restore(self, backup: Task | int) -> Task:
        """Start bringing a backup back to where it was made; return the task at once.

        Raises:
            NotSupported: The task is not a backup, or its copy is not complete.
            InstallationError: The target does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        made = self.get(backup)
        plan = build_restore_plan(made, (), {})
        return self.start_migration(made.installation, plan)

    def _start(
        self,
        installation: str,
        plan: Plan,
        file: ImportedFile | None = None,
        notes: Sequence[str] = (),
    ) -> Task:
        require_no_backup(installation, plan)
        return start_task(self._workspace, installation, plan, file, notes)
