"""How many records the filter of a form finds, counted without blocking the page."""

from __future__ import annotations

import time
from typing import Any, Final

from traitlets import Bool, HasTraits, Instance, Unicode

from ...center import Center
from ...center.browsing import MatchCount
from ...errors import DmcError
from ...languages import format_number, ngettext
from ..browsing.installation_reader import InstallationReader
from ..dashboard_state import DashboardState
from ..export_state import ExportState

COUNT_AFTER_S: Final = 0.4
_KIND: Final = "count"


class MatchCountState(HasTraits):
    """The number of records that match, of how many, a moment after each change.

    A count that is under way is dropped when the filter changes again. Nothing is
    counted while no one looks.

    Args:
        center: Connects to the installation.
        dashboard: The state of the page; it names the installation.
        form: The form, with entity type, filter, search and scope.

    Attributes:
        is_in_view: The number is shown.
        is_counting: The number is awaited.
        count: The number; None while it is not known.
        problem: Why there is none, as a sentence.
    """

    is_in_view = Bool(False)
    is_counting = Bool(False)
    count = Instance(MatchCount, allow_none=True)
    problem = Unicode()

    def __init__(
        self, center: Center, dashboard: DashboardState, form: ExportState
    ) -> None:
        super().__init__()
        self._center, self._dashboard, self._form = center, dashboard, form
        self._reader: InstallationReader | None = None
        self._installation = ""
        self._counted: tuple[str, ...] = ()
        self._due: float | None = None
        form.observe(self._plan, ["entity", "filter", "search", "scope", "filter_gap"])
        dashboard.observe(self._plan, ["installation"])
        self.observe(self._plan, ["is_in_view"])

    def refresh(self) -> None:
        """Count when it is time to, and take a number that has come; for the poller."""
        if self._due is not None and time.monotonic() >= self._due:
            self._due = None
            self._ask()
        if self._reader is not None:
            self._reader.take()

    def count_now(self) -> None:
        """Count at once, and wait for the number, for tests and scripts."""
        self._due = None
        self._ask()
        if self._reader is not None:
            self._reader.take(30.0)

    def _question(self) -> tuple[str, ...]:
        form = self._form
        return (form.entity, form.filter.strip(), form.search.strip(), form.scope)

    def _plan(self, _change: Any) -> None:
        form = self._form
        if not self.is_in_view or not form.entity or form.filter_problem:
            self._due = None
            self._show(None, "")
            return
        if form.filter_gap:  # the filter is still that of the conditions before
            self._due = None
            self._show(None, form.filter_gap)
            return
        question = (self._dashboard.installation, *self._question())
        if question != self._counted or self.problem:
            self._due = time.monotonic() + COUNT_AFTER_S
            self.is_counting = True

    def _ask(self) -> None:
        entity, filter_, search, scope = self._question()
        question = (self._dashboard.installation, *self._question())
        self._counted = question
        self._find_reader().ask(
            _KIND,
            lambda opened: opened.count_matches(
                entity, filter=filter_, search=search, scope=scope
            ),
            lambda count: self._take(question, count),
            self._fail,
        )

    def _find_reader(self) -> InstallationReader:
        installation = self._dashboard.installation
        if self._reader is None or installation != self._installation:
            if self._reader is not None:
                self._reader.close()
            self._installation = installation
            connect = self._center.installations.connect
            self._reader = InstallationReader(lambda: connect(installation))
        return self._reader

    def _take(self, question: tuple[str, ...], count: MatchCount) -> None:
        if question == self._counted:  # or the filter has become another meanwhile
            self._show(count, "")

    def _fail(self, error: DmcError) -> None:
        self._counted = ()
        self._show(None, str(error))

    def _show(self, count: MatchCount | None, problem: str) -> None:
        if count is None:
            self._counted = ()
        with self.hold_trait_notifications():
            self.is_counting, self.count, self.problem = False, count, problem


def describe_matches(count: MatchCount) -> str:
    """Describe a count in the language in use: ``1,240 of 20,000 records match``."""
    values = {
        "matching": format_number(count.matching),
        "total": format_number(count.total),
    }
    if count.matching == count.total:
        text = ngettext(
            "{total} record is exported",
            "All {total} records are exported",
            count.total,
        )
        return text.format(**values)
    text = ngettext(
        "{matching} of {total} records matches",
        "{matching} of {total} records match",
        count.matching,
    )
    return text.format(**values)
