"""A control that uploads a file in pieces, and goes on after a cut.

Under ``dmc serve`` the page sends the pieces to a route of the server, which writes
them to the disk. Elsewhere they are messages, which the kernel acknowledges one by one:
the upload widget of ipywidgets sends a file as one message, and a message of more than
10 MiB closes the connection without an error (ipywidgets issue 2522).

Either way the page goes on at the acknowledged offset once the connection is back. If
that takes too long, it says so and offers to continue. After the page was reloaded, an
upload goes on once the same file is chosen again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any, Protocol

from traitlets import Bool, Enum, Int, List, Unicode

from ...errors import DmcError
from ...languages import gettext as _
from ...languages import lazy
from ...storage.transfers import Direction
from .control import UNEXPECTED_ERROR, Control, read_scripts, read_styles
from .transfer_route import TransferRoute, find_route

_SIMULATED_PIECE_BYTES = 2 * 1024 * 1024
_ACCEPTED = [".json", ".jsonl", ".zip", ".csv"]
_UNREADABLE = lazy("The file can no longer be read in the browser. Choose it again.")
_NO_ROOM = lazy(
    "There is no room for the file on the server. Free some space, and try again."
)
_REFUSED = lazy("The server refused the file. Choose it again.")
_SHOWN = ["state", "file_name", "size", "error"]


class UploadSink(Protocol):
    """Receives the pieces of one file.

    One that has the attribute ``part``, the path of the file it appends to, may also be
    filled by the server; ``received`` is then the size of that file. One that has the
    method ``take_up`` goes on with what an earlier page has sent of the same file; it
    is called with the time of the file's last change, as the browser states it.
    """

    @property
    def received(self) -> int:
        """The number of bytes received so far."""
        ...

    def append(self, offset: int, data: bytes) -> int:
        """Store the next piece and return the number of bytes received so far."""
        ...

    def finish(self) -> Path:
        """Check that the file is complete and return its path."""
        ...

    def abort(self) -> None:
        """Remove what was received. Harmless after the end."""
        ...


class UploadControl(Control):
    """Takes one file by choice or drop, and shows the progress and a cancel button.

    A DmcError raised by *open_upload*, by the sink or by *on_done* is shown below the
    file, and the part that was received is removed. Any other error propagates; the
    control then shows "Unexpected Error."

    Args:
        open_upload: Called with the name of the file and its size in bytes.
        on_done: Called with the path of the received file and its name in the
            browser.
        on_clear: Called when a file that is done or failed is removed.
        traits: Initial values of *label*, *accept*, *disabled*, *layout*.

    Attributes:
        label: The label above the control.
        accept: Extensions with their dot, in the order in which they are shown.
        disabled: No file can be chosen.
        file_name: The name of the file in the browser; empty if there is none.
        size: The size of the file in bytes.
        received: The number of bytes received so far.
        state: ``idle``, ``sending``, ``done`` or ``failed``.
        error: Why the upload failed, or empty.
        transfers_url: The route of the server that takes files past the kernel, from
            the environment; empty to send them as messages.
        sha256: The digest of a file that is done, where the server knows it.
    """

    _esm = read_scripts("elements.js", "upload_run.js", "upload_control.js")
    _css = read_styles("upload_control.css")

    label = Unicode(lazy("File")).tag(sync=True)
    accept = List(Unicode(), _ACCEPTED).tag(sync=True)
    disabled = Bool().tag(sync=True)
    file_name = Unicode().tag(sync=True)
    size = Int().tag(sync=True)
    received = Int()
    state = Enum(("idle", "sending", "done", "failed"), "idle").tag(sync=True)
    error = Unicode().tag(sync=True)
    transfers_url = Unicode()
    sha256 = Unicode()

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
        self._token = ""
        # Messages may be handled on any thread, even two at once.
        self._lock = threading.RLock()
        super().__init__(**{"transfers_url": find_route(), **traits})

    def reset(self) -> None:
        """Clear the control; a running upload is aborted."""
        with self._lock:
            self._abort()
            self._show("idle", name="", size=0)

    def show_file(self, name: str, size: int) -> None:
        """Show a file that is there already, such as that of a draft."""
        with self._lock:
            self._abort()
            self._show("done", name=name, size=size)

    def simulate_upload(self, name: str, data: bytes) -> None:
        """Upload a file as if it had been chosen in the page, for tests."""
        begin = {"kind": "begin", "run": "1", "name": name, "size": len(data)}
        self.simulate_message(begin)
        for offset in range(0, len(data), _SIMULATED_PIECE_BYTES):
            piece = data[offset : offset + _SIMULATED_PIECE_BYTES]
            message = {"kind": "piece", "run": "1", "offset": offset}
            self.simulate_message(message, [piece])

    def refuse(self, reason: str) -> None:
        """Show that the file cannot be used; *reason* is a full sentence."""
        with self._lock:
            self._abort()
            self._show("failed", error=reason)

    def handle_message(
        self, content: dict[str, Any], buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        with self._lock, self._show_failures():
            match content:
                case {"kind": "begin", "run": run, "name": name, "size": size}:
                    self._begin(run, name, size, content.get("modified"))
                case {"kind": "piece", "run": self._run, "offset": offset}:
                    self._take(offset, bytes(buffers[0]))
                case {"kind": "cancel", "run": self._run}:
                    self.reset()
                case {"kind": "resume" | "sent", "run": self._run} if self._run:
                    self._continue()
                case {"kind": "unreadable", "run": self._run}:
                    self.refuse(_(_UNREADABLE))
                case {"kind": "no-room", "run": self._run}:
                    self.refuse(_(_NO_ROOM))
                case {"kind": "refused", "run": self._run}:
                    self.refuse(_(_REFUSED))
                case {"kind": "resume" | "sent", "run": run}:
                    # It has ended, and the page missed that.
                    self.send_state(_SHOWN)
                    self.send({"kind": "gone", "run": run})
                case {"kind": "clear"}:
                    self._clear()

    def _begin(self, run: str, name: str, size: int, modified: int | None) -> None:
        if self._upload is not None and run == self._run:
            self._continue()  # the page did not hear the first answer
            return
        self._abort()
        self._show("sending", name=name, size=size)
        if PurePath(name).suffix.lower() not in self.accept:
            kinds = ", ".join(self.accept)
            self.refuse(
                _("Choose a file of one of these kinds: {kinds}.").format(kinds=kinds)
            )
            return
        self._run = run
        self._upload = self._open_upload(name, size)
        take_up = getattr(self._upload, "take_up", None)
        if take_up is not None and modified is not None:
            take_up(modified)
        self._continue()

    def _continue(self) -> None:
        """Let the page go on at the offset that was reached, by the best way."""
        upload = self._upload
        if upload is None:
            return
        part = getattr(upload, "part", None)
        if not self.transfers_url or part is None or upload.received >= self.size:
            self._acknowledge()
            return
        route = TransferRoute(self.transfers_url)
        url, token = route.offer(Direction.UPLOAD, part, self.file_name, self.size)
        if not url:
            self._acknowledge()
            return
        route.store.revoke(self._token)
        self._token, self.received = token, upload.received
        offset = {"offset": self.received, "url": url}
        self.send({"kind": "route", "run": self._run, **offset})

    def _take(self, offset: int, data: bytes) -> None:
        if self._upload is None:
            return
        self.received = self._upload.append(offset, data)
        self._acknowledge()

    def _acknowledge(self) -> None:
        """Request the next piece, or finish after the last one."""
        if self._upload is None:
            return
        self.received = self._upload.received
        self.send({"kind": "ack", "run": self._run, "offset": self.received})
        if self.received < self.size:
            return
        path = self._upload.finish()
        self._upload, self._run = None, ""
        self.sha256 = self._void_token()
        self._on_done(path, self.file_name)
        if self.state == "sending":  # on_done may have refused or reset
            self._show("done")

    def _clear(self) -> None:
        self.reset()
        if self._on_clear is not None:
            self._on_clear()

    def _abort(self) -> None:
        upload, self._upload, self._run = self._upload, None, ""
        self._void_token()
        if upload is not None:
            upload.abort()

    def _void_token(self) -> str:
        """Take back the address of the upload; return the digest of the file."""
        token, self._token = self._token, ""
        if not token:
            return ""
        store = TransferRoute(self.transfers_url).store
        digest = store.digest(token)
        store.revoke(token)
        return digest

    def _show(
        self, state: str, *, error: str = "", name: str | None = None, size: int = 0
    ) -> None:
        with self.hold_sync():
            if name is not None:
                self.file_name, self.size, self.received = name, size, 0
            self.error = error
            self.state = state

    @contextmanager
    def _show_failures(self) -> Iterator[None]:
        try:
            yield
        except DmcError as exc:
            self.refuse(str(exc))
        except BaseException:
            self.refuse(_(UNEXPECTED_ERROR))  # or the page would wait forever
            raise
