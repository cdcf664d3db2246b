"""LaunchMixin exports and imports, each as a task in a process of its own.

LaunchMixin tasks that move many entity types at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

from ..errors import FileError, InvalidPlan, NotSupported, RequestError
from ..model.entity_type import EntityType, simple_name
from ..model.plan import (
    ExportPlan,
    ImportPlan,
    MigrationPlan,
    PackagePlan,
    Plan,
    Selection,
)
from ..model.task import Task
from ..ports import Installation
from ..tasks.exports.export_task import check_export
from ..tasks.imports.file_head import read_head
from ..tasks.imports.package_reader import PackageStep, package_files
from ..tasks.imports.preflight import check_import
from ..tasks.installation_access import find_entity_type
from ..tasks.installation_comparison import read_documents, require_distinct
from ..tasks.migration.preflight import check_migration
from ..tasks.migration.selection import ResolvedSelection, resolve_selection
from ..tasks.migration.site_filter import require_sites
from ..tasks.migration.target import MigrationTarget
from ..tasks.site_checks import site_problem
from ..tasks.task_files import original_path
from ..tasks.worker.launcher import launch_worker
from ..tasks.worker.liveness import identify_self
from ..workspace.file_transfer import copy_into_workspace
from .mappings import FilesMixin
from .tasks import TasksMixin

_SingleTypePlan = TypeVar("_SingleTypePlan", ExportPlan, ImportPlan)


class LaunchMixin(FilesMixin, TasksMixin):
    """LaunchMixin tasks. What a plan asks for is checked before one begins."""

    def start_export(self, installation: str, plan: ExportPlan) -> Task:
        """Start an export in a process of its own and return its task at once.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: The installation does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        with closing(self._open(installation)) as opened:
            entity_type = find_entity_type(opened.entity_types(), plan.entity_type)
            check_export(plan, opened, entity_type)
            problem = site_problem(opened, entity_type, plan)
            if problem:
                raise InvalidPlan(problem)
        return self._start(installation, _with_name_and_key(plan, entity_type))

    def start_import(
        self,
        installation: str,
        plan: ImportPlan,
        path: Path | str,
        *,
        file_name: str | None = None,
        consume: bool = False,
    ) -> Task:
        """Start an import in a process of its own and return its task at once.

        The workspace keeps a copy of the file, which may be changed or removed
        as soon as this returns. It also remembers which fields the plan pairs, to
        suggest them again.

        Args:
            installation: The name of the target.
            plan: What to do with the file's records.
            path: The file, or a zip that holds one.
            file_name: The file's own name where *path* is only where it is kept.
            consume: Move the file instead of copying it.

        Raises:
            RequestError: The plan asks for something that is not there.
            FileError: The file is none that can be imported.
            InstallationError: The installation does not answer.
            WorkspaceError: The file could not be taken, or the task not started.
        """
        path = Path(path)
        name = file_name or path.name
        with closing(self._open(installation)) as opened:
            types = opened.entity_types()
            entity_type = find_entity_type(types, plan.entity_type)
            head = read_head(path, name, plan.reading)
            problem = self._site_problem(installation, plan)
            check = check_import(opened, plan, types, head, site_problem=problem)
        check.require_startable()
        used = [pair for pair in plan.mapping.pairs if pair.has_source]
        self._workspace.mappings.remember(entity_type.key, used)
        return self._start(
            installation,
            _with_name_and_key(plan, entity_type),
            original=name,
            notes=check.warnings,
            take=lambda target: copy_into_workspace(path, target, consume=consume),
        )

    def run_package(
        self, installation: str, path: Path | str, *, new_sites: bool = False
    ) -> Iterator[PackageStep]:
        """Import every batch file below a folder, or in a zip, one after another.

        FilesMixin come in natural order of their paths, each as a task of its own with
        the strategies that it states. A file that fails does not hold up those
        behind it.

        Args:
            installation: The name of the target.
            path: The folder or the zip.
            new_sites: Add sites that entries name and the target does not know.

        Raises:
            FileUnreadable: It is neither, or holds no batch file.
            UnknownName: There is no installation of that name.
        """
        self._workspace.connections.get(installation)
        with package_files(Path(path), self.workspace_path) as files:
            for name, file in files:
                yield self._import_packaged(
                    installation, file, name, new_sites=new_sites
                )

    def _start(
        self,
        installation: str,
        plan: Plan,
        *,
        original: str = "",
        notes: Sequence[str] = (),
        take: Callable[[Path], None] = lambda _target: None,
    ) -> Task:
        task = self._workspace.tasks.add(
            installation, plan, original, notes, worker=identify_self()
        )
        try:
            take(original_path(self._workspace, task))
            launch_worker(self._workspace, task)
        except BaseException:  # such as a person's Ctrl-C while the file is copied
            self._workspace.last_words(task.id).remove()
            self._workspace.tasks.discard(task.id)
            raise
        return task

    def _import_packaged(
        self, installation: str, path: Path, file: str, *, new_sites: bool
    ) -> PackageStep:
        name = PurePosixPath(file).name
        try:
            head = read_head(path, name)
            plan = self.plan_from_file(installation, head)
            plan = replace(plan, new_sites=new_sites)
            if head.is_empty:
                return PackageStep(file, reason=f"{head.name} holds no record.")
            task = self.start_import(installation, plan, path, file_name=name)
        except NotSupported as exc:
            return PackageStep(file, reason=str(exc))
        except (RequestError, FileError) as exc:
            return PackageStep(file, reason=str(exc), failed=True)
        try:
            return PackageStep(file, self.wait(task.id))
        except KeyboardInterrupt:  # who waits for a package sees no task to cancel
            self.cancel(task.id)
            raise


