"""Looking into an installation: what it defines, and its entries page by page."""

from __future__ import annotations

from .catalogue import (
    Catalogue,
    FieldSummary,
    FolderSummary,
    ObjectSummary,
    PicklistSummary,
    RelationshipSummary,
    read_catalogue,
)
from .entry_links import EntryLink, find_entry_links
from .entry_pages import EntryPage, read_entry_page
from .entry_values import (
    choose_columns,
    choose_details,
    format_entry_value,
    without_contents,
)
from .installation_state import (
    InstallationKind,
    InstallationState,
    InstallationUse,
    Place,
    count_entries,
    describe_place,
    find_use,
    read_state,
)
from .match_count import MatchCount
from .migration_order import MigrationOrder, MigrationStep, read_migration_order
from .stored_attachments import StoredAttachment, list_attachments, open_attachment

__all__ = [
    "Catalogue",
    "EntryLink",
    "EntryPage",
    "FieldSummary",
    "FolderSummary",
    "InstallationKind",
    "InstallationState",
    "InstallationUse",
    "MatchCount",
    "MigrationOrder",
    "MigrationStep",
    "ObjectSummary",
    "PicklistSummary",
    "Place",
    "RelationshipSummary",
    "StoredAttachment",
    "choose_columns",
    "choose_details",
    "count_entries",
    "describe_place",
    "find_entry_links",
    "find_use",
    "format_entry_value",
    "list_attachments",
    "open_attachment",
    "read_catalogue",
    "read_entry_page",
    "read_migration_order",
    "read_state",
    "without_contents",
]
