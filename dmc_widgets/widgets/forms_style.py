"""The style of the forms, on top of the theme."""

from __future__ import annotations

from pathlib import Path

import ipywidgets as ipw

_SHEET = Path(__file__).with_name("forms.css")


def forms_style() -> ipw.HTML:
    """Return the style sheet as a widget that is not seen; one a page."""
    sheet = ipw.HTML(f"<style>{_SHEET.read_text(encoding='utf-8')}</style>")
    sheet.layout.display = "none"
    return sheet
