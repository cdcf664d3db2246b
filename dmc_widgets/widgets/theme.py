"""One style sheet for the whole dashboard, and the two marks that are plain HTML.

Everything in it holds below an element of the class ``dmc-page`` and uses the
colours of JupyterLab's theme, so that it does not touch the rest of a notebook
and follows a dark theme.

The style of the forms, on top of the theme.
"""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from typing import Literal

import ipywidgets as ipw

_THEME_SHEET = Path(__file__).with_name("theme.css")

Kind = Literal["info", "success", "warning", "danger", "secondary"]


def style_widget() -> ipw.HTML:
    """Return the style sheet as a widget that is not seen; one a page."""
    sheet = ipw.HTML(f"<style>{_read_theme()}</style>")
    sheet.layout.display = "none"
    return sheet


def render_badge(word: str, kind: Kind) -> str:
    """Return *word* as a coloured label, as HTML."""
    return f'<span class="dmc-badge dmc-{kind}">{escape(word)}</span>'


def render_alert(text: str, kind: Kind) -> str:
    """Return *text* as a coloured strip that screen readers speak, as HTML."""
    role = "alert" if kind == "danger" else "status"
    return f'<div class="dmc-alert dmc-{kind}" role="{role}">{escape(text)}</div>'


@cache
def _read_theme() -> str:
    return _THEME_SHEET.read_text(encoding="utf-8")


_FORMS_SHEET = Path(__file__).with_name("forms.css")


def forms_style() -> ipw.HTML:
    """Return the style sheet as a widget that is not seen; one a page."""
    sheet = ipw.HTML(f"<style>{_FORMS_SHEET.read_text(encoding='utf-8')}</style>")
    sheet.layout.display = "none"
    return sheet
