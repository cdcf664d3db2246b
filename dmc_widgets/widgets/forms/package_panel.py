"""The panel of an uploaded package: choices for all its files, and their results.

It takes the place of the mapping and of *Next*: each file states what it holds.
"""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Final

import ipywidgets as ipw
from traitlets import dlink

from ...center.package_import import PackageReport, PackageStep
from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.strategies import UpdateStrategy
from ...states.actions.packages import start_package
from ...states.dashboard_session import DashboardSession
from ...states.packages.package_state import AS_STATED, PackageState
from ...states.task_list_state import STATUS_KINDS, StatusKind
from ...states.toolkit.calls import package_code
from ..controls import CodeButtons
from ..parts.form_inputs import (
    button,
    button_bar,
    call_on_change,
    card,
    checkbox,
    choice_field,
    html,
    link_traits,
    set_visible,
)
from ..parts.guard import Guard
from ..parts.match_key_fields import MatchKeyFields
from ..parts.policy_inputs import DELETIONS_HELP, LAZY_REFERENCES_HELP
from ..theme import render_alert, render_badge

_HELP: Final = lazy(
    "Its files are imported one after another, each as a task of its own, with the "
    "strategies and the site that it states. One that fails does not stop the others. "
    "In a dry run each is checked against what the files before it would have written."
)
_HEADS: Final = (
    lazy("File"),
    lazy("Type"),
    lazy("Status"),
    lazy("Created"),
    lazy("Updated"),
    lazy("Unchanged"),
    lazy("Failed"),
)


class PackagePanel(ipw.VBox):
    """The choices for a package, its buttons, and a row for each of its files.

    Attributes:
        match: Selects the fields that identify entries.
        inputs: The inputs by the names of the traits that they are linked to.
        dry_run: The button *Dry Run*.
        start: The button *Import Package*.
        code: Copies what does the same.
        results: The table of the files.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._state = session.package
        self.inputs = _build_inputs()
        self.match = MatchKeyFields(self._state, "entity_types")
        self.description = html("")
        self.results = html("", "dmc-frame")
        self.dry_run = button(_("Dry Run"))
        self.start = button(_("Import Package"), "primary")
        self.code = CodeButtons(partial(package_code, session))
        self.dry_run.on_click(
            guard.on_click(partial(start_package, session, dry_run=True))
        )
        self.start.on_click(guard.on_click(start_package, session))
        link_traits(self._state, self.inputs)
        for control in (self.dry_run, self.start):
            dlink((self._state, "is_at_work"), (control, "disabled"))
        call_on_change(self._state, ["description", "file_name"], self._show_package)
        call_on_change(self._state, ["steps", "summary"], self._show_results)
        super().__init__(self._layout())
        self._show_package()

    def _layout(self) -> list[ipw.Widget]:
        settings = card(
            _("Package"),
            self.description,
            html(_HELP, "dmc-help"),
            self.inputs["update_strategy"],
            self.match,
            self.inputs["lazy_references"],
            html(LAZY_REFERENCES_HELP, "dmc-help"),
            self.inputs["allow_deletions"],
            html(DELETIONS_HELP, "dmc-help"),
            self.inputs["new_sites"],
            button_bar(self.dry_run, self.start),
            self.code,
            self.results,
        )
        return [settings]

    def _show_package(self) -> None:
        name, text = escape(self._state.file_name), escape(self._state.description)
        self.description.value = f"<p><strong>{name}</strong><br>{text}</p>"
        set_visible(self, bool(text))

    def _show_results(self) -> None:
        self.results.value = render_steps(self._state)


def render_steps(state: PackageState) -> str:
    """Render a row for each file of a package, and the results once all have ended."""
    if not state.steps:
        return ""
    kind: StatusKind = (
        "success" if PackageReport(state.steps).is_complete else "warning"
    )
    summary = render_alert(state.summary, kind) if state.summary else ""
    heads = "".join(
        f'<th scope="col"{_number_class(head)}>{head}</th>' for head in _HEADS
    )
    rows = "".join(map(_render_step, state.steps))
    name = escape(_("Files"))
    return (
        f'{summary}<table class="dmc-task-parts" aria-label="{name}"><thead><tr>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _number_class(head: str) -> str:
    return ' class="dmc-number"' if head in _HEADS[3:] else ""


def _render_step(step: PackageStep) -> str:
    task = step.task
    status = render_badge(step.status, _status_kind(step))
    name = task.plan.entity_type if task else step.class_name
    short_name = name.rpartition("#")[2].rpartition(".")[2]
    why = " ".join(filter(None, [step.reason, task.error if task else "", *step.notes]))
    # Cells of a table are cut; why a file failed is what people look for.
    style = "white-space: normal; min-width: 16rem"
    text = f'<div class="dmc-help" style="{style}">{escape(why)}</div>'
    reason = text if why else ""
    label = _("Task {task}").format(task=task.id) if task else ""
    number = f" <small>{label}</small>" if label else ""
    counts = task.counts if task else None
    numbers = (
        [counts.created, counts.updated, counts.unchanged, counts.failed]
        if counts
        else []
    )
    cells = "".join(
        f'<td class="dmc-number">{format_number(count)}</td>' for count in numbers
    )
    return (
        f'<tr><th scope="row">{escape(step.file)}{number}{reason}</th>'
        f"<td>{escape(short_name)}</td><td>{status}</td>"
        f"{cells or '<td></td>' * 4}</tr>"
    )


def _status_kind(step: PackageStep) -> StatusKind:
    if step.task is not None:
        return STATUS_KINDS[step.task.status]
    return "danger" if step.failed else "secondary"


def _build_inputs() -> dict[str, ipw.Widget]:
    strategies = [(_(choice.label), choice.value) for choice in UpdateStrategy]
    return {
        "update_strategy": choice_field(
            _("Update Strategy"), [(_("As Each File States"), AS_STATED), *strategies]
        ),
        "lazy_references": checkbox(_("Lazy References")),
        "allow_deletions": checkbox(_("Allow Deletions")),
        "new_sites": checkbox(_("Add New Sites")),
    }
