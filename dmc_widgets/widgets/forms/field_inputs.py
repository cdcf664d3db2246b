"""The inputs of the field editor: layout and wiring over FieldMappingState."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import ipywidgets as ipw

from ...model.field_mapping import ABSENT, OtherValues
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
from ..controls import ValueTable
from ..parts.elements import (
    Options,
    add_classes,
    button,
    choice_field,
    html,
    link_traits,
    set_visible,
    text_field,
)
from ..parts.guard import Guard

_FILLINGS: Final = (
    ("Nothing", ValueOrigin.NOTHING),
    ("A field of the file", ValueOrigin.SOURCE),
    ("The same value for every record", ValueOrigin.CONSTANT),
    ("An expression", ValueOrigin.EXPRESSION),
)
_CONVERSIONS: Final = {
    Conversion.NONE: "Take them as they are",
    Conversion.TABLE: "Translate them by a table",
    Conversion.DATE: "Read dates that are written in another way",
    Conversion.DATETIME: "Read dates with a time of day",
    Conversion.NUMBER: "Read numbers that are written in another way",
    Conversion.BOOLEAN: "Read yes and no in other words",
}
_OTHERS: Final = (
    ("Keep them as they are", OtherValues.KEEP),
    ("Refuse the record", OtherValues.REFUSE),
)
_DECIMALS: Final = (("Comma, as in 1,5", ","), ("Point, as in 1.5", "."))
_GROUPINGS: Final = (
    ("None, as in 1234", ""),
    ("Point, as in 1.234", "."),
    ("Comma, as in 1,234", ","),
    ("Space, as in 1 234", " "),
    ("Apostrophe, as in 1'234", "'"),
    ("Curly apostrophe, as in 1\u2019234", "\u2019"),
    ("No-break space, as in 1\u00a0234", "\u00a0"),
    ("Narrow no-break space, as in 1\u202f234", "\u202f"),
)
_HELP: Final = {
    ValueOrigin.EXPRESSION: 'In CEL. <code>first + " " + last</code> · '
    '<code>record["unit price"] == "" ? "0" : record["unit price"]</code> · '
    '<code>code.startsWith("X") ? "old" : "new"</code>',
    Conversion.TABLE: "Values count as they are written, case included: "
    "<code>open</code> becomes <code>active</code>. <code>(null)</code> stands for no "
    "value.",
    Conversion.DATE: "<code>%d</code> day, <code>%m</code> month, <code>%Y</code> "
    "year with four digits. <code>%d.%m.%Y</code> reads 31.12.2024, "
    "<code>%m/%d/%y</code> reads 12/31/24.",
    Conversion.DATETIME: "<code>%H</code> hour, <code>%M</code> minute, "
    "<code>%z</code> offset; without an offset it is UTC. "
    "<code>%d.%m.%Y %H:%M</code> reads 31.12.2024 23:59.",
    Conversion.NUMBER: "1.234,50 has a comma and groups by points; 1,234.50 has a "
    "point and groups by commas. Every digit is kept.",
    Conversion.BOOLEAN: "Separated by commas; case does not count. "
    "<code>yes, x, 1</code> · <code>no, &quot;&quot;, 0</code>, where "
    "<code>&quot;&quot;</code> is an empty cell.",
}


_LOOKUP_HELP: Final = (
    "Choose <code>email</code> where the file holds the e-mail address of the parent. "
    "Exactly one entry must have the value; the preview before the import tells."
)


class DefaultValueInputs(ipw.HBox):
    """What a field gets in place of a value: a kind, and the value it may need."""

    def __init__(self, label: str, value_label: str, kinds: Options) -> None:
        self.kind = choice_field(label, kinds)
        self.value = add_classes(ipw.Combobox(description=value_label), "dmc-field")
        self.kind.observe(lambda _change: self._follow(), "chosen")
        super().__init__([self.kind, self.value])
        add_classes(self, "dmc-pair")
        self._follow()

    def _follow(self) -> None:
        self.value.disabled = self.kind.chosen is not DefaultKind.VALUE


class FieldInputs(ipw.VBox):
    """Everything that can be said of the field that the state holds."""

    def __init__(self, state: FieldMappingState, guard: Guard) -> None:
        self._state = state
        self.inputs: dict[str, Any] = _build_inputs()
        self.constant, self.missing, self.empty = _build_default_inputs()
        self.help = {each: html(text, "dmc-help") for each, text in _HELP.items()}
        self.fault = html("", "dmc-error")
        self.table = ValueTable()
        self.unmapped = html("", "dmc-unmapped")
        self.suggest = button("Use Suggestions")
        self.suggest.on_click(guard.on_click(state.apply_suggestions))
        self.parts = self._lay()
        super().__init__(list(self.parts.values()))
        add_classes(self, "dmc-field-inputs")
        self._wire()

    def _lay(self) -> dict[str, ipw.Widget]:
        """Return the parts, from top to bottom; which of them show, the state says."""
        inputs, row = self.inputs, ipw.HBox
        suggestions = add_classes(
            row([self.unmapped, self.suggest]), "dmc-unmapped-bar"
        )
        formats = {
            "date": [row([inputs["known"], inputs["pattern"]])],
            "number": [row([inputs["decimal"], inputs["grouping"]])],
            "boolean": [row([inputs["true"], inputs["false"]])],
            "table": [suggestions, self.table, inputs["other_values"]],
        }
        for lines in formats.values():
            for line in lines:
                if isinstance(line, ipw.HBox) and line is not suggestions:
                    add_classes(line, "dmc-pair")
        return {
            "origin": add_classes(
                row([inputs["filling"], inputs["source"]]), "dmc-pair"
            ),
            "constant": self.constant,
            "expression": ipw.VBox(
                [inputs["expression"], self.fault, self.help[ValueOrigin.EXPRESSION]]
            ),
            "lookup": ipw.VBox([inputs["lookup"], html(_LOOKUP_HELP, "dmc-help")]),
            "conversion": inputs["conversion"],
            **{name: ipw.VBox(lines) for name, lines in formats.items()},
            "help": ipw.VBox([self.help[x] for x in _CONVERSIONS if x in self.help]),
            "missing": self.missing,
            "empty": self.empty,
        }

    def _wire(self) -> None:
        state = self._state
        known = {"known": self.inputs["known"]}
        link_traits(state, {x: y for x, y in self.inputs.items() if x not in known})
        state_names = (
            ("constant", "constant_kind", self.constant),
            ("if_missing", "missing_kind", self.missing),
            ("if_empty", "empty_kind", self.empty),
        )
        for text, kind, inputs in state_names:
            link_traits(state, {text: inputs.value, kind: inputs.kind})
        self.inputs["known"].observe(self._take_pattern, "chosen")
        self.table.on_map = lambda source, typed: state.map_value(source, typed or None)
        self.table.on_add = lambda source: state.map_value(source, None)
        state.observe(
            lambda _change: self._offer(), ["field", "sources", "labels", "source"]
        )
        state.observe(
            lambda _change: self._show(),
            ["field", "filling", "conversion", "parents", "lookup"],
        )
        state.observe(lambda _change: self._offer_choices(), "field")
        state.observe(lambda _change: self._offer_parents(), ["parents", "lookup"])
        state.observe(lambda _change: self._list(), ["lines", "unmapped"])
        state.observe(lambda _change: self._offer_patterns(), ["patterns", "pattern"])
        state.observe(lambda _change: self._tell(), ["fault", "filling"])
        self._offer()
        self._show()

    def _offer(self) -> None:
        state = self._state
        names = [("", ""), *((state.labels.get(x, x), x) for x in state.sources)]
        if state.source and state.source not in state.sources:
            names.append((f"{state.source} (not in this file)", state.source))
        self.inputs["source"].offer(names)

    def _offer_choices(self) -> None:
        """Let what is typed for a constant or a default be chosen, too."""
        field = self._state.field
        keys = [key for key, _ in field.choices] if field else []
        for each in (self.constant, self.missing, self.empty):
            each.value.options = keys

    def _offer_parents(self) -> None:
        names = dict.fromkeys([*self._state.parents, self._state.lookup])
        options = [("Its external reference code", "")]
        options += [(f"Its {name}", name) for name in names if name]
        self.inputs["lookup"].offer(options)

    def _offer_patterns(self) -> None:
        state = self._state
        total = len(self._state.lines)
        options = [("Another pattern", "")]
        options += [
            (f"{format_pattern(pattern)} (fits {fits} of {total})", pattern)
            for pattern, fits in state.patterns
        ]
        self.inputs["known"].offer(options)
        self.inputs["known"].chosen = state.pattern

    def _take_pattern(self, change: Any) -> None:
        if change["new"]:
            self._state.pattern = change["new"]

    def _show(self) -> None:
        state = self._state
        offered = list_conversions(state.field, state.conversion)
        self.inputs["conversion"].offer((_CONVERSIONS[x], x) for x in offered)
        filled = {ValueOrigin.SOURCE, ValueOrigin.EXPRESSION}
        computed, conversion = state.filling in filled, state.conversion
        shown = {
            "constant": state.filling is ValueOrigin.CONSTANT,
            "expression": state.filling is ValueOrigin.EXPRESSION,
            "lookup": computed and bool(state.parents or state.lookup),
            "conversion": computed,
            "date": computed and conversion in DATE_CONVERSIONS,
            "number": computed and conversion is Conversion.NUMBER,
            "boolean": computed and conversion is Conversion.BOOLEAN,
            "table": computed and conversion is Conversion.TABLE,
            "help": computed and conversion in self.help,
            "missing": state.filling is ValueOrigin.SOURCE,
            "empty": computed,
        }
        set_visible(self.inputs["source"], state.filling is ValueOrigin.SOURCE)
        for name, is_shown in shown.items():
            set_visible(self.parts[name], is_shown)
        for each in _CONVERSIONS:
            if each in self.help:
                set_visible(self.help[each], each is conversion)

    def _list(self) -> None:
        state = self._state
        choices = state.field.choices if state.field else ()
        listed = [[key, _format_choice(key, name)] for key, name in choices]
        if listed:
            listed.append([NULL_TEXT, "No value (null)"])
        with self.table.hold_sync():
            self.table.choices = (
                [*listed, [NULL_TEXT, "No value (null)"]] if listed else []
            )
            self.table.rows = [_build_value_row(line) for line in state.lines]
        self.unmapped.value = escape(state.unmapped)
        waiting = [x for x in state.lines if x.target is ABSENT and x.guess]
        self.suggest.disabled = not waiting

    def _tell(self) -> None:
        is_wrong = self._state.filling is ValueOrigin.EXPRESSION and self._state.fault
        told = f'<span role="status">{escape(self._state.fault)}</span>'
        self.fault.value = told if is_wrong else ""
        expression = self.inputs["expression"]
        change = expression.add_class if is_wrong else expression.remove_class
        change("dmc-invalid")


def _format_choice(key: str, name: str) -> str:
    return key if name.casefold() == key.casefold() else f"{name} ({key})"


def _build_value_row(line: ValueRow) -> dict[str, Any]:
    note, doubtful = "", False
    if line.guess is not None and line.is_guessed:
        note, doubtful = line.guess.reason, line.guess.doubtful
    elif line.guess is not None and line.target is ABSENT:
        note = f"Suggested: {line.guess.key} ({line.guess.reason})"
    if doubtful:
        note += ", please check"
    return {
        "source": line.source,
        "count": line.count,
        "target": format_input(line.target),
        "note": note,
        "doubtful": doubtful,
    }


def _build_inputs() -> dict[str, Any]:
    """Return the inputs under the names of the traits that they are tied to.

    ``known`` is no trait: it sets the pattern.
    """
    expression = add_classes(
        ipw.Textarea(description="Expression", rows=3), "dmc-field"
    )
    return {
        "filling": choice_field("Filled From", _FILLINGS),
        "source": choice_field("Field of the File", [("", "")]),
        "expression": add_classes(expression, "dmc-code"),
        "lookup": choice_field("The Parent Is Named By", [("", "")]),
        "conversion": choice_field("Values"),
        "known": choice_field("Dates Look Like", [("Another pattern", "")]),
        "pattern": add_classes(text_field("Pattern"), "dmc-code"),
        "decimal": choice_field("Decimal Separator", _DECIMALS),
        "grouping": choice_field("Thousands Separator", _GROUPINGS),
        "true": text_field("Yes Is Written"),
        "false": text_field("No Is Written"),
        "other_values": choice_field("Values That Are Not Mapped", _OTHERS),
    }


def _build_default_inputs() -> tuple[
    DefaultValueInputs, DefaultValueInputs, DefaultValueInputs
]:
    value, null = (
        ("This value", DefaultKind.VALUE),
        ("No value (null)", DefaultKind.NULL),
    )
    return (
        DefaultValueInputs("Constant", "Value", [value, null]),
        DefaultValueInputs(
            "If the Record Has No Such Field",
            "Value if Missing",
            [("Leave it out", DefaultKind.NONE), value, null],
        ),
        DefaultValueInputs(
            "If the Value Is Empty",
            "Value if Empty",
            [("Take it as it is", DefaultKind.NONE), value, null],
        ),
    )
