"""What users of a shared workspace may do, by installation."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a user may do with an installation; each includes those before it."""

    LOOK = "look"
    EXPORT = "export"
    IMPORT = "import"
    ADMINISTER = "administer"

    def includes(self, other: Role) -> bool:
        """Return True if this role allows what *other* allows."""
        return _ORDER.index(self) >= _ORDER.index(other)


_ORDER: Final = tuple(Role)

EVERYWHERE: Final = "*"
"""Stands for every installation that has no role of its own, and for the workspace."""
