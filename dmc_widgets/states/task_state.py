"""The state of a task's page, and a task in words and numbers for people."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from traitlets import Bunch, HasTraits, Instance, Unicode

from ..languages import format_decimal, format_number, isolate, lazy, ngettext
from ..languages import gettext as _
from ..model.plan import (
    Action,
    BackupPlan,
    ExportPlan,
    MigrationPlan,
    Plan,
    UndoPlan,
    VerificationPlan,
    is_dry_run,
)
from ..model.strategies import ErrorStrategy
from ..model.task import Task, TaskStatus
from .match_keys_state import describe_match_keys
from .model_words import translate_word
from .type_names import list_type_names, name_types, summarize_types

_EXPORT_TEXTS = {
    TaskStatus.COMPLETED: lazy(
        "Your file has been generated and is ready to download."
    ),
    TaskStatus.CANCELLED: lazy("The export was cancelled."),
    TaskStatus.INACTIVE: lazy("The export stands still."),
    TaskStatus.FAILED: lazy("The export failed."),
}
_IMPORT_TEXTS = {
    TaskStatus.COMPLETED: lazy("The import process completed successfully."),
    TaskStatus.CANCELLED: lazy("The import was cancelled; what it had written stays."),
    TaskStatus.INACTIVE: lazy("The import stands still."),
    TaskStatus.FAILED: lazy("The import failed."),
}
_MIGRATION_TEXTS = {
    TaskStatus.COMPLETED: lazy("The migration completed successfully."),
    TaskStatus.CANCELLED: lazy(
        "The migration was cancelled; what it had written stays."
    ),
    TaskStatus.INACTIVE: lazy("The migration stands still."),
    TaskStatus.FAILED: lazy("The migration failed."),
}
_DRY_RUN_TEXTS = {
    TaskStatus.COMPLETED: lazy("The dry run is done. Nothing was written."),
    TaskStatus.CANCELLED: lazy("The dry run was cancelled. Nothing was written."),
    TaskStatus.INACTIVE: lazy("The dry run stands still."),
    TaskStatus.FAILED: lazy("The dry run failed."),
}
_VERIFICATION_TEXTS = {
    TaskStatus.COMPLETED: lazy("Everything is as expected."),
    TaskStatus.PARTIALLY_COMPLETED: lazy(
        "The verification is done: not all is as expected."
    ),
    TaskStatus.CANCELLED: lazy("The verification was cancelled."),
    TaskStatus.INACTIVE: lazy("The verification stands still."),
    TaskStatus.FAILED: lazy("The verification failed."),
}
_BACKUP_TEXTS = {
    TaskStatus.COMPLETED: lazy("The backup is complete."),
    TaskStatus.CANCELLED: lazy("The backup was cancelled."),
    TaskStatus.INACTIVE: lazy("The backup stands still."),
    TaskStatus.FAILED: lazy("The backup failed."),
}
_DRY_RUN_RUNNING = lazy("The dry run looks at every record. You may leave.")
_HEADLINES = {
    Action.EXPORT: (_EXPORT_TEXTS, lazy("Export file is being created.")),
    Action.IMPORT: (
        _IMPORT_TEXTS,
        lazy("Data is importing. You can safely close the dialog"),
    ),
    Action.VERIFICATION: (
        _VERIFICATION_TEXTS,
        lazy("The target is being read and compared. You may leave."),
    ),
    Action.UNDO: (
        {TaskStatus.COMPLETED: lazy("The task was taken back.")},
        lazy("The task is being taken back. You may leave."),
    ),
    Action.BACKUP: (
        _BACKUP_TEXTS,
        lazy("The installation is being copied. You may leave."),
    ),
}
"""What a task says at its end, and while it runs, by its action."""
_PARTIAL_TEXTS = {
    Action.EXPORT: lazy("The export is done, but {failed} of {total} records failed."),
    Action.IMPORT: lazy("The import is done, but {failed} of {total} records failed."),
    Action.MIGRATION: lazy(
        "The migration is done, but {failed} of {total} records failed."
    ),
    Action.UNDO: lazy("The undo is done, but {failed} of {total} records failed."),
    Action.BACKUP: lazy("The backup is done, but {failed} of {total} records failed."),
}
_DRY_RUN_PARTIAL = lazy(
    "The dry run is done, but {failed} of {total} records would fail."
)


ERROR_HEADLINES = frozenset(
    {
        TaskStatus.FAILED,
        TaskStatus.INACTIVE,
        TaskStatus.CANCELLED,
        TaskStatus.PAUSED,
    }
)
"""The statuses whose headline is the task's own sentence, where it has one."""


