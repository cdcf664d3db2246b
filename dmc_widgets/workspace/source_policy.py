"""Which folders of the server, hosts and stores imports may take their files from.

``dmc serve --files FOLDER`` and ``--allowed-source SOURCE`` say so; the kernels of the
pages get it by the environment. A server without them has none. A command, or a program
of a person's own, may take any file that the person may.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import InvalidPlan
from ..storage.remote_addresses import HTTP, LOCAL, RemoteAddress

FOLDERS_VARIABLE: Final = "DMC_FILE_FOLDERS"
HOSTS_VARIABLE: Final = "DMC_ALLOWED_SOURCES"


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """The folders whose files may be imported, and the places that may be asked.

    Attributes:
        folders: The folders, with all folders within them.
        hosts: Names or addresses of hosts, with a port where it is not the usual
            one: ``files.example.com``, ``10.0.0.7:8080``.
        stores: Addresses of buckets, or of folders in them, with all that is within:
            ``s3://bucket/incoming``.
        is_open: Any address may be asked: who chooses it runs the program, too.
    """

    folders: tuple[Path, ...] = ()
    hosts: frozenset[str] = frozenset()
    stores: frozenset[str] = frozenset()
    is_open: bool = False

    @classmethod
    def of(cls, folders: Iterable[Path | str], sources: Iterable[str]) -> SourcePolicy:
        """Check folders, hosts and stores, and return the policy.

        Raises:
            InvalidPlan: Something is not a folder, or neither a host nor a store.
        """
        found = []
        for folder in folders:
            path = Path(folder).expanduser()
            if not path.is_dir():
                reason = f"{path} is not a folder. Give the path of one."
                raise InvalidPlan(reason)
            found.append(path.resolve())
        return cls(tuple(dict.fromkeys(found)), *_hosts_and_stores(sources))

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ
    ) -> SourcePolicy:
        """Return the policy that the server of this kernel was started with.

        Without a server any address may be asked, and no folder is offered.
        """
        folders = json.loads(environment.get(FOLDERS_VARIABLE) or "[]")
        sources = json.loads(environment.get(HOSTS_VARIABLE) or "[]")
        hosts, stores = _hosts_and_stores(sources)
        is_open = HOSTS_VARIABLE not in environment
        return cls(tuple(map(Path, folders)), hosts, stores, is_open)

    def to_environment(self) -> dict[str, str]:
        """Return the variables that :meth:`from_environment` reads."""
        return {
            FOLDERS_VARIABLE: json.dumps([str(folder) for folder in self.folders]),
            HOSTS_VARIABLE: json.dumps(sorted(self.hosts | self.stores)),
        }

    @property
    def has_addresses(self) -> bool:
        """True if there are hosts or stores to name an address of."""
        return bool(self.hosts or self.stores)

    def require_store(self, address: RemoteAddress) -> None:
        """Refuse an address that is not in one of the stores.

        Raises:
            InvalidPlan: It is not allowed.
        """
        if self.is_open or any(_is_within(address, store) for store in self.stores):
            return
        known = ", ".join(sorted(self.stores)) or "none"
        reason = f"{address} is not in a store that is allowed: {known}. {OPTION}"
        raise InvalidPlan(reason)

    def labels(self) -> dict[str, Path]:
        """Return the folders by names for people: the last part, if it is unique."""
        names = [folder.name for folder in self.folders]
        return {
            name if name and names.count(name) == 1 else str(folder): folder
            for name, folder in zip(names, self.folders, strict=True)
        }


NO_SOURCES: Final = SourcePolicy()
OPTION: Final = "The option --allowed-source of dmc serve allows hosts and stores."


def _is_within(address: RemoteAddress, store: str) -> bool:
    """Return True if an address is that of a store, or of a file in it."""
    parts = address.location.replace("\\", "/").split("/")  # SMB takes both
    is_plain = ".." not in parts
    url = address.url
    return is_plain and (url == store or url.startswith(f"{store}/"))


def _hosts_and_stores(
    sources: Iterable[str],
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the hosts of a list, and the stores of it.

    Raises:
        InvalidPlan: Something is neither a host nor a store.
    """
    hosts, stores = set(), set()
    for source in sources:
        if "://" in source and not source.lower().startswith(("http:", "https:")):
            stores.add(_require_store(source))
        else:
            hosts.add(_require_host(source))
    return frozenset(hosts), frozenset(stores)


def _require_store(text: str) -> str:
    """Return the address of a bucket or a folder without the slash at its end.

    Raises:
        InvalidPlan: It is not one.
    """
    address = RemoteAddress.parse(text)
    if address.protocol in LOCAL | HTTP:
        reason = f"{address} is not in a store. Allow a folder with --files."
        raise InvalidPlan(reason)
    return address.url.rstrip("/")


def _require_host(text: str) -> str:
    """Return a host in lower case; refuse an address of a page, or a pattern.

    Raises:
        InvalidPlan: It is not a host.
    """
    host = text.strip().lower()
    name, _, port = host.rpartition(":") if _has_port(host) else (host, "", "")
    is_name = name.replace("-", "").replace(".", "").replace("_", "").isalnum()
    if not (is_name or _is_address(name)) or (port and not port.isdecimal()):
        reason = (
            f"{text!r} is not a host. Name it without a scheme and a path, such as "
            "files.example.com or files.example.com:8443; a store with both, such as "
            "s3://bucket/incoming."
        )
        raise InvalidPlan(reason)
    return host


def _has_port(host: str) -> bool:
    return ":" in host and not _is_address(host)


def _is_address(text: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True
