"""The object browser: an index on the left, what is in view on the right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as ipw

from ...center.browsing import Catalogue, ObjectSummary
from ...languages import format_number, lazy
from ...languages import gettext as _
from ...states.browsing import ObjectBrowsing, Subject
from ...states.browsing.browser_state import PICKLIST
from ..controls import LinkGroup, LinkItem, LinkList
from ..icons import render_icon
from ..parts.form_inputs import (
    add_classes,
    call_on_change,
    choice_field,
    html,
    set_visible,
)
from ..parts.guard import Guard
from ..theme import render_alert
from .browser_links import BrowserLinks
from .entry_panel import EntryPanel
from .object_panel import ObjectPanel
from .overview_panel import OverviewPanel, PicklistPanel

_NO_FOLDER = lazy("Objects")


class ObjectBrowser(ipw.HBox):
    """Shows what an installation defines, and its entries.

    It stands alone over any installation: :meth:`tick` takes over what was read, and
    has to be called a few times a second.

    >>> browsing = ObjectBrowsing(center.installations.connect)
    >>> browser = ObjectBrowser(browsing, guard)
    >>> browsing.open(("Sample source",))

    Args:
        browsing: Reads the installation.
        guard: Shows the errors of callbacks.
        navigate: Opens the name of an installation and the parts of a subject; None
            opens them here.
        export: Called to export the entries in view.
        prefix: What stands before the addresses of links, such as ``#/objects``.

    Attributes:
        choice: The choice of the installation; hidden where there is one only.
    """

    def __init__(
        self,
        browsing: ObjectBrowsing,
        guard: Guard,
        navigate: Callable[[tuple[str, ...]], object] | None = None,
        export: Callable[[], object] | None = None,
        prefix: str = "",
    ) -> None:
        self.browsing, self._guard = browsing, guard
        state = browsing.state
        self._navigate = navigate or browsing.open
        links = BrowserLinks(lambda: state.installation, self._navigate, prefix)
        self._links = links
        self.choice = choice_field(_("Installation"))
        self.index = LinkList(
            _("Objects and picklists"),
            searchable=True,
            search_label=_("Search Objects"),
        )
        self.index.on_link = lambda key: guard.run(links.follow, key)
        self.problem = html("")
        self.loading = html("", "dmc-help")
        self.panels: dict[str, Any] = {
            "overview": OverviewPanel(browsing, guard, links),
            "object": ObjectPanel(browsing, guard, links, export),
            "entry": EntryPanel(browsing, guard, links),
            "picklist": PicklistPanel(browsing, guard, links),
        }
        left = add_classes(ipw.VBox([self.choice, self.index]), "dmc-browser-index")
        right = add_classes(
            ipw.VBox([self.problem, self.loading, *self.panels.values()]),
            "dmc-browser-main",
        )
        super().__init__([left, right])
        self.add_class("dmc-browser")
        self._wire()

    def _wire(self) -> None:
        state = self.browsing.state
        call_on_change(self.choice, "selected", self._select)
        call_on_change(state, ["catalogue", "subject", "counts"], self._show_index)
        names = ["catalogue", "subject", "problem", "is_loading", "entry"]
        call_on_change(state, [*names, "entry_type", "installation"], self._show)
        self._show_index()
        self._show()

    def offer(self, names: Iterable[str]) -> None:
        """Offer installations to choose from."""
        names = [*names]
        self.choice.set_options((name, name) for name in names)
        set_visible(self.choice, len(names) > 1)
        self.choice.selected = self.browsing.state.installation

    def tick(self) -> None:
        """Take over what has been read."""
        self.browsing.take()

    def focus(self) -> None:
        """Focus the choice of the installation."""
        self.choice.focus()

    def _select(self) -> None:
        name = self.choice.selected
        if name and name != self.browsing.state.installation:
            self._guard.run(self._navigate, (name,))

    def _show(self) -> None:
        state = self.browsing.state
        self.choice.selected = state.installation
        self.problem.value = (
            render_alert(state.problem, "danger") if state.problem else ""
        )
        is_waiting = state.is_loading and not state.problem
        self.loading.value = '<span role="status">Loading…</span>' if is_waiting else ""
        missing = self._describe_missing()
        if missing and not state.problem:
            self.problem.value = render_alert(missing, "warning")
        for kind, panel in self.panels.items():
            is_shown = kind == state.subject.kind and state.catalogue is not None
            set_visible(panel, is_shown and not missing and not state.problem)

    def _describe_missing(self) -> str:
        """Return a sentence if the installation lacks what the address names."""
        state = self.browsing.state
        subject = state.subject
        if state.catalogue is None:
            return ""
        if subject.kind == PICKLIST and state.shown_picklist is None:
            return _("There is no picklist {name} in {installation}.").format(
                name=subject.name, installation=state.installation
            )
        if subject.kind in {"object", "entry"} and state.shown_object is None:
            return _("There is no object {name} in {installation}.").format(
                name=subject.name, installation=state.installation
            )
        return ""

    def _show_index(self) -> None:
        catalogue = self.browsing.state.catalogue
        self.index.show([] if catalogue is None else self._build_groups(catalogue))
        self.index.empty_text = "" if catalogue is None else _("Nothing was found.")

    def _build_groups(self, catalogue: Catalogue) -> list[LinkGroup]:
        whole = Subject()
        groups = [
            LinkGroup("", [self._build_item(whole, _("Overview"), icon="compare")]),
        ]
        labels = {folder.code: folder.label for folder in catalogue.folders}
        by_folder: dict[str, list[LinkItem]] = {}
        for found in catalogue.objects:
            folder = labels.get(found.folder, "") or _NO_FOLDER
            by_folder.setdefault(folder, []).append(self._build_object(found))
        groups += [LinkGroup(name, by_folder[name]) for name in sorted(by_folder)]
        picklists = [
            self._build_item(
                Subject("picklist", found.code),
                found.name,
                detail=format_number(len(found.entries)),
                hint=found.code,
                icon="tasks",
            )
            for found in catalogue.picklists
        ]
        return [*groups, LinkGroup(_("Picklists"), picklists)] if picklists else groups

    def _build_object(self, found: ObjectSummary) -> LinkItem:
        count = self.browsing.state.counts.get(found.entity)
        return self._build_item(
            Subject("object", found.entity),
            found.label,
            detail="" if count is None else format_number(count),
            hint=found.name,
            icon="objects",
        )

    def _build_item(
        self,
        subject: Subject,
        label: str,
        *,
        detail: str = "",
        hint: str = "",
        icon: str = "",
    ) -> LinkItem:
        current = self.browsing.state.subject
        names_same = subject.name == current.name and subject.kind != "overview"
        return LinkItem(
            key=self._links.key(subject),
            label=label,
            detail=detail,
            hint=hint,
            icon=render_icon(icon) if icon else "",
            href=self._links.href(subject),
            current=subject.kind == current.kind
            if subject.kind == "overview"
            else names_same and current.kind != "overview",
        )