class TaskState(HasTraits):
    """The task that the page is attached to, as last read from the workspace.

    Attributes:
        task: The task; None until one was opened.
        asked: The label of the action whose question is shown; empty for none.
    """

    task = Instance(Task, allow_none=True)
    asked = Unicode()

    def announce(self) -> None:
        """Tell the observers of the task of it, for those that came after it."""
        if self.task is not None:
            change = {"name": "task", "old": None, "new": self.task}
            self.notify_change(Bunch(change, owner=self, type="change"))


def format_headline(task: Task) -> str:
    """Format in one sentence what *task* is doing, or how it ended."""
    is_verification = task.action is Action.VERIFICATION
    if task.status is TaskStatus.PARTIALLY_COMPLETED and not is_verification:
        is_dry = is_dry_run(task.plan)
        text = _DRY_RUN_PARTIAL if is_dry else _PARTIAL_TEXTS[task.action]
        return _(text).format(
            failed=format_number(task.counts.failed),
            total=format_number(task.counts.total),
        )
    if task.status in ERROR_HEADLINES and task.error:
        return name_types(task.error, task)
    if task.action is Action.MIGRATION:
        return _migration_headline(task)
    texts, running = _HEADLINES.get(task.action, _HEADLINES[Action.IMPORT])
    if is_dry_run(task.plan):
        texts, running = _DRY_RUN_TEXTS, _(_DRY_RUN_RUNNING)
    return _(texts.get(task.status, running))


def _migration_headline(task: Task) -> str:
    texts, running = _MIGRATION_TEXTS, _("Data is moving. You may leave.")
    if is_dry_run(task.plan):
        texts, running = _DRY_RUN_TEXTS, _(_DRY_RUN_RUNNING)
    if not task.parts:  # finding dependencies may take long among many entries
        running = _("Finding out what moves, and in which order. You may leave.")
    return _(texts.get(task.status, running))


def describe_source(task: Task) -> str:
    """Return the file of the task or, for a migration, its source and target."""
    if isinstance(task.plan, MigrationPlan):
        return f"{isolate(task.plan.source)} → {isolate(task.installation)}"
    if isinstance(task.plan, BackupPlan):
        return task.installation
    return task.original_file


def format_action(task: Task) -> str:
    """Return what a task does, and that it writes nothing: ``Import (Dry Run)``."""
    action = translate_word(task.action)
    if is_dry_run(task.plan):
        return _("{action} (Dry Run)").format(action=action)
    return action


def format_entity_types(task: Task) -> str:
    """Return the entity type of a task, or the first and the number of the others."""
    return summarize_types(task.plan.entity_type.split(", "))


def format_live_progress(task: Task) -> str:
    """Format the rate of a running task and its rest: ``90/s · 3 min left``."""
    elapsed_s, total, left_s = (
        task.progress.elapsed_s,
        task.counts.total,
        task.progress.left_s,
    )
    parts = []
    if total and elapsed_s >= 1.0:
        parts.append(f"{format_decimal(total / elapsed_s, 0)}/s")
    if left_s is not None:
        parts.append(
            _("{duration} left").format(duration=format_rough_duration(left_s))
        )
    return " · ".join(parts)


def compute_percent(task: Task) -> int:
    """Return the progress of *task* from 0 to 100."""
    is_done = task.status in {TaskStatus.COMPLETED, TaskStatus.PARTIALLY_COMPLETED}
    return 100 if is_done else task.progress.percent


def format_progress(task: Task) -> str:
    """Format the number of records so far, their rate, and the estimated time left."""
    total = task.counts.total
    parts = [format_records(total)]
    elapsed_s = task.progress.elapsed_s
    if total and elapsed_s >= 1.0:
        parts.append(
            _("{number} a second").format(number=format_decimal(total / elapsed_s, 0))
        )
    left_s = task.progress.left_s
    if left_s is not None and not task.status.is_final:
        parts.append(
            _("about {duration} left").format(duration=format_duration(left_s))
        )
    return " · ".join(parts)