def _with_name_and_key(
    plan: _SingleTypePlan, entity_type: EntityType
) -> _SingleTypePlan:
    """Fill in the full key, and the name that Liferay would give the task."""
    name = plan.name.strip()
    if not name:
        stamp = time.time_ns() // 1_000_000
        name = f"{simple_name(entity_type.key)} Plan Execution {stamp}"
    return replace(plan, entity_type=entity_type.key, name=name)


_MultiTypePlan = TypeVar("_MultiTypePlan", MigrationPlan, PackagePlan)


class MultiTypeLaunchMixin(LaunchMixin):
    """From one installation into another, or into a package."""

    def start_migration(self, target: str, plan: MigrationPlan) -> Task:
        """Start a migration in a process of its own and return its task at once.

        Args:
            target: The name of the installation to bring into.
            plan: What to take, from where, and by which rules.

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
            chosen, selected = _resolve_selection(source, plan.selection)
            MigrationTarget(installation).require_definitions(selected)
            there, here = read_documents(source), read_documents(installation)
        known = self._workspace.connections.get
        require_distinct(known(plan.source), known(target), there, here)
        check_migration(plan, selected, there, here)
        name, kind = plan.name.strip(), "Dry Run" if plan.dry_run else "Migration"
        if name and plan.dry_run:  # nobody should take it for the run in a list
            name = f"{name} ({kind})"
        plan = replace(plan, selection=chosen, name=name)
        return self._start(target, _with_task_name(plan, kind))

    def start_package(self, installation: str, plan: PackagePlan) -> Task:
        """Start the export of a package and return its task at once.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: The installation does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        with closing(self._open(installation)) as source:
            chosen, _ = _resolve_selection(source, plan.selection)
        return self._start(
            installation, _with_task_name(replace(plan, selection=chosen), "Package")
        )


def _resolve_selection(
    source: Installation, chosen: Selection
) -> tuple[Selection, ResolvedSelection]:
    """Fill in full keys, and refuse what the source does not have."""
    selected = resolve_selection(source, chosen)
    require_sites(source, selected, chosen.sites)
    types = source.entity_types()
    keys = tuple(find_entity_type(types, name).key for name in chosen.entity_types)
    filters = tuple(
        (find_entity_type(types, name).key, text) for name, text in chosen.filters
    )
    return replace(chosen, entity_types=keys, filters=filters), selected


def _with_task_name(plan: _MultiTypePlan, kind: str) -> _MultiTypePlan:
    """Give the task a name where it has none."""
    stamp = time.time_ns() // 1_000_000
    return replace(plan, name=plan.name.strip() or f"{kind} {stamp}")
