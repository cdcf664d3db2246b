"""What was stored before a batch, noted in the batch's own task on the server.

A server does not tell which items a task added and which it changed. It follows
from what was there before, which nobody knows any more when a task is taken up
again. So the answer travels with the question: the file of an import task is a zip
that the server keeps as it is and gives back, and the zip's comment, which no
reader looks at, holds the note. Mark, data and note arrive together or not at all.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Final

_HEAD: Final = b"dmc-before-1:"
_WIDTH: Final = 8
_ABSENT: Final = "-" * _WIDTH
_UNREAD: Final = "+" * _WIDTH
"""The item was there; nobody looked at what it held."""
KEPT_BACK: Final = "*" * _WIDTH
"""The item was not sent: it names entries in a list that were not there."""

FILE_NAME: Final = "batch.jsonl"

Before = Mapping[str, str]
"""Sums of the items that were there, by external reference code."""


def packed(lines: Sequence[bytes], keys: Sequence[str], before: Before) -> bytes:
    """Return the zip that an import task takes.

    Args:
        lines: The items.
        keys: Their codes, in the same order, at most :data:`.batches.PART_ITEMS`.
        before: What was there.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(FILE_NAME, b"".join(line + b"\n" for line in lines))
        tokens = (before.get(key, _ABSENT) or _UNREAD for key in keys)
        archive.comment = _HEAD + "".join(tokens).encode()
    return buffer.getvalue()


def noted(archive: bytes, keys: Sequence[str]) -> dict[str, str] | None:
    """Read the note in a zip; None if there is none for these items."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            comment = file.comment
    except zipfile.BadZipFile:
        return None
    text = comment.removeprefix(_HEAD).decode("ascii", "replace")
    if not comment.startswith(_HEAD) or len(text) != _WIDTH * len(keys):
        return None
    tokens = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return {
        key: "" if token == _UNREAD else token
        for key, token in zip(keys, tokens, strict=True)
        if token != _ABSENT
    }
