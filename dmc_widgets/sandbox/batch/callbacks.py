"""Callbacks: a POST to an address of the client when its task has ended.

The client names the address, so it is checked before anything is sent: only http and
https, only hosts of a list if there is one, and no address of this machine or of a
private network unless that is allowed. The address that was checked is the one that is
called, and redirections are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import logging
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import SplitResult, urlsplit

import orjson

from ..settings import Settings

_LOG: Final = logging.getLogger("dmc_widgets.sandbox")
_TIMEOUT_S: Final = 10.0
_PORTS: Final = {"http": 80, "https": 443}
_TRANSLATION_NETWORKS: Final = (
    ipaddress.IPv6Network("::/96"),
    ipaddress.IPv6Network("64:ff9b::/96"),
)
"""Networks whose last four bytes are an IPv4 address."""
_LOCAL_NETWORKS: Final = (
    ipaddress.IPv6Network("64:ff9b:1::/48"),  # translation within a network
    ipaddress.IPv6Network("fec0::/10"),  # site-local, which some networks still use
    ipaddress.IPv4Network("192.88.99.0/24"),  # the nearest relay of 6to4
)
"""Networks that are not global, although Python counts them as such."""


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
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    if settings.callback_hosts and parts.hostname not in settings.callback_hosts:
        return None
    port = parts.port or _PORTS[parts.scheme]
    resolved = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in resolved]
    if settings.local_callbacks or all(map(_is_public, addresses)):
        return addresses[0]
    return None


def _is_public(address: str) -> bool:
    """Return True if an address is global, and the IPv4 addresses within it too."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        embedded = _embedded_addresses(parsed)
        if embedded:
            return all(map(_is_global, embedded))
    return _is_global(parsed)


def _is_global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    is_local = any(address in network for network in _LOCAL_NETWORKS)
    return address.is_global and not address.is_multicast and not is_local


def _embedded_addresses(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that a gateway would translate an address to."""
    embedded = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _TRANSLATION_NETWORKS):
        embedded.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return [ipv4 for ipv4 in embedded if ipv4 is not None]


def _post(parts: SplitResult, address: str, body: bytes) -> None:
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
    sock: socket.socket = socket.create_connection((address, port), _TIMEOUT_S)
    try:
        if parts.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        connection.sock = sock
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json"}
        connection.request("POST", path, body, headers)
        sock.recv(1024)  # not the whole response: sent byte by byte it might never end
    finally:
        sock.close()


def _log_text(url: str) -> str:
    """Return a client's URL for a log line, without its secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}"[:200].encode("unicode_escape").decode()
