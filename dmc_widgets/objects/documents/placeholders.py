"""Placeholders: documents that have only been named so far.

A definition names picklists and a folder by their codes. What is not there yet gets a
placeholder, which the document replaces when it comes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..names import derive_name
from .change_set import (
    DEFAULT_FOLDER,
    FOLDER,
    PICKLIST,
    PLACEHOLDER_STATUS,
    ChangeSet,
    StoredDocument,
)


def ensure_picklist(changes: ChangeSet, erc: str, keys: Iterable[str]) -> None:
    """Add a placeholder that has *keys*, or add the keys to the one that is there.

    A picklist that has already come stays as it is.
    """
    stored = changes.find(PICKLIST, erc)
    if stored is not None and not stored.is_placeholder:
        return
    body = stored.body if stored else {"externalReferenceCode": erc, "name": erc}
    entries = list(body.get("listTypeEntries", ()))
    present = {entry["key"] for entry in entries}
    entries += [{"key": key, "name": key} for key in keys if key not in present]
    body = body | {"listTypeEntries": entries}
    if stored is None:
        changes.add_placeholder(
            StoredDocument(PICKLIST, erc, erc, PLACEHOLDER_STATUS, body)
        )
    else:
        changes.put(replace(stored, body=body))


def ensure_folder(changes: ChangeSet, erc: str) -> None:
    """Add a placeholder unless there is a folder or a placeholder of that ERC."""
    if erc == DEFAULT_FOLDER or changes.find(FOLDER, erc):
        return
    changes.add_placeholder(_folder_placeholder(changes, erc))


def release_folder_name(changes: ChangeSet, name: str, erc: str) -> None:
    """Rename a placeholder that has the name of the folder with that ERC."""
    holder = changes.find_by_name(FOLDER, name)
    if holder and holder.erc != erc and holder.is_placeholder:
        changes.put(_folder_placeholder(changes, holder.erc))


def _folder_placeholder(changes: ChangeSet, erc: str) -> StoredDocument:
    name = derive_name(erc, lambda name: changes.find_by_name(FOLDER, name) is not None)
    body = {
        "externalReferenceCode": erc,
        "label": {"en_US": erc},
        "name": name,
        "objectFolderItems": [],
    }
    return StoredDocument(FOLDER, erc, name, PLACEHOLDER_STATUS, body)
