"""``/documents/{id}/{name}``: the files of attachments, where their links lead."""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from ..model.large_text import LargeText
from .answers import no_id
from .calls import Call

_FILE: Final = "FileEntry"


def get_file(call: Call) -> Response:
    """Answer with the content of a file, always to be saved and never to be shown.

    A file is a stranger's: a browser that showed it would run what is in it.
    """
    number = call.number("id")
    found = call.rooms.store.installation.file(number)
    if found is None or found[0] != call.text("name"):
        raise no_id(_FILE, number)
    name, content = found
    shown = quote(name, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{shown}",
        "X-Content-Type-Options": "nosniff",
    }
    media_type = "application/octet-stream"
    return StreamingResponse(_raw(content), headers=headers, media_type=media_type)


def _raw(content: LargeText) -> Iterator[bytes]:
    """Decode piece by piece; a piece is whole groups of Base64."""
    return (a2b_base64(piece) for piece in content.pieces())
