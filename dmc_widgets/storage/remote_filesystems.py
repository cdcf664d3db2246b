"""The file systems of fsspec, each opened for one address.

Credentials come from the environment, as the library of each protocol reads them.
"""

from __future__ import annotations

import logging
from typing import Any, Final, NamedTuple

from ..errors import InvalidPlan, NotSupported
from .remote_addresses import RemoteAddress
from .remote_errors import translate_errors

FIRST_ANSWER_S: Final = 15.0
"""How long a store may take to answer at all; its library tries for up to 90 s."""

_PACKAGES: Final = {
    "s3": '"dmc-widgets[s3]"',
    "gs": '"dmc-widgets[gs]"',
    "abfs": '"dmc-widgets[abfs]"',
    "sftp": '"dmc-widgets[sftp]"',
    "smb": "fsspec smbprotocol",
}
"""What pip installs for a protocol."""
_HOSTS: Final = frozenset({"sftp", "smb"})
"""Protocols whose library cuts a path off at a ``#``."""
_LIBRARIES: Final = ("adlfs", "aiohttp", "azure", "botocore", "gcsfs", "paramiko")


class RemotePlace(NamedTuple):
    """A file system, and a path in it.

    Attributes:
        files: The file system, as fsspec has it; nothing is cached.
        path: The path.
        limit: The options of a call that may be the first one, which ends it in time.
    """

    files: Any
    path: str
    limit: dict[str, float]

    def info(self) -> dict[str, Any]:
        """Return what the store says of the path."""
        facts: dict[str, Any] = self.files.info(self.path, **self.limit)
        return facts

    def has_child(self, name: str) -> bool:
        """Return True if a file of that name is in the folder at the path."""
        path = f"{self.path.rstrip('/')}/{name}"
        return bool(self.files.exists(path, **self.limit))


def open_place(address: RemoteAddress) -> RemotePlace:
    """Open the file system of an address.

    Raises:
        NotSupported: Its library is not installed.
        InvalidPlan: The protocol is unknown, or the address is not valid for it.
        Refused: The host refuses the credentials.
        Unreachable: The host does not answer.
    """
    protocol = address.protocol
    try:
        from fsspec import get_filesystem_class

        kind: Any = get_filesystem_class(protocol)
        _keep_libraries_silent()
        with translate_errors(address):
            files = kind(**_find_options(kind, address), skip_instance_cache=True)
            limit = {"timeout": FIRST_ANSWER_S} if files.async_impl else {}
            return RemotePlace(files, _find_path(kind, address), limit)
    except ImportError as exc:
        packages = _PACKAGES.get(address.store, "fsspec, and what it asks for")
        raise NotSupported(
            what=f"The library for addresses with {protocol}:// is not installed.",
            instead=f"Install it: pip install {packages}",
        ) from exc
    except ValueError as exc:
        reason = (
            f"{protocol}:// is not a known protocol. Choose s3, gs, abfs, "
            "https or another one of fsspec."
        )
        raise InvalidPlan(reason) from exc


def _find_options(kind: Any, address: RemoteAddress) -> dict[str, Any]:
    """Return the options with which the file system of an address is made."""
    if address.store == "sftp":
        from .known_hosts import sftp_options  # it loads what speaks SSH

        return sftp_options(address, FIRST_ANSWER_S)
    options: dict[str, Any] = kind._get_kwargs_from_urls(address.url)
    return {**options, "use_listings_cache": False}


def _find_path(kind: Any, address: RemoteAddress) -> str:
    if address.store in _HOSTS:
        return "/" + address.location.partition("/")[2]
    path: str = kind._strip_protocol(address.url)
    return path


def _keep_libraries_silent() -> None:
    """Let libraries log where a program has asked for it, and not to the terminal.

    Some log whole tracebacks of an error that is reported in a sentence.
    """
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
