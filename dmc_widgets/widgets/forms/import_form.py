"""The import form, a path of steps: layout and wiring over ImportState."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from threading import Thread

import ipywidgets as ipw
from traitlets import dlink

from ...errors import InvalidPlan
from ...formats import FORMATS
from ...languages import gettext as _
from ...languages import lazy
from ...model.plan import Action
from ...model.strategies import ImportStrategy, UpdateStrategy
from ...states.actions.imports import clear_file, compare_file, read_upload
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.paths.import_path import CHANGES, FILE, FORM_STEPS, MAPPING, TARGET
from ...states.paths.steps import Blocker
from ...states.scope_state import SITE_TRAITS
from ..controls import UploadControl
from ..parts.difference_panel import DifferencePanel
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
    list_field,
    set_visible,
    text_field,
)
from ..parts.guard import Guard
from ..parts.policy_inputs import (
    AT_ONCE_HELP,
    BACKUP_HELP,
    CLUSTER_HELP,
    DELETIONS_HELP,
    ERROR_LIMIT_HELP,
    LAZY_REFERENCES_HELP,
    VERIFY_HELP,
    WORKERS_HELP,
    build_policy_inputs,
    build_strategy_help,
    has_dask,
)
from ..parts.template_panel import SaveTemplatePanel, TemplateChanges, TemplateField
from ..theme import render_alert
from .installation_picker import InstallationPicker
from .mapping_table import MappingTable
from .package_panel import PackagePanel
from .preview_panel import PreviewPanel
from .reading_panel import ReadingPanel
from .steps.draft_list import DraftList
from .steps.path_parts import build_footer, build_stepper
from .steps.proposal_panel import ProposalPanel
from .steps.server_files import ServerFiles
from .steps.unfinished_uploads import UnfinishedUploadList

_ACCEPTED = [*FORMATS.readable_suffixes(), ".zip", ".gz"]
_BY_RECORD = lazy("The Site That Each Record Names")
_MATCH_HELP = lazy(
    "Records update the entry that has their values of the selected fields. Without a "
    "selection, the one with their external reference code."
)
_NO_MAPPING = lazy(
    "The fields appear here once an entity type is selected in the step Target."
)
_SITE_HELP = lazy(
    "Add New Sites: unknown sites that records name are added, in an embedded "
    "database. Otherwise these records fail."
)


class ImportForm(ipw.VBox):
    """The steps File, Target and Mapping of the session's import.

    The step *Changes* is the preview, which has a panel of its own.

    Args:
        session: The session with the states.
        guard: Shows the errors of the actions.
        preview: The panel of the step *Changes*.

    Attributes:
        session: The session with the states.
        picker: Selects the target.
        steps: The widgets of the steps by their keys.
        next: The button that opens the next step.
        review: The button that leads to the step *Changes* from any other.
    """

    def __init__(
        self, session: DashboardSession, guard: Guard, preview: PreviewPanel
    ) -> None:
        self.session, self._preview = session, preview
        self._state, self.path = session.import_form, session.import_path
        policy_inputs = build_policy_inputs(self._state, _("Stop the Import on Error"))
        self.inputs = {**_build_inputs(), **policy_inputs}
        self.strategy_help = build_strategy_help(self._state)
        self.picker = InstallationPicker(session, guard)
        self.template = TemplateField(session, guard, Action.IMPORT)
        self.save = SaveTemplatePanel(session, guard, Action.IMPORT)
        self.changes = TemplateChanges(session, guard, Action.IMPORT)
        self.upload = UploadControl(
            session.center.files.new_upload,
            self._read_upload,
            lambda: clear_file(session),
            label=_("File"),
            accept=_ACCEPTED,
        )
        self.notice = html("")
        self._build_helps()
        self.comparison = DifferencePanel(self._state)
        self.compare = button(_("Compare with the Target"))
        self.compare.on_click(guard.on_click(compare_file, session))
        self.reading = ReadingPanel(session, guard)
        self.mapping = MappingTable(session, guard)
        self.package = PackagePanel(session, guard)
        self.drafts = DraftList(session, guard, Action.IMPORT)
        self.file_proposal = ProposalPanel(session, guard)
        self.proposal = ProposalPanel(session, guard)
        self._build_sources(guard)
        self.stepper = build_stepper(
            self.path, guard, _("Steps of the Import"), self.open_step, self._lead
        )
        self._build_buttons(guard)
        self._wire()
        super().__init__(self._layout())

    def _build_sources(self, guard: Guard) -> None:
        """Build what a file may come from besides the browser."""
        session = self.session
        self.server_files = ServerFiles(session, guard)
        session.source.take = lambda file: self._read_upload(file.path, file.name)
        self.unfinished = UnfinishedUploadList(
            session, guard, lambda: self.upload.state == "sending"
        )

    def _build_helps(self) -> None:
        self.site_help = html(_SITE_HELP, "dmc-help")
        self.match_help = html(_MATCH_HELP, "dmc-help")
        self.lazy_help = html(LAZY_REFERENCES_HELP, "dmc-help")
        self.deletions_help = html(DELETIONS_HELP, "dmc-help")

    def _build_buttons(self, guard: Guard) -> None:
        self.more = button(_("More Options"), "link")
        self.back, self.next = button(_("Back")), button(_("Next"), "primary")
        self.review, self.cancel = button(_("Review Changes")), button(_("Cancel"))
        for control, action in (
            (self.more, self._toggle_options),
            (self.back, self._go_back),
            (self.next, self._go_on),
            (self.review, self._show_preview),
            (self.cancel, self.session.show_lists),
        ):
            control.on_click(guard.on_click(action))

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
        call_on_change(self.session.package, "description", self._show_step)
        call_on_change(self.path, "step", self._show_step)
        call_on_change(state, "file_name", self._show_file)
        call_on_change(self.session.dashboard, "page", self._enter_page)
        self._list_options()
        self._show_lazy_references()
        self._show_document_choices()
        self._list_sites()

    def _layout(self) -> list[ipw.Widget]:
        file = card(
            _("File"),
            self.upload,
            self.unfinished,
            self.server_files,
            self.file_proposal,
            self.notice,
            self.reading,
        )
        self.settings = self._build_settings()
        self.no_mapping = html(render_alert(_NO_MAPPING, "info"))
        comparison = ipw.VBox([self.compare, self.comparison])
        self.steps = {
            FILE: ipw.VBox([file, self.drafts]),
            TARGET: ipw.VBox([self.picker, self.settings, self.package]),
            MAPPING: ipw.VBox([self.no_mapping, self.mapping, comparison]),
        }
        for step in self.steps.values():
            add_classes(step, "dmc-stack")
        self._show_mapping()
        self._show_step()
        footer = build_footer(
            self.cancel, self.save.opener, self.back, self.review, self.next
        )
        return [
            form_title(_("Import")),
            self.stepper,
            *self.steps.values(),
            self.changes,
            self.save,
            footer,
        ]

    def _build_settings(self) -> ipw.Widget:
        target = card(
            _("Target"),
            self.inputs["entity"],
            self.proposal,
            self.inputs["scope"],
            self.inputs["new_sites"],
            self.site_help,
            self.inputs["name"],
            self.template,
        )
        self.options = self._build_options()
        set_visible(self.options, False)
        strategies = card(
            _("Strategies"),
            self.inputs["import_strategy"],
            self.strategy_help["import_strategy"],
            self.inputs["update_strategy"],
            self.strategy_help["update_strategy"],
            self.inputs["stop_on_error"],
            self.strategy_help["stop_on_error"],
            self.more,
            self.options,
        )
        return add_classes(ipw.HBox([target, strategies]), "dmc-columns")

    def _build_options(self) -> ipw.VBox:
        return ipw.VBox(
            [
                self.inputs["error_limit"],
                html(ERROR_LIMIT_HELP, "dmc-help"),
                self.inputs["undo_at_limit"],
                self.inputs["at_once"],
                html(AT_ONCE_HELP, "dmc-help"),
                self.inputs["workers"],
                html(WORKERS_HELP, "dmc-help"),
                self.inputs["cluster"],
                *([html(CLUSTER_HELP, "dmc-help")] if has_dask() else []),
                self.inputs["match"],
                self.match_help,
                self.inputs["lazy_references"],
                self.lazy_help,
                self.inputs["allow_deletions"],
                self.deletions_help,
                self.inputs["back_up"],
                html(BACKUP_HELP, "dmc-help"),
                self.inputs["verify"],
                html(VERIFY_HELP, "dmc-help"),
            ]
        )

    def focus(self) -> None:
        """Focus the step in view, from where Tab leads into it."""
        self.stepper.focus()

    def open_step(self, key: str) -> None:
        """Bring a step into view, and the focus to its beginning.

        Raises:
            InvalidPlan: The form is not complete enough for the step *Changes*.
        """
        if key == CHANGES:
            self._show_preview()
        elif key in FORM_STEPS:
            self.path.open_step(key)
            self.session.dashboard.page = DashboardPage.IMPORT
            self.stepper.focus()

    def _read_upload(self, path: Path, name: str) -> None:
        clear_file(self.session)  # if the new file cannot be read there is none
        self.session.dashboard.message = None  # it may have asked for a file
        read_upload(self.session, path, name)

    def _show_file(self) -> None:
        """Show the file of a draft as uploaded, and none where the form has none."""
        name, file = self._state.file_name, self.session.file
        is_known = self.upload.state == "done" and self.upload.file_name == name
        if name and file and not is_known and self.upload.state != "sending":
            self.upload.show_file(name, file.path.stat().st_size)
        elif not name and self.upload.state == "done":
            self.upload.reset()

    def _go_on(self) -> None:
        if self.path.step == MAPPING:
            self._show_preview()
        elif self.path.go_on():
            self.stepper.focus()
        elif self.path.asked_blockers:
            self._lead(self.path.asked_blockers[0])

    def _go_back(self) -> None:
        self.path.go_back()
        self.stepper.focus()

    def _show_preview(self) -> None:
        """Show the preview, or lead to the first thing that is missing."""
        self.path.ask_for_all()
        try:
            self._preview.load()
        except InvalidPlan:
            if self.path.asked_blockers:
                self._lead(self.path.asked_blockers[0])
            raise

    def _lead(self, blocker: Blocker) -> None:
        """Open the step of a blocker, and focus the field that it is about."""
        self.path.open_step(blocker.step)
        self.session.dashboard.page = DashboardPage.IMPORT
        if blocker.step == MAPPING:
            self._state.shows_gaps = True
            self.mapping.grid.focus_row(blocker.field)
        elif blocker.field in self.inputs:
            if blocker.field == "error_limit":
                self._show_more(is_shown=True)
            self.inputs[blocker.field].focus()
        else:
            self.stepper.focus()

    def _toggle_options(self) -> None:
        self._show_more(is_shown=self.options.layout.display == "none")

    def _show_more(self, *, is_shown: bool) -> None:
        set_visible(self.options, is_shown)
        self.more.description = _("Fewer Options") if is_shown else _("More Options")

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
                (_(choice.label), choice) for choice in choices if choice in supported
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
        self.inputs["scope"].set_options(self._state.scope_options(_(_BY_RECORD)))
        for widget in (self.inputs["scope"], self.inputs["new_sites"], self.site_help):
            set_visible(widget, self._state.has_scope_choice)

    def _show_step(self) -> None:
        """Show the step in view; a package has choices of its own in *Target*."""
        is_package, step = self.path.is_package, self.path.step
        for key, widget in self.steps.items():
            set_visible(widget, key == step)
        for widget in (self.settings, self.save.opener, self.review):
            set_visible(widget, not is_package)
        set_visible(self.review, not is_package and step != MAPPING)
        set_visible(self.next, not is_package or step == FILE)
        self.next.description = _("Review Changes") if step == MAPPING else _("Next")
        self.back.disabled = step == FILE

    def _show_mapping(self) -> None:
        has_fields = bool(self._state.fields)
        set_visible(self.mapping, has_fields)
        set_visible(self.no_mapping, not has_fields)

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
        "name": text_field(_("Name")),
        "entity": choice_field(_("Entity Type"), [("", "")]),
        "scope": choice_field(_("Scope"), [(_(_BY_RECORD), "")]),
        "new_sites": checkbox(_("Add New Sites")),
        "match": list_field(_("Match Records By")),
    }
