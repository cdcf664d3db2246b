"""The natural order of paths: numbers in them by their value."""

from __future__ import annotations

import re


def natural_sort_key(name: str) -> tuple[list[tuple[int, int]], str]:
    """Return a sort key that orders numbers in paths by their value: 1, 2, 10.

    Characters are compared as in Liferay, whatever their case, and a digit stands
    between the signs before and after it in ASCII, such as ``/`` and ``A``.
    """
    key: list[tuple[int, int]] = []
    for piece in re.findall(r"[0-9]+|[^0-9]+", name.lower()):
        if piece[0] in "0123456789":
            key.append((ord("0"), int(piece)))
        else:
            key += ((ord(char), 0) for char in piece)
    return key, name
