"""Places that hold entities, by their address."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Final

from ..errors import NotSupported
from ..model.access import NO_ACCESS
from ..objects.fields.encrypted import Secret
from ..ports import Installation
from ..storage.sqlite_lock import SHORT_WAIT, LockWait
from .addresses import is_server, parse_address
from .connect_options import DEFAULT_OPTIONS, ConnectOptions

__all__ = [
    "ConnectOptions",
    "connect",
    "mask_url",
    "missing_secret",
    "normalize_address",
    "save_caller_secret",
]

_PASSWORD: Final = re.compile(r"(://[^/:@]*):.*@")
_SECRET: Final = re.compile(
    r"(?i)([?&](?:[a-z_]*password|passwd|pwd|[a-z_]*secret|[a-z_]*token)=)[^&#]*"
)
_SQLITE: Final = "sqlite:///"
_FILE_USER: Final = re.compile(r"(?i)sqlite:/*[^/]+:[^/]*@")
"""A user and a password where other addresses have them."""

_KNOWN: Final = (
    "Use sqlite:///FILE for an embedded database: sqlite:///data/target.db below the "
    "current folder, sqlite:////var/data/target.db from the root. "
    "Use https://HOST for a Liferay server."
)


def connect(url: str, caller: ConnectOptions = DEFAULT_OPTIONS) -> Installation:
    """Open the installation at *url*, and make its tables where there are none.

    Args:
        url: ``sqlite:///path.db``, relative to the current folder or, with one
            more slash, absolute. The file may be missing, its folder not. Or
            ``https://liferay.example.com``.
        caller: Who asks a server, and how long they wait for it.

    Raises:
        NotSupported: No adapter takes such an address, or not like this.
        Refused: The file is no database, not one of ours, or of a newer version;
            the server does not let us in, or is none of Liferay's.
        Unreachable: The database or the server does not answer now.
    """
    scheme, separator, _ = url.partition("://")
    open_scheme = _ADAPTERS.get(scheme.lower()) if separator else None
    if open_scheme is None:
        what = f"{mask_url(url)!r} is no address of an installation."
        raise NotSupported(what, _KNOWN)
    return open_scheme(url, caller)


def _settled_file(url: str) -> str:
    """Return *url* in a form that means the same in every current folder."""
    if is_server(url):
        return parse_address(url).url
    _require_no_secret(url)
    if not url.lower().startswith(_SQLITE):
        return url
    path = url[len(_SQLITE) :]
    return f"{_SQLITE}{Path(path).expanduser().absolute()}" if path else url


def _require_no_secret(url: str) -> None:
    """Refuse a password in the address of a file: it would be kept, and be of no use.

    Raises:
        NotSupported: There is one. It is not repeated.
    """
    if _SECRET.search(url) or _FILE_USER.match(url):
        what = "A database in a file has no users and no passwords."
        raise NotSupported(what, f"Leave them out of its address. {_KNOWN}")


def normalize_address(
    url: str, caller: ConnectOptions, secret: str | None
) -> tuple[str, ConnectOptions]:
    """Return an address that may be kept, and who asks there, with their secret.

    Args:
        url: As somebody gave it; it may hold a user and a password.
        caller: Who asks.
        secret: Given apart; it comes before one in the address.

    Raises:
        NotSupported: It is no address of a server though it looks like one.
        InvalidPlan: A user stands in the address, and a client id beside it.
    """
    given = Secret(secret) if secret else None
    if not is_server(url):
        return _settled_file(url), replace(caller, secret=given)
    address = parse_address(url)
    if address.user:
        access = replace(caller.access, user=address.user)
        given = given or address.secret
        caller = replace(caller, access=access)
    return address.url, replace(caller, secret=given)


def missing_secret(url: str, caller: ConnectOptions) -> str:
    """Say which secret somebody has to be asked for: ``password`` or ``client secret``.

    Empty where none is needed, one is given, or the environment holds it.
    """
    if not is_server(url) or caller.secret is not None:
        return ""
    store = import_module(".secret_store", __package__)
    if not (caller.access.user or caller.access.client_id):
        return ""
    in_environment = store.has_environment_secret(caller.name, caller.access)
    return "" if in_environment else str(store.secret_kind(caller.access))


def save_caller_secret(url: str, caller: ConnectOptions) -> None:
    """Keep the secret of whoever asks at *url*, if it was given and not just found.

    Raises:
        NotSupported: There is no keyring to keep it.
    """
    if caller.secret is None or not is_server(url):
        return
    # The keyring is imported by who has something for it.
    store = import_module(".secret_store", __package__)
    store.save_secret(
        caller.name, parse_address(url).origin, caller.access, caller.secret
    )


def mask_url(url: str) -> str:
    """Mask the passwords in *url*, so that it may be shown and logged."""
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1:***@", url))


def _sqlite(url: str, caller: ConnectOptions) -> Installation:
    _require_no_secret(url)
    path = url[len(_SQLITE) :]
    if not url.lower().startswith(_SQLITE) or path in {"", ":memory:"}:
        what = f"{mask_url(url)!r} names no file."
        raise NotSupported(what, _KNOWN)
    if caller.access != NO_ACCESS:
        what = "A database in a file has no users, and no certificates."
        raise NotSupported(what, "Leave out everything but its address.")
    # SQLAlchemy is imported by who connects, not by who imports the package.
    room = import_module(".sql", __package__)
    waiting = SHORT_WAIT
    if caller.waits_for_lock:
        waiting = LockWait(limit_s=None, should_continue=caller.should_continue)
    installation: Installation = room.open_sqlite(
        Path(path), mask_url(url), waiting=waiting
    )
    return installation


def _liferay(url: str, caller: ConnectOptions) -> Installation:
    address = parse_address(url)
    if address.user:
        access = replace(caller.access, user=address.user)
        secret = caller.secret or address.secret
        caller = replace(caller, access=access, secret=secret)
    # httpx2 is imported by who connects, too.
    room = import_module(".liferay", __package__)
    installation: Installation = room.open_liferay(address, caller)
    return installation


_ADAPTERS: Final[dict[str, Callable[[str, ConnectOptions], Installation]]] = {
    "http": _liferay,
    "https": _liferay,
    "sqlite": _sqlite,
}
