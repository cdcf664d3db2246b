"""Whole jobs that protect what installations hold: verify, back up, restore, prune."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

from ..model.match_keys import MatchKeys
from ..model.task import Task
from ..tasks.pruning import PruneReport
from ..workspace import Workspace
from .backups import build_backup_plan, build_restore_plan
from .base import task_id_of
from .choices import WriteChoices
from .following import follow_start
from .prune import prune
from .task_handle import TaskHandle
from .tasks import Tasks
from .verification import build_verification_plan


class Safeguards:
    """The part of the center that proves, copies and brings back."""

    _workspace: Workspace
    tasks: Tasks

    def verify(
        self,
        source: str,
        target: str,
        *entities: str,
        filters: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        sites: str | Iterable[str] = (),
        match: Mapping[str, str | Iterable[str]] | MatchKeys = (),
        name: str = "",
        wait: bool = True,
    ) -> TaskHandle:
        """Compare what two installations hold, entry by entry and field by field.

        >>> task = center.verify("Staging", "Production", "Ticket")
        >>> task.verification().save("report.html")

        Nothing is written. Attachments are compared by their contents.

        Args:
            source: The name of the installation that states what is expected.
            target: The name of the installation to verify.
            entities: Entity types; none for everything that the source has.
            filters: OData expressions by entity type, for entries that are compared.
            sites: Keys of the sites whose entries are compared; empty for all.
            match: Fields that identify an entry, by entity type, in place of its
                external reference code: ``{"Customer": "email"}``. What names such
                entries is compared accordingly.
            name: The name of the task; generated when empty.
            wait: Return when the task has ended; otherwise at once.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: The source does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        plan = build_verification_plan(
            source, entities, filters=filters, sites=sites, match=match, name=name
        )
        return self._follow(self.tasks.start_verification(target, plan), wait=wait)

    def prune(
        self, older_than: str, *, backups: bool = False, dry_run: bool = False
    ) -> PruneReport:
        """Remove what tasks that ended before a time have left.

        >>> center.prune("90d", dry_run=True).total_bytes

        That is their files, outcomes, changes and journals, the marks of their batches
        in databases, and attachments there that neither an entry nor the journal of
        another task names. The tasks stay in the list with their counts, and the
        history stays whole, but the tasks can no longer be resumed, repaired or undone.

        Args:
            older_than: An age such as ``90d``, or a day or a time in UTC.
            backups: Remove backups, too, which stay otherwise.
            dry_run: Remove nothing; report what would be removed.

        Raises:
            InvalidPlan: The time is of another form.
            WorkspaceError: The workspace cannot be written.
        """
        return prune(self._workspace, older_than, backups=backups, dry_run=dry_run)

    def backup(
        self,
        installation: str,
        *entities: str,
        filters: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        sites: str | Iterable[str] = (),
        name: str = "",
        wait: bool = True,
    ) -> TaskHandle:
        """Copy entity types of an installation into the workspace, with their files.

        >>> backup = center.backup("Production", "Ticket")
        >>> center.restore(backup)

        A backup is an installation of its own, ``Backup 7`` for task 7: it can be
        read, exported, compared and verified, and nothing writes to it.

        Args:
            installation: The name of the installation.
            entities: Entity types; none for everything that it has.
            filters: OData expressions by entity type, for entries that are copied.
            sites: Keys of the sites whose entries are copied; empty for all.
            name: The name of the task; generated when empty.
            wait: Return when the task has ended; otherwise at once.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: The installation does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        plan = build_backup_plan(entities, filters=filters, sites=sites, name=name)
        return self._follow(self.tasks.start_backup(installation, plan), wait=wait)

    def restore(
        self,
        backup: Task | TaskHandle | int,
        /,
        *entities: str,
        into: str = "",
        allow_deletions: bool = False,
        dry_run: bool = False,
        name: str = "",
        wait: bool = True,
        **choices: Unpack[WriteChoices],
    ) -> TaskHandle:
        """Bring the items of a backup back, as they were.

        Items that were deleted since are created, and values that were changed since
        are set again. What was added since stays: entries, and fields of definitions.
        Restoring is a migration: it can be a dry run first, and be undone.

        Args:
            backup: The backup task, or its id.
            entities: Entity types of the backup; none for all.
            into: The name of the installation to write to; empty for the one that was
                backed up.
            allow_deletions: Parts of a definition or picklist that were added since
                may be deleted, with ``update_strategy="UPDATE"``; otherwise what both
                have is merged.
            dry_run: Report the outcome of each record, and write nothing.
            name: The name of the task; generated when empty.
            wait: Return when the task has ended; otherwise at once.
            choices: The strategies and the options of the run, as of :meth:`migrate`.

        Raises:
            NotSupported: The task is not a backup, or its copy is not complete.
            RequestError: The plan asks for something that is not there.
            InstallationError: The target does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        number = backup.id if isinstance(backup, TaskHandle) else task_id_of(backup)
        made = self.tasks.get(number)
        plan = build_restore_plan(
            made,
            entities,
            choices,
            allow_deletions=allow_deletions,
            dry_run=dry_run,
            name=name,
        )
        target = into or made.installation
        return self._follow(self.tasks.start_migration(target, plan), wait=wait)

    def _follow(self, task: Task, *, wait: bool) -> TaskHandle:
        return TaskHandle(self._workspace, follow_start(self.tasks, task, wait=wait))
