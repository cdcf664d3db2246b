"""Places that hold entities, by their address."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

from ..errors import NotSupported
from ..ports import Installation

__all__ = ["connect", "settled_url", "shown_url"]

_PASSWORD: Final = re.compile(r"(://[^/:@]*):.*@")
_SECRET: Final = re.compile(
    r"(?i)([?&](?:[a-z_]*password|passwd|pwd|[a-z_]*secret|[a-z_]*token)=)[^&#]*"
)
_SQLITE: Final = "sqlite:///"
_KNOWN: Final = (
    "Use sqlite:///FILE for an embedded database: sqlite:///data/target.db below the "
    "current folder, sqlite:////var/data/target.db from the root."
)


def connect(url: str) -> Installation:
    """Open the installation at *url*, and make its tables where there are none.

    Args:
        url: ``sqlite:///path.db``, relative to the current folder or, with one
            more slash, absolute. The file may be missing, its folder not.

    Raises:
        NotSupported: No adapter takes such an address.
        Refused: The file is no database, not one of ours, or of a newer version.
        Unreachable: The database does not answer now.
    """
    scheme, separator, _ = url.partition("://")
    open_scheme = _ADAPTERS.get(scheme.lower()) if separator else None
    if open_scheme is None:
        what = f"{shown_url(url)!r} is no address of an installation."
        raise NotSupported(what, _KNOWN)
    return open_scheme(url)


def settled_url(url: str) -> str:
    """Return *url* in a form that means the same in every current folder."""
    if not url.lower().startswith(_SQLITE):
        return url
    path = url[len(_SQLITE) :]
    return f"{_SQLITE}{Path(path).expanduser().absolute()}" if path else url


def shown_url(url: str) -> str:
    """Mask the passwords in *url*, so that it may be shown and logged."""
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1:***@", url))


def _sqlite(url: str) -> Installation:
    path = url[len(_SQLITE) :]
    if not url.lower().startswith(_SQLITE) or path in {"", ":memory:"}:
        what = f"{shown_url(url)!r} names no file."
        raise NotSupported(what, _KNOWN)
    # SQLAlchemy is imported by who connects, not by who imports the package.
    room = import_module(".sql", __package__)
    installation: Installation = room.open_sqlite(Path(path), shown_url(url))
    return installation


_ADAPTERS: Final[dict[str, Callable[[str], Installation]]] = {"sqlite": _sqlite}
