"""The choice of a file: uploaded from the browser, or one of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as ipw
from traitlets import Any as AnyTrait
from traitlets import Unicode, observe, validate

from ...center import Center
from ...errors import FileUnreadable
from ...formats import FORMATS
from ...languages import gettext as _
from ...languages import lazy
from ...model.representation import format_bytes
from ...states.toolkit.folder import Folder, FolderItem
from ...states.toolkit.sources import CenterLike, OpenedCenter, find_center
from ..controls import Column, PagedTable, UploadControl, UploadSink
from ..parts.form_inputs import html, set_visible
from ..parts.table_rows import ListRows
from .base import PublicWidget, repr_names

_ACCEPTED = (*FORMATS.readable_suffixes(), ".zip", ".gz")
_COLUMNS = (
    Column("name", lazy("Name"), kind="link"),
    Column("size", lazy("Size"), align="end"),
    Column("modified", lazy("Changed")),
)


class FileChooser(PublicWidget):
    """Takes a file from the browser, or lets a person choose one of a folder.

    >>> chooser = FileChooser(folder="/srv/exports")
    >>> chooser.value = "/srv/exports/bicycles.csv"
    >>> chooser.observe(lambda change: print(change["new"]), "value")

    Args:
        folder: A folder of the machine on which Python runs: files of it and below it
            can be chosen, too. Nothing above it can be reached.
        center: The center in whose workspace uploads are kept; None for the default
            workspace, which is opened with the first upload.
        accept: The extensions of the files, with their dot; None for those that can be
            imported.
        value: The path of the file that is chosen at first.

    Attributes:
        value: The path of the chosen file, or None. An uploaded file lies in the
            workspace, under a name of its own.
        name: The name of the file, as the person knows it.

    Raises:
        FileUnreadable: The folder is not one, or there is no file at the path.
    """

    value = AnyTrait(None, allow_none=True)
    name = Unicode()

    def __init__(
        self,
        folder: Path | str | None = None,
        *,
        center: CenterLike = None,
        accept: Sequence[str] | None = None,
        value: Path | str | None = None,
    ) -> None:
        super().__init__()
        self._accept = [*(_ACCEPTED if accept is None else accept)]
        self._center_like: CenterLike = center
        self._opened: OpenedCenter | None = None
        self._uploaded = ""
        self._upload = UploadControl(
            self._open_upload,
            self._take_upload,
            self._clear,
            label=_("File"),
            accept=self._accept,
        )
        self._chosen = html("", "dmc-help")
        parts: list[ipw.Widget] = [self._upload]
        self._folder: Folder | None = None
        if folder is not None:
            self._folder = Folder(folder, self._accept)
            parts += self._build_table()
        self._show([*parts, self._chosen])
        self._show_chosen()
        if value is not None:
            self.value = value

    def clear(self) -> None:
        """Choose no file."""
        self._upload.reset()
        self.value = None

    def __repr__(self) -> str:
        return repr_names(self, "value", "name")

    def _build_table(self) -> list[ipw.Widget]:
        self._place = html("", "dmc-help")
        self._table = PagedTable(
            ListRows(self._find, _build_row),
            _COLUMNS,
            label=_("Files"),
            page_size=10,
            searchable=True,
            search_label=_("Search Files"),
            empty_text=_("No file of these kinds is here."),
            on_link=lambda key: self._guard.run(self._open, key),
        )
        self._show_place()
        return [self._place, self._table]

    def _find(self, query: str) -> list[FolderItem]:
        return self._folder.list(query) if self._folder else []

    def _open(self, name: str) -> None:
        if self._folder is None:
            return
        path = self._folder.open(name)
        if path is None:
            self._show_place()
            self._table.restart()
        else:
            self.value = path

    def _show_place(self) -> None:
        if self._folder is not None:
            self._place.value = escape(self._folder.title)

    @property
    def _center(self) -> Center:
        if self._opened is None:
            self._opened = find_center(self._center_like)
            self._own(self._opened)
        return self._opened.center

    def _open_upload(self, name: str, size_bytes: int) -> UploadSink:
        return self._center.files.new_upload(name, size_bytes)

    def _take_upload(self, path: Path, name: str) -> None:
        self._uploaded = name
        self.value = path

    def _clear(self) -> None:
        self.value = None

    @validate("value")
    def _require_file(self, proposal: Any) -> Path | None:
        given = proposal["value"]
        path = None if given is None else Path(given)
        if path is not None and not path.is_file():
            raise FileUnreadable(path.name, "The file does not exist.")
        return path

    @observe("value")
    def _follow_value(self, change: Any) -> None:
        path: Path | None = change["new"]
        own, self._uploaded = self._uploaded, ""
        self.name = own or (path.name if path else "")
        if not own:
            self._upload.reset()
        self._show_chosen()

    def _show_chosen(self) -> None:
        self._chosen.value = (
            _("Chosen: {file}").format(file=escape(self.name)) if self.name else ""
        )
        set_visible(self._chosen, bool(self.name))


def _build_row(item: FolderItem) -> dict[str, Any]:
    moment = datetime.fromtimestamp(item.modified).astimezone()
    return {
        "key": item.name,
        "name": f"{item.name}/" if item.is_folder else item.name,
        "size": "" if item.is_folder else format_bytes(item.size_bytes),
        "modified": "" if item.is_folder else f"{moment:%Y-%m-%d %H:%M}",
    }
