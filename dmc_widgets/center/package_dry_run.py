"""The dry run of a package: its files are queued first, and one worker takes them all.

So a record of a later file meets what those before it would have written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from ..errors import FileError, RequestError
from ..formats.source import open_source
from ..model.entity_type import OBJECT_DEFINITION, OBJECT_FOLDER, EntityType
from ..model.record import UnreadableRecord
from ..model.task import Task
from ..objects.documents.folders import (
    list_included_codes,
    select_written_definitions,
)
from ..objects.entries.entity_type import build_entry_entity_type
from ..tasks.imports.original_file import copy_original
from ..tasks.installation_access import find_entity_type
from ..tasks.packages.reader import PackageUnit, package_units
from ..tasks.packages.report import PackageStep
from ..tasks.task_files import original_path
from .known_files import identify_file
from .launching import discard_queued, launch_queued, queue_task
from .package_import import OpenedUnit, PackageImport, open_unit
from .task_names import with_name_and_key

_BRINGING: Final = frozenset({OBJECT_DEFINITION, OBJECT_FOLDER})


class _QueuedUnit(NamedTuple):
    """A file whose dry run waits for the worker, or why there is none."""

    unit: OpenedUnit
    task: Task | None = None
    error: RequestError | FileError | None = None


class PackageDryRun(PackageImport):
    """Report what the import of a package would do, file by file."""

    def steps(self, package: Path) -> Iterator[PackageStep]:
        """Queue every file, and yield the step of each when it has ended.

        If the caller stops iterating, the dry runs that are left are cancelled.

        Raises:
            FileUnreadable: It is neither folder nor zip, or holds other files only.
            UnknownName: No installation has that name.
            InstallationError: The installation does not answer.
            WorkspaceError: A file could not be copied, or the worker not started.
        """
        queued: list[_QueuedUnit | PackageStep] = []
        try:
            with closing(self._open()) as opened:
                types = opened.entity_types()
            with package_units(package, self._workspace.path) as units:
                for unit in units:
                    queued.append(self._queue(unit, types))
        except BaseException:
            discard_queued(self._workspace, _tasks(queued))
            raise
        if tasks := _tasks(queued):
            launch_queued(self._workspace, tasks)
        try:
            yield from map(self._finish, queued)
            yield from self._refuse_unused_keys()
        finally:
            for task in tasks:
                self._tasks.cancel(task)  # those that have ended stay

    def _queue(
        self, unit: PackageUnit, types: list[EntityType]
    ) -> _QueuedUnit | PackageStep:
        """Queue a file, and add to *types* what its definitions would bring."""
        opened = open_unit(unit)
        if isinstance(opened, PackageStep):
            return opened
        try:
            plan = self._make_plan(types, opened.head)
            entity_type = find_entity_type(types, plan.entity_type)
            types += _types_brought_by(opened)
            task = queue_task(
                self._workspace,
                self._installation,
                with_name_and_key(plan, entity_type),
                original=opened.name,
                file=identify_file(opened.path),
                take=partial(
                    copy_original, opened.path, name=opened.name, consume=False
                ),
            )
        except (RequestError, FileError) as exc:
            return _QueuedUnit(opened, error=exc)
        self._remember_matches(task)
        return _QueuedUnit(opened, task)

    def _finish(self, queued: _QueuedUnit | PackageStep) -> PackageStep:
        """Wait for the end of a dry run, and return its step."""
        if isinstance(queued, PackageStep):
            return queued
        unit, task, error = queued
        if error is not None:
            return self._refuse(unit, error)
        assert task is not None
        return self._follow(unit.step, original_path(self._workspace, task), task)


def _tasks(queued: list[_QueuedUnit | PackageStep]) -> list[Task]:
    return [x.task for x in queued if isinstance(x, _QueuedUnit) and x.task]


def _types_brought_by(unit: OpenedUnit) -> Iterator[EntityType]:
    """Yield the entity types of definitions in a file: their names and their scopes.

    The rest of them is read by the worker, which knows what the target makes of it.
    """
    class_name = unit.step.class_name
    if class_name not in _BRINGING:
        return
    with open_source(unit.path, name=unit.name) as source:
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
