"""Files at addresses that are read in ranges, if the store or the host has them.

The rules of which addresses may be asked are those of :mod:`.downloads`.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult

from ..errors import FileBroken, Unreachable
from ..storage.ranged_files import RangedFile
from ..storage.remote_addresses import HTTP, RemoteAddress
from ..storage.remote_errors import REPLACED
from ..storage.remote_files import RemoteFile
from .downloads import (
    Answer,
    ask,
    find_etag,
    find_name,
    find_version,
    most_bytes,
    refusal_error,
    request,
    too_large_error,
)
from .source_policy import SourcePolicy

_OF_FILE: Final = frozenset(
    {
        http.client.OK,
        http.client.PARTIAL_CONTENT,
        http.client.REQUESTED_RANGE_NOT_SATISFIABLE,
    }
)
"""What a host answers where the file is, if maybe another one."""

_FIRST_BYTE: Final = re.compile(r"bytes 0-0/([0-9]{1,19})")


def open_ranged_file(
    url: str, policy: SourcePolicy, folder: Path | None = None
) -> RangedFile | None:
    """Open a file of which only what is read is fetched.

    Args:
        url: The address.
        policy: Which addresses may be asked.
        folder: Where what is fetched is kept until the file is closed; None for the
            folder of the system.

    Returns:
        None if the file can only be read from its beginning, or nothing would tell
        that it is replaced while its ranges are read.

    Raises:
        DmcError: As for :func:`.downloads.open_address`.
    """
    address = RemoteAddress.parse(url)
    ranges: HttpRanges | RemoteFile | None
    if address.protocol in HTTP:
        ranges = open_http_ranges(url, None if policy.is_open else policy.hosts)
    else:
        policy.require_store(address)
        ranges = RemoteFile(address)
    if ranges is None:
        return None
    size = ranges.size
    if size is None or not ranges.version:
        ranges.close()
        return None
    if size > most_bytes(policy):
        ranges.close()
        raise too_large_error(address.authority, most_bytes(policy))
    return RangedFile(address, ranges.name, size, ranges, folder)


def open_http_ranges(url: str, hosts: Collection[str] | None) -> HttpRanges | None:
    """Open a file of a web server; None if the server sends it only as a whole.

    A server says so by its answer: what it says of itself before need not be true.

    Args:
        url: The address.
        hosts: The hosts that may be asked; None for any.

    Raises:
        DmcError: As for :func:`.downloads.ask`; the host may also refuse.
    """
    answer = ask(url, hosts, _range_header(0, 1))
    response = answer.response
    found = _FIRST_BYTE.fullmatch(response.getheader("Content-Range") or "")
    if response.status == http.client.PARTIAL_CONTENT and found:
        return HttpRanges(url, hosts, answer, int(found[1]))
    response.close()
    answer.connection.close()
    return None


class HttpRanges:
    """The ranges of a file of a web server, one after another over one connection.

    Args:
        url: The address.
        hosts: The hosts that may be asked; None for any.
        answer: What was answered to a request of the first byte.
        size: The size that it states.

    Attributes:
        name: The name of the file.
        size: Its size in bytes.
        version: What changes whenever the file does; empty if the host does not say.
        is_exact: Equal versions have equal bytes; a time to the second proves less.
    """

    def __init__(
        self, url: str, hosts: Collection[str] | None, answer: Answer, size: int
    ) -> None:
        self._url, self._hosts = url, hosts
        self._connection: http.client.HTTPConnection | None = answer.connection
        self._parts: SplitResult = answer.parts
        disposition = answer.response.getheader("Content-Disposition") or ""
        self.size = size
        self.version = find_version(answer.response)
        self.is_exact = bool(find_etag(answer.response))
        try:
            self.name = find_name(answer.parts, disposition)
            self._take(answer.response, 0, 1)
        except BaseException:
            self.close()
            raise

    def read(self, start: int, end: int) -> bytes:
        """Return a range of the file; see :class:`.RemoteRanges`."""
        headers = _range_header(start, end)
        if self._connection is not None:
            try:
                response = request(self._connection, self._parts, headers)
                if response.status in _OF_FILE:
                    return self._take(response, start, end)
                response.close()  # the address of a redirect may be valid for minutes
            except Unreachable:
                pass  # the host ends connections that it was not asked on
            self.close()
        answer = ask(self._url, self._hosts, headers)
        self._connection, self._parts = answer.connection, answer.parts
        return self._take(answer.response, start, end)

    def require_unchanged(self) -> None:
        """Refuse a file that was replaced; see :class:`.RemoteRanges`."""
        self.read(0, 1)

    def close(self) -> None:
        """Close the connection. Closing twice is harmless."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _take(self, response: http.client.HTTPResponse, start: int, end: int) -> bytes:
        """Return the bytes of an answer, if they are of the version that was opened.

        Raises:
            FileBroken: They are of another one.
            Refused: The host refuses.
            Unreachable: The connection broke.
        """
        host = self._parts.hostname or ""
        with response:
            if response.status not in _OF_FILE:
                self.close()
                raise refusal_error(host, response)
            is_range = response.status == http.client.PARTIAL_CONTENT
            stated = f"bytes {start}-{end - 1}/{self.size}"
            is_stated = response.getheader("Content-Range") == stated
            if not is_range or not is_stated or find_version(response) != self.version:
                self.close()
                raise FileBroken(str(RemoteAddress.parse(self._url)), REPLACED)
            return self._read(response, start, end)

    def _read(self, response: http.client.HTTPResponse, start: int, end: int) -> bytes:
        cause: Exception | None = None
        data = b""
        try:
            data = response.read(end - start)
        except (OSError, http.client.HTTPException) as exc:
            cause = exc
        if len(data) < end - start:
            self.close()
            host = self._parts.hostname or ""
            reason = f"the connection broke at byte {start + len(data):,}."
            raise Unreachable(host, reason) from cause
        return data


def _range_header(start: int, end: int) -> dict[str, str]:
    return {"Range": f"bytes={start}-{end - 1}"}
