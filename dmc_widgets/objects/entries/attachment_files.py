"""The files of attachments: what an installation knows of each, and what a batch does.

A file is a thing of its own, as in Liferay: it has an id, an external reference code
that is unique within its site, and several entries may name it. An entry keeps the
id alone, so bringing other content under a code in use changes what all of them
show.

A file that comes without a code gets a new one, unless the entry that brings it has
this very file already: else each import of the same record would add another file.
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
"""Python's own table: what a file is called differs from machine to machine."""


class StoredFile(NamedTuple):
    """A file as the installation knows it."""

    id: int
    erc: str
    name: str
    content: FileContent

    def out(self) -> dict[str, Any]:
        """Return what entries show of it, without its content."""
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
    """The files that a batch meets, kept true while it is decided.

    Attributes:
        by_erc: Of the site, those that were named or brought.
        by_id: Those that were named, and those of the entries that are there.
        created: By id, what is to be written anew.
        updated: By id, what is to be written over.
        new_id: Gives the id of the next new file.
    """

    by_erc: dict[str, StoredFile] = field(default_factory=dict)
    by_id: dict[int, StoredFile] = field(default_factory=dict)
    created: dict[int, StoredFile] = field(default_factory=dict)
    updated: dict[int, StoredFile] = field(default_factory=dict)
    new_id: Callable[[], int] = field(default_factory=lambda: count(1).__next__)
    _pending: dict[str, StoredFile] = field(default_factory=dict)

    @property
    def are_pending(self) -> bool:
        """The item under way adds files or changes them."""
        return bool(self._pending)

    def settle(
        self,
        values: dict[str, Any],
        fields: Iterable[AttachmentRules],
        before: Mapping[str, Any],
        new_key: Callable[[], str],
    ) -> Problem | None:
        """Put ids in the place of an item's files, and note what these change.

        Nothing has happened until :meth:`keep`; the next item's call forgets it.

        Args:
            values: The item's, changed in place.
            fields: Those that hold files.
            before: Kept values of the entry that is there.
            new_key: Gives the code of a new file.
        """
        self._pending = {}
        for each in fields:
            given = values.get(each.name)
            if not isinstance(given, IncomingFile):
                continue
            if given.content is None:
                found = self._named(each, given)
            else:
                old = before.get(each.name)
                found = self._brought(given, given.content, old, new_key)
            if isinstance(found, Problem):
                return found
            values[each.name] = found.id
        return None

    def keep(self) -> None:
        """Let the files of the item under way be written."""
        for each in self._pending.values():
            is_new = each.id not in self.by_id or each.id in self.created
            (self.created if is_new else self.updated)[each.id] = each
            self.by_erc[each.erc] = self.by_id[each.id] = each
        self._pending = {}

    def _named(
        self, rules: AttachmentRules, given: IncomingFile
    ) -> StoredFile | Problem:
        if given.erc:
            stored = self._pending.get(given.erc) or self.by_erc.get(given.erc)
        else:
            stored = self.by_id.get(given.id)
        if stored is None:
            return no_such_file(rules.name, given.erc or given.id, given.shown())
        here = IncomingFile(id=stored.id, erc=stored.erc, name=stored.name)
        fault = rules.name_fault(here) or rules.size_fault(here, stored.content.size)
        return fault or stored

    def _brought(
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
            wanted = StoredFile(self.new_id(), erc, given.name, content)
        else:
            wanted = StoredFile(stored.id, stored.erc, given.name, content)
        if wanted != stored:
            self._pending[wanted.erc] = wanted
        return wanted


def collect_files(
    items: Iterable[Mapping[str, Any]], fields: Iterable[AttachmentRules]
) -> tuple[set[str], set[int]]:
    """Collect which files have to be looked up: by ERC, and by id."""
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
