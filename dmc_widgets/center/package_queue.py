"""A package whose files are all queued at once, for one worker that takes them in turn.

So a package is imported although the page or the program that started it has ended. In
a dry run, a file is checked against what those before it would have written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from ..errors import FileError, RequestError
from ..formats.source import open_source
from ..model.entity_type import OBJECT_DEFINITION, OBJECT_FOLDER, EntityType
from ..model.plan import ImportPlan
from ..model.record import UnreadableRecord
from ..model.task import Task
from ..objects.documents.folders import (
    list_included_codes,
    select_written_definitions,
)
from ..objects.entries.entity_type import build_entry_entity_type
from ..ports import Installation
from ..tasks.imports.file_check import check_file
from ..tasks.imports.original_file import copy_original
from ..tasks.installation_access import find_entity_type
from ..tasks.packages.reader import PackageUnit, package_units
from ..tasks.packages.report import PackageStep
from ..tasks.task_files import original_path
from .known_files import identify_file
from .launching import ImportedFile, discard_queued, launch_queued, queue_task
from .package_import import OpenedUnit, PackageImport, open_unit
from .source_files import SourceFile, open_package
from .task_names import with_name_and_key

_BRINGING: Final = frozenset({OBJECT_DEFINITION, OBJECT_FOLDER})


class QueuedUnit(NamedTuple):
    """A file whose task waits for the worker, or why there is none.

    Attributes:
        unit: The file.
        task: Its task; None if there is none.
        error: Why there is none.
    """

    unit: OpenedUnit
    task: Task | None = None
    error: RequestError | FileError | None = None


class PackageQueue(PackageImport):
    """The import of one package, or its dry run, in one worker of its own."""

    def steps(self, package: Path | str | SourceFile) -> Iterator[PackageStep]:
        """Queue every file, and yield the step of each when it has ended.

        If the caller stops iterating, what is left is cancelled.

        Raises:
            FileUnreadable: It is neither folder nor zip, or holds other files only.
            UnknownName: No installation has that name.
            InstallationError: The installation does not answer.
            WorkspaceError: A file could not be copied, or the worker not started.
        """
        queued = self.start(package)
        try:
            yield from map(self._finish, queued)
            yield from self._refuse_unused_keys()
        finally:
            for task in _tasks(queued):
                self._tasks.cancel(task)  # those that have ended stay

    def start(self, package: Path | str | SourceFile) -> list[QueuedUnit | PackageStep]:
        """Queue every file, start the worker, and return at once; see :meth:`steps`.

        Returns:
            Each file with its task, or why it has none.
        """
        queued: list[QueuedUnit | PackageStep] = []
        try:
            with (
                closing(self._open()) as opened,
                open_package(self._workspace, package) as path,
                package_units(path, self._workspace.path) as units,
            ):
                types = opened.entity_types()
                for unit in units:
                    is_first = not _tasks(queued)
                    checker = opened if is_first else None
                    queued.append(self._queue(unit, types, checker))
        except BaseException:
            discard_queued(self._workspace, _tasks(queued))
            raise
        if tasks := _tasks(queued):
            launch_queued(self._workspace, tasks)
        return queued

    def _queue(
        self, unit: PackageUnit, types: list[EntityType], opened: Installation | None
    ) -> QueuedUnit | PackageStep:
        """Queue a file, and add to *types* what its definitions would bring.

        Args:
            unit: The file.
            types: The entity types that the target will have by then.
            opened: The target, which the first file meets as it is; None for others,
                which the worker checks.
        """
        head = open_unit(unit)
        if isinstance(head, PackageStep):
            return head
        try:
            plan = self._make_plan(types, head.head)
            if opened is not None:
                check = check_file(opened, plan, head.head, is_one_of_many=True)
                check.require_startable()
            brought = list(_types_brought_by(head))
            task = self._add(head, plan, find_entity_type(types, plan.entity_type))
            types += brought
            self._remember_matches(task)
        except (RequestError, FileError) as exc:
            return QueuedUnit(head, error=exc)
        return QueuedUnit(head, task)

    def _add(self, unit: OpenedUnit, plan: ImportPlan, entity_type: EntityType) -> Task:
        file = ImportedFile(
            unit.name,
            identify_file(unit.path),
            partial(copy_original, unit.path, name=unit.name, consume=False),
        )
        named = with_name_and_key(plan, entity_type)
        return queue_task(self._workspace, self._installation, named, file)

    def describe(self, queued: QueuedUnit | PackageStep) -> PackageStep:
        """Return the step of a file with its task, which may not have ended."""
        if isinstance(queued, PackageStep):
            return queued
        if queued.error is not None:
            return self._refuse(queued.unit, queued.error)
        return replace(queued.unit.step, task=queued.task)

    def _finish(self, queued: QueuedUnit | PackageStep) -> PackageStep:
        """Wait for the end of a task, and return the step of its file."""
        step = self.describe(queued)
        if step.task is None:
            return step
        path = original_path(self._workspace, step.task)
        return self._follow(step, path, step.task)


def _tasks(queued: list[QueuedUnit | PackageStep]) -> list[Task]:
    return [x.task for x in queued if isinstance(x, QueuedUnit) and x.task]


def _types_brought_by(unit: OpenedUnit) -> Iterator[EntityType]:
    """Yield the entity types of definitions in a file: their names and their scopes.

    The rest of them is read by the worker, which knows what the target makes of it, and
    fails the task of a file that is damaged further down.
    """
    class_name = unit.step.class_name
    if class_name not in _BRINGING:
        return
    with suppress(FileError), open_source(unit.path, name=unit.name) as source:
        for record in source.records():
            if isinstance(record, UnreadableRecord):
                continue
            found: list[Any] = [record]
            if class_name == OBJECT_FOLDER:
                is_full = bool(list_included_codes(record))
                found = select_written_definitions(record) if is_full else []
            for definition in found:
                yield from _entity_type(definition)


def _entity_type(definition: Any) -> Iterator[EntityType]:
    name = definition.get("name") if isinstance(definition, dict) else None
    if isinstance(name, str):
        body = {"name": name, "scope": definition.get("scope"), "objectFields": []}
        yield build_entry_entity_type(body)
