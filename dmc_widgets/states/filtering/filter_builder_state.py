"""The filter of a form as rows of conditions, or as a text."""

from __future__ import annotations

from typing import Any, Final

from traitlets import Bool, HasTraits, Instance, Tuple

from ...languages import lazy
from ..export_state import ExportState
from .filter_conditions import (
    Condition,
    ConditionList,
    IncompleteCondition,
    read_conditions,
    write_conditions,
)
from .filterable_fields import (
    OPERATORS,
    ConditionKind,
    ConditionOperator,
    list_filterable_fields,
)

NOT_EXPRESSIBLE: Final = lazy(
    "This filter says more than rows of conditions can, so it stays a text."
)


class FilterBuilderState(HasTraits):
    """The conditions of the filter of a form; the filter itself is in the form.

    Args:
        form: The form, whose filter follows the conditions and is followed by them.

    Attributes:
        fields: The fields that a condition may be about.
        rows: The conditions, and how they are joined.
        is_text: The filter is shown as a text.
        is_expressible: Rows of conditions can say what the text says.
    """

    fields = Tuple()
    rows = Instance(ConditionList, args=())
    is_text = Bool(False)
    is_expressible = Bool(True)

    def __init__(self, form: ExportState) -> None:
        super().__init__()
        self._form, self._is_writing = form, False
        self._prefers_text = False
        form.observe(self._list_fields, ["entity", "entity_types"])
        form.observe(self._read_filter, ["filter"])
        self._list_fields(None)

    def add_condition(self) -> None:
        """Add a row for the first field that no row is about, or for the first."""
        used = {condition.field for condition in self.rows.conditions}
        free = [field for field in self.fields if field.name not in used]
        for field in [*free, *self.fields][:1]:
            operator = next(iter(OPERATORS[field.kind]))
            values = ("true",) if field.kind is ConditionKind.BOOLEAN else ()
            added = Condition(field.name, operator, values)
            self.change(self.rows._replace(conditions=(*self.rows.conditions, added)))

    def change(self, rows: ConditionList) -> None:
        """Take the rows as they are now; a complete list becomes the filter."""
        self.rows = rows
        try:
            text = write_conditions(rows, self.fields)
        except IncompleteCondition as exc:
            self._form.filter_gap = str(exc)
            return
        self._form.filter_gap = ""
        self._is_writing = True
        self._form.filter = text
        self._is_writing = False

    def show_text(self, *, is_text: bool) -> None:
        """Show the filter as a text, or as rows where rows can say the same."""
        self._prefers_text = is_text
        self.is_text = is_text or not self.is_expressible
        if self.is_text:
            self._form.filter_gap = ""
        else:
            self._read_filter(None)

    def _list_fields(self, _change: Any) -> None:
        self.fields = list_filterable_fields(self._form.entity_type)
        self._form.filter_gap = ""
        self._read_filter(None)
        self.is_text = self._prefers_text or not self.is_expressible

    def _read_filter(self, _change: Any) -> None:
        if self._is_writing:
            return
        rows = read_conditions(self._form.filter, self.fields)
        self.is_expressible = rows is not None
        if rows is None:
            self.is_text = True
        else:
            self._form.filter_gap = ""
            self.rows = rows


def build_condition(field: str, operator: str, values: list[str]) -> Condition:
    """Return a condition of plain values.

    Raises:
        ValueError: There is no such operator.
    """
    return Condition(field, ConditionOperator(operator), tuple(values))
