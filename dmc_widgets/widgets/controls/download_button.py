"""A file for the browser, in pieces that the page asks for one by one.

Links do not work in JupyterLab and are refused by Voilà; a ``data:`` address
keeps the file in the widget's state. Pieces over the comm work in both.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anywidget
from traitlets import Bool, Enum, Int, Unicode

from ...errors import DmcError
from .control import read_script, read_style

_PIECE_BYTES = 2 * 1024 * 1024
_READ_BYTES = 1024 * 1024
_UNEXPECTED = "Unexpected Error."

OpenFile = Callable[[], tuple[str, Iterable[bytes]]]


class DownloadButton(anywidget.AnyWidget):
    """A button that saves a file which the kernel reads or makes meanwhile.

    A DmcError raised by *open_file* or by its chunks is shown beside the
    button. Any other error propagates; the button then says "Unexpected Error."

    Args:
        label: On the button.
        open_file: Called at every click; returns the file's name and its bytes
            in chunks of any size, which are taken one by one as they are sent.
        traits: First values of *look*, *disabled*, *layout*.

    Attributes:
        look: ``primary``, ``secondary``, ``link`` or ``hidden`` (for downloads
            that only :meth:`start` begins; an error still shows).
        disabled: The button cannot be pressed.
        state: ``idle``, ``loading`` or ``failed``.
        loaded: Bytes that have been sent.
        error: Why it failed, else empty.
    """

    _esm = read_script("elements.js", "download.js")
    _css = read_style("download.css")

    label = Unicode().tag(sync=True)
    look = Enum(("primary", "secondary", "link", "hidden"), "secondary").tag(sync=True)
    disabled = Bool().tag(sync=True)
    state = Enum(("idle", "loading", "failed"), "idle").tag(sync=True)
    loaded = Int()
    error = Unicode().tag(sync=True)

    def __init__(self, label: str, open_file: OpenFile, **traits: Any) -> None:
        self.open_file = open_file
        self._run = ""
        self._pieces = _pieces(())
        # Messages of the page may be handled on any thread, even two at once.
        self._lock = threading.RLock()
        super().__init__(label=label, **traits)
        self.on_msg(self._on_message)

    def start(self) -> None:
        """Begin as if the button had been pressed; a page has to be open."""
        self.send({"kind": "press"})

    def _on_message(
        self, _widget: object, content: dict[str, Any], _buffers: object
    ) -> None:
        with self._lock, self._failures_shown():
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
        self._run, self._pieces = run, _pieces(chunks)
        self.send({"kind": "open", "run": run, "name": name})

    def _send_next(self) -> None:
        run, piece = self._run, next(self._pieces, b"")
        self.loaded += len(piece)
        if not piece:
            self._end("idle")
        self.send({"kind": "piece", "run": run, "last": not piece}, [piece])

    def _end(self, state: str, error: str = "") -> None:
        pieces, self._pieces, self._run = self._pieces, _pieces(()), ""
        pieces.close()  # a file that is open behind it is let go now
        with self.hold_sync():
            self.error, self.state = error, state
        if state == "loading":
            self.loaded = 0

    @contextmanager
    def _failures_shown(self) -> Iterator[None]:
        try:
            yield
        except DmcError as exc:
            self._end("failed", str(exc))
        except BaseException:
            self._end("failed", _UNEXPECTED)  # else the page would wait for ever
            raise


def read_chunks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, 1 MiB at a time."""
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            yield chunk


def _pieces(chunks: Iterable[bytes]) -> Generator[bytes, None, None]:
    """Cut and join *chunks* to pieces of one size; only the last is shorter."""
    held = bytearray()
    try:
        for chunk in chunks:
            held += chunk
            while len(held) >= _PIECE_BYTES:
                yield bytes(held[:_PIECE_BYTES])
                del held[:_PIECE_BYTES]
        if held:
            yield bytes(held)
    finally:
        if isinstance(chunks, Generator):
            chunks.close()
