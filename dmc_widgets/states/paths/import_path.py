"""The import as a path: File, Target, Mapping, Changes, Run, Result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...languages import gettext as _
from ...languages import lazy, ngettext
from ...model.entity_type import object_short_name, simple_name
from ...model.plan import ImportPlan
from ...model.task import Task
from ..dashboard_state import DashboardPage, DashboardState
from ..import_state import ImportState
from ..packages.package_state import PackageState
from ..task_state import TaskState
from .form_path import FormPath
from .steps import Blocker, Step, StepStatus, status_of_step

FILE: Final = "file"
TARGET: Final = "target"
MAPPING: Final = "mapping"
CHANGES: Final = "changes"
RUN: Final = "run"
RESULT: Final = "result"
FORM_STEPS: Final = (FILE, TARGET, MAPPING)
"""The steps of the form itself; people may go between them at any time."""

_FORM_TRAITS = (
    *("file_name", "no_records", "reading_problem", "source_fields", "fields"),
    *("entity", "entity_types", "pairs", "stop_on_error"),
    *("error_limit", "import_strategy", "update_strategy", "rows"),
)
_NO_FILE = lazy("No file has been chosen.")
_NO_ENTITY = lazy("No entity type has been selected.")
_NO_PAIRS = lazy("No field of the entity type is filled yet.")


class ImportPath(FormPath):
    """Which step of the import is in view, and what stands in the way of the others.

    Args:
        form: The state of the import form.
        package: The state of an uploaded package.
        dashboard: The state of the page.
        task: The state of the task in view.
    """

    form_steps = FORM_STEPS

    def __init__(
        self,
        form: ImportState,
        package: PackageState,
        dashboard: DashboardState,
        task: TaskState,
    ) -> None:
        self._form, self._package = form, package
        self._dashboard, self._task = dashboard, task
        super().__init__()
        form.observe(self._derive, [*_FORM_TRAITS])
        package.observe(self._derive, ["description", "is_at_work"])
        dashboard.observe(self._derive, ["page", "installation"])
        task.observe(self._derive, ["task"])

    @property
    def is_package(self) -> bool:
        """True while the file is a package, which states all there is to choose."""
        return bool(self._package.description)

    def _find_current(self) -> str:
        page = self._dashboard.page
        if page is DashboardPage.PREVIEW:
            return CHANGES
        if page is DashboardPage.IMPORTING:
            task = self._task.task
            return RESULT if task is not None and task.status.is_final else RUN
        return str(self.step)

    def _list_blockers(self) -> Iterator[Blocker]:
        form = self._form
        if self.is_package:
            return
        if form.reading_problem and not form.source_fields:
            yield Blocker(FILE, "reading", form.reading_problem)
        elif not form.file_name:
            yield Blocker(FILE, "file", _(_NO_FILE))
        elif form.no_records:
            yield Blocker(FILE, "file", form.no_records)
        if form.entity_type is None:
            yield Blocker(TARGET, "entity", _(_NO_ENTITY))
        if form.cluster_problem:
            yield Blocker(TARGET, "cluster", form.cluster_problem)
        elif form.limit_problem:
            yield Blocker(TARGET, "error_limit", form.limit_problem)
        if form.file_name and form.entity_type is not None and not form.no_records:
            yield from self._list_gaps()

    def _list_gaps(self) -> Iterator[Blocker]:
        form = self._form
        by_name = {field.name: field for field in form.fields}
        missing = form.missing_fields()
        for name in missing:
            label = by_name[name].label if name in by_name else ""
            shown = f"{label} ({name})" if label and label != name else name
            yield Blocker(
                MAPPING,
                name,
                _("Nothing fills the required field {field}.").format(field=shown),
            )
        if not form.pairs and not missing:
            first = form.fields[0].name if form.fields else ""
            yield Blocker(MAPPING, first, _(_NO_PAIRS))

    def _list_steps(self) -> Iterator[Step]:
        form, task = self._form, self._find_task()
        file_name = form.file_name or self._package.file_name
        can_go = task is None or bool(form.file_name) or self.can_change(task)
        has_file = bool(file_name)
        status = self._status(FILE, has_content=has_file)
        shown_file = task.original_file if task and not file_name else file_name
        yield Step(FILE, _("File"), status, shown_file, can_go)
        has_type = bool(form.entity) or self.is_package
        status = self._status(TARGET, has_content=has_type)
        yield Step(TARGET, _("Target"), status, self._describe_target(task), can_go)
        has_mapping = bool(form.file_name and form.entity)
        status = self._status(MAPPING, has_content=has_mapping)
        note = self._describe_mapping(task) if has_mapping or task else ""
        yield Step(MAPPING, _("Mapping"), status, note, can_go and not self.is_package)
        can_preview = task is None or bool(form.file_name)
        yield Step(CHANGES, _("Changes"), self._status_of_changes(), "", can_preview)
        yield from self._list_run_steps()

    def _find_task(self) -> Task | None:
        """Return the import in view, while it runs and once it has ended."""
        task = self._task.task
        return task if self.current in {RUN, RESULT} else None

    @staticmethod
    def can_change(task: Task) -> bool:
        """Return True if the choices of a task can be changed, for another one."""
        is_import = isinstance(task.plan, ImportPlan)
        return task.status.is_final and is_import and not task.pruned

    def _list_run_steps(self) -> Iterator[Step]:
        run, result = StepStatus.LATER, StepStatus.LATER
        if self.current == RUN:
            run = StepStatus.RUNNING
        elif self.current == RESULT:
            run = result = StepStatus.DONE
        yield Step(RUN, _("Run"), run, "", is_reachable=False)
        yield Step(RESULT, _("Result"), result, "", is_reachable=False)

    def _status(self, key: str, *, has_content: bool) -> StepStatus:
        if self.current in {RUN, RESULT}:
            return StepStatus.DONE
        if self.is_package and key == MAPPING:
            return StepStatus.SKIPPED
        return status_of_step(key, self.blockers, has_content=has_content)

    def _status_of_changes(self) -> StepStatus:
        if self.current in {RUN, RESULT}:
            return StepStatus.DONE
        if self.is_package:
            return StepStatus.SKIPPED
        return StepStatus.LATER if self.blockers else StepStatus.OPEN

    def _describe_target(self, task: Task | None) -> str:
        entity_type = self._form.entity_type
        where = self._dashboard.installation
        if task is not None:
            name = object_short_name(simple_name(task.plan.entity_type))
            return f"{name} → {task.installation}"
        if entity_type is None:
            return where if self.is_package else ""
        return f"{entity_type.short_name} → {where}"

    def _describe_mapping(self, task: Task | None) -> str:
        if task is not None:
            pairs = task.plan.mapping.pairs if isinstance(task.plan, ImportPlan) else ()
            return ngettext(
                "{count} field filled", "{count} fields filled", len(pairs)
            ).format(count=len(pairs))
        filled, number = len(self._form.pairs), len(self._form.fields)
        return _("{filled} of {number} fields filled").format(
            filled=filled, number=number
        )
