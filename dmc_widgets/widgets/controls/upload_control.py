"""A file from the browser, in pieces that the kernel acknowledges one by one.

The upload widget of ipywidgets sends a file as one message, and a message of
more than 10 MiB closes the connection without a word (ipywidgets issue 2522).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any, Protocol

import anywidget
from traitlets import Bool, Enum, Int, List, Unicode

from ...errors import DmcError
from .control import read_script, read_style

_ACCEPTED = [".json", ".jsonl", ".zip", ".csv"]
_UNEXPECTED = "Unexpected Error."
_UNREADABLE = "The file can no longer be read in the browser. Choose it again."


class UploadSink(Protocol):
    """Where the pieces of one file go."""

    @property
    def received(self) -> int:
        """Bytes that have arrived."""
        ...

    def append(self, offset: int, data: bytes) -> int:
        """Take the next piece and return the bytes that have arrived by then."""
        ...

    def finish(self) -> Path:
        """Check that everything is there and return the finished file."""
        ...

    def abort(self) -> None:
        """Remove what has arrived. Harmless after the end."""
        ...


class UploadControl(anywidget.AnyWidget):
    """Choose or drop one file; it travels in pieces, with progress and Cancel.

    A DmcError raised by *open_upload*, by the upload or by *on_done* is shown
    below the file, and the part that had arrived is removed. Any other error
    propagates; the control then says "Unexpected Error."

    Args:
        open_upload: Called with the file's name and its size in bytes.
        on_done: Called with the finished file and the name it had in the browser.
        on_clear: Called when a file that was done or failed is taken away.
        traits: First values of *label*, *accept*, *disabled*, *layout*.

    Attributes:
        label: Stands above the control.
        accept: Extensions with their dot, in the order in which they are shown.
        disabled: No file can be chosen.
        file_name: As in the browser; empty while there is none.
        size: Of the file, in bytes.
        received: Bytes that have arrived.
        state: ``idle``, ``sending``, ``done`` or ``failed``.
        error: Why it failed, else empty.
    """

    _esm = read_script("elements.js", "upload.js")
    _css = read_style("upload.css")

    label = Unicode("File").tag(sync=True)
    accept = List(Unicode(), _ACCEPTED).tag(sync=True)
    disabled = Bool().tag(sync=True)
    file_name = Unicode().tag(sync=True)
    size = Int().tag(sync=True)
    received = Int()
    state = Enum(("idle", "sending", "done", "failed"), "idle").tag(sync=True)
    error = Unicode().tag(sync=True)

    def __init__(
        self,
        open_upload: Callable[[str, int], UploadSink],
        on_done: Callable[[Path, str], None],
        on_clear: Callable[[], None] | None = None,
        **traits: Any,
    ) -> None:
        self._open_upload = open_upload
        self._on_done = on_done
        self._on_clear = on_clear
        self._upload: UploadSink | None = None
        self._run = ""
        # Messages of the page may be handled on any thread, even two at once.
        self._lock = threading.RLock()
        super().__init__(**traits)
        self.on_msg(self._on_message)

    def reset(self) -> None:
        """Go back to the beginning; an upload that is running is aborted."""
        with self._lock:
            self._abort()
            self._show("idle", name="", size=0)

    def refuse(self, reason: str) -> None:
        """Say that the file cannot be used; *reason* is a full sentence."""
        with self._lock:
            self._abort()
            self._show("failed", error=reason)

    def _on_message(
        self, _widget: object, content: dict[str, Any], buffers: list[memoryview]
    ) -> None:
        with self._lock, self._failures_shown():
            match content:
                case {"kind": "begin", "run": run, "name": name, "size": size}:
                    self._begin(run, name, size)
                case {"kind": "piece", "run": self._run, "offset": offset}:
                    self._take(offset, bytes(buffers[0]))
                case {"kind": "cancel", "run": self._run}:
                    self.reset()
                case {"kind": "unreadable", "run": self._run}:
                    self.refuse(_UNREADABLE)
                case {"kind": "clear"}:
                    self._clear()

    def _begin(self, run: str, name: str, size: int) -> None:
        self._abort()
        self._show("sending", name=name, size=size)
        if PurePath(name).suffix.lower() not in self.accept:
            kinds = ", ".join(self.accept)
            self.refuse(f"Choose a file of one of these kinds: {kinds}.")
            return
        self._run = run
        self._upload = self._open_upload(name, size)
        self._acknowledge()

    def _take(self, offset: int, data: bytes) -> None:
        if self._upload is None:
            return
        self.received = self._upload.append(offset, data)
        self._acknowledge()

    def _acknowledge(self) -> None:
        """Ask for the next piece, or finish when there is none."""
        if self._upload is None:
            return
        self.received = self._upload.received
        self.send({"kind": "ack", "run": self._run, "offset": self.received})
        if self.received < self.size:
            return
        path = self._upload.finish()
        self._upload, self._run = None, ""
        self._on_done(path, self.file_name)
        if self.state == "sending":  # on_done may have refused or reset
            self._show("done")

    def _clear(self) -> None:
        self.reset()
        if self._on_clear is not None:
            self._on_clear()

    def _abort(self) -> None:
        upload, self._upload, self._run = self._upload, None, ""
        if upload is not None:
            upload.abort()

    def _show(
        self, state: str, *, error: str = "", name: str | None = None, size: int = 0
    ) -> None:
        with self.hold_sync():
            if name is not None:
                self.file_name, self.size, self.received = name, size, 0
            self.error = error
            self.state = state

    @contextmanager
    def _failures_shown(self) -> Iterator[None]:
        try:
            yield
        except DmcError as exc:
            self.refuse(str(exc))
        except BaseException:
            self.refuse(_UNEXPECTED)  # else the page would wait for ever
            raise
