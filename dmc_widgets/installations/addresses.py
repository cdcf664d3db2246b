"""Addresses of servers: taken apart, judged, and freed of passwords."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from ..errors import NotSupported
from ..model.access import Access
from ..objects.secrets import Secret

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


def address_of(url: str) -> Address:
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


def require_private(address: Address, access: Access) -> None:
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
