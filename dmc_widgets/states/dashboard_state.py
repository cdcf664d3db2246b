"""The state of the whole page: which page is in view, and the latest message."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, NamedTuple

from traitlets import Bool, Dict, HasTraits, Instance, Tuple, Unicode, UseEnum, observe

from .navigation.addresses import format_address


class DashboardPage(StrEnum):
    """The views that the states know of; one of them is in view.

    Several may stand at one address, as the steps of an import. A page that no state
    has to know of is *OTHER*.
    """

    HOME = "home"
    LISTS = "lists"
    TEMPLATES = "templates"
    SETTINGS = "settings"
    EXPORT = "export"
    EXPORTING = "exporting"
    IMPORT = "import"
    PREVIEW = "preview"
    IMPORTING = "importing"
    MIGRATION = "migration"
    MIGRATING = "migrating"
    VERIFICATION = "verification"
    TASK = "task"
    OTHER = "other"


# Those of a task have the id of the task in their address, and are not among these.
_ADDRESSES = {
    DashboardPage.HOME: "",
    DashboardPage.LISTS: "tasks",
    DashboardPage.TEMPLATES: "templates",
    DashboardPage.SETTINGS: "settings",
    DashboardPage.EXPORT: "export",
    DashboardPage.IMPORT: "import",
    DashboardPage.PREVIEW: "import",
    DashboardPage.MIGRATION: "migrate",
    DashboardPage.VERIFICATION: "verify",
}


class DashboardMessage(NamedTuple):
    """A message to the person, and whether it reports a success or an error."""

    text: str
    kind: Literal["success", "danger"]


class DashboardState(HasTraits):
    """The page in view, the installation that the forms work on, and the message.

    Attributes:
        installations: The connections of the workspace.
        installation: The name of the installation that both forms work on.
        address: The address of the page in view, such as ``tasks/42``; empty for
            *Home*. It is the truth of which page that is.
        title: The title of the page in view.
        is_replaced: The address takes the place of the one before it in the history.
        page: The view of that page which is shown.
        renamed: The new names of installations that were renamed last, by the old ones.
        message: The latest message; None once it is dismissed.
    """

    installations = Tuple()
    installation = Unicode()
    address = Unicode()
    title = Unicode()
    is_replaced = Bool(False)
    page = UseEnum(DashboardPage, default_value=DashboardPage.HOME)
    renamed = Dict()
    message = Instance(DashboardMessage, allow_none=True)

    def go(self, address: str, *names: str) -> None:
        """Open the page at an address.

        >>> state.go("objects", "Sample source", "C_Ticket")

        Args:
            address: The address, or the beginning of it.
            names: The rest of the address, as plain texts.
        """
        self._move("/".join(filter(None, (address, format_address(*names)))))

    def replace_address(self, address: str) -> None:
        """Give the page in view another address, without a step in the history.

        For a page that finds its own address, as a form that becomes a draft: *Back*
        leaves it.
        """
        self._move(address, is_replaced=True)

    def show_view(self, page: DashboardPage, address: str) -> None:
        """Show a view, and the address that it stands at."""
        self.page = page
        self._move(address)

    def report_success(self, text: str) -> None:
        """Show a message about something that was done."""
        self.message = DashboardMessage(text, "success")

    def report_error(self, text: str) -> None:
        """Show a message about something that failed."""
        self.message = DashboardMessage(text, "danger")

    def _move(self, address: str, *, is_replaced: bool = False) -> None:
        self.is_replaced = is_replaced
        self.address = address

    @observe("page")
    def _follow_page(self, change: Any) -> None:
        """Move to the address of a view, unless the page is at it already.

        A form may stand at the address of its draft; what is below the list of tasks
        is another page.
        """
        view, current = change["new"], self.address
        if view is not DashboardPage.LISTS:
            current = current.partition("/")[0]
        address = _ADDRESSES.get(view)
        if address is not None and address != current:
            self._move(address)
