"""The icons of all pages: inline SVG in the colour of the text around them.

An icon says nothing to a screen reader, so that a word or a label has to stand with it.
"""

from __future__ import annotations

_PATHS = {
    "back": '<path d="M19 12H5m6-6-6 6 6 6"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>',
    "close": '<path d="M6 6l12 12M18 6 6 18"/>',
    "compare": '<path d="M4 5h6v14H4zM14 5h6v14h-6z"/><path d="M10 12h4"/>',
    "database": (
        '<ellipse cx="12" cy="5.5" rx="8" ry="2.5"/>'
        '<path d="M4 5.5v13C4 19.9 7.6 21 12 21s8-1.1 8-2.5v-13M4 12c0 1.4 3.6 2.5 8 '
        '2.5s8-1.1 8-2.5"/>'
    ),
    "database-server": (
        '<ellipse cx="12" cy="4.5" rx="7" ry="2"/>'
        '<path d="M5 4.5v8c0 1.1 3.1 2 7 2s7-.9 7-2v-8"/>'
        '<path d="M12 14.5V19M4 19h5m6 0h5M9 19a3 2 0 1 0 6 0 3 2 0 1 0-6 0"/>'
    ),
    "download": '<path d="M12 4v11m-5-5 5 5 5-5M4 20h16"/>',
    "error": '<circle cx="12" cy="12" r="9"/><path d="M9 9l6 6m0-6-6 6"/>',
    "export": '<path d="M12 15V4m-4 4 4-4 4 4"/><path d="M5 13v7h14v-7"/>',
    "file": '<path d="M6 3h8l4 4v14H6z"/><path d="M14 3v4h4"/>',
    "filter": '<path d="M4 5h16l-6 7.5V19l-4-2v-4.5z"/>',
    "forward": '<path d="M5 12h14m-6-6 6 6-6 6"/>',
    "home": '<path d="M4 11 12 4l8 7v9h-5.5v-6h-5v6H4z"/>',
    "import": '<path d="M12 4v11m-4-4 4 4 4-4"/><path d="M5 13v7h14v-7"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5m0-8.5v.5"/>',
    "installations": (
        '<path d="M4 4h16v6H4zM4 14h16v6H4z"/><path d="M7.5 7h.01M7.5 17h.01"/>'
    ),
    "menu": '<path d="M4 6h16M4 12h16M4 18h16"/>',
    "migrate": '<path d="M4 8h13m-4-4 4 4-4 4M20 16H7m4 4-4-4 4-4"/>',
    "more": (
        '<path d="M12 5.5v.01M12 12v.01M12 18.5v.01" stroke-width="3"/>'  # three dots
    ),
    "new": '<path d="M12 5v14M5 12h14"/>',
    "objects": (
        '<path d="M12 3l8 4.5v9L12 21l-8-4.5v-9z"/>'
        '<path d="M4 7.5l8 4.5 8-4.5M12 12v9"/>'
    ),
    "resume": '<path d="M7 4.5v15l12-7.5z"/>',
    "retry": '<path d="M20 5v5h-5"/><path d="M19.5 10a8 8 0 1 0 .5 4"/>',
    "running": '<path d="M12 3a9 9 0 1 0 9 9"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
    "server": (
        '<path d="M3 5h18v12H3z"/><path d="M8 21h8m-4-4v4"/>'  # a screen on its foot
    ),
    "settings": (
        '<path d="M4 7h9m5 0h2M4 17h3m5 0h8"/><circle cx="15.5" cy="7" r="2.5"/>'
        '<circle cx="9.5" cy="17" r="2.5"/>'
    ),
    "success": '<circle cx="12" cy="12" r="9"/><path d="M8 12.5l2.8 2.8L16 9.5"/>',
    "tasks": (
        '<path d="M9 6h11M9 12h11M9 18h11"/><path d="M4 6h.01M4 12h.01M4 18h.01"/>'
    ),
    "templates": '<path d="M8 8h12v12H8z"/><path d="M16 8V4H4v12h4"/>',
    "undo": '<path d="M8 5 4 9l4 4"/><path d="M4 9h10a5.5 5.5 0 0 1 0 11h-4"/>',
    "verify": (
        '<path d="M12 3l8 3v6c0 4.5-3.2 7.5-8 9-4.8-1.5-8-4.5-8-9V6z"/>'
        '<path d="M8.5 12l2.5 2.5 4.5-5"/>'
    ),
    "warning": '<path d="M12 4 2.5 20h19z"/><path d="M12 10v4.5m0 2.5v.01"/>',
}

ICON_NAMES = tuple(sorted(_PATHS))
"""The names of all icons."""


def render_icon(name: str) -> str:
    """Render an icon as SVG, as large as the text around it.

    >>> render_icon("home")[:27]
    '<svg class="dmc-icon" viewB'

    Raises:
        KeyError: There is no such icon.
    """
    return (
        '<svg class="dmc-icon" viewBox="0 0 24 24" width="1.25em" height="1.25em" '
        'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" '
        f'stroke-linejoin="round" aria-hidden="true">{_PATHS[name]}</svg>'
    )
