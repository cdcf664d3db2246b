"""Requests to hosts that somebody else has named.

The address of such a host is looked up once, checked, and then the one that is called,
so that a name cannot lead to another machine between the two.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from typing import Final
from urllib.parse import SplitResult

PORTS: Final = {"http": 80, "https": 443}
"""The schemes that are called, and their ports."""

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


def is_public_address(address: str) -> bool:
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


def connect_to_address(
    parts: SplitResult, address: str, timeout_s: float
) -> http.client.HTTPConnection:
    """Connect to an address for requests to the host of a URL; close it in the end.

    Once the host has ended the connection, requests raise an ``HTTPException``.

    Raises:
        OSError: The host does not answer, or the certificate is not that of the host.
    """
    host = parts.hostname or ""
    port = parts.port or PORTS[parts.scheme]
    connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
    # To make it again would look up the host again, and speak without TLS.
    connection.auto_open = 0
    # A port that is the scheme's own is not in the header.
    connection.default_port = PORTS[parts.scheme]
    sock: socket.socket = socket.create_connection((address, port), timeout_s)
    try:
        if parts.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise
    connection.sock = sock
    return connection


def request_target(parts: SplitResult) -> str:
    """Return what a request names of a URL: its path and its query."""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
