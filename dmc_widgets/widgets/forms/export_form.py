"""The export form, a path of steps: layout and wiring over ExportState."""

from __future__ import annotations

from functools import partial
from html import escape

import ipywidgets as ipw
from traitlets import dlink

from ...errors import InvalidPlan
from ...formats import FORMATS
from ...languages import gettext as _
from ...model.compression import Compression
from ...model.plan import Action
from ...states.actions.exports import start_export
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.export_state import ExportState
from ...states.paths.export_path import FIELDS, FORM_STEPS, RECORDS, SOURCE
from ...states.paths.steps import Blocker
from ...states.scope_state import SITE_TRAITS
from ...states.toolkit.calls import export_code
from ..controls import CodeButtons
from ..parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
    card,
    checkbox,
    choice_field,
    form_title,
    html,
    link_traits,
    set_visible,
    text_field,
)
from ..parts.guard import Guard
from ..parts.template_panel import SaveTemplatePanel, TemplateChanges, TemplateField
from .installation_picker import InstallationPicker
from .steps.export_fields import ExportFields
from .steps.export_records import ExportRecords
from .steps.path_parts import build_footer, build_stepper


class ExportForm(ipw.VBox):
    """The steps Source, Fields and Records of the session's export.

    Args:
        session: The session with the states.
        guard: Shows the errors of the actions.

    Attributes:
        picker: Selects the installation.
        steps: The widgets of the steps by their keys.
        export: The button that starts the export from any step.
        next: The button that opens the next step.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self._state, self.path = session.export_form, session.export_path
        self.inputs = _build_inputs(self._state)
        self.picker = InstallationPicker(session, guard)
        self.template = TemplateField(session, guard, Action.EXPORT)
        self.save = SaveTemplatePanel(session, guard, Action.EXPORT)
        self.changes = TemplateChanges(session, guard, Action.EXPORT)
        self.fields = ExportFields(self._state, guard)
        self.table = self.fields.table
        self.records = ExportRecords(
            session,
            guard,
            self.inputs["filter"],
            self.inputs["sort"],
            self.inputs["search"],
        )
        self.problems = {"format": html("", "dmc-error"), **self.records.problems}
        self.guard_help = html(_describe_guard(), "dmc-help")
        self.stepper = build_stepper(
            self.path,
            guard,
            _("Steps of the Export"),
            self.open_step,
            self._lead,
        )
        self.stepper.purpose = _("Before the export can start:")
        self.code = CodeButtons(partial(export_code, session))
        self._build_buttons()
        self._wire()
        super().__init__(self._layout())

    def _build_buttons(self) -> None:
        self.export, self.next = button(_("Export")), button(_("Next"), "primary")
        self.back, self.cancel = button(_("Back")), button(_("Cancel"))
        for control, action in (
            (self.export, self._start),
            (self.next, self._go_on),
            (self.back, self._go_back),
            (self.cancel, self._session.show_lists),
        ):
            control.on_click(self._guard.on_click(action))

    def _wire(self) -> None:
        state = self._state
        link_traits(state, self.inputs)
        call_on_change(state, "entity_types", self._list_entity_types)
        call_on_change(state, ["fields", "format"], self._show_file_choices)
        call_on_change(state, SITE_TRAITS, self._list_sites)
        dlink((state, "can_save"), (self.save.opener, "disabled"), lambda can: not can)
        dlink(
            (state, "format_problem"), (self.problems["format"], "value"), _render_alert
        )
        call_on_change(self.path, "step", self._show_step)
        call_on_change(self._session.dashboard, "page", self._watch_count)
        self._list_entity_types()
        self._list_sites()
        self._show_file_choices()

    def _layout(self) -> list[ipw.Widget]:
        source = card(
            _("Source"),
            self.template,
            self.inputs["entity"],
            self.inputs["scope"],
        )
        file = card(
            _("File"),
            self.inputs["format"],
            self.problems["format"],
            self.inputs["include_headers"],
            self.inputs["guard_formulas"],
            self.guard_help,
            self.inputs["compression"],
            self.inputs["for_version"],
        )
        columns = add_classes(ipw.HBox([source, file]), "dmc-columns")
        self.steps = {
            SOURCE: add_classes(ipw.VBox([self.picker, columns]), "dmc-stack"),
            FIELDS: self.fields,
            RECORDS: self.records,
        }
        self._show_step()
        footer = build_footer(
            self.cancel, self.save.opener, self.back, self.export, self.next
        )
        return [
            form_title(_("Export")),
            self.stepper,
            *self.steps.values(),
            self.changes,
            self.save,
            footer,
            self.code,
        ]

    def focus(self) -> None:
        """Focus the step in view, from where Tab leads into it."""
        self.stepper.focus()

    def open_step(self, key: str) -> None:
        """Bring a step of the form into view, and the focus to its beginning."""
        if key in FORM_STEPS:
            self.path.open_step(key)
            self._session.dashboard.page = DashboardPage.EXPORT
            self.stepper.focus()

    def _start(self) -> None:
        """Start the export, or lead to the first thing that is missing."""
        self.path.ask_for_all()
        try:
            start_export(self._session)
        except InvalidPlan:
            if self.path.asked_blockers:
                self._lead(self.path.asked_blockers[0])
            raise

    def _go_on(self) -> None:
        if self.path.go_on():
            self.stepper.focus()
        elif self.path.asked_blockers:
            self._lead(self.path.asked_blockers[0])

    def _go_back(self) -> None:
        self.path.go_back()
        self.stepper.focus()

    def _lead(self, blocker: Blocker) -> None:
        """Open the step of a blocker, and focus the field that it is about."""
        self.path.open_step(blocker.step)
        if blocker.field == "filter":
            self.records.focus_filter()
        elif blocker.field in self.inputs:
            self.inputs[blocker.field].focus()
        else:
            self.fields.choices[0].focus()

    def _show_step(self) -> None:
        step = self.path.step
        for key, widget in self.steps.items():
            set_visible(widget, key == step)
        is_last = step == FORM_STEPS[-1]
        set_visible(self.next, not is_last)
        self.export.button_style = "primary" if is_last else ""
        self.back.disabled = step == FORM_STEPS[0]
        self._watch_count()

    def _watch_count(self) -> None:
        """Count records while the step that shows their number is in view."""
        is_open = self._session.dashboard.page is DashboardPage.EXPORT
        self._session.match_count.is_in_view = is_open and self.path.step == RECORDS

    def _list_entity_types(self) -> None:
        self.inputs["entity"].set_options(self._state.entity_type_options())

    def _list_sites(self) -> None:
        self.inputs["scope"].set_options(self._state.scope_options(_("All Sites")))
        set_visible(self.inputs["scope"], self._state.has_scope_choice)

    def _show_file_choices(self) -> None:
        selected = FORMATS.get(self._state.format)
        options = selected.info.writing_options if selected else frozenset()
        set_visible(self.inputs["include_headers"], "include_headers" in options)
        for widget in (self.inputs["guard_formulas"], self.guard_help):
            set_visible(widget, "guard_formulas" in options)
        set_visible(self.inputs["compression"], "compression" in options)


def _describe_guard() -> str:
    return escape(
        _(
            "Texts that begin like a formula get an apostrophe, so that a spreadsheet "
            "does not run them. Liferay before 2026 and other readers store the "
            "apostrophe."
        )
    )


def _render_alert(text: str) -> str:
    return f'<span role="status">{escape(text)}</span>' if text else ""


def _build_format_options() -> list[tuple[str, str]]:
    return [(name, name) for name in FORMATS.writable_names()]


def _build_compression_options() -> list[tuple[str, str]]:
    labels = {Compression.NONE: _("No Compression")}
    return [(labels.get(choice, choice.value), choice.value) for choice in Compression]


def _build_inputs(state: ExportState) -> dict[str, ipw.Widget]:
    """Return the inputs by the names of the traits that they are linked to."""
    filter_ = text_field(_("Filter"), placeholder=_("All records"))
    return {
        "entity": choice_field(_("Entity Type"), [("", "")]),
        "scope": choice_field(_("Scope"), [(_("All Sites"), "")]),
        "format": choice_field(_("Export File Format"), _build_format_options()),
        "include_headers": checkbox(_("Include Headers")),
        "guard_formulas": checkbox(_("Guard Formulas")),
        "compression": choice_field(_("Compression"), _build_compression_options()),
        "for_version": choice_field(_("Target Version"), state.version_options()),
        "filter": add_classes(filter_, "dmc-code"),
        "sort": text_field(_("Order"), placeholder=_("The order of creation")),
        "search": text_field(_("Search Text")),
    }
