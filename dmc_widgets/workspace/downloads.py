"""Files from other hosts and stores; a server takes them from those of a list only.

It never takes one of a host within a network, unless that is on the list itself.

Every redirect is checked like the first address. The body is written to the disk as it
comes; a server cannot fill the memory, and not the disk beyond a limit.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import PurePosixPath
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from ..errors import FileUnreadable, InvalidPlan, Refused, Unreachable
from ..storage.public_hosts import (
    PORTS,
    connect_to_address,
    is_public_address,
    request_target,
)
from ..storage.remote_addresses import HTTP, RemoteAddress
from ..storage.remote_files import RemoteFile
from .file_transfer import format_megabytes
from .source_policy import OPTION, SourcePolicy

MAX_BYTES: Final = 10_000_000_000
_PIECE_BYTES: Final = 1024 * 1024
_TIMEOUT_S: Final = 30.0
_MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_NOTHING_THERE: Final = frozenset({404, 410})
_HEADERS: Final = {"Accept-Encoding": "identity", "User-Agent": "dmc-widgets"}
_NO_HEADERS: Final[Mapping[str, str]] = {}
_NO_ADDRESS: Final = (
    "This is not an address of a file. Such an address begins with https:// or "
    "http://, and names a host."
)
_FILE_NAME: Final = re.compile(r'filename="?([^";]+)"?', re.IGNORECASE)


class Body(NamedTuple):
    """What a host answered.

    Attributes:
        name: The name of the file.
        size: The size that the host states; None if it does not.
        pieces: The content; it can be read once.
        version: What changes whenever the file does; empty if the host does not say.
    """

    name: str
    size: int | None
    pieces: Iterator[bytes]
    version: str = ""


@contextmanager
def open_address(url: str, policy: SourcePolicy) -> Iterator[Body]:
    """Open the file at an address that a policy allows: of http, or of a store.

    Raises:
        InvalidPlan: The address is malformed, or not allowed.
        NotSupported: The library of its protocol is not installed.
        FileUnreadable: There is no such file.
        Refused: The host or store refuses, or the file is too large.
        Unreachable: It does not answer.
    """
    max_bytes = most_bytes(policy)
    address = RemoteAddress.parse(url)
    if address.protocol in HTTP:
        hosts = None if policy.is_open else policy.hosts
        with closing(Download(url, hosts, max_bytes)) as download:
            yield download.body
        return
    policy.require_store(address)
    file = RemoteFile(address)
    if file.size is not None and file.size > max_bytes:
        raise too_large_error(address.place, max_bytes)
    yield Body(file.name, file.size, file.pieces(), file.version)


def most_bytes(policy: SourcePolicy) -> int:
    """Return the size of the largest file that a policy lets in."""
    return sys.maxsize if policy.is_open else MAX_BYTES


class Download:
    """The file at a URL of an allowed host; close it in the end.

    Args:
        url: The address.
        hosts: The hosts that may be asked; None for any.
        max_bytes: A larger file is refused.

    Raises:
        InvalidPlan: The address is malformed, or its host is not allowed.
        Refused: The host refuses, or the file is too large.
        Unreachable: The host does not answer.
    """

    def __init__(
        self, url: str, hosts: Collection[str] | None, max_bytes: int = MAX_BYTES
    ) -> None:
        self._hosts, self._max_bytes = hosts, max_bytes
        self._connection: http.client.HTTPConnection | None = None
        self._response: http.client.HTTPResponse | None = None
        try:
            self.body = self._open(url)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection. Harmless at any time."""
        opened = (self._response, self._connection)
        self._response = self._connection = None
        for one in opened:  # a response may hold on to the socket of its connection
            if one is not None:
                one.close()

    def _open(self, url: str) -> Body:
        answer = ask(url, self._hosts)
        self._connection, self._response = answer.connection, answer.response
        return self._take(answer.parts, answer.response)

    def _take(self, parts: SplitResult, response: http.client.HTTPResponse) -> Body:
        host = parts.hostname or ""
        if response.status != http.client.OK:
            raise refusal_error(host, response)
        size = response.length
        if size is not None and size > self._max_bytes:
            raise too_large_error(host, self._max_bytes)
        name = find_name(parts, response.getheader("Content-Disposition") or "")
        pieces = self._read(host, response, size)
        return Body(name, size, pieces, find_version(response))

    def _read(
        self, host: str, response: http.client.HTTPResponse, size: int | None
    ) -> Iterator[bytes]:
        received = 0
        while True:
            try:
                piece = response.read1(_PIECE_BYTES)
            except (OSError, http.client.HTTPException) as exc:
                reason = f"the connection broke at byte {received:,}."
                raise Unreachable(host, reason) from exc
            if not piece:
                break
            received += len(piece)
            if received > self._max_bytes:
                raise too_large_error(host, self._max_bytes)
            yield piece
        if size is not None and received != size:
            raise Unreachable(host, f"the connection broke at byte {received:,}.")


class Answer(NamedTuple):
    """What a host answers, after all redirects.

    Attributes:
        parts: The address that was answered in the end.
        connection: The connection; close it in the end, after the response.
        response: The response.
    """

    parts: SplitResult
    connection: http.client.HTTPConnection
    response: http.client.HTTPResponse


