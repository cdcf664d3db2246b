"""Small pictures of what an installation is, and of what it holds, as inline SVG."""

from __future__ import annotations

from typing import Final

_PATHS: Final = {
    "overview": '<path d="M4 5h6v6H4zM14 13h6v6h-6z"/><path d="M10 8h7v5"/>',
    "database": (
        '<ellipse cx="12" cy="5.5" rx="8" ry="2.5"/>'
        '<path d="M4 5.5v13C4 19.9 7.6 21 12 21s8-1.1 8-2.5v-13M4 12c0 1.4 3.6 2.5 8 '
        '2.5s8-1.1 8-2.5"/>'
    ),
    "server": '<path d="M4 4h16v6H4zM4 14h16v6H4z"/><path d="M7.5 7h.01M7.5 17h.01"/>',
    "plug-in": '<path d="M9 3v5m6-5v5M6 8h12v4a6 6 0 0 1-12 0zM12 18v3"/>',
    "object": (
        '<path d="M12 3l8 4.5v9L12 21l-8-4.5v-9z"/>'
        '<path d="M4 7.5l8 4.5 8-4.5M12 12v9"/>'
    ),
    "picklist": '<path d="M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01"/>',
}


def render_picture(name: str, size: str = "1.25em") -> str:
    """Render a picture in the colour of the text around it.

    It says nothing to a screen reader, so that a word has to stand with it.

    Raises:
        KeyError: There is no such picture.
    """
    return (
        f'<svg class="dmc-icon" viewBox="0 0 24 24" width="{size}" height="{size}" '
        'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" '
        f'stroke-linejoin="round" aria-hidden="true">{_PATHS[name]}</svg>'
    )
