"""Starting exports and imports, each as a task in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

from ..errors import FileError, InvalidPlan, NotSupported, RequestError
from ..model.entity import EntityType, simple_name
from ..model.plan import ExportPlan, ImportPlan, Plan
from ..model.task import Task
from ..tasks.entities import resolve
from ..tasks.exporting import require_export
from ..tasks.files import original_path
from ..tasks.head import read_head
from ..tasks.import_check import check_import
from ..tasks.launching import launch
from ..tasks.liveness import identify_self
from ..tasks.package import PackageStep, package_files
from ..tasks.sites import site_problem
from ..workspace.files import take_copy
from .files import Files
from .tasks import Tasks

_P = TypeVar("_P", ExportPlan, ImportPlan)


class Starting(Files, Tasks):
    """Starting tasks. What a plan asks for is checked before one begins."""

    def start_export(self, installation: str, plan: ExportPlan) -> Task:
        """Start an export in a process of its own and return its task at once.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: The installation does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        with closing(self._open(installation)) as opened:
            entity_type = resolve(opened.entity_types(), plan.entity_type)
            require_export(plan, opened, entity_type)
            problem = site_problem(opened, entity_type, plan)
            if problem:
                raise InvalidPlan(problem)
        return self._start(installation, _named(plan, entity_type))

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
            entity_type = resolve(types, plan.entity_type)
            head = read_head(path, name, plan.reading)
            problem = self._site_problem(installation, plan)
            check = check_import(opened, plan, types, head, site_problem=problem)
        check.require_startable()
        used = [pair for pair in plan.mapping.pairs if pair.has_source]
        self._workspace.mappings.remember(entity_type.key, used)
        return self._start(
            installation,
            _named(plan, entity_type),
            original=name,
            notes=check.warnings,
            take=lambda target: take_copy(path, target, consume=consume),
        )

    def run_package(
        self, installation: str, path: Path | str, *, new_sites: bool = False
    ) -> Iterator[PackageStep]:
        """Import every batch file below a folder, or in a zip, one after another.

        Files come in natural order of their paths, each as a task of its own with
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
            launch(self._workspace, task)
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


def _named(plan: _P, entity_type: EntityType) -> _P:
    """Fill in the full key, and the name that Liferay would give the task."""
    name = plan.name.strip()
    if not name:
        stamp = time.time_ns() // 1_000_000
        name = f"{simple_name(entity_type.key)} Plan Execution {stamp}"
    return replace(plan, entity_type=entity_type.key, name=name)
