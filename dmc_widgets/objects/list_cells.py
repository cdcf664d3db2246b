"""Lists in one cell of a table: texts separated by commas."""

from __future__ import annotations

import re
from typing import Final

_TEXT: Final = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(?:,|$)')


def texts_in(cell: str) -> list[str]:
    """Return the texts of a cell, without empty ones; ``[]`` is an empty list.

    What holds a comma stands in quotes, as in Liferay's tables.
    """
    if cell.strip() == "[]":
        return []
    found = []
    for match in _TEXT.finditer(cell):
        text = match[2].strip() if match[1] is None else match[1].replace('""', '"')
        if text:
            found.append(text)
    return found
