"""Addresses of installations: parsed, compared, and stripped of passwords."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import (
    SplitResult,
    parse_qsl,
    unquote,
    urlencode,
    urlsplit,
    urlunsplit,
)

from ..errors import NotSupported
from ..model.access import Access
from ..objects.fields.encrypted import Secret
from ..storage.operating_system import sqlite_url_path

SERVER_SCHEMES: Final = frozenset({"http", "https"})
POSTGRESQL_SCHEMES: Final = frozenset({"postgresql", "postgres"})
SQLITE_PREFIX: Final = "sqlite:///"
KNOWN_ADDRESSES: Final = (
    "Use sqlite:///FILE for an embedded database: sqlite:///data/target.db below the "
    "current folder, sqlite:////var/data/target.db from the root. "
    "Use postgresql://HOST/DATABASE for a database of a PostgreSQL server. "
    "Use https://HOST for a Liferay server."
)
"""The forms of addresses, for messages."""

_PASSWORD: Final = re.compile(r"(://[^/:@]*):.*@")
_SECRET: Final = re.compile(
    r"(?i)([?&](?:[a-z_]*password|passwd|pwd|[a-z_]*secret|[a-z_]*token)=)[^&#]*"
)
_FILE_USER: Final = re.compile(r"(?i)sqlite:/*[^/]+:[^/]*@")
"""A user and a password in the place where other addresses have them."""

_PORTS: Final = {"http": 80, "https": 443, "postgresql": 5432}

_PARAMETERS: Final = frozenset(
    {
        "application_name",
        "channel_binding",
        "connect_timeout",
        "host",
        "options",
        "port",
        "sslmode",
        "sslrootcert",
        "target_session_attrs",
        "user",
    }
)
"""The parameters of libpq that an address may have. None is a secret or names one."""


class Address(NamedTuple):
    """The address of a server, with its user and password apart.

    Attributes:
        url: The address without them and without a final slash; it may be stored and
            shown.
        origin: Scheme, host and port.
        user: The user in the address, or empty.
        secret: The password in the address, if there was one.
    """

    url: str
    origin: str
    user: str = ""
    secret: Secret | None = None


def is_server(url: str) -> bool:
    """Return True if *url* is the address of a Liferay server, not of a database."""
    return url.partition("://")[0].lower() in SERVER_SCHEMES


def is_postgresql(url: str) -> bool:
    """Return True if *url* is the address of a database of a PostgreSQL server."""
    return url.partition("://")[0].lower() in POSTGRESQL_SCHEMES


def has_users(url: str) -> bool:
    """Return True if people sign in at *url*, so that it may need a password."""
    return is_server(url) or is_postgresql(url)


def parse_address(url: str) -> Address:
    """Split the address of a server into its parts.

    Raises:
        NotSupported: It has no host, or a query or fragment, or is that of a
            PostgreSQL server and names no database or has unknown parameters.
    """
    if is_postgresql(url):
        return _parse_postgresql(url)
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
        parts = SplitResult("", "", "", "", "")
    if not host or parts.query or parts.fragment:
        # The text is not quoted: it may be anything, even a password.
        what = "This is not the address of a server."
        raise NotSupported(what, "Write it like https://liferay.example.com.")
    bracketed_host = f"[{host}]" if ":" in host else host
    location = f"{bracketed_host}:{port}" if port else bracketed_host
    scheme = parts.scheme.lower()
    return Address(
        url=urlunsplit((scheme, location, parts.path.rstrip("/"), "", "")),
        origin=f"{scheme}://{location}",
        user=unquote(parts.username or ""),
        secret=Secret(unquote(parts.password)) if parts.password else None,
    )


def _parse_postgresql(url: str) -> Address:
    """Split an address; the user and the password may not stay in it.

    A host in the query would win over the one in front of it, so it may only stand
    where there is none: ``postgresql:///db?host=/run/postgresql`` names a socket.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        host, port, query = "", None, {}
        parts = SplitResult("", "", "", "", "")
    unknown = sorted(query.keys() - _PARAMETERS)
    doubled = {"host", "port"} & query.keys() if host else set()
    database = parts.path[1:]
    is_name = bool(database) and not {"/", "@"} & set(database)
    if not is_name or parts.fragment or unknown or doubled:
        # The text is not quoted: it may be anything, even a password.
        what = "This is not the address of a PostgreSQL database."
        instead = (
            "Write it like postgresql://db.example.com/migration. After a question "
            f"mark may stand: {', '.join(sorted(_PARAMETERS))}."
        )
        raise NotSupported(what, instead)
    bracketed_host = f"[{host}]" if ":" in host else host
    location = f"{bracketed_host}:{port}" if port else bracketed_host
    user = unquote(parts.username or "") or query.get("user", "")
    query.pop("user", None)
    place = location or f"{query.get('host', 'local')}:{query.get('port', 5432)}"
    options = f"?{urlencode(query, safe='/')}" if query else ""
    return Address(
        url=f"postgresql://{location}{parts.path}{options}",
        origin=f"postgresql://{place}",
        user=user,
        secret=Secret(unquote(parts.password)) if parts.password else None,
    )


