"""The mapping of a task as it was run: which field of the file filled which field."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy
from ...model.field_mapping import ABSENT, FieldMapping
from ...model.plan import ImportPlan
from ...model.task import Task
from ...states.value_text import format_value
from ..controls import Column, PagedTable
from ..parts.form_inputs import html
from ..parts.table_rows import ListRows
from .task_panel import TaskPanel

_COLUMNS = (
    Column("target", lazy("Field")),
    Column("source", lazy("Filled From")),
    Column("how", lazy("Kind"), width="110px"),
    Column("more", lazy("Conversion"), kind="long"),
)


class MappingPanel(TaskPanel):
    """A table of the pairs, and a sentence where fields are filled by their names."""

    title = lazy("Mapping")
    is_folded = True

    def build(self) -> list[ipw.Widget]:
        """Build the sentence and the table."""
        self._pairs: tuple[FieldMapping, ...] = ()
        self.note = html("", "dmc-help")
        self.table = PagedTable(
            ListRows(lambda _query: self._pairs, _build_row),
            _COLUMNS,
            label=_("Mapping"),
            dense=True,
            empty_text=_("No field was filled from another one."),
        )
        return [self.note, self.table]

    def is_offered(self, task: Task) -> bool:
        """Return True for an import."""
        return isinstance(task.plan, ImportPlan)

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Show the pairs of the plan, which never changes."""
        if not is_other or not isinstance(task.plan, ImportPlan):
            return
        self._pairs = tuple(task.plan.mapping.pairs)
        same = _("Fields of the same name were filled as well.")
        self.note.value = same if task.plan.mapping.same_names else ""
        self.table.restart()


def _build_row(pair: FieldMapping) -> dict[str, Any]:
    source, how = pair.source, _("Field")
    if pair.constant is not ABSENT:
        source, how = format_value(pair.constant), _("Constant")
    elif pair.expression:
        source, how = pair.expression, _("Expression")
    return {
        "key": pair.target,
        "strong": True,
        "target": pair.target,
        "source": source,
        "how": how,
        "more": _describe_conversion(pair),
    }


def _describe_conversion(pair: FieldMapping) -> str:
    parts = [f"{old} → {format_value(new)}" for old, new in pair.values]
    if pair.lookup:
        parts.append(_("Looked up by {lookup}.").format(lookup=pair.lookup))
    if pair.format is not None:
        parts.append(str(pair.format))
    return "; ".join(parts)
