"""Documents that a package should have brought, and that its later files need.

A definition that fails takes everything with it that builds on it, far below in the
list of files. So the messages of later files name the file that failed before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ...errors import FileError
from ...formats.source import open_source
from ...model.entity_type import (
    LIST_TYPE_DEFINITION,
    OBJECT_DEFINITION,
    OBJECT_FOLDER,
    object_type_name,
)
from ...model.record import UnreadableRecord
from ...objects.names import ERC
from .reader import BATCH_FILE_SUFFIX

_CLASSES: Final = frozenset({OBJECT_DEFINITION, LIST_TYPE_DEFINITION, OBJECT_FOLDER})
_MAX_RECORDS: Final = 10_000
_MAX_NAMES: Final = 5


@dataclass(frozen=True, slots=True)
class _Missing:
    """A document that was not imported.

    Attributes:
        shown: How messages name it: ``C_Ticket``, or a code.
        file: The file that has it, without its ending.
        reason: Why it was not imported; may be empty.
    """

    shown: str
    file: str
    reason: str

    @property
    def cause(self) -> str:
        """The file that failed, and why."""
        return f"{self.file} failed" + (f" ({self.reason})" if self.reason else "")


class MissingDocuments:
    """The documents of a package that were not imported, by the names they go by."""

    def __init__(self) -> None:
        self._by_name: dict[str, _Missing] = {}

    def add_file(
        self, file: str, path: Path, class_name: str, reasons: Mapping[int, str] | None
    ) -> None:
        """Remember the documents of a file that failed.

        Args:
            file: The name of the file in the package.
            path: The file.
            class_name: The class of its items.
            reasons: Why each of its records was not imported, by number from 1; None if
                none was.
        """
        if class_name not in _CLASSES:
            return
        short_name = file.removesuffix(BATCH_FILE_SUFFIX).rstrip(".-")
        for number, record in _read_records(path, file):
            if reasons is None or number in reasons:
                reason = reasons[number] if reasons else ""
                self._add(record, class_name, short_name, reason)

    def add_imported(self, path: Path, file: str, class_name: str) -> None:
        """Forget the documents of a file that was imported after all."""
        if self._by_name and class_name in _CLASSES:
            for _number, record in _read_records(path, file):
                for name in _names(record, class_name):
                    self._by_name.pop(name, None)

    def explain_unknown(self, name: str) -> str:
        """Return why an entity type is missing; empty if that is not known."""
        missing = self._by_name.get(name.rpartition("#")[2])
        if missing is None:
            return ""
        return f"{missing.shown} is not there: {missing.cause}."

    def explain(self, messages: Iterable[str]) -> tuple[str, ...]:
        """Return a sentence for each missing document that *messages* name."""
        text = "\n".join(messages)
        found = dict.fromkeys(
            missing
            for name, missing in self._by_name.items()
            if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
        )
        return tuple(
            f"{missing.shown} was not imported: {missing.cause}."
            for missing in islice(found, _MAX_NAMES)
        )

    def _add(
        self, record: dict[str, Any], class_name: str, file: str, reason: str
    ) -> None:
        names = _names(record, class_name)
        if names:
            missing = _Missing(names[0], file, reason.rstrip("."))
            for name in names:
                self._by_name.setdefault(name, missing)


def _names(record: dict[str, Any], class_name: str) -> list[str]:
    """Return the names that other items use for a document, the best known first."""
    name, code = record.get("name"), record.get(ERC)
    names = [code, name]
    if class_name == OBJECT_DEFINITION and isinstance(name, str) and name:
        names = [object_type_name(name), code]
    return [found for found in names if isinstance(found, str) and found.strip()]


def _read_records(path: Path, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the records of a file up to a damaged place, with their numbers."""
    try:
        with open_source(path, name=Path(file).name) as source:
            records = islice(source.records(), _MAX_RECORDS)
            for number, record in enumerate(records, start=1):
                if not isinstance(record, UnreadableRecord):
                    yield number, record
    except FileError:
        return
