"""One style sheet for the whole dashboard, and the two marks that are plain HTML.

Everything in it holds below an element of the class ``dmc-page`` and uses the
colours of JupyterLab's theme, so that it does not touch the rest of a notebook
and follows a dark theme.
"""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from typing import Literal

import ipywidgets as ipw

_SHEET = Path(__file__).with_name("theme.css")

Kind = Literal["info", "success", "warning", "danger", "secondary"]


def style_widget() -> ipw.HTML:
    """Return the style sheet as a widget that is not seen; one a page."""
    sheet = ipw.HTML(f"<style>{_sheet()}</style>")
    sheet.layout.display = "none"
    return sheet


def badge(word: str, kind: Kind) -> str:
    """Return *word* as a coloured label, as HTML."""
    return f'<span class="dmc-badge dmc-{kind}">{escape(word)}</span>'


def alert(text: str, kind: Kind) -> str:
    """Return *text* as a coloured strip that screen readers speak, as HTML."""
    role = "alert" if kind == "danger" else "status"
    return f'<div class="dmc-alert dmc-{kind}" role="{role}">{escape(text)}</div>'


@cache
def _sheet() -> str:
    return _SHEET.read_text(encoding="utf-8")