def format_records(number: int) -> str:
    """Format a number of records: ``1 record``, ``2,000 records``."""
    text = ngettext("{count} record", "{count} records", number)
    return text.format(count=format_number(number))


def format_duration(seconds: float) -> str:
    """Format a time span, rounded to two units: ``2 min 10 s``."""
    whole = max(1, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {secs} s" if minutes else f"{secs} s"


def format_rough_duration(seconds: float) -> str:
    """Format a time span, rounded to its largest unit: ``2 min``."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{round(seconds / size)} {unit}"
    return f"{max(1, round(seconds))} s"


def format_second(iso: str) -> str:
    """Format a time of the workspace (ISO 8601, UTC) to the second."""
    if not iso:
        return ""
    return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M:%S UTC")


class Detail(NamedTuple):
    """A line of the details of a task.

    Attributes:
        label: Its label.
        value: Its value for people; a time in ISO 8601 where *is_time* is True.
        note: The same as plans and commands name it; empty where that is the same.
        is_time: The value is a time.
    """

    label: str
    value: str
    note: str = ""
    is_time: bool = False


def list_details(task: Task) -> tuple[Detail, ...]:
    """List the labels and values of the details page.

    The first six are those of Liferay's page, the others are ours.
    """
    names = list_type_names(task.entity_type)
    technical = task.entity_type if task.entity_type != names else ""
    return (
        Detail(_("Name"), task.name),
        Detail(_("Type"), format_action(task)),
        Detail(_("ID"), str(task.id)),
        Detail(_("Create Date"), task.created, is_time=True),
        Detail(_("Modified Date"), task.modified, is_time=True),
        Detail(_("Count"), format_number(task.counts.total)),
        Detail(_("Installation"), task.installation),
        Detail(_("Entity Type"), names, technical),
        Detail(_("Author"), task.author),
        *(Detail(label, value) for label, value in _list_choices(task.plan)),
        *((Detail(_("File"), task.original_file),) if task.original_file else ()),
    )


def _list_choices(plan: Plan) -> tuple[tuple[str, str], ...]:
    if isinstance(plan, ExportPlan):
        fields = (
            _("All")
            if plan.fields is None
            else _("{count} selected").format(count=len(plan.fields))
        )
        return ((_("Export File Format"), plan.format), (_("Fields"), fields))
    if isinstance(plan, VerificationPlan):
        subject = _("Task {task}").format(task=plan.task) if plan.task else plan.source
        return ((_("Verified"), subject), *_list_keys(plan))
    if isinstance(plan, BackupPlan):
        return ()
    run: list[tuple[str, str]] = []
    if isinstance(plan, MigrationPlan):
        run.append((_("From"), plan.source))
    if isinstance(plan, MigrationPlan) or is_dry_run(plan):
        run.append((_("Dry Run"), _("Yes") if is_dry_run(plan) else _("No")))
    if isinstance(plan, UndoPlan):
        return ((_("Undo of Task"), str(plan.task)), *run)
    policy = plan.policy
    stops = policy.error_strategy is ErrorStrategy.STOP
    stop = _("Stop the Import on Error")
    if isinstance(plan, MigrationPlan):
        stop = _("Stop the Migration on Error")
    return (
        *run,
        (_("Import Strategy"), translate_word(policy.import_strategy.label)),
        (_("Update Strategy"), translate_word(policy.update_strategy.label)),
        (
            stop,
            _("Yes") if stops else _("No"),
        ),
        *(((_("Lazy References"), _("Yes")),) if policy.lazy_references else ()),
        *(_list_keys(plan) if isinstance(plan, MigrationPlan) else ()),
    )


def _list_keys(
    plan: MigrationPlan | VerificationPlan,
) -> tuple[tuple[str, str], ...]:
    """Return the choice of the fields that identify entries, if there is one."""
    keys = describe_match_keys(plan.match)
    return ((_("Matched Entries"), keys),) if keys else ()
