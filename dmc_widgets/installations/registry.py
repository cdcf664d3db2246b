"""The adapters of installations, by the scheme of their addresses.

Other packages add adapters through the entry-point group
``dmc_widgets.installations``. The name of an entry point is the scheme, and its object
a function that takes an address and :class:`~.connect_options.ConnectOptions` and
returns an :class:`~dmc_widgets.ports.Installation`::

    [project.entry-points."dmc_widgets.installations"]
    mysql = "our_package.adapter:connect"
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

from ..errors import NotSupported
from ..model.access import NO_ACCESS
from ..ports import Installation
from ..storage.sqlite_lock import SHORT_WAIT, LockWait
from .addresses import (
    KNOWN_ADDRESSES,
    SQLITE_PREFIX,
    Address,
    mask_url,
    parse_address,
    require_no_secret,
)
from .connect_options import DEFAULT_OPTIONS, ConnectOptions
from .postgresql_access import connection_parameters

Adapter = Callable[[str, ConnectOptions], Installation]

ENTRY_POINT_GROUP: Final = "dmc_widgets.installations"


def connect(url: str, options: ConnectOptions = DEFAULT_OPTIONS) -> Installation:
    """Open the installation at an address; create its tables if there are none.

    Args:
        url: ``sqlite:///path.db``, relative to the current folder or, with one
            more slash, absolute. The file may be missing, its folder may not. Or
            ``postgresql://db.example.com/migration``, or
            ``https://liferay.example.com``, or an address of a plug-in.
        options: Credentials, and how long to wait.

    Raises:
        NotSupported: There is no adapter for the address, or it takes no address
            like this, or its plug-in cannot be loaded.
        Refused: The file is not a database, not one of ours, or of a newer version;
            or the server refuses the credentials, or is not Liferay.
        Unreachable: The database or the server does not answer now.
    """
    scheme, separator, _ = url.partition("://")
    adapter = _find_adapter(scheme.lower()) if separator else None
    if adapter is None:
        what = f"{mask_url(url)!r} is not the address of an installation."
        raise NotSupported(what, KNOWN_ADDRESSES)
    return adapter(url, options)


def load_adapter(url: str) -> None:
    """Load what an address needs, before it is opened; a plug-in waits until then.

    SQLAlchemy and the HTTP client take most of the time of a first connection.
    """
    module = _VENDOR_MODULES.get(url.partition("://")[0].lower())
    if module is not None:
        import_module(module, __package__)


def _find_adapter(scheme: str) -> Adapter | None:
    return _BUILT_IN_ADAPTERS.get(scheme) or _load_plug_in(scheme)


def _load_plug_in(scheme: str) -> Adapter | None:
    """Return the adapter that an installed package offers for a scheme.

    Raises:
        NotSupported: It cannot be loaded.
    """
    # Reading the metadata of all packages takes longer than the built-in adapters do.
    entry_points = import_module("importlib.metadata").entry_points
    for entry_point in entry_points(group=ENTRY_POINT_GROUP, name=scheme):
        try:
            return cast("Adapter", entry_point.load())
        except Exception as exc:
            what = (
                f"The plug-in {entry_point.value!r} for addresses that begin with "
                f"{scheme}:// cannot be loaded ({type(exc).__name__}: {exc})."
            )
            raise NotSupported(what, "Update or reinstall its package.") from exc
    return None


def _connect_sqlite(url: str, options: ConnectOptions) -> Installation:
    require_no_secret(url)
    path = url[len(SQLITE_PREFIX) :]
    if not url.lower().startswith(SQLITE_PREFIX) or path in {"", ":memory:"}:
        what = f"{mask_url(url)!r} does not name a file."
        raise NotSupported(what, KNOWN_ADDRESSES)
    if options.access != NO_ACCESS:
        what = "A database in a file has no users and no certificates."
        raise NotSupported(what, "Leave out everything but its address.")
    # SQLAlchemy is imported when somebody connects, not with the package.
    sql = import_module(".sql", __package__)
    waiting = SHORT_WAIT
    if options.waits_for_lock:
        waiting = LockWait(limit_s=None, should_continue=options.should_continue)
    name = mask_url(url)
    return cast("Installation", sql.open_sqlite(Path(path), name, waiting=waiting))


def _connect_liferay(url: str, options: ConnectOptions) -> Installation:
    address, options = _split_credentials(url, options)
    # So is the HTTP client.
    liferay = import_module(".liferay", __package__)
    return cast("Installation", liferay.open_liferay(address, options))


def _connect_postgresql(url: str, options: ConnectOptions) -> Installation:
    waiting = SHORT_WAIT
    if options.waits_for_lock:
        waiting = LockWait(limit_s=None, should_continue=options.should_continue)
    return cast("Installation", open_postgresql(url, options, waiting=waiting))


def open_postgresql(
    url: str, options: ConnectOptions, *, waiting: LockWait, for_server: bool = False
) -> Any:
    """Open the installation in a database of a PostgreSQL server.

    Args:
        url: Its address.
        options: Credentials.
        waiting: How long to wait while others hold what is needed.
        for_server: Open it as a server of ours needs it.
    """
    address, options = _split_credentials(url, options)
    parameters = connection_parameters(address, options)
    try:
        sql = import_module(".sql", __package__)
        open_database = sql.load_postgresql()
    except ModuleNotFoundError as exc:
        what = "PostgreSQL needs the package psycopg."
        instead = 'Install it: pip install "dmc-widgets[postgresql]".'
        raise NotSupported(what, instead) from exc
    return open_database(
        parameters, mask_url(address.url), waiting=waiting, for_server=for_server
    )


def _split_credentials(
    url: str, options: ConnectOptions
) -> tuple[Address, ConnectOptions]:
    """Return an address without user and password, and options with them."""
    address = parse_address(url)
    if not address.user:
        return address, options
    access = replace(options.access, user=address.user)
    secret = options.secret or address.secret
    return address, replace(options, access=access, secret=secret)


_BUILT_IN_ADAPTERS: Final[dict[str, Adapter]] = {
    "http": _connect_liferay,
    "https": _connect_liferay,
    "postgres": _connect_postgresql,
    "postgresql": _connect_postgresql,
    "sqlite": _connect_sqlite,
}

_VENDOR_MODULES: Final = {"http": ".liferay", "https": ".liferay", "sqlite": ".sql"}
"""What the built-in adapters import when somebody connects."""
