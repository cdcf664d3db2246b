"""Removes what old tasks have left, once it was shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as ipw

from ...center.prune import PruneReport
from ...languages import gettext as _
from ...languages import lazy
from ...model.task import Task
from ...states.actions.settings import find_prunable, remove_prunable
from ...states.dashboard_session import DashboardSession
from ...states.model_words import translate_word
from ...states.task_list_state import STATUS_KINDS
from ...states.task_state import format_action, format_entity_types
from ..controls import Column, PagedTable
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    call_on_change,
    checkbox,
    heading,
    html,
    link_traits,
    set_visible,
    text_field,
)
from ..parts.guard import Guard
from ..parts.table_rows import ListRows
from ..theme import render_alert

_HELP = lazy(
    "Files, outcomes, changes and journals of tasks that have ended go, and "
    "attachments of databases that no entry names. Counts and history stay. Such tasks "
    "can no longer be resumed, repaired, undone or verified."
)
_COLUMNS = (
    Column("id", lazy("ID"), kind="number", align="start"),
    Column("name", lazy("Name"), kind="link"),
    Column("action", lazy("Action")),
    Column("type", lazy("Type")),
    Column("status", lazy("Status"), kind="status"),
    Column("ended", lazy("Ended"), kind="time"),
)


class PruneCard(ipw.VBox):
    """Which tasks are old enough, what would go, and the button that removes it."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._state = session, session.pruning
        self.older_than = text_field(
            _("Ended Before"), placeholder=_("An age such as 90d, or 2026-11-28")
        )
        self.backups = checkbox(_("Backups, Too"))
        self.look = button(_("Show What Would Go"))
        self.remove, self.keep = (
            button(_("Remove"), "danger"),
            button(_("Keep Everything")),
        )
        self.summary = html("")
        self.table = PagedTable(
            ListRows(self._find_tasks, _build_row),
            _COLUMNS,
            label=_("Tasks to Clean Up"),
            sort=("id", True),
            on_link=lambda key: guard.run(session.open_task, int(key)),
        )
        link_traits(
            self._state, {"older_than": self.older_than, "backups": self.backups}
        )
        self.look.on_click(guard.on_click(find_prunable, session))
        self.remove.on_click(guard.on_click(remove_prunable, session))
        self.keep.on_click(lambda _button: setattr(self._state, "report", None))
        call_on_change(self._state, ["report", "removed"], self._show)
        call_on_change(session.background, "is_busy", self._show_busy)
        self.question = button_bar(self.keep, self.remove)
        self._show()
        super().__init__(self._layout())
        self.add_class("dmc-card")

    def _layout(self) -> list[ipw.Widget]:
        choices = [self.older_than, self.backups, self.look]
        return [
            heading(_("Clean Up")),
            html(_HELP, "dmc-help"),
            add_classes(ipw.HBox(choices), "dmc-toolbar"),
            self.summary,
            self.table,
            self.question,
        ]

    def _find_tasks(self, _query: str) -> Sequence[Task]:
        report = self._state.report
        return report.tasks if report else ()

    def _show(self) -> None:
        report, removed = self._state.report, self._state.removed
        shown = report or removed
        self.summary.value = _render(shown, is_done=report is None) if shown else ""
        set_visible(self.summary, shown is not None)
        set_visible(self.table, bool(report and report.tasks))
        set_visible(self.question, self._state.can_remove)
        self.table.restart()

    def _show_busy(self) -> None:
        self.look.disabled = self.remove.disabled = self._session.background.is_busy


def _render(report: PruneReport, *, is_done: bool) -> str:
    verb = _("Removed") if is_done else _("Would be removed")
    text = f"{verb}: {report.summary}."
    if report.is_empty:
        text = _("There is nothing to remove.")
    is_good = is_done or report.is_empty
    texts = [render_alert(text, "success" if is_good else "warning")]
    texts += [
        render_alert(
            _("{name} is left alone: {problem}").format(name=name, problem=problem),
            "danger",
        )
        for name, problem in report.problems.items()
    ]
    return "".join(texts)


def _build_row(task: Task) -> dict[str, Any]:
    return {
        "key": str(task.id),
        "id": task.id,
        "name": task.name,
        "action": format_action(task),
        "type": format_entity_types(task),
        "status": (translate_word(task.status), STATUS_KINDS[task.status]),
        "ended": task.modified,
    }
