"""What all public widgets share: their style, their errors, their pulse, their end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import ipywidgets as ipw
from ipywidgets.widgets.valuewidget import ValueWidget
from traitlets import Instance, Unicode

from ...center import Center
from ...model.mapping import FieldMapping, Mapping
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage, DashboardState
from ..parts.form_inputs import call_on_change, html, set_visible
from ..parts.guard import Guard
from ..parts.poller import Poller
from ..theme import render_alert, style_widget


class Closable(Protocol):
    """Something that a widget has opened for itself alone."""

    def close(self) -> None:
        """Close it."""
        ...


class PublicWidget(ipw.VBox, ValueWidget):
    """A widget that stands alone in a cell, in a layout of yours, or in a Voilà app.

    It brings its own style and shows its own errors. :meth:`close` ends it, with what
    it has opened; a widget that is not closed ends with the kernel.

    Attributes:
        error: Why the last action failed, as a sentence; empty if it did not.
    """

    error = Unicode()

    def __init__(self) -> None:
        self._page = DashboardState()
        self._guard = Guard(self._page)
        self._closables: list[Closable] = []
        self._poller: Poller | None = None
        self._message = html("")
        super().__init__()
        self.add_class("dmc-page")
        self.add_class("dmc-part")
        call_on_change(self._page, "message", self._show_message)
        self._show_message()

    def close(self) -> None:
        """Remove the widget from the page, and close what it has opened."""
        if self._poller is not None:
            self._poller.stop()
        while self._closables:
            self._closables.pop().close()
        for child in self.children:
            if child is not shared_style():
                child.close()
        super().close()

    def _own(self, closable: Closable) -> None:
        """Close something together with this widget."""
        self._closables.append(closable)

    def _show(self, children: Sequence[ipw.Widget]) -> None:
        """Show the parts of the widget, with its style and its errors."""
        self.children = [shared_style(), self._message, *children]

    def _poll(self, tick: Callable[[], None]) -> None:
        """Call a function four times a second, until the widget is closed."""

        def guarded() -> None:
            with self._guard:
                tick()

        self._poller = Poller(guarded)
        self._poller.start()

    def _build_session(self, center: Center, page: DashboardPage) -> DashboardSession:
        """Return a session for the parts of this widget, which show the page."""
        session = DashboardSession(center, self._page)
        session.dashboard.installations = tuple(center.installations.list())
        session.dashboard.page = page
        return session

    def _show_message(self) -> None:
        message = self._page.message
        is_error = message is not None and message.kind == "danger"
        self.error = message.text if message and is_error else ""
        text = render_alert(message.text, message.kind) if message else ""
        self._message.value = text
        set_visible(self._message, bool(text))


_shared: list[ipw.HTML] = []


def shared_style() -> ipw.HTML:
    """Return the one widget of the kernel that holds the style of all public widgets.

    Forty kilobytes for each widget of a notebook would be in its saved state.
    """
    if not _shared or _shared[0].comm is None:  # closed with all widgets of the kernel
        _shared[:] = [style_widget()]
    return _shared[0]


def repr_names(widget: Any, *names: str) -> str:
    """Return a widget as one line with the values of some of its traits."""
    values = ", ".join(f"{name}={getattr(widget, name)!r}" for name in names)
    return f"{type(widget).__name__}({values})"


class MappingTrait(Instance):  # type: ignore[type-arg]
    """A mapping as a trait, which takes the pairs of one, too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Mapping, **options)

    def validate(self, obj: Any, value: Any) -> Any:
        """Make a mapping of pairs such as ``["Modell=model"]``."""
        is_pairs = isinstance(value, str | list | tuple)
        return super().validate(obj, mapping_of(value) if is_pairs else value)


def mapping_of(given: Mapping | Iterable[FieldMapping | str] | str) -> Mapping:
    """Return a mapping as it was given, or of the pairs that were."""
    return given if isinstance(given, Mapping) else Mapping(given)
