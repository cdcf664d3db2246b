"""Snapshots: what a server holds of some items before and after a batch.

A server does not report which items an import task added and which it changed. That
follows from comparing the items before the task with those after it; a checksum of
each is enough. A process that resumes a task cannot take the snapshot any more, so the
snapshot travels with the task: the file of an import task is a zip archive that the
server stores and returns unchanged, and the archive's comment, which readers of
archives ignore, holds the checksums. Mark, data and snapshot arrive together or not at
all.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ...errors import InstallationError
from ...model.entity_type import (
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    OBJECT_FOLDER,
    EntityType,
)
from ...model.item_reads import ItemReads
from ...objects.documents.change_set import DEFINITION
from ...objects.documents.folders import list_included_codes
from ...objects.fields.many_to_many import is_link_list
from ...ports import Item
from .batch_plan import BatchPart, PreparedItem
from .http.errors import UnknownTaskState
from .items import CODE_AND_ID, ItemFetcher, ItemNormalizer, item_checksum

Snapshot = Mapping[str, str]
"""Checksums of stored items by ERC; an item that is not stored is not in it."""

NOT_READ: Final = ""
"""In place of a checksum: the item is stored, but its content was not read."""

_COMMENT_PREFIX: Final = b"dmc-before-1:"
_TOKEN_CHARS: Final = 8
_ABSENT: Final = "-" * _TOKEN_CHARS
_UNREAD: Final = "+" * _TOKEN_CHARS
"""How an archive's comment spells :data:`NOT_READ`."""
WITHHELD: Final = "*" * _TOKEN_CHARS
"""In place of a checksum: the item was not sent, as a list in it names entries that
were not stored."""

_FILE_NAME: Final = "batch.jsonl"
_DEFINITION_TYPE: Final = EntityType(
    name=DEFINITION, label=DEFINITION, class_name=OBJECT_DEFINITION
)


def pack_archive(
    lines: Sequence[bytes], keys: Sequence[str], snapshot: Snapshot
) -> bytes:
    """Return the zip archive that an import task takes.

    Args:
        lines: The items as JSON.
        keys: The codes of the batch's part, in its order; at most
            :data:`.batch_plan.PART_ITEMS`, or the comment would be too long.
        snapshot: What was stored under these codes.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(_FILE_NAME, b"".join(line + b"\n" for line in lines))
        tokens = (snapshot.get(key, _ABSENT) or _UNREAD for key in keys)
        archive.comment = _COMMENT_PREFIX + "".join(tokens).encode()
    return buffer.getvalue()


def read_snapshot(archive: bytes, keys: Sequence[str]) -> dict[str, str] | None:
    """Read the snapshot in an archive, or return None if it has none for *keys*."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            comment = file.comment
    except zipfile.BadZipFile:
        return None
    text = comment.removeprefix(_COMMENT_PREFIX).decode("ascii", "replace")
    if not comment.startswith(_COMMENT_PREFIX) or len(text) != _TOKEN_CHARS * len(keys):
        return None
    tokens = [text[at : at + _TOKEN_CHARS] for at in range(0, len(text), _TOKEN_CHARS)]
    return {
        key: NOT_READ if token == _UNREAD else token
        for key, token in zip(keys, tokens, strict=True)
        if token != _ABSENT
    }


