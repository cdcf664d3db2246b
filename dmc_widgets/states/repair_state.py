"""The state of the table in which the failed records of a task are mended."""

from __future__ import annotations

import ast
from enum import StrEnum

from traitlets import Dict, HasTraits, Instance, Int, Tuple, Unicode, UseEnum

from ..center.repair import MendedRecords
from ..center.repair_table import RepairDraft, RowColumns, format_rejected_value
from ..languages import format_number, ngettext
from ..languages import gettext as _
from ..model.failure_group import ALL_FAILURES, FailureFilter, FailureGroup
from ..model.mend import Mend
from ..model.outcome import Problem
from ..model.task import Task


class ShownRecords(StrEnum):
    """Which failed records are in view."""

    ALL = "all"
    NOT_MENDED = "not mended"
    MENDED = "mended"
    REFUSED = "refused"


class RepairState(HasTraits):
    """What a person has mended in the failed records of the task in view.

    The records are tried again as they were mended when the person retries them. Until
    then, what was mended is kept with the task, so that a reloaded page shows it.

    Attributes:
        task_id: The task; 0 for none.
        columns: The columns of its failed records.
        groups: Its failed records by problem and value, large groups first.
        parts: Filters of its parts with failed records, by their titles.
        part: The title of the part in view; empty in a task of one entity type.
        problem: The code and the field of the problem in view; empty for all.
        shown: Which of the records are in view.
        chosen: Their numbers, as they were when that was chosen: a record that is being
            mended must not vanish.
        mends: What was changed in each record, by its number in the task. A record
            without changes is tried again as it is.
        new_keys: Fields, and keys that are added to their picklists before a retry.
        replaced: The new values typed for groups, by :func:`group_key`.
        refused: Why records would fail again, by their numbers, as the check found.
        notice: What has just been done with the records, as a sentence.
        unsaved: The numbers of the records whose changes are not kept with the task.
        fault: Why they are not; empty if all changes are kept.
    """

    task_id = Int()
    columns = Instance(RowColumns, ())
    groups = Tuple()
    parts: Dict[str, FailureFilter] = Dict()
    part = Unicode()
    problem = Tuple()
    shown = UseEnum(ShownRecords, ShownRecords.ALL)
    chosen = Tuple()
    mends: Dict[int, Mend] = Dict()
    new_keys = Tuple()
    replaced: Dict[str, str] = Dict()
    refused: Dict[int, tuple[Problem, ...]] = Dict()
    notice = Unicode()
    unsaved = Tuple()
    fault = Unicode()

    @property
    def only(self) -> FailureFilter:
        """The filter of the records in view."""
        chosen = self.parts.get(self.part, ALL_FAILURES)
        if self.problem:
            code, field = self.problem
            chosen = chosen._replace(code=code, field=field)
        if self.shown is ShownRecords.NOT_MENDED:
            return chosen._replace(besides=self.chosen)
        if self.shown is not ShownRecords.ALL:
            return chosen._replace(among=self.chosen)
        return chosen

    def show_only(self, shown: ShownRecords) -> None:
        """Bring some of the failed records into view."""
        is_refused = shown is ShownRecords.REFUSED
        self.chosen = tuple(self.refused if is_refused else self.mends)
        self.shown = shown

    def shown_options(self) -> list[tuple[str, ShownRecords]]:
        """Return which records can be looked at, with their numbers."""
        mended, refused = len(self.mends), len(self.refused)
        options = [(_("All"), ShownRecords.ALL)]
        if mended:
            options.append((_("Not Mended Yet"), ShownRecords.NOT_MENDED))
            options.append(
                (
                    _("Mended ({count})").format(count=format_number(mended)),
                    ShownRecords.MENDED,
                )
            )
        if refused:
            options.append(
                (
                    _("Refused by the Check ({count})").format(
                        count=format_number(refused)
                    ),
                    ShownRecords.REFUSED,
                )
            )
        return options

    @property
    def records(self) -> MendedRecords | None:
        """What was mended, as the center takes it; None for nothing."""
        if not self.mends:
            return None
        return MendedRecords(self.mends, new_keys=self.new_keys)

    @property
    def replacements(self) -> dict[str, dict[str, str]]:
        """The new values that were typed for groups, by the rejected ones, by field."""
        found: dict[str, dict[str, str]] = {}
        for key, text in self.replaced.items():
            _code, field, value = ast.literal_eval(key)
            found.setdefault(field, {})[format_rejected_value(value)] = text
        return found

    def forget(self, task_id: int = 0) -> None:
        """Forget everything, for another task or after a retry."""
        with self.hold_trait_notifications():
            self.mends, self.replaced, self.refused = {}, {}, {}
            self.new_keys = ()
            self.notice = self.fault = ""
            self.unsaved = ()
            if task_id != self.task_id:
                self.task_id, self.part, self.problem = task_id, "", ()
            self.shown = ShownRecords.ALL

    def take(self, draft: RepairDraft) -> None:
        """Take what was mended before, and was not tried again yet."""
        with self.hold_trait_notifications():
            self.mends, self.replaced = dict(draft.mends), dict(draft.replaced)
            self.new_keys = draft.new_keys
            if number := len(draft.mends):
                text = ngettext(
                    "{count} record was mended before, and not retried yet.",
                    "{count} records were mended before, and not retried yet.",
                    number,
                )
                self.notice = text.format(count=format_number(number))

    def problem_options(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the problems of the records, with their numbers, and *All*."""
        numbers: dict[tuple[str, str], int] = {}
        for group in self.groups:
            key = (group.code, group.field)
            numbers[key] = numbers.get(key, 0) + group.number
        options: list[tuple[str, tuple[str, ...]]] = [(_("All"), ())]
        for (code, field), number in numbers.items():
            text = _("{code} in {field}") if field else "{code}"
            label = text.format(code=code, field=field)
            options.append((f"{label} ({format_number(number)})", (code, field)))
        return options


def group_key(group: FailureGroup) -> str:
    """Return a text that is unique among the groups of a task."""
    return repr((group.code, group.field, group.value))


def rejected_text(group: FailureGroup) -> str:
    """Return the value for which the records of a group failed, as people write it."""
    return format_rejected_value(group.value)


def describe_mends(task: Task, state: RepairState) -> str:
    """Return in sentences which records a retry tries again."""
    failed, mended = task.counts.failed, len(state.mends)
    if not mended:
        return ngettext(
            "Nothing is mended yet. Retry tries {count} record again as it is, after "
            "something else was put right.",
            "Nothing is mended yet. Retry tries {count} records again as they are, "
            "after something else was put right.",
            failed,
        ).format(count=format_number(failed))
    text = ngettext(
        "{count} record is to be retried.", "{count} records are to be retried.", mended
    ).format(count=format_number(mended))
    rest = failed - mended
    return f"{text} {_describe_rest(rest, mended)}" if rest > 0 else text


def _describe_rest(rest: int, mended: int) -> str:
    if mended == 1:
        text = ngettext(
            "{count} stays failed, unless waiting for it.",
            "{count} stay failed, unless waiting for it.",
            rest,
        )
    else:
        text = ngettext(
            "{count} stays failed, unless waiting for them.",
            "{count} stay failed, unless waiting for them.",
            rest,
        )
    return text.format(count=format_number(rest))
