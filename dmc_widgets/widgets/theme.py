"""The style sheets of the dashboard, and the two marks that are plain HTML.

All rules apply below an element of the class ``dmc-page`` and use the colours of
JupyterLab's theme. So they do not change the rest of a notebook, and follow a dark
theme.
"""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

import ipywidgets as ipw

from ..languages import resolve
from ..states.task_list_state import StatusKind
from ..states.task_state import format_second

_FOLDER = Path(__file__).parent
_SHEETS = (
    "controls/colors.css",
    "theme.css",
    "forms.css",
    "browsing.css",
    "frame.css",
    "toolkit/part.css",
)


def style_widget() -> ipw.HTML:
    """Return the style sheets as an invisible widget; a page needs one."""
    sheet = ipw.HTML(f"<style>{_read_sheets()}</style>")
    sheet.layout.display = "none"
    return sheet


def render_badge(text: str, kind: StatusKind) -> str:
    """Render *text* as a coloured label in HTML."""
    return f'<span class="dmc-badge dmc-{kind}">{escape(resolve(text))}</span>'


def render_alert(text: str, kind: StatusKind) -> str:
    """Render *text* as a coloured strip in HTML, which screen readers announce."""
    role = "alert" if kind == "danger" else "status"
    return (
        f'<div class="dmc-alert dmc-{kind}" role="{role}">{escape(resolve(text))}</div>'
    )


def render_time(iso: str, *, exact: bool = False) -> str:
    """Render a time of the workspace in HTML; :class:`LocalTimes` puts it in words.

    Args:
        iso: The time; ISO 8601 in UTC.
        exact: Show day and clock, instead of how long ago it was.
    """
    if not iso:
        return ""
    name = "dmc-time dmc-exact" if exact else "dmc-time"
    return (
        f'<time class="{name}" datetime="{escape(iso)}">'
        f"{escape(format_second(iso))}</time>"
    )


@cache
def _read_sheets() -> str:
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in _SHEETS)
