"""The inputs of the field editor: layout and wiring over FieldMappingState."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy
from ...model.field_mapping import OtherValues
from ...states.mapping.field_choices import (
    DATE_CONVERSIONS,
    Conversion,
    DefaultKind,
    ValueOrigin,
    list_conversions,
)
from ...states.mapping.field_mapping_state import FieldMappingState
from ...states.mapping.mapping_text import NULL_TEXT, format_input, format_pattern
from ...states.mapping.value_rows import ValueRow
from ...states.model_words import translate_reason
from ..controls import ValueTable
from ..parts.form_inputs import (
    Options,
    add_classes,
    button,
    call_on_change,
    choice_field,
    html,
    link_traits,
    set_visible,
    text_field,
)
from ..parts.guard import Guard

_ORIGINS: Final = (
    (lazy("Nothing"), ValueOrigin.NOTHING),
    (lazy("A field of the file"), ValueOrigin.SOURCE),
    (lazy("The same value for every record"), ValueOrigin.CONSTANT),
    (lazy("An expression"), ValueOrigin.EXPRESSION),
)
_CONVERSIONS: Final = {
    Conversion.NONE: lazy("Take them as they are"),
    Conversion.TABLE: lazy("Translate them by a table"),
    Conversion.DATE: lazy("Read dates that are written in another way"),
    Conversion.DATETIME: lazy("Read dates with a time of day"),
    Conversion.NUMBER: lazy("Read numbers that are written in another way"),
    Conversion.BOOLEAN: lazy("Read yes and no in other words"),
}
_OTHERS: Final = (
    (lazy("Keep them as they are"), OtherValues.KEEP),
    (lazy("Refuse the record"), OtherValues.REFUSE),
)
_DECIMALS: Final = ((lazy("Comma, as in 1,5"), ","), (lazy("Point, as in 1.5"), "."))
_GROUPINGS: Final = (
    (lazy("None, as in 1234"), ""),
    (lazy("Point, as in 1.234"), "."),
    (lazy("Comma, as in 1,234"), ","),
    (lazy("Space, as in 1 234"), " "),
    (lazy("Apostrophe, as in 1'234"), "'"),
    (lazy("Curly apostrophe, as in 1\u2019234"), "\u2019"),
    (lazy("No-break space, as in 1\u00a0234"), "\u00a0"),
    (lazy("Narrow no-break space, as in 1\u202f234"), "\u202f"),
)
_HELP: Final = {
    ValueOrigin.EXPRESSION: lazy(
        'In CEL. <code>first + " " + last</code> · '
        '<code>record["unit price"] == "" ? "0" : record["unit price"]</code> · '
        '<code>code.startsWith("X") ? "old" : "new"</code>'
    ),
    Conversion.TABLE: lazy(
        "Values count as they are written, case included: <code>open</code> "
        "becomes <code>active</code>. <code>(null)</code> stands for no value."
    ),
    Conversion.DATE: lazy(
        "<code>%d</code> day, <code>%m</code> month, <code>%Y</code> "
        "year with four digits. <code>%d.%m.%Y</code> reads 31.12.2024, "
        "<code>%m/%d/%y</code> reads 12/31/24."
    ),
    Conversion.DATETIME: lazy(
        "<code>%H</code> hour, <code>%M</code> minute, "
        "<code>%z</code> offset; without an offset it is UTC. "
        "<code>%d.%m.%Y %H:%M</code> reads 31.12.2024 23:59."
    ),
    Conversion.NUMBER: lazy(
        "1.234,50 has a comma and groups by points; 1,234.50 has a "
        "point and groups by commas. Every digit is kept."
    ),
    Conversion.BOOLEAN: lazy(
        "Separated by commas; case does not count. "
        "<code>yes, x, 1</code> · <code>no, &quot;&quot;, 0</code>, where "
        "<code>&quot;&quot;</code> is an empty cell."
    ),
}


_LOOKUP_HELP: Final = lazy(
    "Choose <code>email</code> where the file holds the e-mail address of the parent. "
    "Exactly one entry must have the value; the preview before the import checks that."
)


class DefaultValueInputs(ipw.HBox):
    """A default or a constant: its kind, and the value if the kind needs one."""

    def __init__(self, label: str, value_label: str, kinds: Options) -> None:
        self.kind = choice_field(label, kinds)
        self.value = add_classes(ipw.Combobox(description=value_label), "dmc-field")
        call_on_change(self.kind, "selected", self._update_value)
        super().__init__([self.kind, self.value])
        add_classes(self, "dmc-pair")
        self._update_value()

    def _update_value(self) -> None:
        self.value.disabled = self.kind.selected is not DefaultKind.VALUE


class FieldInputs(ipw.VBox):
    """The inputs for everything that can be chosen for one field."""

    def __init__(self, state: FieldMappingState, guard: Guard) -> None:
        self._state = state
        self.inputs: dict[str, Any] = _build_inputs()
        self.constant, self.missing, self.empty = _build_default_inputs()
        self.help = {choice: html(text, "dmc-help") for choice, text in _HELP.items()}
        self.problem = html("", "dmc-error")
        self.table = ValueTable()
        self.unmapped = html("", "dmc-unmapped")
        self.suggest = button(_("Use Suggestions"))
        self.suggest.on_click(guard.on_click(state.apply_suggestions))
        self.parts = self._build_parts()
        super().__init__(list(self.parts.values()))
        add_classes(self, "dmc-field-inputs")
        self._wire()

    def _build_parts(self) -> dict[str, ipw.Widget]:
        """Return the parts from top to bottom; the state decides which are visible."""
        inputs = self.inputs
        suggestions = add_classes(
            ipw.HBox([self.unmapped, self.suggest]), "dmc-unmapped-bar"
        )
        formats = {
            "date": [_build_pair(inputs["known"], inputs["pattern"])],
            "number": [_build_pair(inputs["decimal"], inputs["grouping"])],
            "boolean": [_build_pair(inputs["true"], inputs["false"])],
            "table": [suggestions, self.table, inputs["other_values"]],
        }
        return {
            "origin": _build_pair(inputs["origin"], inputs["source"]),
            "constant": self.constant,
            "expression": ipw.VBox(
                [inputs["expression"], self.problem, self.help[ValueOrigin.EXPRESSION]]
            ),
            "lookup": ipw.VBox([inputs["lookup"], html(_LOOKUP_HELP, "dmc-help")]),
            "conversion": inputs["conversion"],
            **{name: ipw.VBox(widgets) for name, widgets in formats.items()},
            "help": ipw.VBox([self.help[x] for x in _CONVERSIONS if x in self.help]),
            "missing": self.missing,
            "empty": self.empty,
        }

    def _wire(self) -> None:
        state = self._state
        trait_inputs = {x: y for x, y in self.inputs.items() if x != "known"}
        link_traits(state, trait_inputs)
        for value_trait, kind_trait, inputs in (
            ("constant", "constant_kind", self.constant),
            ("if_missing", "missing_kind", self.missing),
            ("if_empty", "empty_kind", self.empty),
        ):
            link_traits(state, {value_trait: inputs.value, kind_trait: inputs.kind})
        self.inputs["known"].observe(self._take_pattern, "selected")
        self.table.on_map = lambda source, text: state.map_value(source, text or None)
        self.table.on_add = lambda source: state.map_value(source, None)
        for traits, action in (
            (["field", "sources", "labels", "source"], self._list_sources),
            (
                ["field", "origin", "conversion", "parents", "lookup"],
                self._show_parts,
            ),
            (["field"], self._list_choices),
            (["parents", "lookup"], self._list_parents),
            (["value_rows", "unmapped"], self._show_value_rows),
            (["patterns", "pattern"], self._list_patterns),
            (["problem", "origin"], self._show_problem),
        ):
            call_on_change(state, traits, action)
        self._list_sources()
        self._show_parts()

    def _list_sources(self) -> None:
        state = self._state
        options = [(state.labels.get(name, name), name) for name in state.sources]
        if state.source and state.source not in state.sources:
            options.append(
                (
                    _("{source} (not in this file)").format(source=state.source),
                    state.source,
                )
            )
        self.inputs["source"].set_options([("", ""), *options])

    def _list_choices(self) -> None:
        """Suggest the choices of the field where a constant or a default is typed."""
        field = self._state.field
        keys = [key for key, _ in field.choices] if field else []
        for inputs in (self.constant, self.missing, self.empty):
            inputs.value.options = keys

    def _list_parents(self) -> None:
        names = dict.fromkeys([*self._state.parents, self._state.lookup])
        options = [(_("Its external reference code"), "")]
        options += [(_("Its {name}").format(name=name), name) for name in names if name]
        self.inputs["lookup"].set_options(options)

    def _list_patterns(self) -> None:
        state = self._state
        total = len(state.value_rows)
        options = [(_("Another pattern"), "")]
        options += [
            (
                _("{pattern} (fits {count} of {total})").format(
                    pattern=format_pattern(pattern), count=count, total=total
                ),
                pattern,
            )
            for pattern, count in state.patterns
        ]
        self.inputs["known"].set_options(options)
        self.inputs["known"].selected = state.pattern

    def _take_pattern(self, change: Any) -> None:
        if change["new"]:
            self._state.pattern = change["new"]

    def _show_parts(self) -> None:
        state = self._state
        origin, conversion = state.origin, state.conversion
        options = list_conversions(state.field, conversion)
        self.inputs["conversion"].set_options((_CONVERSIONS[x], x) for x in options)
        from_record = origin in {ValueOrigin.SOURCE, ValueOrigin.EXPRESSION}
        visible = {
            "constant": origin is ValueOrigin.CONSTANT,
            "expression": origin is ValueOrigin.EXPRESSION,
            "lookup": from_record and bool(state.parents or state.lookup),
            "conversion": from_record,
            "date": from_record and conversion in DATE_CONVERSIONS,
            "number": from_record and conversion is Conversion.NUMBER,
            "boolean": from_record and conversion is Conversion.BOOLEAN,
            "table": from_record and conversion is Conversion.TABLE,
            "help": from_record and conversion in self.help,
            "missing": origin is ValueOrigin.SOURCE,
            "empty": from_record,
        }
        set_visible(self.inputs["source"], origin is ValueOrigin.SOURCE)
        for name, is_visible in visible.items():
            set_visible(self.parts[name], is_visible)
        for kind in _CONVERSIONS:
            if kind in self.help:
                set_visible(self.help[kind], kind is conversion)

    def _show_value_rows(self) -> None:
        state = self._state
        choices = state.field.choices if state.field else ()
        options = [[key, _format_choice(key, name)] for key, name in choices]
        if options:
            options.append([NULL_TEXT, _("No value (null)")])
        with self.table.hold_sync():
            self.table.choices = options
            self.table.rows = [_build_value_row(row) for row in state.value_rows]
        self.unmapped.value = escape(state.unmapped)
        self.suggest.disabled = not any(row.is_open for row in state.value_rows)

    def _show_problem(self) -> None:
        state = self._state
        is_invalid = state.origin is ValueOrigin.EXPRESSION and state.problem
        message = f'<span role="status">{escape(state.problem)}</span>'
        self.problem.value = message if is_invalid else ""
        expression = self.inputs["expression"]
        if is_invalid:
            expression.add_class("dmc-invalid")
        else:
            expression.remove_class("dmc-invalid")


def _build_pair(*inputs: ipw.Widget) -> ipw.HBox:
    return add_classes(ipw.HBox(inputs), "dmc-pair")


def _format_choice(key: str, name: str) -> str:
    return key if name.casefold() == key.casefold() else f"{name} ({key})"


def _build_value_row(row: ValueRow) -> dict[str, Any]:
    suggestion = row.suggestion
    note, doubtful = "", False
    if suggestion is not None and row.is_suggested:
        note, doubtful = translate_reason(suggestion.reason), suggestion.doubtful
    elif suggestion is not None and row.is_open:
        note = _("Suggested: {key} ({reason})").format(
            key=suggestion.key, reason=translate_reason(suggestion.reason)
        )
    if doubtful:
        note = _("{reason}, please check").format(reason=note)
    return {
        "source": row.source,
        "count": row.count,
        "target": format_input(row.target),
        "note": note,
        "doubtful": doubtful,
    }


def _build_inputs() -> dict[str, Any]:
    """Return the inputs by the names of the traits that they are linked to.

    Only ``known`` is not a trait: it sets the pattern.
    """
    expression = add_classes(
        ipw.Textarea(description=_("Expression"), rows=3), "dmc-field"
    )
    return {
        "origin": choice_field(_("Filled From"), _ORIGINS),
        "source": choice_field(_("Field of the File"), [("", "")]),
        "expression": add_classes(expression, "dmc-code"),
        "lookup": choice_field(_("The Parent Is Named By"), [("", "")]),
        "conversion": choice_field(_("Values")),
        "known": choice_field(_("Dates Look Like"), [(_("Another pattern"), "")]),
        "pattern": add_classes(text_field(_("Pattern")), "dmc-code"),
        "decimal": choice_field(_("Decimal Separator"), _DECIMALS),
        "grouping": choice_field(_("Thousands Separator"), _GROUPINGS),
        "true": text_field(_("Yes Is Written")),
        "false": text_field(_("No Is Written")),
        "other_values": choice_field(_("Values That Are Not Mapped"), _OTHERS),
    }


def _build_default_inputs() -> tuple[
    DefaultValueInputs, DefaultValueInputs, DefaultValueInputs
]:
    value, null = (
        (_("This value"), DefaultKind.VALUE),
        (_("No value (null)"), DefaultKind.NULL),
    )
    return (
        DefaultValueInputs(_("Constant"), _("Value"), [value, null]),
        DefaultValueInputs(
            _("If the Record Has No Such Field"),
            _("Value if Missing"),
            [(_("Leave it out"), DefaultKind.NONE), value, null],
        ),
        DefaultValueInputs(
            _("If the Value Is Empty"),
            _("Value if Empty"),
            [(_("Take it as it is"), DefaultKind.NONE), value, null],
        ),
    )
