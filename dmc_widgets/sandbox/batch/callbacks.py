"""Callbacks: a POST to an address of the client when its task has ended.

The client names the address, so it is checked before anything is sent: only http and
https, only hosts of a list if there is one, and no address of this machine or of a
private network unless that is allowed. The address that was checked is the one that is
called, and redirections are not followed.
"""

from __future__ import annotations

import http.client
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import SplitResult, urlsplit

import orjson

from ...storage.public_hosts import (
    PORTS,
    connect_to_address,
    is_public_address,
    request_target,
)
from ..settings import Settings

_LOG: Final = logging.getLogger("dmc_widgets.sandbox")
_TIMEOUT_S: Final = 10.0


class CallbackSender:
    """Sends callbacks one after another, in a thread of its own.

    Args:
        settings: The settings with the hosts that may be called.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="callback")

    def send(self, url: str, task_id: int, status: str) -> None:
        """Post the status of a task to *url*; a failure is only logged."""
        self._pool.submit(self._send, url, task_id, status)

    def close(self) -> None:
        """Stop the thread; callbacks that have not been sent are dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, url: str, task_id: int, status: str) -> None:
        try:
            parts = urlsplit(url)
            address = resolve_allowed_address(parts, self._settings)
            if address is None:
                _LOG.warning("Skipping callback to disallowed URL %s", _log_text(url))
                return
            _post(parts, address, orjson.dumps({str(task_id): status}))
        except (OSError, ValueError, http.client.HTTPException) as exc:
            _LOG.warning("Callback failed: %s", type(exc).__name__)


def resolve_allowed_address(parts: SplitResult, settings: Settings) -> str | None:
    """Look up a host, and return an address that may be called; None if none may."""
    if parts.scheme not in PORTS or not parts.hostname:
        return None
    if settings.callback_hosts and parts.hostname not in settings.callback_hosts:
        return None
    port = parts.port or PORTS[parts.scheme]
    resolved = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in resolved]
    if settings.local_callbacks or all(map(is_public_address, addresses)):
        return addresses[0]
    return None


def _post(parts: SplitResult, address: str, body: bytes) -> None:
    connection = connect_to_address(parts, address, _TIMEOUT_S)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", request_target(parts), body, headers)
        # Not the whole response: sent byte by byte it might never end.
        connection.sock.recv(1024)
    finally:
        connection.close()


def _log_text(url: str) -> str:
    """Return a client's URL for a log line, without its secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}"[:200].encode("unicode_escape").decode()