def postgresql_parameters(address: Address) -> dict[str, str]:
    """Return the parameters of libpq in an address, without user and password."""
    parts = urlsplit(address.url)
    parameters = dict(parse_qsl(parts.query))
    if parts.hostname:
        parameters["host"] = parts.hostname
    if parts.port:
        parameters["port"] = str(parts.port)
    return parameters | {"dbname": unquote(parts.path[1:])}


def is_local(parameters: Mapping[str, str]) -> bool:
    """Return True if parameters of libpq lead to this machine."""
    host = parameters.get("host", "")
    return not host or host.startswith(("/", "@")) or _is_loopback(host)


def mask_url(url: str) -> str:
    """Return *url* with its passwords masked, so that it may be shown and logged."""
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1:***@", url))


def absolute_url(url: str) -> str:
    """Return the address of a database in a form that holds in every current folder.

    Raises:
        NotSupported: It contains a password, which would be stored.
    """
    require_no_secret(url)
    if not url.lower().startswith(SQLITE_PREFIX):
        return url
    path = url[len(SQLITE_PREFIX) :]
    if not path:
        return url
    return f"{SQLITE_PREFIX}{sqlite_url_path(Path(path).expanduser().absolute())}"


def require_no_secret(url: str) -> None:
    """Refuse the address of a database that contains a password.

    It would be stored with the address, and a file has no use for it. The message does
    not repeat it.

    Raises:
        NotSupported: The address contains a password.
    """
    if _FILE_USER.match(url) or (_is_file(url) and _SECRET.search(url)):
        what = "A database in a file has no users and no passwords."
        raise NotSupported(what, f"Leave them out of its address. {KNOWN_ADDRESSES}")
    if not _is_file(url) and (_SECRET.search(url) or _PASSWORD.search(url)):
        what = "The address contains a password, and addresses are stored."
        raise NotSupported(what, "Pass the password apart from the address.")


def require_encryption(address: Address, access: Access) -> None:
    """Refuse to send a password over a connection that anybody on the way can read.

    Raises:
        NotSupported: The address is http, is that of another machine, and *access*
            does not allow it.
    """
    parts = urlsplit(address.url)
    if parts.scheme == "https" or access.insecure_http or _is_loopback(parts.hostname):
        return
    what = (
        f"{address.url} is not encrypted: everybody on the way can read the password."
    )
    instead = (
        "Use https, or allow it with --insecure-http (insecure_http=True) where the "
        "network is your own."
    )
    raise NotSupported(what, instead)


def is_same_place(one: str, other: str) -> bool:
    """Return True if two addresses lead to one file, or to one port of one machine.

    Several installations may answer at a port, each to its own host name, as
    Liferay's virtual instances do.

    Args:
        one: An address as the workspace stores it.
        other: The address of another installation.
    """
    if one == other:
        return True
    if is_server(one) and is_server(other):
        return _listeners(one) & _listeners(other) != set()
    if is_postgresql(one) and is_postgresql(other):
        return _is_same_database(one, other)
    return _is_file(one) and _is_file(other) and _is_same_file(one, other)


def _is_file(url: str) -> bool:
    return url.partition("://")[0].lower() == "sqlite"


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _is_same_file(one: str, other: str) -> bool:
    first, second = (Path(url[len(SQLITE_PREFIX) :]) for url in (one, other))
    try:
        return first.samefile(second)
    except OSError:  # one of them does not exist
        return False


def _is_same_database(one: str, other: str) -> bool:
    if parse_address(one).url == parse_address(other).url:
        return True
    if urlsplit(one).hostname and urlsplit(other).hostname:
        return _listeners(one) & _listeners(other) != set()
    return False


def _listeners(url: str) -> set[tuple[str, int, str]]:
    """Return the IP addresses of a server's name, each with port and path.

    The set is empty if this machine cannot resolve the name; a proxy may.
    """
    parts = urlsplit(url)
    port = parts.port or _PORTS[parts.scheme]
    try:
        infos = socket.getaddrinfo(parts.hostname, port, proto=socket.IPPROTO_TCP)
    except OSError:
        return set()
    return {(str(address[0]), port, parts.path) for *_, address in infos}
