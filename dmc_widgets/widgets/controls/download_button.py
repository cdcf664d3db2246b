"""A button that downloads a file in pieces, which the page requests one by one.

Links do not work in JupyterLab and are refused by Voilà; a ``data:`` address keeps the
file in the state of the widget. Pieces in messages work in both.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from traitlets import Bool, Enum, Int, Unicode

from ...errors import DmcError
from .control import UNEXPECTED_ERROR, Control, read_scripts, read_styles

_PIECE_BYTES = 2 * 1024 * 1024
_READ_BYTES = 1024 * 1024

OpenFile = Callable[[], tuple[str, Iterable[bytes]]]


class DownloadButton(Control):
    """A button that saves a file; the kernel reads or creates it during the download.

    A DmcError raised by *open_file* or by its chunks is shown beside the button. Any
    other error propagates; the button then shows "Unexpected Error."

    Args:
        label: The label of the button.
        open_file: Called at every click; returns the name of the file and its bytes
            in chunks of any size, which are read one by one as they are sent.
        traits: Initial values of *look*, *disabled*, *layout*.

    Attributes:
        look: ``primary``, ``secondary``, ``link`` or ``hidden`` (for downloads
            that only :meth:`start` begins; an error is shown nevertheless).
        disabled: The button cannot be pressed.
        state: ``idle``, ``loading`` or ``failed``.
        loaded: The number of bytes that have been sent.
        error: Why the download failed, or empty.
    """

    _esm = read_scripts("elements.js", "download_button.js")
    _css = read_styles("download_button.css")

    label = Unicode().tag(sync=True)
    look = Enum(("primary", "secondary", "link", "hidden"), "secondary").tag(sync=True)
    disabled = Bool().tag(sync=True)
    state = Enum(("idle", "loading", "failed"), "idle").tag(sync=True)
    loaded = Int()
    error = Unicode().tag(sync=True)

    def __init__(self, label: str, open_file: OpenFile, **traits: Any) -> None:
        self.open_file = open_file
        self._run = ""
        self._pieces = _cut_pieces(())
        # Messages may be handled on any thread, even two at once.
        self._lock = threading.RLock()
        super().__init__(label=label, **traits)

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
                case {"kind": "next", "run": self._run}:
                    self._send_next()
                case {"kind": "cancel", "run": self._run}:
                    self._end("idle")

    def _begin(self, run: str) -> None:
        self._end("loading")
        name, chunks = self.open_file()
        self._run, self._pieces = run, _cut_pieces(chunks)
        self.send({"kind": "open", "run": run, "name": name})

    def _send_next(self) -> None:
        run, piece = self._run, next(self._pieces, b"")
        self.loaded += len(piece)
        if not piece:
            self._end("idle")
        self.send({"kind": "piece", "run": run, "last": not piece}, [piece])

    def _end(self, state: str, error: str = "") -> None:
        pieces, self._pieces, self._run = self._pieces, _cut_pieces(()), ""
        pieces.close()  # closes the file that the pieces are read from
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
            self._end("failed", UNEXPECTED_ERROR)  # or the page would wait forever
            raise


def read_chunks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, 1 MiB at a time."""
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            yield chunk


def _cut_pieces(chunks: Iterable[bytes]) -> Generator[bytes, None, None]:
    """Cut and join *chunks* to pieces of one size; only the last is shorter."""
    buffer = bytearray()
    try:
        for chunk in chunks:
            buffer += chunk
            while len(buffer) >= _PIECE_BYTES:
                yield bytes(buffer[:_PIECE_BYTES])
                del buffer[:_PIECE_BYTES]
        if buffer:
            yield bytes(buffer)
    finally:
        if isinstance(chunks, Generator):
            chunks.close()
