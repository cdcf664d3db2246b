"""One entry: its fields, its files and the entries that it is related to."""

from __future__ import annotations

from functools import partial
from html import escape

import ipywidgets as ipw

from ...center.browsing import StoredAttachment, choose_details
from ...languages import format_decimal
from ...languages import gettext as _
from ...model.entity_type import OBJECT_ENTRY
from ...states.browsing import EntryDetails, ObjectBrowsing, Subject
from ...states.browsing.object_facts import format_cell
from ...states.model_words import shown_label
from ..controls import DownloadButton, LinkGroup, LinkItem, LinkList
from ..parts.form_inputs import add_classes, call_on_change, heading, html, set_visible
from ..parts.guard import Guard
from .browser_links import BrowserLinks


class EntryPanel(ipw.VBox):
    """The entry in view.

    Args:
        browsing: Reads the installation.
        guard: Shows the errors of callbacks.
        links: Lead to other parts.
    """

    def __init__(
        self, browsing: ObjectBrowsing, guard: Guard, links: BrowserLinks
    ) -> None:
        self._browsing, self._links = browsing, links
        self.title, self.values = html(""), html("", "dmc-browser-values")
        self.related = LinkList(
            _("Related Entries"), empty_text=_("No related entries.")
        )
        self.related.on_link = lambda key: guard.run(links.follow, key)
        self.files = ipw.VBox([])
        self.files_title = heading(_("Attachments"), 3)
        side = add_classes(
            ipw.VBox([self.related, self.files_title, self.files]), "dmc-browser-side"
        )
        columns = add_classes(ipw.HBox([self.values, side]), "dmc-browser-entry")
        super().__init__([self.title, columns])
        call_on_change(browsing.state, "entry", self._show_entry)
        self._show_entry()

    def _show_entry(self) -> None:
        entry = self._browsing.state.entry
        if entry is None:
            self.title.value = self.values.value = ""
            return
        code = str(entry.item.get("externalReferenceCode") or "")
        self.title.value = (
            f'<h2>{escape(entry.title)}</h2><p class="dmc-subtitle">{escape(code)}</p>'
        )
        self.values.value = _render_values(entry)
        self._show_links(entry)
        self.files.children = [self._build_file(x) for x in entry.attachments]
        set_visible(self.files_title, bool(entry.attachments))

    def _show_links(self, entry: EntryDetails) -> None:
        subject = Subject("object", entry.entity_type.name)
        name = self._object_label(entry)
        up = LinkItem(
            key=self._links.key(subject),
            label=_("All Entries of {name}").format(name=name),
            href=self._links.href(subject),
        )
        related = [
            LinkItem(
                key=self._links.key(x.subject),
                label=x.label,
                detail=x.text,
                hint=x.text,
                href=self._links.href(x.subject),
            )
            for x in entry.related
        ]
        groups = [LinkGroup(_("Related Entries"), related)] if related else []
        self.related.show([*groups, LinkGroup(_("Object"), [up])])

    def _object_label(self, entry: EntryDetails) -> str:
        found = self._browsing.state.shown_object
        return found.label if found else entry.entity_type.short_name

    def _build_file(self, file: StoredAttachment) -> ipw.Widget:
        size = "" if file.size is None else f" ({_format_size(file.size)})"
        return DownloadButton(
            f"{file.name}{size}",
            partial(self._browsing.open_attachment, file.field),
            look="link",
        )


def _render_values(entry: EntryDetails) -> str:
    kind = entry.entity_type
    fields = choose_details(kind)
    if kind.class_name != OBJECT_ENTRY:
        fields = kind.export_fields
    rows = []
    for field in fields:
        text = format_cell(field, entry.item.get(field.name), limit=0)
        if field.parent:
            continue  # among the related entries
        shown = f"<span dir=auto>{escape(text)}</span>" if text else "–"
        rows.append(f"<dt>{escape(shown_label(field))}</dt><dd>{shown}</dd>")
    return f"<dl>{''.join(rows)}</dl>"


def _format_size(size: int) -> str:
    if size < 1000:
        return _("{size} bytes").format(size=size)
    for unit in ("KB", "MB", "GB"):
        size_f = size / 1000
        size = int(size_f)
        if size_f < 1000:
            return f"{format_decimal(size_f, 1)} {unit}"
    return f"{format_decimal(size_f, 0)} GB"
