"""The mapping table of the import form: layout and wiring over ImportState."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as ipw

from ..model.entity import Field
from ..states.import_state import ImportState
from ..states.mapping_rows import Row, distinct_label
from .wiring import Choice, Options, classed, html, show

_HEADS = ("Destination Field", "Source File Field", "Preview")


class _Line:
    """The three cells of one destination field."""

    def __init__(
        self, field: Field, layout: ipw.Layout, connect: Callable[[str, str], None]
    ) -> None:
        self._invalid = False
        self.source = Choice(
            [("", "")],
            description=f"Source File Field for {field.name}",
            layout=layout,
            disabled=True,
        )
        self.source.add_class("dmc-mapping-source")
        self.source.observe(lambda change: connect(field.name, change["new"]), "chosen")
        self.reason = html("", "dmc-mapping-reason")
        show(self.reason, False)
        self.preview = html("", "dmc-mapping-preview")
        origin = ipw.VBox([self.source, self.reason], layout=layout)
        origin.add_class("dmc-mapping-origin")
        self.cells = (html(_name(field), "dmc-mapping-name"), origin, self.preview)

    def offer(self, options: Options) -> None:
        """Let the person choose among *options*."""
        options = list(options)
        self.source.offer(options)
        self.source.disabled = len(options) < 2

    def follow(self, row: Row) -> None:
        """Show what is mapped now."""
        self.source.chosen = row.source
        title = escape(row.preview, quote=True)
        self.preview.value = f'<span title="{title}">{title}</span>'
        self.reason.value = _reason(row)
        show(self.reason, bool(row.reason))
        if row.missing != self._invalid:
            self._invalid = row.missing
            change = self.source.add_class if row.missing else self.source.remove_class
            change("dmc-invalid")


class MappingTable(ipw.GridBox):
    """Which field of the file fills which field of the entity type."""

    children: Any

    def __init__(self, state: ImportState) -> None:
        super().__init__()
        self.add_class("dmc-mapping")
        self._state = state
        self._layout = ipw.Layout()  # one for all; each widget would bring its own
        self.lines: dict[str, _Line] = {}
        self._build()
        state.observe(lambda _change: self._build(), "fields")
        state.observe(lambda _change: self._offer(), "source_fields")
        state.observe(lambda _change: self._follow(), "rows")

    def _build(self) -> None:
        fields = self._state.fields
        self.lines = {
            each.name: _Line(each, self._layout, self._state.connect) for each in fields
        }
        self._offer()
        self._follow()
        cells: list[ipw.Widget] = [html(each, "dmc-mapping-head") for each in _HEADS]
        cells += self._group("REQUIRED FIELDS", [f for f in fields if f.required])
        cells += self._group("OPTIONAL FIELDS", [f for f in fields if not f.required])
        old, self.children = self.children, cells if fields else ()
        for each in old:
            for part in (*getattr(each, "children", ()), each):
                part.close()

    def _group(self, title: str, fields: list[Field]) -> list[ipw.Widget]:
        if not fields:
            return []
        cells = [cell for each in fields for cell in self.lines[each.name].cells]
        return [classed(html(title), "dmc-mapping-divider"), *cells]

    def _offer(self) -> None:
        options = [("", ""), *((each, each) for each in self._state.source_fields)]
        for line in self.lines.values():
            line.offer(options)

    def _follow(self) -> None:
        for row in self._state.rows:
            if row.field.name in self.lines:
                self.lines[row.field.name].follow(row)


def _reason(row: Row) -> str:
    if row.doubtful:
        told = f"{row.reason}, please check"
        return f'<small class="dmc-warning">{escape(told)}</small>'
    return f"<small>{escape(row.reason)}</small>" if row.reason else ""


def _name(field: Field) -> str:
    told = field.description or distinct_label(field)
    below = f"<small>{escape(told)}</small>" if told else ""
    return f"<strong>{escape(field.name)}</strong>{below}"
