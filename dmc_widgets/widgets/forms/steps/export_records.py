"""The step *Records* of the export: which records the file holds, and their order."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

import ipywidgets as ipw
from traitlets import dlink

from ....languages import gettext as _
from ....languages import resolve
from ....states.dashboard_session import DashboardSession
from ....states.filter_examples import build_filter_examples, build_sort_example
from ....states.filtering.filter_builder_state import NOT_EXPRESSIBLE, build_condition
from ....states.filtering.filter_conditions import ConditionList
from ....states.filtering.filterable_fields import (
    OPERATORS,
    WITHOUT_VALUE,
    FilterableField,
)
from ....states.filtering.match_count_state import describe_matches
from ...controls import FilterBuilder
from ...parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
    card,
    html,
    set_visible,
    spacer,
)
from ...parts.guard import Guard


class ExportRecords(ipw.VBox):
    """The filter as conditions or as a text, how many records it finds, and the order.

    Args:
        session: The session with the states.
        guard: Shows errors.
        filter_: The input of the filter as a text.
        sort: The input of the order.
        search: The input of the text that records contain.

    Attributes:
        builder: The filter as conditions.
        switch: The button that shows the filter as a text, or as conditions again.
        count: How many records match.
        problems: What is wrong with the filter and with the order.
    """

    def __init__(
        self,
        session: DashboardSession,
        guard: Guard,
        filter_: ipw.Widget,
        sort: ipw.Widget,
        search: ipw.Widget,
    ) -> None:
        self._form, self._state = session.export_form, session.filter_builder
        self._count = session.match_count
        self._filter = filter_
        self.builder = FilterBuilder(
            label=_("Filter"),
            operators=_describe_operators(),
            on_change=lambda rows, any_of: guard.run(self._take, rows, any_of),
            on_add=lambda: guard.run(self._state.add_condition),
        )
        self.switch = button("", "link")
        self.switch.on_click(guard.on_click(self._switch))
        self.count = html("", "dmc-match-count")
        self.filter_help, self.sort_help = html("", "dmc-help"), html("", "dmc-help")
        self.problems = {name: html("", "dmc-error") for name in ("filter", "sort")}
        self.not_expressible = html("", "dmc-help")
        self._wire()
        head = ipw.HBox([self.count, spacer(), self.switch])
        records = card(
            _("Records"),
            add_classes(head, "dmc-toolbar"),
            self.builder,
            filter_,
            self.filter_help,
            self.not_expressible,
            self.problems["filter"],
            search,
            sort,
            self.problems["sort"],
            self.sort_help,
        )
        super().__init__([records])

    def focus_filter(self) -> None:
        """Focus what is missing in the filter."""
        (self._filter if self._state.is_text else self.builder).focus()

    def _wire(self) -> None:
        form, state, count = self._form, self._state, self._count
        for name in self.problems:
            dlink(
                (form, f"{name}_problem"), (self.problems[name], "value"), _render_alert
            )
        call_on_change(form, ["entity", "entity_types"], self._show_examples)
        call_on_change(state, "fields", self._show_fields)
        call_on_change(state, "rows", self._show_rows)
        call_on_change(state, ["is_text", "is_expressible"], self._show_mode)
        call_on_change(form, ["filter", "filter_problem"], self._show_mode)
        call_on_change(count, ["is_counting", "count", "problem"], self._show_count)
        self._show_examples()
        self._show_fields()
        self._show_rows()
        self._show_mode()
        self._show_count()

    def _take(self, rows: list[Any], any_of: bool) -> None:
        conditions = [
            build_condition(row["field"], row["operator"], row["values"])
            for row in rows
        ]
        self._state.change(ConditionList(tuple(conditions), any_of))

    def _switch(self) -> None:
        self._state.show_text(is_text=not self._state.is_text)

    def _show_fields(self) -> None:
        self.builder.fields = [*map(_describe_field, _label_apart(self._state.fields))]

    def _show_rows(self) -> None:
        rows = self._state.rows
        self.builder.rows = [
            {
                "field": condition.field,
                "operator": condition.operator.value,
                "values": [*condition.values],
            }
            for condition in rows.conditions
        ]
        self.builder.any_of = rows.any_of

    def _show_mode(self) -> None:
        is_text, can_switch = self._state.is_text, self._state.is_expressible
        set_visible(self.builder, not is_text)
        for widget in (self._filter, self.filter_help):
            set_visible(widget, is_text)
        self.switch.description = (
            _("Edit as Conditions") if is_text else _("Edit as Text")
        )
        self.switch.disabled = is_text and not can_switch
        says_more = is_text and not can_switch and not self._form.filter_problem
        self.not_expressible.value = (
            escape(resolve(NOT_EXPRESSIBLE)) if says_more else ""
        )

    def _show_examples(self) -> None:
        """Show example filters and an example order below their inputs."""
        entity_type = self._form.entity_type
        examples = build_filter_examples(entity_type)
        in_odata = _("In OData: {codes}")
        self.filter_help.value = (
            in_odata.format(codes=_render_codes(examples)) if examples else ""
        )
        order = build_sort_example(entity_type)
        self.sort_help.value = _render_codes((order,)) if order else ""

    def _show_count(self) -> None:
        count = self._count
        if count.is_counting:
            text = _("Counting…")
        elif count.count is not None:
            text = describe_matches(count.count)
        else:
            text = count.problem
        self.count.value = f'<span role="status">{escape(text)}</span>'


def _label_apart(fields: Iterable[FilterableField]) -> list[FilterableField]:
    """Put the name behind the label of fields that share it with others."""
    listed = [*fields]
    labels = [field.label for field in listed]
    return [
        field
        if labels.count(field.label) == 1
        else field._replace(label=f"{field.label} ({field.name})")
        for field in listed
    ]


def _describe_field(field: FilterableField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind.value,
        "choices": [list(choice) for choice in field.choices],
    }


def _describe_operators() -> dict[str, list[list[Any]]]:
    return {
        kind.value: [
            [operator.value, resolve(words), operator not in WITHOUT_VALUE]
            for operator, words in operators.items()
        ]
        for kind, operators in OPERATORS.items()
    }


def _render_codes(examples: Iterable[str]) -> str:
    return " · ".join(f"<code>{escape(example)}</code>" for example in examples)


def _render_alert(text: str) -> str:
    return f'<span role="status">{escape(text)}</span>' if text else ""