def ask(
    url: str, hosts: Collection[str] | None, headers: Mapping[str, str] = _NO_HEADERS
) -> Answer:
    """Ask for the file at a URL, wherever the host redirects it to.

    Args:
        url: The address.
        hosts: The hosts that may be asked; None for any.
        headers: Headers of the request besides those of every one.

    Raises:
        InvalidPlan: The address is malformed, or its host is not allowed.
        Refused: The host redirects without an end, or has no valid certificate.
        Unreachable: It does not answer.
    """
    for _ in range(_MAX_REDIRECTS + 1):
        parts = parse_source_url(url, hosts)
        connection = _connect(parts, find_address(parts, hosts))
        try:
            response = request(connection, parts, headers)
        except BaseException:
            connection.close()
            raise
        if response.status not in _REDIRECTS:
            return Answer(parts, connection, response)
        url = urljoin(url, response.getheader("Location") or "")
        response.close()
        connection.close()
    reason = f"it redirects more than {_MAX_REDIRECTS} times."
    raise Refused(parts.hostname or "", reason)


def _connect(parts: SplitResult, address: str) -> http.client.HTTPConnection:
    with _translated(parts):
        return connect_to_address(parts, address, _TIMEOUT_S)


def request(
    connection: http.client.HTTPConnection,
    parts: SplitResult,
    headers: Mapping[str, str],
) -> http.client.HTTPResponse:
    """Send a request for a file, and return what is answered.

    Raises:
        Unreachable: The host does not answer.
    """
    target = request_target(parts)
    with _translated(parts):
        connection.request("GET", target, headers={**_HEADERS, **headers})
        return connection.getresponse()


@contextmanager
def _translated(parts: SplitResult) -> Iterator[None]:
    host = parts.hostname or ""
    try:
        yield
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as exc:
        raise Unreachable(host, "the host has ended the connection.") from exc
    except ssl.SSLError as exc:
        reason = f"its certificate is not valid ({exc.reason or exc})."
        raise Refused(host, reason) from exc
    except (OSError, http.client.HTTPException) as exc:
        raise Unreachable(host, "the host does not answer.") from exc


def find_version(response: http.client.HTTPResponse) -> str:
    """Return what a host says of the version of a file; empty if it says nothing."""
    return find_etag(response) or response.getheader("Last-Modified") or ""


def find_etag(response: http.client.HTTPResponse) -> str:
    """Return the ETag that only files of the same bytes have; empty for none.

    An ETag that is weak says only that two versions are about the same.
    """
    etag = response.getheader("ETag") or ""
    return "" if etag.startswith("W/") else etag


def refusal_error(host: str, response: http.client.HTTPResponse) -> Refused:
    """Return the error of a host that does not send a file."""
    reason = f"it answered {response.status} {response.reason}."
    if response.status in _NOTHING_THERE:
        reason += " Check the address."
    return Refused(host, reason)


def too_large_error(place: str, max_bytes: int) -> Refused:
    """Return the error of a file that is larger than what is taken."""
    limit = format_megabytes(max_bytes)
    return Refused(place, f"the file is larger than {limit}, the most that is taken.")


def parse_source_url(url: str, hosts: Collection[str] | None) -> SplitResult:
    """Return the parts of a URL of an allowed host; None allows any.

    Raises:
        InvalidPlan: It is not http or https, holds a password, or names another host.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as exc:
        raise InvalidPlan(_NO_ADDRESS) from exc
    if parts.scheme not in PORTS or not parts.hostname:
        raise InvalidPlan(_NO_ADDRESS)
    if parts.username is not None or parts.password is not None:
        reason = "An address with a user or a password is not taken."
        raise InvalidPlan(reason)
    if any(ord(char) <= 32 for char in request_target(parts)):
        reason = "An address has no blanks. Write %20 for each."
        raise InvalidPlan(reason)
    if hosts is None:
        return parts
    host = parts.hostname
    shown = f"{host}:{port}" if port not in {None, PORTS[parts.scheme]} else host
    if shown not in hosts:
        known = ", ".join(sorted(hosts)) or "none"
        reason = f"{shown} is not a host that is allowed: {known}. {OPTION}"
        raise InvalidPlan(reason)
    return parts


def find_address(parts: SplitResult, hosts: Collection[str] | None) -> str:
    """Look up the host of a URL; return an address that may be called.

    An address of this machine or of a private network has to be on the list itself,
    where there is one.

    Raises:
        InvalidPlan: The host has such an address.
        Unreachable: The host is not known.
    """
    host = parts.hostname or ""
    port = parts.port or PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise Unreachable(
            host, "the host does not exist, or its name cannot be looked up."
        ) from exc
    if hosts is None:
        return str(found[0][4][0])
    listed = {name.rpartition(":")[0] or name for name in hosts} | set(hosts)
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not is_public_address(address) and address not in listed:
            reason = (
                f"{host} has the address {address} of this machine or of a private "
                f"network, which is not allowed. {OPTION} Such an address has to be "
                "allowed by itself."
            )
            raise InvalidPlan(reason)
    return addresses[0]


def find_name(parts: SplitResult, disposition: str) -> str:
    """Return the name of the file of an answer, without a folder.

    Args:
        parts: The address.
        disposition: The header ``Content-Disposition``; empty for none.

    Raises:
        FileUnreadable: The address names no file.
    """
    stated = _FILE_NAME.search(disposition)
    text = stated[1] if stated else unquote(parts.path)
    name = PurePosixPath(text.replace("\\", "/")).name
    name = "".join(char for char in name if char.isprintable())[:200]
    if not name:
        reason = "the address does not end with the name of a file."
        raise FileUnreadable(parts.hostname or "", reason)
    return name
