"""SFTP: how its library signs in, and which hosts it trusts."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from paramiko import HostKeys, MissingHostKeyPolicy, PKey, SSHClient, SSHException

from .remote_addresses import RemoteAddress


class HostUnknown(SSHException):
    """The key of a host is not among those that the user knows."""


class KnownHosts(MissingHostKeyPolicy):
    """Trusts the hosts of ``~/.ssh/known_hosts``, as the command ssh does.

    fsspec trusts any host, so another one in its place could hand out other files.
    """

    def missing_host_key(self, client: SSHClient, hostname: str, key: PKey) -> None:
        """Refuse a host whose key is not known, or is another one.

        Raises:
            HostUnknown: It is.
        """
        del client
        known = HostKeys()
        with suppress(OSError):  # there may be none
            known.load(str(Path.home() / ".ssh" / "known_hosts"))
        if not known.check(hostname, key):
            raise HostUnknown(hostname)


def sftp_options(address: RemoteAddress, timeout_s: float) -> dict[str, Any]:
    """Return the options of the connection to the host of an address."""
    parts = urlsplit(f"sftp://{address.authority}")
    options: dict[str, Any] = {
        "host": parts.hostname or "",
        "port": parts.port or 22,
        "host_key_policy": KnownHosts(),
        **dict.fromkeys(("timeout", "banner_timeout", "auth_timeout"), timeout_s),
    }
    return options | ({"username": parts.username} if parts.username else {})
