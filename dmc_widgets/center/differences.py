"""Differences between installations, or a file and one: compared, kept and applied."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..model.merge_choices import MergeChoices
from ..model.plan import ImportPlan
from ..model.task import Task
from ..objects.comparison.differences import Difference
from ..storage.remote_addresses import find_address, is_address
from ..tasks.difference_files import format_differences, read_merge_choices
from ..tasks.imports.file_differences import find_file_differences, recognise_documents
from ..tasks.imports.file_head import FileHead, read_head
from ..tasks.imports.preflight import plan_from_file
from ..tasks.installation_access import find_entity_type
from ..tasks.merge_paths import plan_of_differences
from ..workspace import Workspace
from .base import CenterPart
from .choices import Paths
from .following import follow_start
from .installations import Installations
from .source_files import SourceFile, open_source_file
from .target_files import find_target, write_file
from .task_handle import TaskHandle
from .tasks import Tasks


class Differences(CenterPart):
    """Compares definitions, picklists and folders: ``center.differences``.

    >>> center.differences.between("Staging", "Production")
    >>> center.differences.apply(
    ...     "Staging", "Production", "Customer.objectFields.city"
    ... )
    """

    def __init__(
        self, workspace: Workspace, installations: Installations, tasks: Tasks
    ) -> None:
        super().__init__(workspace)
        self._installations = installations
        self._tasks = tasks

    def between(self, source: str, target: str) -> list[Difference]:
        """Return how folders, picklists and definitions of two installations differ.

        Raises:
            UnknownName: No installation has that name.
            InstallationError: One of them does not answer.
        """
        return self._installations.differences(source, target)

    def of_plan(
        self, installation: str, plan: ImportPlan, head: FileHead
    ) -> list[Difference]:
        """Return how the documents that an import would write differ from a target.

        Args:
            installation: The name of the target.
            plan: The plan of the import, with its mapping.
            head: The file; its first 100 documents are compared.

        Raises:
            InvalidPlan: The records are entries or parts.
            InstallationError: The installation does not answer.
        """
        with closing(self._open(installation)) as opened:
            entity_type = find_entity_type(opened.entity_types(), plan.entity_type)
            return find_file_differences(opened, plan, entity_type, head)

    def of_file(self, path: Path | str, target: str) -> list[Difference]:
        """Return how definitions, picklists or folders of a file differ from a target.

        The file, which may be at an address, states what it holds, or its records show
        it. Its first 100 documents are compared.

        Raises:
            InvalidPlan: The file holds something else.
            FileError: The file cannot be read.
            InstallationError: The installation does not answer.
        """
        with open_source_file(self._workspace, path) as file:
            plan, head = self._plan_of_file(file, target)
            return self.of_plan(target, plan, head)

    def apply(
        self,
        source: str | Path,
        target: str,
        paths: Paths,
        *,
        allow_deletions: bool = False,
        dry_run: bool = False,
        name: str = "",
        wait: bool = True,
    ) -> TaskHandle:
        """Make a target equal to a source in single differences, and in nothing else.

        Args:
            source: The name of the installation that has what is wanted, or the path
                or the address of a file.
            target: The name of the installation that is changed.
            paths: The path of a difference, or several; see
                :class:`~dmc_widgets.MergeChoices`.
            allow_deletions: What only the target has may be deleted where a path
                names it, with the values of entries.
            dry_run: Report what would change, and write nothing.
            name: The name of the task; generated when empty.
            wait: Return when the task has ended; otherwise at once.

        Raises:
            InvalidPlan: A path names no difference; the error lists some. Or something
                would be deleted, and that is not allowed.
            InstallationError: One of the installations does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        more: dict[str, Any] = {
            "allow_deletions": allow_deletions,
            "dry_run": dry_run,
            "name": name,
        }
        if isinstance(source, str) and not is_address(source):
            differences = self.between(source, target)
            migration = plan_of_differences(source, paths, differences)
            task = self._tasks.start_migration(target, replace(migration, **more))
        else:
            task = self._apply_file(source, target, paths, more)
        return TaskHandle(self._workspace, follow_start(self._tasks, task, wait=wait))

    def read_choices(self, path: Path | str) -> MergeChoices:
        """Read which differences are accepted, from a YAML or JSON file.

        Args:
            path: The file, or its address.

        Raises:
            FileUnreadable: The file cannot be read.
            InvalidPlan: It does not hold differences; the error says what it met.
            DmcError: As for :meth:`Sources.download`, for an address.
        """
        policy = self._workspace.source_policy
        return read_merge_choices(find_address(path), policy)

    def write_choices(
        self, differences: Iterable[Difference], path: Path | str
    ) -> None:
        """Write differences as a YAML or JSON file, to accept or leave each of them.

        Args:
            differences: The differences.
            path: The file, or its address; one that is there is replaced.
        """
        text = format_differences(differences, find_target(path).name)
        write_file(self._workspace, path, [text.encode()])

    def _apply_file(
        self, source: Path | str, target: str, paths: Paths, more: dict[str, Any]
    ) -> Task:
        with open_source_file(self._workspace, source) as file:
            plan, head = self._plan_of_file(file, target)
            differences = self.of_plan(target, plan, head)
            policy = plan_of_differences("", paths, differences).policy
            plan = replace(plan, policy=policy, **more)
            return self._tasks.start_import(target, plan, file)

    def _plan_of_file(
        self, file: SourceFile, target: str
    ) -> tuple[ImportPlan, FileHead]:
        head = read_head(file.path, file.name)
        is_stated = head.configuration and head.configuration.class_name
        kind = None if is_stated else recognise_documents(head)
        with closing(self._open(target)) as opened:
            return plan_from_file(opened.entity_types(), head, kind), head
