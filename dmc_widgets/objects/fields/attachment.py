"""Attachment fields: a file named by its id or code, or brought as Base64.

Taken are an id, ``{id}``, ``{externalReferenceCode}``, ``{fileBase64, name}`` and
these together (docs/liferay/objects.md, Values); what else an export says of a file is passed
over. A code wins before an id, because ids do not travel, and content before both.

FileContent is judged here, piece by piece, and kept by the installation: an entry holds
no more than which file it is (:mod:`.stored_files`).
"""

from __future__ import annotations

import json
from binascii import Error, a2b_base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final, NamedTuple

from ...model.outcome import Problem
from ...model.record import LargeText
from ..errors.entry_problem_types import EntryProblemType
from ..errors.entry_problems import (
    invalid_value,
)
from ..names import ERC
from ..text import scalar_text, shorten_text
from .number import parse_integer
from .relationship import is_valid_erc

ATTACHMENT: Final = "Attachment"
CONTENT: Final = "fileBase64"

_MB: Final = 1024 * 1024
_LARGEST_ID: Final = 2**53 - 1
_NAME_LIMIT: Final = 255
_NAMING: Final = frozenset({CONTENT, ERC, "id", "name"})
_TAKEN: Final = (
    "An attachment is the id of a file, or an object with its id, its external "
    f"reference code, or its name and content ({CONTENT})."
)
_PIECE: Final = 256 * 1024
"""Characters decoded in one go, a multiple of four: files are never held twice."""


class FileContent(NamedTuple):
    """What a file holds, told by its digest (SHA-256 in hexadecimal) and its size."""

    sha256: str
    size: int


Pieces = Callable[[], Iterator[bytes]]
"""Reads the bytes of a file, from the beginning at every call."""

Keep = Callable[[FileContent, Pieces], None]
"""Keeps the bytes of a file that was found in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """A file as an item names it or brings it.

    Attributes:
        id: Empty is 0.
        erc: Its external reference code; empty where it has none.
        name: With its extension; it may be missing where there is no content.
        content: None where the file is only named.
    """

    id: int = 0
    erc: str = ""
    name: str = ""
    content: FileContent | None = None

    def shown(self) -> dict[str, Any]:
        """Return what a report shows of it."""
        told = {"id": self.id, ERC: self.erc, "name": self.name}
        return {key: value for key, value in told.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRules:
    """What a field accepts.

    Attributes:
        name: Of the field.
        extensions: In lower case; any extension if there are none.
        size_mb: The largest size; any if 0.
    """

    name: str
    extensions: frozenset[str] = frozenset()
    size_mb: int = 0

    @classmethod
    def of(cls, name: str, settings: Mapping[str, Any]) -> AttachmentRules:
        """Read the settings of a field.

        Args:
            name: Of the field.
            settings: ``acceptedFileExtensions``, ``"pdf, png"``, any if blank;
                ``maximumFileSize`` in MB, any if 0.
        """
        words = str(settings.get("acceptedFileExtensions") or "").lower().split(",")
        size_mb = parse_integer(str(settings.get("maximumFileSize") or "")) or 0
        return cls(
            name=name,
            extensions=frozenset(
                word.strip().removeprefix(".") for word in words if word.strip()
            ),
            size_mb=max(0, size_mb),
        )

    def check(
        self, value: Any, keep: Keep | None = None
    ) -> IncomingFile | Problem | None:
        """Judge what an item says of the field.

        Args:
            value: As it came, or what an earlier call made of it.
            keep: Is handed content that is in order.
        """
        if isinstance(value, IncomingFile | Problem):
            return value
        found = read_file_reference(self.name, value)
        if found is None or isinstance(found, Problem):
            return found
        given, text = found
        return given if text is None else self._with_content(given, text, keep)

    def _with_content(
        self, given: IncomingFile, text: Any, keep: Keep | None
    ) -> IncomingFile | Problem:
        fault = self.name_fault(given) or self._text_fault(given, text)
        content = None if fault else _measure(text)
        if fault or content is None:
            return fault or EntryProblemType.FILE_CONTENT.problem(
                self.name, given.shown()
            )
        fault = self.size_fault(given, content.size)
        if fault is None and keep is not None:
            keep(content, lambda: _decode(text))
        return fault or replace(given, content=content)

    def name_fault(self, given: IncomingFile) -> Problem | None:
        """Say why a file of that name is not accepted."""
        extension = file_extension(given.name)
        if not given.name or len(given.name) > _NAME_LIMIT:
            cause = f"A file has a name of at most {_NAME_LIMIT} characters."
            return invalid_value(self.name, given.shown(), cause)
        if self.extensions and extension.lower() not in self.extensions:
            return EntryProblemType.FILE_EXTENSION.problem(
                self.name, given.shown(), extension=extension
            )
        return None

    def size_fault(self, given: IncomingFile, size: int) -> Problem | None:
        """Say why a file of that many bytes is not accepted."""
        if self.size_mb and size > self.size_mb * _MB:
            return EntryProblemType.FILE_SIZE.problem(
                self.name, given.shown(), limit=self.size_mb
            )
        return None

    def _text_fault(self, given: IncomingFile, text: Any) -> Problem | None:
        """Judge content by its length, so that one far too large is not read."""
        if not isinstance(text, str | LargeText):
            return EntryProblemType.FILE_CONTENT.problem(self.name, given.shown())
        length = len(text) if isinstance(text, str) else text.size
        return self.size_fault(given, length // 4 * 3 - 2)


def _is_nothing(named: Mapping[str, Any]) -> bool:
    """Return True for an object that says that there is no file: ``{"id": null}``.

    An object with no member that could name a file says nothing of the kind.
    """
    if named.get(CONTENT) is not None or _NAMING.isdisjoint(named):
        return False
    return not any(named.values())


def _fault_of(given: IncomingFile | None) -> str:
    """Explain why an object names no file."""
    if given is None:
        return _TAKEN
    file = f'The file "{shorten_text(given.name)}"' if given.name else "The object"
    return (
        f"{file} has neither an id nor an external reference code, and brings no "
        f"content ({CONTENT})."
    )


def read_file_reference(
    field: str, value: Any
) -> tuple[IncomingFile, Any] | Problem | None:
    """Read how a value names a file, without a look at its content.

    Returns:
        The file and its content as Base64, None where it brings none; None for no
        file; or a :class:`Problem`.
    """
    named = _as_object(value)
    if not isinstance(named, dict):
        return None if named is None else invalid_value(field, value, _TAKEN)
    if _is_nothing(named):
        return None
    given = _read_named(named)
    text = named.get(CONTENT)
    if given is None or (text is None and not (given.id or given.erc)):
        return invalid_value(field, _without_content(named), _fault_of(given))
    return given, text


def file_extension(name: str) -> str:
    """Return what stands behind the last point of a file's name."""
    return name.rpartition(".")[2] if "." in name else ""


