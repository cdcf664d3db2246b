"""A button that downloads a file, of any size under ``dmc serve``.

There the server has a route: the browser itself saves the file from an address, shows
how much is left, and goes on after a cut. A file that is made on the fly is written to
the workspace first.

Elsewhere links do not work: JupyterLab saves a page in their place, Voilà refuses them,
and a ``data:`` address keeps the file in the state of the widget. So the page requests
pieces one by one, and writes them to the disk where the browser lets it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from traitlets import Bool, Enum, Int, Unicode

from ...errors import DiskFull, DmcError
from ...languages import gettext as _
from ...languages import lazy
from ...storage.private_files import open_private
from ...storage.sqlite import NO_ROOM
from ...storage.transfers import Direction
from .control import UNEXPECTED_ERROR, Control, read_scripts, read_styles
from .transfer_route import TransferRoute, find_route

_PIECE_BYTES = 2 * 1024 * 1024
_READ_BYTES = 1024 * 1024
_PROGRESS_EVERY_S: Final = 0.25
_NO_ROOM: Final = lazy(
    "there is no room to make the file. Free some space, and try again."
)

_log = logging.getLogger(__name__)

OpenFile = Callable[[], tuple[str, Iterable[bytes]]]


class DownloadButton(Control):
    """A button that saves a file; the kernel reads or creates it during the download.

    A DmcError raised by *open_file* or by its chunks is shown beside the button. Any
    other error propagates; the button then shows "Unexpected Error."

    Args:
        label: The label of the button.
        open_file: Called at every click; returns the name of the file and its bytes
            in chunks of any size, which are read one by one as they are sent. For a
            file that exists they are :func:`read_chunks`.
        traits: Initial values of *look*, *disabled*, *layout*.

    Attributes:
        look: ``primary``, ``secondary``, ``link`` or ``hidden`` (for downloads
            that only :meth:`start` begins; an error is shown nevertheless).
        disabled: The button cannot be pressed.
        state: ``idle``, ``loading`` or ``failed``.
        loaded: The number of bytes that have been sent.
        error: Why the download failed, or empty.
        transfers_url: The route of the server that sends files past the kernel, from
            the environment; empty to send them as messages.
    """

    _esm = read_scripts("elements.js", "file_saving.js", "download_button.js")
    _css = read_styles("download_button.css")

    label = Unicode().tag(sync=True)
    look = Enum(("primary", "secondary", "link", "hidden"), "secondary").tag(sync=True)
    disabled = Bool().tag(sync=True)
    state = Enum(("idle", "loading", "failed"), "idle").tag(sync=True)
    loaded = Int()
    error = Unicode().tag(sync=True)
    transfers_url = Unicode()

    def __init__(self, label: str, open_file: OpenFile, **traits: Any) -> None:
        self.open_file = open_file
        self._run = ""
        self._pieces = _cut_pieces(())
        self._number, self._last_piece = 0, b""
        # Messages may be handled on any thread, even two at once.
        self._lock = threading.RLock()
        super().__init__(label=label, **{"transfers_url": find_route(), **traits})

    def start(self) -> None:
        """Start the download like a press of the button; a page has to be open."""
        self.send({"kind": "press"})

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        with self._lock, self._show_failures():
            match content:
                case {"kind": "start", "run": run}:
                    self._begin(run)
                case {"kind": "next", "run": self._run} if self._run:
                    self._send_next(content.get("number", self._number))
                case {"kind": "cancel", "run": self._run}:
                    self._end("idle")

    def _begin(self, run: str) -> None:
        self._end("loading")
        name, chunks = self.open_file()
        self._run = run
        if self.transfers_url:
            self._open_route(name, chunks)
            return
        self._pieces, self._number = _cut_pieces(chunks), 0
        size = chunks.size if isinstance(chunks, FileChunks) else None
        known = {} if size is None else {"size": size}
        self.send({"kind": "open", "run": run, "name": name, **known})

    def _open_route(self, name: str, chunks: Iterable[bytes]) -> None:
        """Let the browser fetch a file that exists, or make it first."""
        route = TransferRoute(self.transfers_url)
        if isinstance(chunks, FileChunks) and self._send_link(route, name, chunks.path):
            return
        made = route.store.new_file()
        values = (route, self._run, name, chunks, made)
        threading.Thread(target=self._make_file, args=values, daemon=True).start()

    def _send_link(self, route: TransferRoute, name: str, path: Path) -> bool:
        """Send the page the address of a file; False if the route does not serve it."""
        size = path.stat().st_size
        url, _token = route.offer(Direction.DOWNLOAD, path, name, size)
        if not url:
            return False
        link = {"kind": "link", "run": self._run, "url": url, "name": name}
        self.send({**link, "size": size})
        self._end("idle")
        return True

    def _make_file(
        self,
        route: TransferRoute,
        run: str,
        name: str,
        chunks: Iterable[bytes],
        path: Path,
    ) -> None:
        """Write a file that is made on the fly, and let the browser fetch it."""
        try:
            is_made = self._write(run, chunks, path)
            with self._lock:
                if is_made and self._run == run:
                    self._send_link(route, name, path)
                    return
        except DmcError as exc:
            self._fail(run, str(exc))
        except OSError as exc:
            is_full = exc.errno in NO_ROOM
            error = DiskFull(str(path.parent), _(_NO_ROOM)) if is_full else exc
            self._fail(run, str(error))
        except Exception:  # noqa: BLE001  # a thread has no caller to raise to
            _log.exception(_("The file of a download could not be made."))
            self._fail(run, _(UNEXPECTED_ERROR))  # or the page would wait forever
        with suppress(OSError):
            path.unlink(missing_ok=True)

    def _write(self, run: str, chunks: Iterable[bytes], path: Path) -> bool:
        """Write *chunks*; return False if the person cancels meanwhile."""
        shown = time.monotonic()
        with open_private(path) as file:
            for chunk in chunks:
                if self._run != run:
                    return False
                file.write(chunk)
                self.loaded += len(chunk)
                if time.monotonic() - shown > _PROGRESS_EVERY_S:
                    shown = time.monotonic()
                    self.send({"kind": "made", "run": run, "loaded": self.loaded})
        return True

    def _fail(self, run: str, error: str) -> None:
        with self._lock:
            if self._run == run:
                self._end("failed", error)

    def _send_next(self, number: int) -> None:
        """Send a piece; the same one again if its number shows that it was lost."""
        if number == self._number:
            self._last_piece = next(self._pieces, b"")
            self._number += 1
            self.loaded += len(self._last_piece)
        elif number != self._number - 1:
            return
        piece = self._last_piece
        answer = {"kind": "piece", "run": self._run, "number": number}
        if not piece:  # its answer may be lost, too, so the run is kept
            self._pieces.close()
            self.state = "idle"
        self.send({**answer, "last": not piece}, [piece])

    def _end(self, state: str, error: str = "") -> None:
        pieces, self._pieces, self._run = self._pieces, _cut_pieces(()), ""
        pieces.close()  # closes the file that the pieces are read from
        self._last_piece = b""
        with self.hold_sync():
            self.error, self.state = error, state
        if state == "loading":
            self.loaded = 0

    @contextmanager
    def _show_failures(self) -> Iterator[None]:
        try:
            yield
        except DmcError as exc:
            self._end("failed", str(exc))
        except BaseException:
            self._end("failed", _(UNEXPECTED_ERROR))  # or the page would wait forever
            raise


class FileChunks:
    """The bytes of a file that exists, 1 MiB at a time.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def size(self) -> int | None:
        """The size of the file in bytes; None if it is not there."""
        try:
            return self.path.stat().st_size
        except OSError:
            return None

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while chunk := file.read(_READ_BYTES):
                yield chunk


def read_chunks(path: Path) -> FileChunks:
    """Return the bytes of a file in chunks of 1 MiB."""
    return FileChunks(path)


def _cut_pieces(chunks: Iterable[bytes]) -> Generator[bytes, None, None]:
    """Cut and join *chunks* to pieces of one size; only the last is shorter."""
    buffer = bytearray()
    iterator = iter(chunks)
    try:
        for chunk in iterator:
            buffer += chunk
            while len(buffer) >= _PIECE_BYTES:
                yield bytes(buffer[:_PIECE_BYTES])
                del buffer[:_PIECE_BYTES]
        if buffer:
            yield bytes(buffer)
    finally:
        if isinstance(iterator, Generator):
            iterator.close()
