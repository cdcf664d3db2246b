"""The routes by which browsers send and fetch files of any size.

A file goes between the disk and the connection and is held by no process: neither by
the server nor by the kernel nor by the page. A transfer that was cut goes on at its
offset: an upload at the one that the server states, a download by a range.

The access policy has refused strangers and other websites before these handlers run; a
request that changes something needs the page's ``Origin`` besides, and every request
the unguessable token of a handle of its own user (:mod:`...storage.transfers`).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler, stream_request_body

from ..storage.private_files import open_plain
from ..storage.sqlite import NO_ROOM
from ..storage.transfers import Direction, Handle, TransferStore
from .byte_ranges import ByteRange, UnusableRange, parse_range

PIECE_BYTES: Final = 8 * 1024 * 1024
"""The largest piece of an upload; the page sends smaller ones through a proxy."""

_RESERVE_BYTES: Final = 16 * 1024 * 1024  # left for the database of the workspace
_READ_BYTES: Final = 256 * 1024
_TOUCH_EVERY_S: Final = 60.0
_NO_ROOM_STATUS: Final = 507
_OFFSET: Final = "Upload-Offset"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Receiver:
    """The receiving end of one upload, which several requests serve in turn.

    A request whose connection was cut may linger for minutes. The one that came last
    writes, and what arrives by an earlier one is ignored.

    Attributes:
        received: The number of bytes on the disk.
        writer: The request that may write.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.received = 0
        self.size = size
        self.writer: object | None = None
        self._path = path
        self._digest = hashlib.sha256()
        self._file: IO[bytes] | None = None

    def read_stored(self) -> None:
        """Take up what is on the disk already: the server may have been restarted."""
        with open(self._path, "rb", opener=open_plain) as stored:
            while piece := stored.read(_READ_BYTES):
                self._digest.update(piece)
                self.received += len(piece)

    def take_over(self, writer: object) -> None:
        """Let *writer* write from now on, and no earlier request."""
        self.close()
        self.writer = writer
        self._file = open(  # noqa: SIM115  # closed by close()
            self._path, "r+b", buffering=0, opener=open_plain
        )
        self._file.seek(self.received)

    def write(self, data: bytes) -> None:
        """Append bytes to the file.

        Raises:
            OSError: There is no room, or the file has gone.
        """
        rest = memoryview(data)
        while self._file is not None and rest:
            written = self._file.write(rest) or 0
            self._digest.update(rest[:written])
            self.received += written
            rest = rest[written:]

    def finish(self) -> str:
        """Bring the file to the disk and return its SHA-256, in hexadecimal."""
        if self._file is not None:
            os.fsync(self._file.fileno())
        self.close()
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close the file. Harmless at any time."""
        self.writer = None
        if self._file is not None:
            self._file.close()
            self._file = None


class Transfers:
    """The transfers of a running server.

    Args:
        workspace: The folder of the workspace.
    """

    def __init__(self, workspace: Path) -> None:
        self.store = TransferStore(workspace)
        self._receivers: dict[str, Receiver] = {}

    async def receiver(self, token: str, handle: Handle) -> Receiver:
        """Return the receiving end of an upload."""
        known = self._receivers.get(token)
        if known is not None:
            return known
        opened = Receiver(self.store.path_of(handle), handle.size)
        await asyncio.to_thread(opened.read_stored)
        # Another request may have been as fast.
        return self._receivers.setdefault(token, opened)

    def forget(self, token: str) -> None:
        """Forget the receiving end of an upload; the disk knows how far it came."""
        receiver = self._receivers.pop(token, None)
        if receiver is not None:
            receiver.close()

    def forget_unused(self) -> None:
        """Forget uploads that nothing is sent to and whose handles have expired."""
        for token, receiver in list(self._receivers.items()):
            if receiver.writer is None and not self.store.is_known(token):
                self.forget(token)


class TransferHandler(RequestHandler):
    """What both directions share: the handle, and headers that no page can abuse."""

    _direction: Direction

    def initialize(self, server: Any) -> None:
        """Store the server, which knows the transfers and the user of a request."""
        self._server = server
        self._transfers: Transfers = server.transfers

    def set_default_headers(self) -> None:
        """Keep files of strangers from acting as pages of this site."""
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def check_xsrf_cookie(self) -> None:
        """Accept requests without Jupyter's token: the ``Origin`` is checked here."""

    def write_error(self, status_code: int, **_: Any) -> None:  # noqa: ARG002
        """Answer a refusal without a page."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(self._reason)

    def _find_handle(self, token: str) -> Handle:
        """Return the handle of the request.

        Raises:
            HTTPError: There is none for this user (404).
        """
        user, session = self._server.identify(self.request)
        store = self._transfers.store
        handle = store.find(token, self._direction, user=user, session=session)
        if handle is None:
            raise HTTPError(404)
        store.note_use(token)
        return handle


@stream_request_body
class UploadHandler(TransferHandler):
    """Takes the pieces of an upload, each at the offset that was acknowledged."""

    _direction = Direction.UPLOAD

    async def prepare(self) -> None:
        """Refuse a piece before its body is read, or get ready to write it."""
        self._receiver: Receiver | None = None
        self._failure: OSError | None = None
        self._token = self.path_args[0]
        connection: Any = self.request.connection
        connection.set_max_body_size(PIECE_BYTES)
        if self.request.method not in {"PATCH", "HEAD"}:
            raise HTTPError(405)
        self._handle = self._find_handle(self._token)
        receiver = await self._transfers.receiver(self._token, self._handle)
        if self.request.method == "PATCH":
            self._require_piece(receiver)
            receiver.take_over(self)
        self._receiver = receiver

    def data_received(self, chunk: bytes) -> None:
        """Write a part of the piece."""
        receiver = self._receiver
        if receiver is None or receiver.writer is not self or self._failure:
            return
        try:
            receiver.write(chunk)
        except OSError as exc:
            self._failure = exc
            # How much of the last write arrived is read from the disk again.
            self._transfers.forget(self._token)

    async def head(self, _token: str) -> None:
        """Answer how much has arrived."""
        self._acknowledge()

    async def patch(self, _token: str) -> None:
        """Answer how much has arrived, once the piece is written."""
        receiver = self._receiver
        if receiver is None:
            raise HTTPError(404)
        if self._failure is not None:
            is_full = self._failure.errno in NO_ROOM
            raise HTTPError(_NO_ROOM_STATUS if is_full else 500)
        if receiver.writer is not self:
            self._refuse_offset(receiver)
        if receiver.received == receiver.size:
            digest = await asyncio.to_thread(receiver.finish)
            self._transfers.store.complete(self._token, digest)
        receiver.close()
        self._acknowledge()

    def on_connection_close(self) -> None:
        """Close the file of a piece that was cut."""
        super().on_connection_close()
        if self._receiver is not None and self._receiver.writer is self:
            self._receiver.close()

    def _require_piece(self, receiver: Receiver) -> None:
        """Refuse a piece that is another website's, out of place, or too large."""
        if not self.request.headers.get("Origin"):
            raise HTTPError(403)  # a browser sends it with every PATCH
        offset = _whole_number(self.request.headers.get(_OFFSET))
        length = _whole_number(self.request.headers.get("Content-Length"))
        if offset is None or length is None:
            raise HTTPError(400)
        if length > PIECE_BYTES:
            raise HTTPError(413)
        if offset != receiver.received:
            self._refuse_offset(receiver)
        if offset + length > receiver.size:
            raise HTTPError(400)
        folder = self._transfers.store.workspace
        if shutil.disk_usage(folder).free < length + _RESERVE_BYTES:
            raise HTTPError(_NO_ROOM_STATUS)

    def _refuse_offset(self, receiver: Receiver) -> None:
        self._offset = receiver.received
        raise HTTPError(409)

    def write_error(self, status_code: int, **details: Any) -> None:
        """Answer a refusal; a wrong offset with the right one."""
        if status_code == 409:
            self.set_header(_OFFSET, str(self._offset))
        super().write_error(status_code, **details)

    def _acknowledge(self) -> None:
        received = self._receiver.received if self._receiver else 0
        self.set_header(_OFFSET, str(received))
        self.set_status(204 if self.request.method == "PATCH" else 200)
        self.finish()