def _as_object(value: Any) -> Any:
    """Read an id, or JSON in a text, as an object; None for a blank."""
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        if text.startswith("{"):
            try:
                return json.loads(text)
            except (ValueError, RecursionError):
                return value
    if isinstance(value, dict | list | bool):
        return value
    number = parse_integer(value)
    if number is None or number < 0:
        return value
    return {"id": number} if number else None


def _read_named(named: Mapping[str, Any]) -> IncomingFile | None:
    """Read how a file is named; None if that is no way to name one."""
    erc, name = scalar_text(named.get(ERC) or ""), named.get("name") or ""
    file_id = named.get("id") or 0
    number = None if isinstance(file_id, bool) else parse_integer(file_id)
    if not (isinstance(erc, str) and isinstance(name, str) and is_valid_erc(erc)):
        return None
    if number is None or not 0 <= number <= _LARGEST_ID or not _is_text(name):
        return None
    return IncomingFile(id=number, erc=erc.strip(), name=name.strip())


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return "\0" not in name


def _measure(text: str | LargeText) -> FileContent | None:
    """Return what the Base64 *text* holds; None if it is none."""
    digest, size = sha256(), 0
    try:
        for piece in _decode(text):
            digest.update(piece)
            size += len(piece)
    except ValueError:
        return None
    return FileContent(digest.hexdigest(), size)


def _decode(text: str | LargeText) -> Iterator[bytes]:
    """Decode Base64 piece by piece.

    Raises:
        ValueError: It is none.
    """
    is_over = False
    for quads in _quads(text):
        if is_over:  # a piece before this one ended with padding
            msg = "Base64 goes on behind its padding"
            raise Error(msg)
        piece = a2b_base64(quads, strict_mode=True)
        is_over = len(piece) % 3 != 0
        yield piece


def _quads(text: str | LargeText) -> Iterator[str | bytes]:
    """Cut a text into pieces of a multiple of four characters, but for the last."""
    if isinstance(text, str):
        for start in range(0, len(text), _PIECE):
            yield text[start : start + _PIECE]
        return
    rest = b""
    for piece in text.pieces():
        joined = rest + piece
        whole = len(joined) // 4 * 4
        rest = joined[whole:]
        if whole:
            yield joined[:whole]
    if rest:
        yield rest


def _without_content(named: Mapping[str, Any]) -> dict[str, Any]:
    """Leave the content out of reports: it may be the whole of a large file."""
    return {key: each for key, each in named.items() if key != CONTENT}
