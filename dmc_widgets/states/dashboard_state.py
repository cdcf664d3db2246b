"""The state of the whole page: which page is in view, and the latest message."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from traitlets import HasTraits, Instance, Tuple, Unicode, UseEnum


class DashboardPage(StrEnum):
    """The pages of the dashboard; one of them is in view."""

    LISTS = "lists"
    EXPORT = "export"
    EXPORTING = "exporting"
    IMPORT = "import"
    PREVIEW = "preview"
    IMPORTING = "importing"
    MIGRATION = "migration"
    MIGRATING = "migrating"
    VERIFICATION = "verification"
    TASK = "task"


class DashboardMessage(NamedTuple):
    """A message to the person, and whether it reports a success or an error."""

    text: str
    kind: Literal["success", "danger"]


class DashboardState(HasTraits):
    """The page in view, the installation that the forms work on, and the message.

    Attributes:
        installations: The connections of the workspace.
        installation: The name of the installation that both forms work on.
        page: The page in view.
        message: The latest message; None once it is dismissed.
    """

    installations = Tuple()
    installation = Unicode()
    page = UseEnum(DashboardPage, default_value=DashboardPage.LISTS)
    message = Instance(DashboardMessage, allow_none=True)

    def report_success(self, text: str) -> None:
        """Show a message about something that was done."""
        self.message = DashboardMessage(text, "success")

    def report_error(self, text: str) -> None:
        """Show a message about something that failed."""
        self.message = DashboardMessage(text, "danger")
