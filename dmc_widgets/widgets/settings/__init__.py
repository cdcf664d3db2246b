"""The page of what belongs to the workspace as a whole."""

from __future__ import annotations

import ipywidgets as ipw

from ...states.dashboard_session import DashboardSession
from ..parts.form_inputs import add_classes
from ..parts.guard import Guard
from .notifications import NotificationsCard
from .pruning import PruneCard


class SettingsPage(ipw.VBox):
    """Who gets messages, and what old tasks keep.

    Attributes:
        notifications: The card of the notifications.
        pruning: The card that removes what old tasks have left.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self.notifications = NotificationsCard(session, guard)
        self.pruning = PruneCard(session, guard)
        super().__init__([self.notifications, self.pruning])
        add_classes(self, "dmc-stack")
