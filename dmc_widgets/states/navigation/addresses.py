"""The addresses of pages, such as ``tasks/42``: what follows ``#/`` in a browser.

An address comes from links and bookmarks, which anybody may have written. So it is
parsed strictly, and its parts are names to look up, and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote

_LONGEST = 2_000
_PART = re.compile(r"(?:[^%/?#\s]|%[0-9A-Fa-f]{2})+")


def format_address(*parts: str) -> str:
    """Return the address of these parts; any text may be a part.

    >>> format_address("objects", "Sample source", "50/50")
    'objects/Sample%20source/50%2F50'
    """
    return "/".join(quote(part, safe="") for part in parts)


def parse_address(text: str) -> tuple[str, ...] | None:
    """Return the parts of an address, none for *Home*; None for any other text.

    >>> parse_address("#/objects/Sample%20source")
    ('objects', 'Sample source')
    """
    text = text.removeprefix("#").removeprefix("/").removesuffix("/")
    if len(text) > _LONGEST:
        return None
    parts = text.split("/") if text else []
    if not all(map(_PART.fullmatch, parts)):
        return None
    try:
        decoded = tuple(unquote(part, errors="strict") for part in parts)
    except UnicodeDecodeError:
        return None
    return decoded if all(map(_is_text, decoded)) else None


def _is_text(part: str) -> bool:
    """Return True for a text without control characters and lone surrogates."""
    return not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in part)
