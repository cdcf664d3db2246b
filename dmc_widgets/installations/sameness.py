"""Do two addresses lead to the same place?"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from .addresses import is_server

_SQLITE: Final = "sqlite:///"
_PORTS: Final = {"http": 80, "https": 443}


def same_place(one: str, other: str) -> bool:
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
