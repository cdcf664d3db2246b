"""Labelled inputs, buttons and cards, and their links to the traits of a state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets as ipw
from traitlets import Any as AnyTrait
from traitlets import HasTraits, link, observe

from ...languages import resolve

Options = Iterable[tuple[str, Any]]


class ChoiceField(ipw.Dropdown):
    """A Dropdown whose options may change without losing the selection.

    The plain Dropdown jumps to its first option whenever it gets new options. Here a
    selection that is not among the options shows as the first option, and stays.

    Attributes:
        selected: The selected value, which may not be among the options.
    """

    selected = AnyTrait(default_value="")
    options: Any

    def __init__(self, options: Options, **traits: Any) -> None:
        self._replacing_options = False
        super().__init__(options=_resolve_labels(options), **traits)
        self.selected = self.value

    def set_options(self, options: Options) -> None:
        """Replace the options and keep the selection."""
        options = _resolve_labels(options)
        if options == list(self.options):
            return
        self._replacing_options = True
        with self.hold_sync():
            self.options = options
            self._show_selection()
        self._replacing_options = False

    @observe("value")
    def _take_value(self, _change: Any) -> None:
        if not self._replacing_options:
            self.selected = self.value

    @observe("selected")
    def _follow_selection(self, _change: Any) -> None:
        before, self._replacing_options = self._replacing_options, True
        self._show_selection()
        self._replacing_options = before

    def _show_selection(self) -> None:
        values = [value for _, value in self.options]
        if values:
            self.index = values.index(self.selected) if self.selected in values else 0


def _resolve_labels(options: Options) -> list[tuple[str, Any]]:
    return [(resolve(label), value) for label, value in options]


def link_traits(state: HasTraits, inputs: Mapping[str, ipw.Widget]) -> None:
    """Link each trait of *state* to the input of its name, in both directions."""
    for trait, widget in inputs.items():
        value_trait = "selected" if isinstance(widget, ChoiceField) else "value"
        link((state, trait), (widget, value_trait))


def call_on_change(
    state: HasTraits, traits: str | Sequence[str], *actions: Callable[[], object]
) -> None:
    """Call the actions, without arguments, whenever one of the traits changes."""

    def call(_change: object) -> None:
        for action in actions:
            action()

    state.observe(call, traits)


def text_field(label: str, *classes: str, **traits: Any) -> ipw.Text:
    """Return a text input with a label above it."""
    return add_classes(
        ipw.Text(description=resolve(label), **traits), "dmc-field", *classes
    )


def number_field(label: str, *, least: int = 0, most: int) -> ipw.BoundedIntText:
    """Return an input of a whole number with a label above it, at the least number.

    Without a tooltip of its own ipywidgets gives such a label the tooltip "null".
    """
    field = ipw.BoundedIntText(
        description=resolve(label), value=least, min=least, max=most, tooltip=""
    )
    return add_classes(field, "dmc-field")


def combo_field(label: str, options: Iterable[str], **traits: Any) -> ipw.Combobox:
    """Return a text input with a label above it, which suggests usual values."""
    field = ipw.Combobox(
        description=resolve(label), options=[*options], ensure_option=False, **traits
    )
    return add_classes(field, "dmc-field")


def choice_field(label: str, options: Options = (), **traits: Any) -> ChoiceField:
    """Return a choice with a label above it."""
    field = ChoiceField(options, description=resolve(label), **traits)
    field.add_class("dmc-field")
    return field


class ListField(ipw.SelectMultiple):
    """A list of which any number may be selected; the selection outlives new options.

    The plain list drops its selection whenever it gets new options.
    """

    options: Any
    value: Any

    def set_options(self, options: Options) -> None:
        """Replace the options; what is selected and still there stays selected."""
        options = _resolve_labels(options)
        if options == list(self.options):
            return
        values = {value for _, value in options}
        selected = tuple(value for value in self.value if value in values)
        with self.hold_trait_notifications():
            self.options = options
            self.value = selected


def list_field(label: str, options: Options = (), rows: int = 4) -> ListField:
    """Return a list of which any number may be selected, with a label above it."""
    field = ListField(
        options=_resolve_labels(options), description=resolve(label), rows=rows
    )
    field.add_class("dmc-field")
    return field


def checkbox(label: str, **traits: Any) -> ipw.Checkbox:
    """Return a check box with a label beside it."""
    return ipw.Checkbox(description=resolve(label), indent=False, **traits)


def button(label: str, style: str = "", **traits: Any) -> ipw.Button:
    """Return a button; *style* is ``primary``, ``danger``, ``link`` or empty."""
    if style == "link":
        return add_classes(ipw.Button(description=resolve(label), **traits), "dmc-link")
    return ipw.Button(description=resolve(label), button_style=style, **traits)


def html(text: str, *classes: str) -> ipw.HTML:
    """Return markup; text that is not ours has to be escaped in it."""
    return add_classes(ipw.HTML(resolve(text)), *classes)


def spacer() -> ipw.HTML:
    """Return the space that pushes its neighbours in a row to both ends."""
    return html("", "dmc-spacer")


def heading(text: str, level: int = 2) -> ipw.HTML:
    """Return the title of a page (1), a card (2) or a group (3)."""
    classes = {1: "dmc-title", 2: "dmc-card-title", 3: "dmc-section-title"}
    return html(f"<h{level}>{escape(resolve(text))}</h{level}>", classes[level])


def form_title(text: str) -> ipw.HTML:
    """Return the title of a form."""
    return html(f"<h1>{escape(resolve(text))}</h1>", "dmc-form-title")


def card(title: str, *children: ipw.Widget) -> ipw.VBox:
    """Return a panel with a title."""
    return add_classes(ipw.VBox([heading(title), *children]), "dmc-card")


def button_bar(*children: ipw.Widget) -> ipw.HBox:
    """Return the row of buttons at the end of a form."""
    return add_classes(ipw.HBox(children), "dmc-actions")


def add_classes(widget: Any, *classes: str) -> Any:
    """Add CSS classes to *widget*, and return it."""
    for name in classes:
        widget.add_class(name)
    return widget


def set_visible(widget: ipw.Widget, visible: bool) -> None:
    """Show or hide *widget*; a hidden one cannot be reached by the keyboard either."""
    widget.layout.display = None if visible else "none"
