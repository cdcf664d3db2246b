"""A connection between a browser and a server that can be cut, for tests."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress
from typing import Final

_CHUNK: Final = 256 * 1024


class CutConnection:
    """Passes bytes on from a port of its own, until it is cut and then mended.

    Args:
        target_port: The port of the server.

    Attributes:
        port: The port that the browser is to use.
        passed_up: The number of bytes that went to the server.
        passed_down: The number of bytes that came from it.
    """

    def __init__(self, target_port: int) -> None:
        self._target = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.passed_up = self.passed_down = 0
        self._is_cut = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Reset all connections and refuse new ones."""
        with self._lock:
            self._is_cut = True
            for channel in self._open:
                with suppress(OSError):
                    channel.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def mend(self) -> None:
        """Accept connections again."""
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        """Cut for good."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                threading.Thread(
                    target=self._serve, args=[browser], daemon=True
                ).start()

    def _serve(self, browser: socket.socket) -> None:
        with browser, suppress(OSError):
            with self._lock:
                if self._is_cut:
                    return
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                with self._lock:
                    self._open |= {browser, server}
                self._pump(browser, server)

    def _pump(self, browser: socket.socket, server: socket.socket) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(browser, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, browser)
            while True:
                for key, _ in ready.select():
                    source: socket.socket = key.fileobj  # type: ignore[assignment]
                    data = source.recv(_CHUNK)
                    if not data:
                        return
                    if source is browser:
                        self.passed_up += len(data)
                    else:
                        self.passed_down += len(data)
                    key.data.sendall(data)
