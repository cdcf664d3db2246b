"""Which files of the server and which hosts imports may take their files from.

``dmc serve --files FOLDER`` and ``--allowed-source HOST`` say so; the kernels of the
pages get it by the environment. Without them there is neither.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from ..errors import InvalidPlan

FOLDERS_VARIABLE: Final = "DMC_FILE_FOLDERS"
HOSTS_VARIABLE: Final = "DMC_ALLOWED_SOURCES"


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """The folders whose files may be imported, and the hosts that may be asked.

    Attributes:
        folders: The folders, with all folders within them.
        hosts: Names or addresses of hosts, with a port where it is not the usual
            one: ``files.example.com``, ``10.0.0.7:8080``.
    """

    folders: tuple[Path, ...] = ()
    hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, folders: Iterable[Path | str], hosts: Iterable[str]) -> SourcePolicy:
        """Check folders and hosts, and return the policy.

        Raises:
            InvalidPlan: Something is not a folder, or not a host.
        """
        found = []
        for folder in folders:
            path = Path(folder).expanduser()
            if not path.is_dir():
                reason = f"{path} is not a folder. Give the path of one."
                raise InvalidPlan(reason)
            found.append(path.resolve())
        return cls(tuple(dict.fromkeys(found)), frozenset(map(_require_host, hosts)))

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ
    ) -> SourcePolicy:
        """Return the policy that the server of this kernel was started with."""
        folders = json.loads(environment.get(FOLDERS_VARIABLE) or "[]")
        hosts = json.loads(environment.get(HOSTS_VARIABLE) or "[]")
        return cls(tuple(map(Path, folders)), frozenset(hosts))

    def to_environment(self) -> dict[str, str]:
        """Return the variables that :meth:`from_environment` reads."""
        return {
            FOLDERS_VARIABLE: json.dumps([str(folder) for folder in self.folders]),
            HOSTS_VARIABLE: json.dumps(sorted(self.hosts)),
        }

    def labels(self) -> dict[str, Path]:
        """Return the folders by names for people: the last part, if it is unique."""
        names = [folder.name for folder in self.folders]
        return {
            name if name and names.count(name) == 1 else str(folder): folder
            for name, folder in zip(names, self.folders, strict=True)
        }


NO_SOURCES: Final = SourcePolicy()


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
            "files.example.com or files.example.com:8443."
        )
        raise InvalidPlan(reason)
    return host


def _has_port(host: str) -> bool:
    return ":" in host and not _is_address(host)


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True
