"""Small files that people have edited: mappings, differences and templates.

They are read whole, from this machine or from an address.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..errors import FileUnreadable
from ..storage.remote_addresses import RemoteAddress
from .source_policy import SourcePolicy

_MAX_BYTES: Final = 4 * 1024 * 1024


def read_edited_file(
    source: Path | RemoteAddress, name: str, what: str, policy: SourcePolicy
) -> str:
    """Return the text of a file.

    Args:
        source: The path or the address.
        name: The file's own name.
        what: What it holds, as messages call it: ``mapping``.
        policy: Says which addresses may be asked.

    Raises:
        FileUnreadable: The file does not exist, is not UTF-8 text, or is larger than
            4 MB.
        DmcError: As for :func:`~dmc_widgets.workspace.downloads.open_address`.
    """
    try:
        data = _read_bytes(source, policy)
        if len(data) > _MAX_BYTES:
            reason = f"It is larger than 4 MB, too large for a {what}."
            raise FileUnreadable(name, reason)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        reason = f"Byte {exc.start} is not UTF-8. Save the file as UTF-8."
        raise FileUnreadable(name, reason) from exc
    except OSError as exc:
        reason = f"It cannot be read ({exc.strerror or exc})."
        raise FileUnreadable(name, reason) from exc


def _read_bytes(source: Path | RemoteAddress, policy: SourcePolicy) -> bytes:
    """Return the bytes of a file, up to some more than the limit."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return stream.read(_MAX_BYTES + 1)
    from .downloads import open_address  # it loads what speaks HTTPS

    data = bytearray()
    with open_address(source.url, policy) as body:
        for piece in body.pieces:
            data += piece
            if len(data) > _MAX_BYTES:
                break
    return bytes(data)
