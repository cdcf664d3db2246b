"""The mapping table of the import form: layout and wiring over ImportState."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import ngettext
from ...states.actions.mappings import (
    build_mapping_file,
    forget_mapping,
    load_mapping_file,
    open_field_editor,
)
from ...states.dashboard_session import DashboardSession
from ...states.import_state import ImportState
from ...states.mapping.mapping_rows import MappingRow, get_distinct_label
from ..controls import DownloadButton, MappingGrid, UploadControl
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    call_on_change,
    heading,
    html,
    set_visible,
)
from ..parts.guard import Guard
from ..theme import render_alert
from .field_editor import FieldEditor

_ACCEPTED = [".yaml", ".yml", ".json"]


class MappingTable(ipw.VBox):
    """Shows and edits how the fields of the file fill those of the entity type."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._state: ImportState = session.import_form
        self.editor = FieldEditor(session, guard)
        self.grid = MappingGrid(
            on_choose=lambda target, source: guard.run(
                self._state.connect, target, source
            ),
            on_edit=lambda target: guard.run(open_field_editor, session, target),
            on_forget=lambda target: guard.run(forget_mapping, session, target),
        )
        self.warning = html("")
        self.files = MappingFiles(session, guard)
        title = add_classes(
            ipw.HBox([heading(_("Import Mappings")), self.files.buttons]),
            "dmc-card-head",
        )
        parts = [title, self.files, self.warning, self.grid, self.editor]
        super().__init__(parts)
        add_classes(self, "dmc-card")
        for trait, show in (
            ("source_fields", self._show_sources),
            ("rows", self._show_rows),
            ("mapping_warning", self._show_warning),
        ):
            call_on_change(self._state, trait, show)
            show()

    def _show_sources(self) -> None:
        with self.grid.hold_sync():
            self.grid.labels = self._state.source_labels
            self.grid.sources = list(self._state.source_fields)

    def _show_rows(self) -> None:
        with self.grid.hold_sync():
            self.grid.rows = [_build_grid_row(row) for row in self._state.rows]
            self.grid.summary = _format_summary(self._state.rows)
            self.grid.columns = self._state.list_columns()

    def _show_warning(self) -> None:
        text = self._state.mapping_warning
        self.warning.value = render_alert(text, "warning") if text else ""
        set_visible(self.warning, bool(text))


class MappingFiles(ipw.VBox):
    """Downloads the mapping as a file, and loads a mapping file.

    The panel is visible while the person chooses a file to load.

    Attributes:
        buttons: The buttons for both, which stand beside the title of the table.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self.save = DownloadButton(_("Download Mapping"), self._build_file)
        self.opener = button(_("Load Mapping…"))
        self.opener.on_click(guard.on_click(self._toggle))
        self.upload = UploadControl(
            session.center.files.new_upload,
            self._load,
            label=_("Mapping File"),
            accept=_ACCEPTED,
        )
        self.buttons = button_bar(self.save, self.opener)
        super().__init__([self.upload])
        set_visible(self, False)
        call_on_change(session.import_form, "entity", self._close)

    def _build_file(self) -> tuple[str, list[bytes]]:
        name, data = build_mapping_file(self._session)
        return name, [data]

    def _load(self, path: Any, name: str) -> None:
        load_mapping_file(self._session, path, name)
        self._close()
        self.opener.focus()

    def _toggle(self) -> None:
        was_hidden = self.layout.display == "none"
        self._close()
        set_visible(self, was_hidden)

    def _close(self) -> None:
        self.upload.reset()
        set_visible(self, False)


def _build_grid_row(row: MappingRow) -> dict[str, Any]:
    field = row.field
    return {
        "key": field.name,
        "name": field.name,
        "note": field.description or get_distinct_label(field),
        "group": _("REQUIRED FIELDS") if field.required else _("OPTIONAL FIELDS"),
        "source": row.source,
        "label": _("{source} (not in this file)").format(source=row.source)
        if row.source
        else row.summary,
        "summary": row.summary,
        "reason": _format_reason(row),
        "score": row.score if row.reason else 0,
        "preview": row.preview,
        "filled": _is_filled(row),
        "required": field.required,
        "missing": row.is_missing,
        "doubtful": row.doubtful,
        "failed": row.failed,
        "remembered": row.is_remembered,
    }


def _format_reason(row: MappingRow) -> str:
    return (
        _("{reason}, please check").format(reason=row.reason)
        if row.doubtful
        else row.reason
    )


def _format_summary(rows: tuple[MappingRow, ...]) -> str:
    filled = sum(1 for row in rows if _is_filled(row))
    doubtful = sum(1 for row in rows if row.doubtful)
    summary = _("{filled} of {count} fields are filled.").format(
        filled=filled, count=len(rows)
    )
    if not doubtful:
        return summary
    asked = ngettext(
        "{count} suggestion asks to be checked.",
        "{count} suggestions ask to be checked.",
        doubtful,
    ).format(count=doubtful)
    return f"{summary} {asked}"


def _is_filled(row: MappingRow) -> bool:
    return bool(row.source or row.summary)
