"""The sites of an installation, to which entries of some objects belong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """A site as people choose it.

    Attributes:
        key: What names it in plans and paths: its key, or a server's id of it.
        label: What people call it.
    """

    key: str
    label: str
