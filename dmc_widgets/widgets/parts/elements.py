"""Inputs with labels, and the one loop that ties them to the traits of a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import ipywidgets as ipw
from traitlets import Any as AnyTrait
from traitlets import HasTraits, link, observe

Options = Iterable[tuple[str, Any]]


class ChoiceField(ipw.Dropdown):
    """A Dropdown whose options may change without losing what was chosen.

    The plain one jumps to its first option whenever it gets new ones. A choice
    that is not on offer shows as the first option, and stays chosen.
    """

    chosen = AnyTrait(default_value="")
    options: Any

    def __init__(self, options: Options, **traits: Any) -> None:
        self._offering = False
        super().__init__(options=list(options), **traits)
        self.chosen = self.value

    def offer(self, options: Options) -> None:
        """Replace the options."""
        options = list(options)
        if options == list(self.options):
            return
        self._offering = True
        with self.hold_sync():
            self.options = options
            self._show()
        self._offering = False

    @observe("value")
    def _take(self, _change: Any) -> None:
        if not self._offering:
            self.chosen = self.value

    @observe("chosen")
    def _follow(self, _change: Any) -> None:
        before, self._offering = self._offering, True
        self._show()
        self._offering = before

    def _show(self) -> None:
        values = [value for _, value in self.options]
        if values:
            self.index = values.index(self.chosen) if self.chosen in values else 0


def link_traits(state: HasTraits, inputs: Mapping[str, ipw.Widget]) -> None:
    """Tie each trait of *state* to the input of its name, both ways."""
    for trait, widget in inputs.items():
        shown = "chosen" if isinstance(widget, ChoiceField) else "value"
        link((state, trait), (widget, shown))


def text_field(label: str, *classes: str, **traits: Any) -> ipw.Text:
    """Return a line of text with a label above it."""
    return add_classes(ipw.Text(description=label, **traits), "dmc-field", *classes)


def combo_field(label: str, options: Iterable[str], **traits: Any) -> ipw.Combobox:
    """Return a line of text with a label above it that offers usual values."""
    field = ipw.Combobox(
        description=label, options=[*options], ensure_option=False, **traits
    )
    return add_classes(field, "dmc-field")


def choice_field(label: str, options: Options = (), **traits: Any) -> ChoiceField:
    """Return a choice with a label above it."""
    field = ChoiceField(options, description=label, **traits)
    field.add_class("dmc-field")
    return field


def button(label: str, style: str = "", **traits: Any) -> ipw.Button:
    """Return a button; *style* is ``primary``, ``danger``, ``link`` or nothing."""
    if style == "link":
        return add_classes(ipw.Button(description=label, **traits), "dmc-link")
    return ipw.Button(description=label, button_style=style, **traits)


def html(text: str, *classes: str) -> ipw.HTML:
    """Return markup; *text* has been escaped where it is not ours."""
    return add_classes(ipw.HTML(text), *classes)


def heading(text: str, level: int = 2) -> ipw.HTML:
    """Return the title of a page (1), a card (2) or a group (3)."""
    classes = {1: "dmc-title", 2: "dmc-card-title", 3: "dmc-section-title"}
    return html(f"<h{level}>{escape(text)}</h{level}>", classes[level])


def card(title: str, *children: ipw.Widget) -> ipw.VBox:
    """Return a panel with a title."""
    return add_classes(ipw.VBox([heading(title), *children]), "dmc-card")


def button_bar(*children: ipw.Widget) -> ipw.HBox:
    """Return the buttons at the end of a form."""
    return add_classes(ipw.HBox(children), "dmc-actions")


def add_classes(widget: Any, *classes: str) -> Any:
    """Return *widget* with its CSS classes."""
    for each in classes:
        widget.add_class(each)
    return widget


def set_visible(widget: ipw.Widget, shown: bool) -> None:
    """Show or hide *widget*; hidden ones are out of reach for the keyboard too."""
    widget.layout.display = None if shown else "none"
