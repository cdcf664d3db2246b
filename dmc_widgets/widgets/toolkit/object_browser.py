"""What an installation defines, and its entries, page by page."""

from __future__ import annotations

import time
from typing import Any, Final

from traitlets import Dict, Int, Unicode, observe, validate

from ...center import OpenInstallation
from ...center.browsing import without_contents
from ...model.entity_type import EntityType
from ...states.browsing import ObjectBrowsing, Subject
from ...states.toolkit.sources import InstallationLike, InstallationSource
from ..browsing import ObjectBrowser as BrowserPanel
from ..parts.form_inputs import call_on_change
from .base import PublicWidget, repr_names

_MAX_WAIT_S: Final = 2.0
_STEP_S: Final = 0.05


class ObjectBrowser(PublicWidget):
    """Shows the objects and picklists of an installation, and entries page by page.

    Only the page in view is read. An entry that is followed, with its relationships and
    its files, is the value.

    >>> browser = ObjectBrowser("Sample source", "Bicycle", filter="price gt 500")
    >>> browser.observe(lambda change: print(change["new"]), "value")

    Args:
        source: A center, an open installation, an address, or the name of an
            installation of the default workspace. None is the default workspace.
        entity: The entity type that is shown at first, by its name, label or key.
        installation: The name of the installation in a center. Without a name a center
            shows the choice among its installations, too.
        filter: An OData expression that the entries meet.

    Attributes:
        value: The entry that was followed last, without the contents of its files;
            empty for none.
        entity: The name of the entity type; empty for the overview of all. It takes a
            name, a label or a key; another one has no filter at first.
        filter: An OData expression that the entries meet.
        total: The number of entries that meet it.

    Raises:
        TypeError: The source is something else.
        UnknownName: There is no such installation or entity type.
    """

    value = Dict()
    entity = Unicode()
    filter = Unicode()
    total = Int()

    def __init__(
        self,
        source: InstallationLike = None,
        entity: str = "",
        *,
        installation: str = "",
        filter: str = "",
    ) -> None:
        super().__init__()
        self._source = InstallationSource(source, installation)
        self._own(self._source)
        self._browsing = ObjectBrowsing(self._connect)
        self._own(self._browsing)
        self._browser = BrowserPanel(self._browsing, self._guard)
        self._table = self._browser.panels["object"].entries.table
        self._show([self._browser])
        self._browsing.open((self._source.name,))
        has_choice = isinstance(source, str) or bool(installation)
        self._browser.offer(() if has_choice else self._source.names)
        call_on_change(self._browsing.state, "subject", self._take_subject)
        call_on_change(self._browsing.state, "entry", self._take_entry)
        call_on_change(self._table, "page", self._take_total)
        if entity:
            self.entity = entity
            self.filter = filter
        self._poll(self._browser.tick)

    @property
    def entity_type(self) -> EntityType | None:
        """The entity type with its fields, or None."""
        return self._browsing.state.entry_type

    def refresh(self) -> None:
        """Read everything again; waits a moment for what is in view."""
        self._browsing.refresh()
        self._wait()

    def __repr__(self) -> str:
        return repr_names(self, "entity", "filter", "total")

    def _connect(self, name: str) -> OpenInstallation:
        if self._source.center is not None:
            self._source.select(name)
        return self._source.open()

    def _take_subject(self) -> None:
        """Follow what a person has opened."""
        subject = self._browsing.state.subject
        if subject.kind not in {"object", "entry"}:
            self.entity = ""
        elif subject.name != self.entity:
            self.entity = subject.name
        if subject.kind == "object":
            self.filter = subject.filter

    def _take_entry(self) -> None:
        entry = self._browsing.state.entry
        if entry is not None:
            self.value = without_contents(entry.item)

    def _take_total(self) -> None:
        self.total = int(self._table.page.get("total") or 0)

    @validate("entity")
    def _find_name(self, proposal: Any) -> str:
        given: str = proposal["value"]
        if not given or given == self._browsing.state.subject.name:
            return given
        with self._connect(self._browsing.state.installation) as opened:
            return opened.entity_type(given).name

    @observe("entity")
    def _follow_entity(self, _change: Any) -> None:
        self.value = {}
        shown = self._browsing.state.subject
        if shown.kind == "picklist" and not self.entity:
            return
        if shown.name != self.entity:
            self.filter = ""
            self._open(Subject("object", self.entity) if self.entity else Subject())

    @observe("filter")
    def _follow_filter(self, _change: Any) -> None:
        shown = self._browsing.state.subject
        if shown.kind == "object" and shown.filter != self.filter:
            self._open(Subject("object", self.entity, filter=self.filter))

    def _open(self, subject: Subject) -> None:
        self._browsing.show(subject)
        self._wait()

    def _wait(self) -> None:
        """Wait a moment, so that a program which sets a trait can read the others."""
        end = time.monotonic() + _MAX_WAIT_S
        self._browser.tick()
        while self._browsing.state.is_loading and time.monotonic() < end:
            time.sleep(_STEP_S)
            self._browser.tick()
