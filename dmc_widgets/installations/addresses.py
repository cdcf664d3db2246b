"""Addresses of servers: taken apart, judged, and freed of passwords.

Do two addresses lead to the same place?
"""

from __future__ import annotations

import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from ..errors import NotSupported
from ..model.access import Access
from ..objects.fields.encrypted import Secret

SCHEMES = frozenset({"http", "https"})


class Address(NamedTuple):
    """An address without its user and password, and those two.

    Attributes:
        url: Without a slash at its end; it may be kept and shown.
        origin: Scheme, host and port.
        user: That stood in it, or empty.
        secret: The password that stood in it, if there was one.
    """

    url: str
    origin: str
    user: str = ""
    secret: Secret | None = None


def is_server(url: str) -> bool:
    """Say whether *url* is that of a server, and not of a database."""
    return url.partition("://")[0].lower() in SCHEMES


def parse_address(url: str) -> Address:
    """Take an address of a server apart.

    Raises:
        NotSupported: It names no host, or has parts that a server's address has not.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
        parts = SplitResult("", "", "", "", "")
    if not host or parts.query or parts.fragment:
        # The address is not quoted: what is no address may be anything, a password.
        what = "This is no address of a server."
        raise NotSupported(what, "Write it like https://liferay.example.com.")
    shown = f"[{host}]" if ":" in host else host
    location = f"{shown}:{port}" if port else shown
    scheme = parts.scheme.lower()
    return Address(
        url=urlunsplit((scheme, location, parts.path.rstrip("/"), "", "")),
        origin=f"{scheme}://{location}",
        user=unquote(parts.username or ""),
        secret=Secret(unquote(parts.password)) if parts.password else None,
    )


def require_encryption(address: Address, access: Access) -> None:
    """Refuse to send a password where everybody on the way could read it.

    Raises:
        NotSupported: The address is http, of another machine, and nobody asked
            for that.
    """
    parts = urlsplit(address.url)
    if parts.scheme == "https" or access.insecure_http or _is_loopback(parts.hostname):
        return
    what = f"{address.url} is not encrypted: everybody on the way reads the password."
    instead = (
        "Use https, or allow it with --insecure-http (insecure_http=True) where the "
        "network is your own."
    )
    raise NotSupported(what, instead)


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


_SQLITE: Final = "sqlite:///"
_PORTS: Final = {"http": 80, "https": 443}


def is_same_place(one: str, other: str) -> bool:
    """Say whether two addresses lead to one file, or to one port of one machine.

    Several installations may answer at a port, each to its own host name, as
    Liferay's virtual instances do.

    Args:
        one: As a workspace keeps it.
        other: The same of another installation.
    """
    if one == other:
        return True
    if is_server(one) and is_server(other):
        return _listeners(one) & _listeners(other) != set()
    return not (is_server(one) or is_server(other)) and _same_file(one, other)


def _same_file(one: str, other: str) -> bool:
    first, second = (Path(each[len(_SQLITE) :]) for each in (one, other))
    try:
        return first.samefile(second)
    except OSError:  # one of them is not there
        return False


def _listeners(url: str) -> set[tuple[str, int, str]]:
    """Return the addresses that a server's name stands for, each with port and path.

    Nothing, where nobody here knows the name: a proxy may.
    """
    parts = urlsplit(url)
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(parts.hostname, port, proto=socket.IPPROTO_TCP)
    except OSError:
        return set()
    return {(str(address[0]), port, parts.path) for *_, address in found}