def count_snapshot(archive: bytes) -> int:
    """Return of how many items an archive holds checksums; 0 if of none."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            comment = file.comment
    except zipfile.BadZipFile:
        return 0
    if not comment.startswith(_COMMENT_PREFIX):
        return 0
    return len(comment.removeprefix(_COMMENT_PREFIX)) // _TOKEN_CHARS


class ChecksumReader:
    """Reads stored items of one entity type, and keeps their checksums only.

    Args:
        fetcher: Reads items by code.
        entity_type: The entity type that the items belong to.
        adds_only: The import changes nothing, so it is enough to know which items are
            stored.
    """

    def __init__(
        self, fetcher: ItemFetcher, entity_type: EntityType, *, adds_only: bool
    ) -> None:
        self._fetcher = fetcher
        self._type = entity_type
        self._adds_only = adds_only
        self._is_entry = entity_type.class_name == OBJECT_ENTRY
        self._has_links = any(map(is_link_list, entity_type.fields))
        self._included: dict[str, tuple[str, ...]] = {}

    def include_definitions(self, items: Iterable[PreparedItem]) -> None:
        """Treat the definitions inside folders as parts of the folders."""
        if self._type.class_name != OBJECT_FOLDER:
            return
        self._included |= {
            item.key: codes
            for item in items
            if (codes := list_included_codes(item.item))
        }

    def read(
        self, site: str, keys: Sequence[str], reads: ItemReads | None = None
    ) -> dict[str, str]:
        """Return the checksums of what is stored under *keys*.

        Args:
            site: The site of the items.
            keys: Their codes.
            reads: What need not be read again.
        """
        known = self._known_items(site, keys, reads)
        missing = [key for key in keys if key not in known]
        stored = {key: item for key, item in known.items() if item is not None}
        if self._adds_only:
            found = self._fetch(site, missing, CODE_AND_ID)
            return dict.fromkeys([*stored, *found], NOT_READ)
        checksums = {key: item_checksum(x, self._type) for key, x in stored.items()}
        checksums |= _checksums(self._fetch(site, missing), self._type)
        return checksums | self._with_definitions(checksums)

    def read_after(
        self, site: str, keys: Sequence[str], reads: ItemReads | None = None
    ) -> dict[str, str]:
        """Return the checksums of what is stored after a task.

        Args:
            site: The site of the items.
            keys: Their codes.
            reads: Gets the items, unless links are written after them.

        Raises:
            UnknownTaskState: The server cannot be asked now.
        """
        if reads is None or self._adds_only or self._has_links or not self._is_entry:
            try:
                return self.read(site, keys)
            except InstallationError as exc:
                raise UnknownTaskState(exc) from exc
        try:
            found = self._fetch(site, keys)
        except InstallationError as exc:
            raise UnknownTaskState(exc) from exc
        normalizer = ItemNormalizer(self._type)
        items = {key: normalizer.item(item) for key, item in found.items()}
        reads.after.update({(site, key): item for key, item in items.items()})
        return {key: item_checksum(item, self._type) for key, item in items.items()}

    def _known_items(
        self, site: str, keys: Sequence[str], reads: ItemReads | None
    ) -> dict[str, Item | None]:
        if reads is None or not self._is_entry:
            return {}
        before = reads.before
        return {key: before[site, key] for key in keys if (site, key) in before}

    def _fetch(
        self, site: str, keys: Sequence[str], fields: str = ""
    ) -> dict[str, Item]:
        return self._fetcher.fetch(self._type, keys, site, fields) if keys else {}

    def estimate_before(self, part: BatchPart, task: Item) -> dict[str, str]:
        """Return what must have been stored before a task, from dates of creation.

        This is for a server that does not return the file of a task. Times are those
        of the server, in seconds. A task that never started has added nothing.

        Raises:
            UnknownTaskState: The server cannot be asked now.
        """
        keys = [item.key for item in part.items]
        try:
            items = self._fetcher.fetch(self._type, keys, part.site)
        except InstallationError as exc:
            raise UnknownTaskState(exc) from exc
        started = str(task.get("startTime") or "")[:19]
        return {
            key: NOT_READ
            for key, item in items.items()
            if not started or str(item.get("dateCreated") or "")[:19] < started
        }

    def _with_definitions(self, checksums: Snapshot) -> dict[str, str]:
        """Return the checksums of those folders that contain definitions."""
        included = {
            key: self._included[key] for key in checksums if key in self._included
        }
        codes = [code for some in included.values() for code in some]
        if not codes:
            return {}
        definitions = _checksums(
            self._fetcher.fetch(_DEFINITION_TYPE, codes), _DEFINITION_TYPE
        )
        return {
            key: item_checksum(
                # The names are part of the checksum: stored snapshots depend on them.
                {
                    "own": checksums[key],
                    "brought": [definitions.get(code) for code in some],
                },
                self._type,
            )
            for key, some in included.items()
        }


def _checksums(items: Mapping[str, Item], entity_type: EntityType) -> dict[str, str]:
    normalizer = ItemNormalizer(entity_type)
    return {
        key: item_checksum(normalizer.item(item), entity_type)
        for key, item in items.items()
    }
