"""The mapping table of the import form: layout and wiring over ImportState."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from ...states.actions.mappings import (
    build_mapping_file,
    load_mapping_file,
    open_field_editor,
)
from ...states.dashboard_session import DashboardSession
from ...states.import_state import ImportState
from ...states.mapping.mapping_rows import MappingRow, get_distinct_label
from ..controls import DownloadButton, MappingGrid, UploadControl
from ..parts.elements import add_classes, button, button_bar, heading, html, set_visible
from ..parts.guard import Guard
from ..theme import render_alert
from .field_editor import FieldEditor

_ACCEPTED = [".yaml", ".yml", ".json"]


class MappingTable(ipw.VBox):
    """Which field of the file fills which field of the entity type, and how."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._state: ImportState = session.import_form
        self.editor = FieldEditor(session, guard)
        self.grid = MappingGrid(
            on_choose=lambda target, source: guard.carry_out(
                self._state.connect, target, source
            ),
            on_edit=lambda target: guard.carry_out(open_field_editor, session, target),
        )
        self.left_out = html("")
        self.files = MappingFiles(session, guard)
        title = add_classes(
            ipw.HBox([heading("Import Mappings"), self.files.buttons]), "dmc-card-head"
        )
        parts = [title, self.files, self.left_out, self.grid, self.editor]
        super().__init__(parts)
        add_classes(self, "dmc-card")
        for trait, follow in (
            ("source_fields", self._offer),
            ("rows", self._follow),
            ("left_out", self._tell),
        ):
            self._state.observe(lambda _change, follow=follow: follow(), trait)
        self._offer()
        self._follow()
        self._tell()

    def _offer(self) -> None:
        with self.grid.hold_sync():
            self.grid.labels = self._state.source_labels
            self.grid.sources = list(self._state.source_fields)

    def _follow(self) -> None:
        with self.grid.hold_sync():
            self.grid.rows = [_build_grid_row(row) for row in self._state.rows]
            self.grid.summary = _format_summary(self._state.rows)

    def _tell(self) -> None:
        told = self._state.left_out
        self.left_out.value = render_alert(told, "warning") if told else ""
        set_visible(self.left_out, bool(told))


class MappingFiles(ipw.VBox):
    """Keeps the mapping as a file, and takes one back.

    It is in view while the person wants to load a mapping.

    Attributes:
        buttons: For both; they stand beside the title of the table.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self.save = DownloadButton("Download Mapping", self._file)
        self.opener = button("Load Mapping…")
        self.opener.on_click(guard.on_click(self._turn))
        self.upload = UploadControl(
            session.center.new_upload,
            self._load,
            label="Mapping File",
            accept=_ACCEPTED,
        )
        self.buttons = button_bar(self.save, self.opener)
        super().__init__([self.upload])
        set_visible(self, False)
        session.import_form.observe(lambda _change: self._close(), "entity")

    def _file(self) -> tuple[str, list[bytes]]:
        name, data = build_mapping_file(self._session)
        return name, [data]

    def _load(self, path: Any, name: str) -> None:
        load_mapping_file(self._session, path, name)
        self._close()
        self.opener.focus()

    def _turn(self) -> None:
        hidden = self.layout.display == "none"
        self._close()
        set_visible(self, hidden)

    def _close(self) -> None:
        self.upload.reset()
        set_visible(self, False)


def _build_grid_row(row: MappingRow) -> dict[str, Any]:
    field = row.field
    return {
        "key": field.name,
        "name": field.name,
        "note": field.description or get_distinct_label(field),
        "group": "REQUIRED FIELDS" if field.required else "OPTIONAL FIELDS",
        "source": row.source,
        "label": f"{row.source} (not in this file)" if row.source else row.words,
        "words": row.words,
        "reason": _format_reason(row),
        "preview": row.preview,
        "filled": bool(row.source or row.words),
        "required": field.required,
        "missing": row.missing,
        "doubtful": row.doubtful,
        "failed": row.failed,
    }


def _format_reason(row: MappingRow) -> str:
    if not row.doubtful:
        return row.reason
    return f"{row.reason}, please check"


def _format_summary(rows: tuple[MappingRow, ...]) -> str:
    filled = sum(1 for row in rows if row.source or row.words)
    doubtful = sum(1 for row in rows if row.doubtful)
    told = f"{filled} of {len(rows)} fields are filled."
    if doubtful:
        verb = "suggestion asks" if doubtful == 1 else "suggestions ask"
        told += f" {doubtful} {verb} to be checked."
    return told
