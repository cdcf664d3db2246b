"""Attachment fields: a file that an item refers to or includes as Base64.

Accepted are an id, ``{id}``, ``{externalReferenceCode}``, ``{fileBase64, name}`` and
combinations of these; other members, which exports hold, are ignored. A code takes
precedence over an id, because ids do not travel, and content takes precedence over
both. See docs/liferay/objects.md, Values.

Content is checked here, piece by piece, and stored by the installation. An entry
holds only the id of its file (:mod:`~dmc_widgets.objects.entries.attachment_files`).
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
from ..text import format_scalar, shorten_text
from .number import parse_integer
from .relationship import is_valid_erc

ATTACHMENT: Final = "Attachment"
CONTENT: Final = "fileBase64"
PLACEHOLDER: Final = "@batch_object_entry_file_base64@"
"""Content that the build of a workspace takes from a file beside the batch file."""

_UNFILLED: Final = (
    f"The placeholder {PLACEHOLDER} stands for a file in the folder attachments beside "
    "the batch file. Import the batch file from its folder, or as a package."
)
_MB: Final = 1024 * 1024
_LARGEST_ID: Final = 2**53 - 1
_NAME_LIMIT: Final = 255
_REASON_LIMIT: Final = 500
_NAMING: Final = frozenset({CONTENT, ERC, "id", "name"})
_TAKEN: Final = (
    "An attachment is the id of a file, or an object with its id, its external "
    f"reference code, or its name and content ({CONTENT})."
)
_PIECE: Final = 256 * 1024
"""Characters decoded at a time, a multiple of four: a file is never held twice."""


class FileContent(NamedTuple):
    """The content of a file: its digest (SHA-256 in hexadecimal) and its size."""

    sha256: str
    size: int


Pieces = Callable[[], Iterator[bytes]]
"""Reads the bytes of a file, from the beginning at every call."""

Keep = Callable[[FileContent, Pieces], None]
"""Stores the bytes of a file that passed the checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """A file that an item refers to or includes.

    Attributes:
        id: The id; 0 where it has none.
        erc: The external reference code; empty where it has none.
        name: The name with its extension; may be empty where there is no content.
        content: The content; None where the item only refers to the file.
    """

    id: int = 0
    erc: str = ""
    name: str = ""
    content: FileContent | None = None

    def to_report(self) -> dict[str, Any]:
        """Return what a report shows of the file."""
        members = {"id": self.id, ERC: self.erc, "name": self.name}
        return {key: value for key, value in members.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRules:
    """The files that a field accepts.

    Attributes:
        name: The name of the field.
        extensions: The accepted extensions in lower case; empty for any.
        size_mb: The largest size in MB; 0 for any.
    """

    name: str
    extensions: frozenset[str] = frozenset()
    size_mb: int = 0

    @classmethod
    def of(cls, name: str, settings: Mapping[str, Any]) -> AttachmentRules:
        """Read the settings of a field.

        Args:
            name: The name of the field.
            settings: ``acceptedFileExtensions``, such as ``"pdf, png"``, blank for
                any; ``maximumFileSize`` in MB, 0 for any.
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
        """Check the value of the field in an item.

        Args:
            value: The value of the item, or the result of an earlier call.
            keep: Receives content that passed the checks.
        """
        if isinstance(value, IncomingFile | Problem):
            return value
        reference = read_file_reference(self.name, value)
        if reference is None or isinstance(reference, Problem):
            return reference
        given, text = reference
        return given if text is None else self._with_content(given, text, keep)

    def _with_content(
        self, given: IncomingFile, text: Any, keep: Keep | None
    ) -> IncomingFile | Problem:
        if isinstance(text, str) and text.startswith(PLACEHOLDER):
            return self._unfilled_placeholder(given, text)
        problem = self.check_name(given) or self._check_length(given, text)
        content = None if problem else _measure(text)
        if problem or content is None:
            return problem or EntryProblemType.FILE_CONTENT.problem(
                self.name, given.to_report()
            )
        problem = self.check_size(given, content.size)
        if problem is None and keep is not None:
            keep(content, lambda: _decode(text))
        return problem or replace(given, content=content)

    def _unfilled_placeholder(self, given: IncomingFile, text: str) -> Problem:
        """Report that there was no file for a placeholder, and why if that is known."""
        reason = shorten_text(text.removeprefix(PLACEHOLDER).strip(), _REASON_LIMIT)
        cause = f"{reason} It was to replace {PLACEHOLDER}." if reason else _UNFILLED
        return EntryProblemType.FILE_CONTENT.problem(
            self.name, given.to_report(), cause=cause
        )

    def check_name(self, given: IncomingFile) -> Problem | None:
        """Report a name that is not accepted."""
        extension = file_extension(given.name)
        if not given.name or len(given.name) > _NAME_LIMIT:
            cause = f"A file has a name of at most {_NAME_LIMIT} characters."
            return invalid_value(self.name, given.to_report(), cause)
        if self.extensions and extension.lower() not in self.extensions:
            return EntryProblemType.FILE_EXTENSION.problem(
                self.name, given.to_report(), extension=extension
            )
        return None

    def check_size(self, given: IncomingFile, size: int) -> Problem | None:
        """Report a size in bytes that is not accepted."""
        if self.size_mb and size > self.size_mb * _MB:
            return EntryProblemType.FILE_SIZE.problem(
                self.name, given.to_report(), limit=self.size_mb
            )
        return None

    def _check_length(self, given: IncomingFile, text: Any) -> Problem | None:
        """Check the length of content, so that content far too large is not read."""
        if not isinstance(text, str | LargeText):
            return EntryProblemType.FILE_CONTENT.problem(self.name, given.to_report())
        length = len(text) if isinstance(text, str) else text.size
        return self.check_size(given, length // 4 * 3 - 2)


def _is_nothing(named: Mapping[str, Any]) -> bool:
    """Return True for an object that states that there is no file: ``{"id": null}``.

    An object without a member that could refer to a file does not state that.
    """
    if named.get(CONTENT) is not None or _NAMING.isdisjoint(named):
        return False
    return all(value in (None, "", 0) for value in named.values())


def _fault_of(given: IncomingFile | None) -> str:
    """Explain why an object does not refer to a file."""
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
    """Read which file a value refers to, without decoding its content.

    Returns:
        The file and its content as Base64 (None where it includes none); None for no
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
    """Return the part of a file's name after the last point."""
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
    """Read id, code and name of a file; None if one of them is invalid."""
    erc, name = format_scalar(named.get(ERC) or ""), named.get("name") or ""
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
    """Return digest and size of Base64 content; None if *text* is not Base64."""
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
        ValueError: The text is not Base64.
    """
    is_over = False
    for quads in _quads(text):
        if is_over:  # a piece before this one ended with padding
            msg = "Base64 continues after its padding"
            raise Error(msg)
        piece = a2b_base64(quads, strict_mode=True)
        is_over = len(piece) % 3 != 0
        yield piece


def _quads(text: str | LargeText) -> Iterator[str | bytes]:
    """Split a text into pieces of a multiple of four characters, except the last."""
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
    """Leave the content out of a report, because it may be a large file."""
    return {key: value for key, value in named.items() if key != CONTENT}
