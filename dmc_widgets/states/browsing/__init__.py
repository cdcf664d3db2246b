"""Looking into an installation: what is in view, and what was read of it."""

from __future__ import annotations

from .browser_state import BrowserState, EntryDetails, RelatedEntries, Subject
from .entry_pages import EntryPages
from .installation_reader import InstallationReader
from .object_browsing import ObjectBrowsing

__all__ = [
    "BrowserState",
    "EntryDetails",
    "EntryPages",
    "InstallationReader",
    "ObjectBrowsing",
    "RelatedEntries",
    "Subject",
]
