"""Attachment fields: a file named by its id or code, or brought as Base64.

Taken are an id, ``{id}``, ``{externalReferenceCode}``, ``{fileBase64, name}`` and
these together (objects facts, 3.1). What comes is kept as one object with all that it
says, so that it is given out again as it came. The extension and the size of a file
are judged where its content comes along; a file that is only named was judged where
it is.

The content is kept as it came, in Base64 and in the entry itself, so that an entry and
its file cannot part. It is decoded to be judged, piece by piece.
"""

from __future__ import annotations

import json
from binascii import Error, a2b_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..model.outcome import Problem
from .entry_faults import (
    ERC,
    exceeds_max_file_size,
    invalid_file_extension,
    invalid_value,
    undecodable_file,
)
from .kept_values import kept_check
from .number_types import whole_number

CONTENT: Final = "fileBase64"
_MB: Final = 1024 * 1024
_PIECE: Final = 256 * 1024
"""Characters decoded in one go, a multiple of four: files are never held twice."""


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a field accepts: any extension if there are none, any size if 0."""

    extensions: frozenset[str]
    size_mb: int


def attachment_check(
    name: str, settings: Mapping[str, Any]
) -> Callable[[Any], dict[str, Any] | Problem | None]:
    """Build the check of a file.

    Args:
        name: Of the field.
        settings: ``acceptedFileExtensions``, ``"pdf, png"``, any if blank;
            ``maximumFileSize`` in MB, any if 0.
    """
    keep = kept_check(name)
    limits = _limits(settings)

    def check(value: Any) -> dict[str, Any] | Problem | None:
        named = _as_object(value)
        if not isinstance(named, dict):
            return None if named is None else invalid_value(name, value)
        stated = {key: each for key, each in named.items() if each is not None}
        kept = keep(stated)
        if isinstance(kept, Problem):
            return invalid_value(name, _without_content(stated))
        if CONTENT in kept:
            return _content_fault(name, kept, limits) or kept
        if kept and not kept.keys() & {"id", ERC}:
            return invalid_value(name, value)
        return kept or None

    return check


def _content_fault(name: str, kept: dict[str, Any], limits: _Limits) -> Problem | None:
    content, file_name = kept[CONTENT], kept.get("name")
    shown = _without_content(kept)
    if not isinstance(content, str):
        return undecodable_file(name, shown)
    if not isinstance(file_name, str) or not file_name.strip():
        return invalid_value(name, shown)
    extension = file_name.rpartition(".")[2] if "." in file_name else ""
    if limits.extensions and extension.lower() not in limits.extensions:
        return invalid_file_extension(name, extension, shown)
    size = _decoded_size(content)
    if size is None:
        return undecodable_file(name, shown)
    if limits.size_mb and size > limits.size_mb * _MB:
        return exceeds_max_file_size(name, limits.size_mb, shown)
    return None


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
    number = whole_number(value)
    if number is None or number < 0:
        return value
    return {"id": number} if number else None


def _decoded_size(content: str) -> int | None:
    """Return how many bytes the Base64 text holds; None if it is none."""
    size = 0
    try:
        for start in range(0, len(content), _PIECE):
            if size % 3:  # a piece before this one ended with padding
                return None
            piece = content[start : start + _PIECE]
            size += len(a2b_base64(piece, strict_mode=True))
    except (Error, ValueError):
        return None
    return size


def _limits(settings: Mapping[str, Any]) -> _Limits:
    words = str(settings.get("acceptedFileExtensions") or "").lower().split(",")
    size_mb = whole_number(str(settings.get("maximumFileSize") or "")) or 0
    return _Limits(
        frozenset(word.strip().removeprefix(".") for word in words if word.strip()),
        max(0, size_mb),
    )


def _without_content(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Leave the content out of reports: it may be the whole of a large file."""
    return {key: each for key, each in kept.items() if key != CONTENT}
