"""The pages of the dashboard, each at an address of its own.

A new page is a line in :data:`PAGES` and a class with the constructor
``Page(session, guard)`` and the method :meth:`PageWidget.open_page`. Its module loads
when the page is first opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

from ...languages import lazy
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.navigation.addresses import parse_address
from ..parts.guard import Guard


class PageWidget(Protocol):
    """A page: a widget that can be opened, again and again.

    A form may have ``open_new()``, too, which empties it: a link to a form begins a
    new one, while *Back* shows it as it was left.
    """

    layout: Any

    def open_page(self, parts: tuple[str, ...]) -> None:
        """Show what stands at an address below that of the page.

        It is called each time the address is opened, by a link, by *Back* or by a
        reload, and has to cope with being open already.

        Args:
            parts: The rest of the address: ``("42",)`` for ``tasks/42``. They may be
                any text.

        Raises:
            UnknownName: There is nothing of that name.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpec:
    """A page of the dashboard.

    Attributes:
        path: The first part of its address; empty for *Home*.
        title: Its title.
        icon: The name of its icon.
        built_by: The module below ``dmc_widgets.widgets``, and the class in it.
        group: Where it stands in the navigation; empty for nowhere.
        views: The views that the states know of, the first one first.
        fewest_parts: How many parts may follow the path at least.
        most_parts: And at most.
    """

    path: str
    title: str
    icon: str
    built_by: str
    group: str = ""
    views: tuple[DashboardPage, ...] = (DashboardPage.OTHER,)
    fewest_parts: int = 0
    most_parts: int = 0

    def build(self, session: DashboardSession, guard: Guard) -> PageWidget:
        """Load the module of the page, and build its widget."""
        module, _, name = self.built_by.partition(":")
        loaded = import_module(f"dmc_widgets.widgets.{module}")
        return cast(PageWidget, getattr(loaded, name)(session, guard))


PAGES: tuple[PageSpec, ...] = (
    PageSpec(
        path="",
        title=lazy("Home"),
        icon="home",
        built_by="pages.home:HomePage",
        group=lazy("Center"),
        views=(DashboardPage.HOME,),
    ),
    PageSpec(
        path="tasks",
        title=lazy("Tasks"),
        icon="tasks",
        built_by="pages.lists:TaskListPage",
        group=lazy("Center"),
        views=(DashboardPage.LISTS,),
    ),
    PageSpec(
        path="tasks",
        title=lazy("Task"),
        icon="tasks",
        built_by="pages.task:TaskDetailsPage",
        views=(
            DashboardPage.TASK,
            DashboardPage.EXPORTING,
            DashboardPage.IMPORTING,
            DashboardPage.MIGRATING,
        ),
        fewest_parts=1,
        most_parts=1,
    ),
    PageSpec(
        path="templates",
        title=lazy("Templates"),
        icon="templates",
        built_by="pages.lists:TemplateListPage",
        group=lazy("Center"),
        views=(DashboardPage.TEMPLATES,),
    ),
    PageSpec(
        path="import",
        title=lazy("Import"),
        icon="import",
        built_by="pages.forms:ImportPage",
        group=lazy("Move Data"),
        views=(DashboardPage.IMPORT, DashboardPage.PREVIEW),
        most_parts=1,
    ),
    PageSpec(
        path="export",
        title=lazy("Export"),
        icon="export",
        built_by="pages.forms:ExportPage",
        group=lazy("Move Data"),
        views=(DashboardPage.EXPORT,),
        most_parts=1,
    ),
    PageSpec(
        path="migrate",
        title=lazy("Migrate"),
        icon="migrate",
        built_by="pages.forms:MigrationPage",
        group=lazy("Move Data"),
        views=(DashboardPage.MIGRATION,),
        most_parts=1,
    ),
    PageSpec(
        path="verify",
        title=lazy("Verify"),
        icon="verify",
        built_by="pages.forms:VerificationPage",
        group=lazy("Move Data"),
        views=(DashboardPage.VERIFICATION,),
        most_parts=1,
    ),
    PageSpec(
        path="compare",
        title=lazy("Compare"),
        icon="compare",
        built_by="pages.compare:ComparePage",
        group=lazy("Move Data"),
        most_parts=2,
    ),
    PageSpec(
        path="objects",
        title=lazy("Objects"),
        icon="objects",
        built_by="pages.objects:ObjectsPage",
        group=lazy("Workspace"),
        most_parts=4,
    ),
    PageSpec(
        path="installations",
        title=lazy("Installations"),
        icon="installations",
        built_by="pages.installations:InstallationsPage",
        group=lazy("Workspace"),
    ),
    PageSpec(
        path="settings",
        title=lazy("Settings"),
        icon="settings",
        built_by="pages.settings:SettingsOfWorkspace",
        group=lazy("Workspace"),
        views=(DashboardPage.SETTINGS,),
    ),
)
"""All pages, in the order of the navigation."""


def find_page(address: str) -> tuple[PageSpec, tuple[str, ...]] | None:
    """Return the page at an address and the parts that are left, or None."""
    parts = parse_address(address)
    if parts is None:
        return None
    path, *rest = parts or ("",)
    for spec in PAGES:
        if spec.path == path and spec.fewest_parts <= len(rest) <= spec.most_parts:
            return spec, tuple(rest)
    return None


class PageViews(Mapping[DashboardPage, Any]):
    """The widget of each view; the page that it belongs to is built when it is needed.

    Args:
        session: The session of the dashboard.
        guard: Shows the errors of all callbacks.

    Attributes:
        built: The pages that were opened so far.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self.built: dict[PageSpec, Any] = {}

    def build(self, spec: PageSpec) -> Any:
        """Return the widget of a page, the same each time."""
        if spec not in self.built:
            self.built[spec] = spec.build(self._session, self._guard)
        return self.built[spec]

    def __getitem__(self, view: DashboardPage) -> Any:
        spec = next((spec for spec in PAGES if view in spec.views), None)
        if spec is None or view is DashboardPage.OTHER:
            raise KeyError(view)
        page = self.build(spec)
        return getattr(page, "views", {}).get(view, page)

    def __iter__(self) -> Iterator[DashboardPage]:
        """Iterate over the views of the pages that were opened."""
        views = (view for spec in self.built for view in spec.views)
        return (view for view in views if view is not DashboardPage.OTHER)

    def __len__(self) -> int:
        return len([*iter(self)])
