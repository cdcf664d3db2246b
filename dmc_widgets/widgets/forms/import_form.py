"""The import form: layout and wiring. Every decision is in ImportState."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from threading import Thread

import ipywidgets as ipw
from traitlets import dlink

from ...errors import InvalidPlan
from ...model.plan import Action
from ...model.strategies import ImportStrategy, UpdateStrategy
from ...states.dashboard_session import DashboardSession, clear_file, read_upload
from ...states.dashboard_state import DashboardPage
from ...states.scope_state import SITE_TRAITS
from ..controls import UploadControl
from ..parts.elements import (
    add_classes,
    button,
    button_bar,
    card,
    choice_field,
    html,
    link_traits,
    set_visible,
    text_field,
)
from ..parts.guard import Guard
from ..parts.template_panel import SaveTemplatePanel, TemplateField
from ..theme import render_alert
from .mapping_table import MappingTable
from .preview_panel import PreviewPanel
from .reading_panel import ReadingPanel

_ACCEPTED = [
    *(".json", ".jsonl", ".ndjson"),
    *(".csv", ".tsv", ".tab", ".psv", ".txt"),
    *(".xlsx", ".xlsm", ".xls"),
    *(".zip", ".gz"),
]


_BY_RECORD = "The Site That Each Record Names"
_SITE_HELP = (
    "Add New Sites: sites that records name and that are not known are added, in an "
    "embedded database. Otherwise these records fail."
)


class ImportForm(ipw.VBox):
    """A form over the session's ImportState.

    Args:
        session: Holds everything; the form only shows it and sets it.
        guard: Catches what goes wrong.
        preview: Opened by *Next*.
    """

    def __init__(
        self, session: DashboardSession, guard: Guard, preview: PreviewPanel
    ) -> None:
        self._session = session
        self._state = session.import_form
        self.inputs = _build_inputs()
        self.template = TemplateField(session, guard, Action.IMPORT)
        self.save = SaveTemplatePanel(session, guard, Action.IMPORT)
        self.upload = UploadControl(
            session.center.new_upload,
            self._read,
            lambda: clear_file(session),
            label="File",
            accept=_ACCEPTED,
        )
        self.notice = html("")
        self.site_help = html(_SITE_HELP, "dmc-help")
        self.reading = ReadingPanel(session, guard)
        self.mapping = MappingTable(session, guard)
        self.next = button("Next", "primary")
        self.cancel = button("Cancel")
        self._preview = preview
        self.next.on_click(guard.on_click(self._go_on))
        self.cancel.on_click(guard.on_click(session.show_lists))
        self._wire()
        super().__init__(self._layout())

    def _wire(self) -> None:
        state = self._state
        link_traits(state, self.inputs)
        state.observe(lambda _change: self._offer(), ["entity_types", "entity"])
        state.observe(lambda _change: self._show_mapping(), "fields")
        state.observe(lambda _change: self._offer_sites(), SITE_TRAITS)
        dlink((state, "may_save"), (self.save.opener, "disabled"), lambda may: not may)
        dlink((state, "notice"), (self.notice, "value"), _render_notice)
        dlink(
            (state, "import_strategy"),
            (self.inputs["update_strategy"], "disabled"),
            lambda chosen: chosen is ImportStrategy.INSERT,
        )
        self._session.dashboard.observe(
            lambda change: self._enter(change["new"]), "page"
        )
        self._offer()
        self._offer_sites()

    def _layout(self) -> list[ipw.Widget]:
        entity, name = self.inputs["entity"], self.inputs["name"]
        sites = [self.inputs["scope"], self.inputs["new_sites"], self.site_help]
        strategies = [
            self.inputs[each]
            for each in ("stop_on_error", "import_strategy", "update_strategy")
        ]
        settings = card(
            "Import Settings", name, self.template, entity, *sites, *strategies
        )
        files = card("File Settings", self.upload, self.notice, self.reading)
        columns = add_classes(ipw.HBox([settings, files]), "dmc-columns")
        self._show_mapping()
        bar = button_bar(self.cancel, self.save.opener, self.next)
        title = html("<h2>Import</h2>", "dmc-form-title")
        return [title, columns, self.mapping, self.save, bar]

    def _read(self, path: Path, name: str) -> None:
        clear_file(self._session)  # if this one cannot be read there is none
        self._session.dashboard.message = None  # it may have asked for a file
        read_upload(self._session, path, name)

    def _go_on(self) -> None:
        """Show the preview, or lead to the first required field that nothing fills."""
        try:
            self._preview.fill()
        except InvalidPlan:
            if self._state.gap:
                self.mapping.grid.focus_row(self._state.gap)
            raise

    def _offer(self) -> None:
        types = [
            (entity_type.label, entity_type.key)
            for entity_type in self._state.entity_types
        ]
        self.inputs["entity"].offer([("", ""), *types])
        chosen = self._state.entity_type
        if chosen is None:
            return
        for trait, kind, able in (
            ("import_strategy", ImportStrategy, chosen.import_strategies),
            ("update_strategy", UpdateStrategy, chosen.update_strategies),
        ):
            self.inputs[trait].offer(
                (each.label, each) for each in kind if each in able
            )

    def _offer_sites(self) -> None:
        self.inputs["scope"].offer(self._state.scope_options(_BY_RECORD))
        for each in (self.inputs["scope"], self.inputs["new_sites"], self.site_help):
            set_visible(each, self._state.has_scope_choice)

    def _show_mapping(self) -> None:
        set_visible(self.mapping, bool(self._state.fields))

    def _enter(self, page: DashboardPage) -> None:
        if page is DashboardPage.IMPORT and not self._state.file_name:
            self.upload.reset()
        if page is DashboardPage.IMPORT:
            # Expressions need what loads in a second: while the person fills the form.
            Thread(target=import_module, args=("cel",), daemon=True).start()


def _render_notice(text: str) -> str:
    return render_alert(text, "info") if text else ""


def _build_inputs() -> dict[str, ipw.Widget]:
    """Return the inputs under the names of the traits that they are tied to."""
    import_strategies = [(each.label, each) for each in ImportStrategy]
    update_strategies = [(each.label, each) for each in UpdateStrategy]
    stop = ipw.Checkbox(description="Stop the Import on Error", indent=False)
    return {
        "name": text_field("Name"),
        "entity": choice_field("Entity Type", [("", "")]),
        "scope": choice_field("Scope", [(_BY_RECORD, "")]),
        "new_sites": ipw.Checkbox(description="Add New Sites", indent=False),
        "stop_on_error": stop,
        "import_strategy": choice_field("Import Strategy", import_strategies),
        "update_strategy": choice_field("Update Strategy", update_strategies),
    }