class DownloadHandler(TransferHandler):
    """Sends a file from the disk, whole or from where a download was cut."""

    _direction = Direction.DOWNLOAD

    async def head(self, token: str) -> None:
        """Answer the headers of a download."""
        await self.get(token)

    async def get(self, token: str) -> None:
        """Send the file, or the range that the request asks for."""
        handle = self._find_handle(token)
        path = self._transfers.store.path_of(handle)
        try:
            file = open(path, "rb", opener=open_plain)  # noqa: SIM115
        except OSError as exc:
            raise HTTPError(404) from exc
        with file:
            details = os.fstat(file.fileno())
            size = details.st_size
            tag = f'"{details.st_mtime_ns:x}-{size:x}"'
            part = self._choose_part(size, tag)
            self.set_header("ETag", tag)
            self.set_header("Accept-Ranges", "bytes")
            self.set_header("Content-Type", "application/octet-stream")
            self.set_header("Content-Disposition", content_disposition(handle.name))
            self.set_header("Content-Length", str(part.length))
            if self.request.method == "HEAD":
                await self.finish()
                return
            file.seek(part.first)
            await self._send(file, part.length, token)

    def write_error(self, status_code: int, **details: Any) -> None:
        """Answer a refusal; a range that is not in the file with the file's size."""
        if status_code == 416:
            self.set_header("Content-Range", f"bytes */{self._size}")
        super().write_error(status_code, **details)

    def compute_etag(self) -> None:
        """Leave the tag that was set: Tornado would make one of an empty body."""

    def _choose_part(self, size: int, tag: str) -> ByteRange:
        """Return what of the file is asked for, and state it in the response."""
        whole = ByteRange(0, size)
        asked = self.request.headers.get("Range")
        if not asked or self.request.headers.get("If-Range", tag) != tag:
            return whole  # the file is another one by now
        try:
            part = parse_range(asked, size)
        except UnusableRange as exc:
            self._size = size
            raise HTTPError(416) from exc
        if part is None:
            return whole
        self.set_status(206)
        last = part.first + part.length - 1
        self.set_header("Content-Range", f"bytes {part.first}-{last}/{size}")
        return part

    async def _send(self, file: IO[bytes], length: int, token: str) -> None:
        touched = time.monotonic()
        rest = length
        with suppress(StreamClosedError):  # the browser stopped, and may come back
            while rest:
                piece = file.read(min(rest, _READ_BYTES))
                if not piece:  # the file was cut: an incomplete answer shows that
                    self.request.connection.stream.close()  # type: ignore[union-attr]
                    return
                rest -= len(piece)
                self.write(piece)
                await self.flush()
                if time.monotonic() - touched > _TOUCH_EVERY_S:
                    touched = time.monotonic()
                    self._transfers.store.note_use(token)
            await self.finish()


def content_disposition(name: str) -> str:
    """Return the header by which a browser saves a file under *name*.

    The name may be a stranger's: what could end the header, or lead out of the folder
    of downloads, is replaced.
    """
    safe = "".join(
        "_" if char in '"\\/:*?<>|%;' or not char.isprintable() else char
        for char in name
    ).strip(". ")
    safe = safe[-150:] or "download"
    plain = safe.encode("ascii", "replace").decode()
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def routes(base_url: str, server: Any) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes of both directions below *base_url*."""
    arguments = {"server": server}
    return [
        (f"{base_url}transfers/upload/(.*)", UploadHandler, arguments),
        (f"{base_url}transfers/download/(.*)", DownloadHandler, arguments),
    ]


def _whole_number(text: str | None) -> int | None:
    is_number = text is not None and text.isascii() and text.isdigit()
    return int(text) if text and is_number and len(text) < 20 else None
