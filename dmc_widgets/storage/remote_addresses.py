"""The addresses of files in object stores and at other protocols: ``s3://bucket/a.csv``.

No credentials are in an address: they come from the environment, so an address may be
shown, noted beside a task and kept in a template.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ..errors import FileUnreadable, InvalidPlan

HTTP: Final = frozenset({"http", "https"})
LOCAL: Final = frozenset({"file", "local"})
_STORES: Final = {
    "s3a": "s3",
    "gcs": "gs",
    "abfss": "abfs",
    "az": "abfs",
    "ssh": "sftp",
}
_FORM: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
_NAMES_USER: Final = frozenset({"abfs", "abfss", "az", "sftp", "ssh"})
"""Protocols with a name before ``@``: a container, or a user, and never a secret."""
_SIGNED: Final = re.compile(r"[?&](sig|signature|x-(amz|goog)-[a-z-]+)=", re.IGNORECASE)
"""A query that signs a request: no library takes it from an address of a store."""
_WITH_SIGNATURE: Final = (
    "An address of a store with a signature is not taken. Credentials come from the "
    "environment, and a signed link begins with https://."
)
_WITH_ADDRESS: Final = "An address with a user or a password is not taken."
_FROM_ENVIRONMENT: Final = " Credentials come from the environment."


@dataclass(frozen=True, slots=True)
class RemoteAddress:
    """The address of a file, a folder or a bucket.

    Attributes:
        protocol: The scheme, in small letters.
        location: What is behind ``://``.
    """

    protocol: str
    location: str

    @classmethod
    def parse(cls, text: str) -> RemoteAddress:
        """Return the address that a text states.

        >>> RemoteAddress.parse("s3://bucket/2026/people.csv").name
        'people.csv'

        Raises:
            InvalidPlan: It is not an address, or holds a user or a password.
        """
        found = _FORM.fullmatch(text.strip())
        if found is None or not found[2]:
            reason = (
                "This is not an address of a file. Such an address begins with "
                "https://, s3:// or the like, and names a place."
            )
            raise InvalidPlan(reason)
        address = cls(found[1].lower(), found[2])
        user, _, host = address.authority.rpartition("@")
        if ":" in user or (user and address.protocol not in _NAMES_USER):
            is_http = address.protocol in HTTP
            raise InvalidPlan(_WITH_ADDRESS + ("" if is_http else _FROM_ENVIRONMENT))
        if address.protocol not in HTTP and _SIGNED.search(address.location):
            raise InvalidPlan(_WITH_SIGNATURE)
        is_nowhere = not host and address.protocol not in LOCAL
        if is_nowhere or not text.isprintable():
            reason = "The address names no place, or has characters that none has."
            raise InvalidPlan(reason)
        return address

    @property
    def store(self) -> str:
        """The kind of store, by the one of its protocols that is used most."""
        return _STORES.get(self.protocol, self.protocol)

    @property
    def authority(self) -> str:
        """The bucket, the container or the host."""
        return self.location.partition("/")[0]

    @property
    def place(self) -> str:
        """The bucket, the container or the host as an address: ``s3://bucket``."""
        return f"{self.protocol}://{self.authority}"

    @property
    def is_folder(self) -> bool:
        """True if the address itself says that it is a folder or a whole bucket."""
        return self.location.endswith("/") or "/" not in self.location

    @property
    def name(self) -> str:
        """The name of the file, without what an address adds to it.

        Raises:
            FileUnreadable: The address ends with a slash, or is that of a bucket.
        """
        if self.is_folder:
            reason = "the address does not end with the name of a file."
            raise FileUnreadable(str(self), reason)
        return self._path.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The ending of the name: ``.csv``; empty for none."""
        return Path(self._path.rpartition("/")[2]).suffix

    def child(self, name: str) -> RemoteAddress:
        """Return the address of a file in this folder."""
        return replace(self, location=f"{self.location.rstrip('/')}/{name}")

    @property
    def parent(self) -> RemoteAddress:
        """The folder that the file is in."""
        above = self.location.rstrip("/").rpartition("/")[0]
        return replace(self, location=above or self.authority)

    @property
    def _path(self) -> str:
        """The location without a version or a query, which may hold a signature."""
        if self.protocol in HTTP:
            return self.location.partition("?")[0].partition("#")[0]
        return self.location.partition("?versionId=")[0]

    def __str__(self) -> str:
        return f"{self.protocol}://{self._path}"

    def __repr__(self) -> str:
        return f"RemoteAddress({str(self)!r})"

    @property
    def url(self) -> str:
        """The whole address, to be opened and not to be shown."""
        return f"{self.protocol}://{self.location}"


def is_address(text: str) -> bool:
    """Return True if a text has the form of an address, and not of a path or a name."""
    return _FORM.fullmatch(text) is not None


def find_local_path(source: Path | str) -> Path:
    """Return the path of a file or folder that has to be on this machine.

    Raises:
        InvalidPlan: It is an address.
    """
    path = find_address(source)
    if isinstance(path, RemoteAddress):
        reason = f"{path} is an address. Give a path of this machine."
        raise InvalidPlan(reason)
    return path


def find_address(source: Path | str) -> RemoteAddress | Path:
    """Return the address that a person gave, or the path of a file of this machine.

    >>> find_address("s3://bucket/people.csv")
    RemoteAddress('s3://bucket/people.csv')
    >>> find_address("data/people.csv").name
    'people.csv'

    Raises:
        InvalidPlan: It is an address, and holds a user or a password.
    """
    if isinstance(source, Path) or not is_address(source):
        return Path(source)
    address = RemoteAddress.parse(source)
    if address.protocol in LOCAL:
        return Path(address.location)
    return address
