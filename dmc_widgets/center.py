"""The façade: everything that people can do, in one place.

The command line, the forms, the notebooks and the server call this and nothing
below it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from .errors import DmcError, FileError, InvalidPlan, NotSupported, RequestError
from .formats import format_named
from .installations import connect, settled_url, shown_url
from .model.entity import EntityType, simple_name
from .model.mapping import Mapping
from .model.plan import Action, ExportPlan, ImportPlan, Plan, Template
from .model.reading import AS_FOUND, ReadingOptions
from .model.task import Task
from .tasks.entities import resolve
from .tasks.exporting import chosen_fields
from .tasks.expressions import compile_expression
from .tasks.files import existing_file, original_path
from .tasks.frames import outcomes_frame, preview_frame
from .tasks.furnish import furnish
from .tasks.head import FileHead, read_head
from .tasks.importing import require_strategies
from .tasks.mapping_files import read_mapping, write_mapping
from .tasks.package import PackageStep, package_files
from .tasks.planning import plan_from_file
from .tasks.report import report_chunks
from .tasks.suggesting import Suggestion, mapping_of, suggest
from .tasks.worker import launch, settle
from .workspace import Connection, Failure, Upload, Workspace
from .workspace.files import take_copy

if TYPE_CHECKING:  # pandas loads in a second; only those who ask for a frame wait
    import pandas as pd

_POLL_S = 0.1
_P = TypeVar("_P", ExportPlan, ImportPlan)


class Center:
    """The data migration center over one workspace.

    Args:
        workspace: Holds connections, templates and tasks. Closed with the center.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        furnish(workspace)

    def __enter__(self) -> Center:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the workspace. Tasks that run go on."""
        self._workspace.close()

    @property
    def workspace_path(self) -> Path:
        """The folder of the workspace."""
        return self._workspace.path

    # Installations

    def connect(self, name: str, url: str) -> Connection:
        """Give the installation at *url* a name, after a look whether it answers.

        A connection of that name gets the new address.

        Raises:
            NotSupported: There is no kind of installation for such an address.
            InstallationError: It does not answer, or is something else.
            InvalidPlan: The name is empty or too long.
        """
        url = settled_url(url)
        connect(url).close()
        connection = self._workspace.connections.put(name, url)
        return replace(connection, url=shown_url(url))

    def installations(self) -> list[Connection]:
        """Return the installations of the workspace; their addresses may be shown."""
        known = self._workspace.connections.all()
        return [replace(each, url=shown_url(each.url)) for each in known]

    def entity_types(self, installation: str) -> list[EntityType]:
        """Return what may move out of or into an installation, by label.

        Raises:
            UnknownName: There is no installation of that name.
            InstallationError: It does not answer.
        """
        opened = connect(self._workspace.connections.get(installation).url)
        try:
            return sorted(opened.entity_types(), key=lambda each: each.label)
        finally:
            opened.close()

    def entity_type(self, installation: str, entity: str) -> EntityType:
        """Return one entity type by its short name (`Ticket`, `C_Ticket`) or key.

        Raises:
            UnknownName: There is none; the error lists those there are.
            InstallationError: The installation does not answer.
        """
        return resolve(self.entity_types(installation), entity)

    # Files, mappings, previews

    def new_upload(self, name: str, size_bytes: int) -> Upload:
        """Begin to receive a file in pieces. Errors are those of :class:`Upload`."""
        return self._workspace.new_upload(name, size_bytes)

    def read_head(
        self,
        path: Path | str,
        name: str | None = None,
        options: ReadingOptions = AS_FOUND,
    ) -> FileHead:
        """Read the first 100 records of a file; see :func:`.tasks.head.read_head`."""
        return read_head(Path(path), name, options)

    def suggest_mapping(self, entity_type: EntityType, head: FileHead) -> Mapping:
        """Map the file's fields as :meth:`suggestions` says, without its doubts."""
        return mapping_of(self.suggestions(entity_type, head))

    def suggestions(
        self, entity_type: EntityType, head: FileHead
    ) -> tuple[Suggestion, ...]:
        """Say which of the file's fields probably fill which fields, and why.

        What earlier imports into the entity type mapped comes first.
        """
        remembered = self._workspace.mappings.recall(entity_type.key)
        return suggest(entity_type, head.fields, remembered)

    def read_mapping(self, path: Path | str) -> Mapping:
        """Read a mapping file; see :func:`.tasks.mapping_files.read_mapping`."""
        return read_mapping(Path(path))

    def write_mapping(self, mapping: Mapping, path: Path | str) -> None:
        """Write *mapping* as YAML, or as JSON if the file's name ends in ``.json``."""
        path = Path(path)
        path.write_text(write_mapping(mapping, path.name), encoding="utf-8")

    def plan_from_file(
        self, installation: str, head: FileHead, entity: str | None = None
    ) -> ImportPlan:
        """Make the plan that a file asks for; see :func:`.tasks.planning`.

        Raises:
            InvalidPlan: The file does not say what it holds, and *entity* neither.
            UnknownName: The installation has no such entity type.
        """
        return plan_from_file(self.entity_types(installation), head, entity)

    def preview(
        self, installation: str, plan: ImportPlan, head: FileHead
    ) -> pd.DataFrame:
        """Show what *plan* makes of the first records, as a dataframe.

        Returns:
            One column a target field, by name; one line a record, numbered from 1.
        """
        entity_type = self.entity_type(installation, plan.entity_type)
        return preview_frame(plan, entity_type, head)

    # Tasks

    def start_export(self, installation: str, plan: ExportPlan) -> Task:
        """Start an export in a process of its own and return its task at once.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: The installation does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        entity_type = self.entity_type(installation, plan.entity_type)
        chosen_fields(plan, entity_type, format_named(plan.format))
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
        entity_type = self.entity_type(installation, plan.entity_type)
        require_strategies(plan, entity_type)
        problems = plan.mapping.problems(entity_type)
        if problems:
            raise InvalidPlan(" ".join(problems))
        plan.mapping.compile(entity_type, compile_expression)  # refuses what is none
        read_head(path, name, plan.reading)
        used = [pair for pair in plan.mapping.pairs if pair.has_source]
        self._workspace.mappings.remember(entity_type.key, used)
        return self._start(
            installation,
            _named(plan, entity_type),
            original=name,
            take=lambda target: take_copy(path, target, consume=consume),
        )

    def run_package(
        self, installation: str, directory: Path | str
    ) -> Iterator[PackageStep]:
        """Import every batch file below a folder, one after another.

        Files come in natural order of their paths, each as a task of its own with
        the strategies that it states. A file that fails does not hold up those
        behind it.

        Raises:
            FileUnreadable: The folder is none, or holds no batch file.
            UnknownName: There is no installation of that name.
        """
        directory = Path(directory)
        self._workspace.connections.get(installation)
        for path in package_files(directory):
            yield self._import_packaged(
                installation, path, path.relative_to(directory).as_posix()
            )

    def tasks(self, keyword: str = "", action: Action | None = None) -> list[Task]:
        """Return tasks by id whose name or entity type holds *keyword*."""
        for task in self._workspace.tasks.unfinished():
            settle(self._workspace, task)
        return self._workspace.tasks.all(keyword, action)

    def task(self, task_id: int) -> Task:
        """Return a task as it is at this moment.

        Raises:
            UnknownName: There is no task of that id.
        """
        return settle(self._workspace, self._workspace.tasks.get(task_id))

    def cancel(self, task_id: int) -> Task:
        """Ask a task to end, which it does within a second; ended ones stay."""
        self._workspace.tasks.ask_to_cancel(task_id)
        return self.task(task_id)

    def wait(
        self,
        task_id: int,
        *,
        timeout_s: float | None = None,
        on_change: Callable[[Task], None] | None = None,
    ) -> Task:
        """Return the task when it has ended, or as it is after *timeout_s* seconds.

        Args:
            task_id: Of the task.
            timeout_s: None waits for the end, however long that takes.
            on_change: Called with the task whenever it has come further.
        """
        end = None if timeout_s is None else time.monotonic() + timeout_s
        seen: Task | None = None
        while True:
            task = self.task(task_id)
            if on_change is not None and task != seen:
                on_change(task)
            seen = task
            if task.status.is_final or (end is not None and time.monotonic() >= end):
                return task
            time.sleep(_POLL_S)

    def outcomes(self, task_id: int) -> pd.DataFrame:
        """Return what became of every record of a task.

        Returns:
            The columns itemIndex (from 1), outcome, externalReferenceCode, code,
            field, value (JSON text or None) and message.
        """
        self._workspace.tasks.get(task_id)
        return outcomes_frame(self._workspace, task_id)

    def failures(
        self, task_id: int, offset: int = 0, limit: int | None = None
    ) -> list[Failure]:
        """Return the failed records of a task by their place in the file."""
        self._workspace.tasks.get(task_id)
        return self._workspace.outcomes.failures(task_id, offset, limit)

    def report_chunks(self, task_id: int) -> Iterator[bytes]:
        """Yield the error report of a task as CSV, in pieces."""
        self._workspace.tasks.get(task_id)
        return report_chunks(self._workspace, task_id)

    def task_file(self, task_id: int) -> Path:
        """Return the file of a task: an import's original, an export's result.

        Raises:
            UnknownName: There is none, or none yet.
        """
        return existing_file(self._workspace, self.task(task_id))

    # Templates

    def templates(self, action: Action | None = None) -> list[Template]:
        """Return the templates by name, all or those of one direction."""
        return self._workspace.templates.all(action)

    def template(self, name: str) -> Template:
        """Return the template called *name*.

        Raises:
            UnknownName: There is none; the error lists those there are.
        """
        return self._workspace.templates.get(name)

    def save_template(self, name: str, plan: Plan) -> Template:
        """Keep everything that *plan* chose under *name*.

        Raises:
            InvalidPlan: The name is empty or too long.
            NameTaken: There is a template of that name.
        """
        return self._workspace.templates.add(name, plan)

    def delete_template(self, name: str) -> None:
        """Remove the template called *name*.

        Raises:
            UnknownName: There is none.
        """
        self._workspace.templates.delete(name)

    def _start(
        self,
        installation: str,
        plan: Plan,
        *,
        original: str = "",
        take: Callable[[Path], None] = lambda _target: None,
    ) -> Task:
        task = self._workspace.tasks.add(installation, plan, original)
        try:
            take(original_path(self._workspace, task))
            launch(self._workspace, task)
        except DmcError:
            self._workspace.tasks.discard(task.id)
            raise
        return task

    def _import_packaged(self, installation: str, path: Path, file: str) -> PackageStep:
        try:
            plan = self.plan_from_file(installation, read_head(path))
            task = self.start_import(installation, plan, path)
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
