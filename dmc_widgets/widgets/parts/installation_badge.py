"""The picture of an installation, and whether it answers as a mark of one word."""

from __future__ import annotations

from typing import Final

from ...center.browsing import InstallationKind
from ...languages import gettext as _
from ...languages import lazy
from ...states.installations import InstallationCheck
from ...states.task_list_state import StatusKind
from ..theme import render_badge

_BADGES: dict[str, tuple[str, StatusKind]] = {
    "asking": (lazy("Checking"), "secondary"),
    "answers": (lazy("Reachable"), "success"),
    "failed": (lazy("Not Reachable"), "danger"),
}


KIND_ICONS: Final = {
    InstallationKind.DATABASE: "database",
    InstallationKind.POSTGRESQL: "database-server",
    InstallationKind.SERVER: "server",
    InstallationKind.OTHER: "installations",
}
"""The picture of each kind of installation."""


def render_installation_badge(check: InstallationCheck | None) -> str:
    """Render what is known of an installation; nothing before it was asked."""
    if check is None:
        return ""
    word, kind = _BADGES[check.status]
    return render_badge(_(word), kind)
