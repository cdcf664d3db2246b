"""The files of attachments: what is stored of each, and what a batch changes.

A file exists on its own, as in Liferay: it has an id, an external reference code that
is unique within its site, and several entries may refer to it. An entry stores only the
id, so importing other content under an existing code changes what all of them show.

A file without a code gets a new one, unless the stored entry already has this very
file: otherwise each import of the same record would add another file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from mimetypes import MimeTypes
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from ...model.outcome import Problem
from ..errors.entry_problems import no_such_file
from ..fields.attachment import (
    AttachmentRules,
    FileContent,
    IncomingFile,
    file_extension,
)
from ..names import ERC

_MIME_TYPES: Final = MimeTypes()
"""Python's own table, because the tables of operating systems differ."""


class StoredFile(NamedTuple):
    """A stored file."""

    id: int
    erc: str
    name: str
    content: FileContent

    def to_output(self) -> dict[str, Any]:
        """Return what entries show of the file, which excludes its content."""
        mime_type = _MIME_TYPES.guess_type(f"x.{file_extension(self.name)}")[0]
        return {
            "id": self.id,
            "name": self.name,
            ERC: self.erc,
            "extension": file_extension(self.name),
            "mimeType": mime_type or "application/octet-stream",
            "size": self.content.size,
            "link": {
                "href": f"/documents/{self.id}/{quote(self.name, safe='')}",
                "label": self.name,
            },
        }


@dataclass(slots=True)
class BatchFiles:
    """The files that a batch concerns, kept up to date while it is decided.

    Attributes:
        by_erc: The files of the site that items refer to or include, by ERC.
        by_id: The files that items refer to and those of stored entries, by id.
        created: The files to insert, by id.
        updated: The files to overwrite, by id.
        new_id: Returns the id of the next new file.
        written: The files that the last kept item has written, each before and after.
    """

    by_erc: dict[str, StoredFile] = field(default_factory=dict)
    by_id: dict[int, StoredFile] = field(default_factory=dict)
    created: dict[int, StoredFile] = field(default_factory=dict)
    updated: dict[int, StoredFile] = field(default_factory=dict)
    new_id: Callable[[], int] = field(default_factory=lambda: count(1).__next__)
    written: tuple[tuple[StoredFile | None, StoredFile], ...] = ()
    _pending: dict[str, StoredFile] = field(default_factory=dict)

    @property
    def are_pending(self) -> bool:
        """True if the current item adds or changes files."""
        return bool(self._pending)

    def settle(
        self,
        values: dict[str, Any],
        fields: Iterable[AttachmentRules],
        before: Mapping[str, Any],
        new_key: Callable[[], str],
    ) -> Problem | None:
        """Replace the files of an item by their ids, and record what they change.

        The changes take effect with :meth:`keep`; the next call discards them.

        Args:
            values: The values of the item, changed in place.
            fields: The rules of the Attachment fields.
            before: The values of the stored entry.
            new_key: Generates the external reference code of a new file.
        """
        self._pending = {}
        for attachment_rules in fields:
            given = values.get(attachment_rules.name)
            if not isinstance(given, IncomingFile):
                continue
            if given.content is None:
                file = self._find_stored(attachment_rules, given)
            else:
                old = before.get(attachment_rules.name)
                file = self._store_content(given, given.content, old, new_key)
            if isinstance(file, Problem):
                return file
            values[attachment_rules.name] = file.id
        return None

    def keep(self) -> None:
        """Accept the file changes of the current item."""
        self.written = tuple(
            (self.by_id.get(file.id), file) for file in self._pending.values()
        )
        for file in self._pending.values():
            is_new = file.id not in self.by_id or file.id in self.created
            (self.created if is_new else self.updated)[file.id] = file
            self.by_erc[file.erc] = self.by_id[file.id] = file
        self._pending = {}

    def _find_stored(
        self, rules: AttachmentRules, given: IncomingFile
    ) -> StoredFile | Problem:
        if given.erc:
            stored = self._pending.get(given.erc) or self.by_erc.get(given.erc)
        else:
            stored = self.by_id.get(given.id)
        if stored is None:
            return no_such_file(rules.name, given.erc or given.id, given.to_report())
        as_incoming = IncomingFile(id=stored.id, erc=stored.erc, name=stored.name)
        problem = rules.check_name(as_incoming) or rules.check_size(
            as_incoming, stored.content.size
        )
        return problem or stored

    def _store_content(
        self,
        given: IncomingFile,
        content: FileContent,
        before: Any,
        new_key: Callable[[], str],
    ) -> StoredFile:
        if given.erc:
            stored = self._pending.get(given.erc) or self.by_erc.get(given.erc)
        else:
            stored = self.by_id.get(before) if isinstance(before, int) else None
            if stored and (stored.name, stored.content) != (given.name, content):
                stored = None
        if stored is None:
            erc = given.erc or new_key()
            file = StoredFile(self.new_id(), erc, given.name, content)
        else:
            file = StoredFile(stored.id, stored.erc, given.name, content)
        if file != stored:
            self._pending[file.erc] = file
        return file


def collect_files(
    items: Iterable[Mapping[str, Any]], fields: Iterable[AttachmentRules]
) -> tuple[set[str], set[int]]:
    """Return the ERCs and the ids of the files that have to be looked up."""
    names = [field.name for field in fields]
    codes: set[str] = set()
    ids: set[int] = set()
    for values in items:
        for name in names:
            given = values.get(name)
            if isinstance(given, int):
                ids.add(given)
            elif isinstance(given, IncomingFile) and given.erc:
                codes.add(given.erc)
            elif isinstance(given, IncomingFile) and given.id:
                ids.add(given.id)
    return codes, ids
