"""The import form: layout and wiring over ImportState."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from threading import Thread

import ipywidgets as ipw
from traitlets import dlink

from ...errors import InvalidPlan
from ...formats import FORMATS
from ...model.plan import Action
from ...model.strategies import ImportStrategy, UpdateStrategy
from ...states.actions.imports import clear_file, compare_file, read_upload
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.scope_state import SITE_TRAITS
from ..controls import UploadControl
from ..parts.difference_panel import DifferencePanel
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    call_on_change,
    card,
    checkbox,
    choice_field,
    form_title,
    html,
    link_traits,
    list_field,
    set_visible,
    text_field,
)
from ..parts.guard import Guard
from ..parts.policy_inputs import (
    BACKUP_HELP,
    DELETIONS_HELP,
    ERROR_LIMIT_HELP,
    LAZY_REFERENCES_HELP,
    VERIFY_HELP,
    build_policy_inputs,
)
from ..parts.template_panel import SaveTemplatePanel, TemplateField
from ..theme import render_alert
from .mapping_table import MappingTable
from .package_panel import PackagePanel
from .preview_panel import PreviewPanel
from .reading_panel import ReadingPanel

_ACCEPTED = [*FORMATS.readable_suffixes(), ".zip", ".gz"]
_BY_RECORD = "The Site That Each Record Names"
_MATCH_HELP = (
    "Records update the entry that has their values of the selected fields. Without a "
    "selection, the one with their external reference code."
)
_SITE_HELP = (
    "Add New Sites: unknown sites that records name are added, in an embedded "
    "database. Otherwise these records fail."
)


class ImportForm(ipw.VBox):
    """The form of the session's ImportState.

    Args:
        session: The session with the states.
        guard: Shows the errors of the actions.
        preview: The panel that *Next* opens.

    Attributes:
        session: The session with the states.
    """

    def __init__(
        self, session: DashboardSession, guard: Guard, preview: PreviewPanel
    ) -> None:
        self.session = session
        self._state = session.import_form
        policy_inputs = build_policy_inputs(self._state, "Stop the Import on Error")
        self.inputs = {**_build_inputs(), **policy_inputs}
        self.template = TemplateField(session, guard, Action.IMPORT)
        self.save = SaveTemplatePanel(session, guard, Action.IMPORT)
        self.upload = UploadControl(
            session.center.files.new_upload,
            self._read_upload,
            lambda: clear_file(session),
            label="File",
            accept=_ACCEPTED,
        )
        self.notice = html("")
        self.site_help = html(_SITE_HELP, "dmc-help")
        self.match_help = html(_MATCH_HELP, "dmc-help")
        self.lazy_help = html(LAZY_REFERENCES_HELP, "dmc-help")
        self.deletions_help = html(DELETIONS_HELP, "dmc-help")
        self.comparison = DifferencePanel(self._state)
        self.compare = button("Compare with the Target")
        self.compare.on_click(guard.on_click(compare_file, session))
        self.reading = ReadingPanel(session, guard)
        self.mapping = MappingTable(session, guard)
        self.package = PackagePanel(session, guard)
        self.next = button("Next", "primary")
        self.cancel = button("Cancel")
        self._preview = preview
        self.next.on_click(guard.on_click(self._show_preview))
        self.cancel.on_click(guard.on_click(session.show_lists))
        self._wire()
        super().__init__(self._layout())

    def _wire(self) -> None:
        state = self._state
        link_traits(state, self.inputs)
        call_on_change(state, ["entity_types", "entity"], self._list_options)
        call_on_change(
            state,
            ["entity_types", "entity", "lazy_references"],
            self._show_lazy_references,
        )
        call_on_change(state, "fields", self._show_mapping)
        call_on_change(
            state, ["entity_types", "entity", "file_name"], self._show_document_choices
        )
        call_on_change(state, SITE_TRAITS, self._list_sites)
        dlink((state, "can_save"), (self.save.opener, "disabled"), lambda can: not can)
        dlink((state, "notice"), (self.notice, "value"), _render_notice)
        call_on_change(self.session.package, "description", self._show_settings)
        call_on_change(self.session.dashboard, "page", self._enter_page)
        self._list_options()
        self._show_lazy_references()
        self._show_document_choices()
        self._list_sites()

    def _layout(self) -> list[ipw.Widget]:
        files = card("File Settings", self.upload, self.notice, self.reading)
        self.settings = self._build_settings()
        columns = add_classes(ipw.HBox([self.settings, files]), "dmc-columns")
        self._show_mapping()
        bar = button_bar(self.cancel, self.save.opener, self.next)
        title = form_title("Import")
        return [
            title,
            columns,
            self.package,
            self.comparison,
            self.mapping,
            self.save,
            bar,
        ]

    def _build_settings(self) -> ipw.Widget:
        return card(
            "Import Settings",
            self.inputs["name"],
            self.template,
            self.inputs["entity"],
            self.inputs["scope"],
            self.inputs["new_sites"],
            self.site_help,
            self.inputs["stop_on_error"],
            self.inputs["error_limit"],
            html(ERROR_LIMIT_HELP, "dmc-help"),
            self.inputs["undo_at_limit"],
            self.inputs["import_strategy"],
            self.inputs["update_strategy"],
            self.inputs["match"],
            self.match_help,
            self.inputs["lazy_references"],
            self.lazy_help,
            self.inputs["allow_deletions"],
            self.deletions_help,
            self.compare,
            self.inputs["back_up"],
            html(BACKUP_HELP, "dmc-help"),
            self.inputs["verify"],
            html(VERIFY_HELP, "dmc-help"),
        )

    def _read_upload(self, path: Path, name: str) -> None:
        clear_file(self.session)  # if the new file cannot be read there is none
        self.session.dashboard.message = None  # it may have asked for a file
        read_upload(self.session, path, name)

    def _show_preview(self) -> None:
        """Show the preview, or focus the first required field that nothing fills."""
        try:
            self._preview.load()
        except InvalidPlan:
            if self._state.gap:
                self.mapping.grid.focus_row(self._state.gap)
            raise

    def _list_options(self) -> None:
        self.inputs["entity"].set_options(self._state.entity_type_options())
        keys = self._state.match_options()
        self.inputs["match"].set_options(keys)
        for widget in (self.inputs["match"], self.match_help):
            set_visible(widget, bool(keys))
        entity_type = self._state.entity_type
        if entity_type is None:
            return
        for trait, choices, supported in (
            ("import_strategy", ImportStrategy, entity_type.import_strategies),
            ("update_strategy", UpdateStrategy, entity_type.update_strategies),
        ):
            self.inputs[trait].set_options(
                (choice.label, choice) for choice in choices if choice in supported
            )

    def _show_lazy_references(self) -> None:
        """Show the choice where it can be made, or where a template has made it."""
        entity_type = self._state.entity_type
        is_offered = entity_type is not None and entity_type.lazy_references
        for widget in (self.inputs["lazy_references"], self.lazy_help):
            set_visible(widget, is_offered or self._state.lazy_references)

    def _show_document_choices(self) -> None:
        """Show what only definitions, picklists and folders have."""
        has_documents = self._state.has_documents
        for widget in (self.inputs["allow_deletions"], self.deletions_help):
            set_visible(widget, has_documents)
        set_visible(self.compare, has_documents and bool(self._state.file_name))

    def _list_sites(self) -> None:
        self.inputs["scope"].set_options(self._state.scope_options(_BY_RECORD))
        for widget in (self.inputs["scope"], self.inputs["new_sites"], self.site_help):
            set_visible(widget, self._state.has_scope_choice)

    def _show_settings(self) -> None:
        """Show the settings of one file, or leave the place to a package."""
        is_package = bool(self.session.package.description)
        for widget in (self.settings, self.save.opener, self.next):
            set_visible(widget, not is_package)

    def _show_mapping(self) -> None:
        set_visible(self.mapping, bool(self._state.fields))

    def _enter_page(self) -> None:
        if self.session.dashboard.page is not DashboardPage.IMPORT:
            return
        if not self._state.file_name:
            self.upload.reset()
        # Loading the library of expressions takes a second: do it in the background.
        Thread(target=import_module, args=("cel",), daemon=True).start()


def _render_notice(text: str) -> str:
    return render_alert(text, "info") if text else ""


def _build_inputs() -> dict[str, ipw.Widget]:
    """Return the inputs by the names of the traits that they are linked to."""
    return {
        "name": text_field("Name"),
        "entity": choice_field("Entity Type", [("", "")]),
        "scope": choice_field("Scope", [(_BY_RECORD, "")]),
        "new_sites": checkbox("Add New Sites"),
        "match": list_field("Match Records By"),
    }
