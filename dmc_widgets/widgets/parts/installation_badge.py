"""Whether an installation answers, as a mark of one word."""

from __future__ import annotations

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


def render_installation_badge(check: InstallationCheck | None) -> str:
    """Render what is known of an installation; nothing before it was asked."""
    if check is None:
        return ""
    word, kind = _BADGES[check.status]
    return render_badge(_(word), kind)
