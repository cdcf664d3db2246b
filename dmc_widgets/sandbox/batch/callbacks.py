"""Calling back when a task has ended (batch-engine facts, 1.6).

A client names the address, so it is checked before anything is sent: http and https
only, hosts of a list where there is one, and no address of this machine or of a
private network unless that is allowed. The address that was checked is the one that
is called, and no redirection is followed.
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
"""Networks whose last four bytes are an address of the old kind."""
_LOCAL_NETWORKS: Final = (
    ipaddress.IPv6Network("64:ff9b:1::/48"),  # translation within a network
    ipaddress.IPv6Network("fec0::/10"),  # site-local, which networks still use
    ipaddress.IPv4Network("192.88.99.0/24"),  # relays of 6to4, the nearest one
)
"""Not of the world, though Python's lists do not say so."""


class CallbackSender:
    """Sends what is to be told, one after the other, behind everything else."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="callback")

    def send(self, url: str, task_id: int, status: str) -> None:
        """Tell *url* of a task; failures are logged and nothing else."""
        self._pool.submit(self._send, url, task_id, status)

    def close(self) -> None:
        """End; what has yet to be told is not."""
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
    """Look a host up and return an address that may be called; None for none."""
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    if settings.callback_hosts and parts.hostname not in settings.callback_hosts:
        return None
    port = parts.port or _PORTS[parts.scheme]
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if settings.local_callbacks or all(map(_is_public, addresses)):
        return addresses[0]
    return None


def _is_public(address: str) -> bool:
    """Say whether an address, and whichever it wraps, belongs to the world."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = _embedded_addresses(found)
        if wrapped:
            return all(map(_is_global, wrapped))
    return _is_global(found)


def _is_global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    is_local = any(address in network for network in _LOCAL_NETWORKS)
    return address.is_global and not address.is_multicast and not is_local


def _embedded_addresses(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the addresses of the old kind that a gateway would make of one."""
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _TRANSLATION_NETWORKS):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return [each for each in found if each is not None]


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
        sock.recv(1024)  # whatever it says; byte by byte it could say it for ever
    finally:
        sock.close()


def _log_text(url: str) -> str:
    """Show a stranger's text in a log line, without its secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}"[:200].encode("unicode_escape").decode()
