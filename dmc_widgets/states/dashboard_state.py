"""The state of the whole page: where the person is, and what the page says."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from traitlets import HasTraits, Instance, Tuple, Unicode, UseEnum


class DashboardPage(StrEnum):
    """One of these is in view."""

    LISTS = "lists"
    EXPORT = "export"
    EXPORTING = "exporting"
    IMPORT = "import"
    PREVIEW = "preview"
    IMPORTING = "importing"
    MIGRATION = "migration"
    MIGRATING = "migrating"
    TASK = "task"


class DashboardMessage(NamedTuple):
    """Something to tell the person, and its colour."""

    text: str
    kind: Literal["success", "danger"]


class DashboardState(HasTraits):
    """Where the person is.

    Attributes:
        installations: The connections of the workspace.
        installation: The name of the one that both forms work on.
        page: What is in view.
        message: The latest; None once it is settled.
    """

    installations = Tuple()
    installation = Unicode()
    page = UseEnum(DashboardPage, default_value=DashboardPage.LISTS)
    message = Instance(DashboardMessage, allow_none=True)

    def say(self, text: str) -> None:
        """Report that something was done."""
        self.message = DashboardMessage(text, "success")

    def report_error(self, text: str) -> None:
        """Report that something was not done."""
        self.message = DashboardMessage(text, "danger")
