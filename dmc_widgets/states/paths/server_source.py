"""Files of the server and of other hosts for the import form: listed, and fetched."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

from traitlets import Bool, HasTraits, Int, Tuple, Unicode

from ...center import Center
from ...center.sources import Progress, ReceivedFile, ServerFile
from ...errors import DmcError

Fetch = Callable[[Progress, Callable[[], bool]], ReceivedFile | None]
Take = Callable[[ReceivedFile], object]


class ServerSource(HasTraits):
    """Fetches one file at a time on a thread of its own; the poller takes it.

    Args:
        center: Its sources say what may be fetched.

    Attributes:
        take: Gets the file that has arrived, on the thread of the page.
        has_folders: There are folders whose files may be taken.
        has_hosts: There are hosts that may be asked.
        files: The files of the folders, the newest first.
        left_off: There are more files than are listed.
        url: The address that the person types.
        name: What is being fetched; empty for nothing.
        is_busy: A file is on its way.
        received: The bytes so far.
        size: The bytes in all; 0 while that is not known.
        error: Why the last file did not come; a whole sentence, or empty.
    """

    has_folders = Bool(False)
    has_hosts = Bool(False)
    files = Tuple()
    left_off = Bool(False)
    url = Unicode()
    name = Unicode()
    is_busy = Bool(False)
    received = Int(0)
    size = Int(0)
    error = Unicode()

    take: Take

    def __init__(self, center: Center) -> None:
        super().__init__()
        self._center = center
        self.take = lambda _file: None
        self._future: Future[ReceivedFile | None] | None = None
        self._progress: tuple[int, int | None] = (0, None)

    def load(self) -> None:
        """Read which sources there are for this user."""
        sources = self._center.sources
        may_use = sources.may_use
        self.has_folders = may_use and bool(sources.policy.folders)
        self.has_hosts = may_use and bool(sources.policy.hosts)

    def list_files(self) -> None:
        """List the files of the folders as they are now."""
        self.files, self.left_off = self._center.sources.list_files()

    def fetch_file(self, file: ServerFile) -> None:
        """Copy a file of the server into the workspace."""
        take_file = self._center.sources.take_file
        self._start(file.name, lambda *more: take_file(file.folder, file.name, *more))

    def fetch_url(self) -> None:
        """Download the file at the address that was typed."""
        url, download = self.url.strip(), self._center.sources.download
        self._start(url, lambda *more: download(url, *more))

    def cancel(self) -> None:
        """Stop; what has come of the file is removed."""
        self._future = None
        self.is_busy, self.name = False, ""

    def poll(self) -> None:
        """Show how far the file is, and take it once it is there."""
        future = self._future
        if future is None:
            return
        received, size = self._progress
        self.received, self.size = received, size or 0
        if not future.done():
            return
        self._future, self.is_busy, self.name = None, False, ""
        try:
            found = future.result()
            if found is not None:
                self.take(found)
                self.url = ""
        except DmcError as exc:
            self.error = str(exc)

    def _start(self, name: str, fetch: Fetch) -> None:
        if self.is_busy:
            return  # a second click
        self.error, self.received, self.size = "", 0, 0
        self._progress = (0, None)
        future: Future[ReceivedFile | None] = Future()
        self._future, self.is_busy, self.name = future, True, name
        Thread(target=self._carry_out, args=(fetch, future), daemon=True).start()

    def _carry_out(self, fetch: Fetch, future: Future[ReceivedFile | None]) -> None:
        """Fetch the file, until it is there or *future* is not waited for any more."""

        def note_progress(received: int, size: int | None) -> None:
            if future is self._future:
                self._progress = (received, size)

        try:
            found = fetch(note_progress, lambda: future is not self._future)
        except Exception as exc:  # noqa: BLE001  # the poller raises it
            future.set_exception(exc)
            return
        if found is not None and future is not self._future:
            found.path.unlink(missing_ok=True)  # cancelled after its last piece
        future.set_result(found)
