"""The state of the list of notifications, and of the form that adds one."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, HasTraits, Tuple, Unicode, observe

from ...center.notifications import DEFAULT_AFTER_S
from ...languages import gettext as _
from ...languages import lazy

NO_NAME = lazy("Please give the notification a name.")
NO_SECONDS = lazy("Please give a number of seconds, such as 60.")


class NotificationState(HasTraits):
    """The notifications of the workspace, and what is chosen for another one.

    The address is not here: it may hold a password, and goes from its input to the
    keyring.

    Attributes:
        notifications: Those that there are, by name.
        name: The name of the new one.
        after: Tasks that took fewer seconds are passed over.
        only_failed: So are tasks that completed.
        problems: Sentences; empty exactly when the new one can be added.
    """

    notifications = Tuple()
    name = Unicode()
    after = Unicode(str(DEFAULT_AFTER_S))
    only_failed = Bool(False)
    problems = Tuple((NO_NAME,))

    @property
    def after_s(self) -> float | None:
        """The number of seconds; None if it is not one."""
        try:
            seconds = float(self.after.strip().replace(",", ".") or 0)
        except ValueError:
            return None
        return seconds if 0 <= seconds < float("inf") else None

    def reset(self) -> None:
        """Clear the form."""
        self.name, self.after, self.only_failed = "", str(DEFAULT_AFTER_S), False

    @observe("name", "after")
    def _derive(self, _change: Any) -> None:
        if not self.name.strip():
            self.problems = (_(NO_NAME),)
        else:
            self.problems = (_(NO_SECONDS),) if self.after_s is None else ()
