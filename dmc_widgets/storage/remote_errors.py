"""What the libraries of stores raise, as errors of ours.

They raise errors of many kinds, whose texts may hold parts of requests. So only the
kind of an error decides, and the sentence is ours.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from ..errors import (
    DmcError,
    FileBroken,
    FileUnreadable,
    InvalidPlan,
    Refused,
    Unreachable,
)
from .remote_addresses import RemoteAddress

REPLACED: Final = (
    "it was replaced while it was read. Start again with the file as it is now."
)
_VARIABLES: Final = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "abfs": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
    "sftp": "SSH_AUTH_SOCK, or put a key into ~/.ssh",
}
_UNSIGNED: Final = frozenset(
    {
        "ClientAuthenticationError",
        "CredentialRetrievalError",
        "DefaultCredentialsError",
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProfileNotFound",
    }
)
"""Errors of libraries that find no credentials, by name: not all are installed."""
_CUT_OFF: Final = frozenset(
    {
        "ClientConnectionError",
        "ClientPayloadError",
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "EndpointConnectionError",
        "HTTPClientError",
        "IncompleteRead",
        "IncompleteReadError",
        "ReadTimeoutError",
        "ResponseStreamingError",
        "ServiceRequestError",
        "ServiceResponseError",
        "SSHException",
        "TransportError",
    }
)
"""Errors of libraries whose connection fails, where they are not of Python's own."""
_MALFORMED: Final = frozenset({"ParamValidationError", "ValueError"})

_log = logging.getLogger(__name__)


@contextmanager
def translate_errors(
    address: RemoteAddress, position: int | None = None
) -> Iterator[None]:
    """Raise what the library of a protocol raises as errors of ours.

    Args:
        address: The address that is asked for.
        position: How many bytes of the file were read; None if it is not being read.

    Raises:
        DmcError: Always of this tree, with one sentence or two.
        ImportError: A library is not installed.
    """
    try:
        yield
    except (DmcError, ImportError):
        raise
    except Exception as exc:
        _log.debug("%s failed with %s", address, type(exc).__name__)
        raise _translate(exc, address, position) from None


def _translate(
    exc: Exception, address: RemoteAddress, position: int | None
) -> DmcError:
    """Return an error of ours for one of a library, without its text."""
    names = {kind.__name__ for kind in type(exc).__mro__}
    for is_like, build in _TRANSLATIONS:
        if is_like(exc, names):
            return build(address, position)
    reason = f"the store fails with an error that is not known ({type(exc).__name__})."
    return Refused(address.place, reason)


def _has_status(exc: Exception, *statuses: int) -> bool:
    """Return True if an error of HTTP has one of these statuses."""
    names = ("code", "status", "status_code")
    stated = {str(getattr(exc, name, None)) for name in names}
    return not stated.isdisjoint(map(str, statuses))


def _is_missing(exc: Exception, _names: set[str]) -> bool:
    return isinstance(exc, FileNotFoundError) or _has_status(exc, 404)


def _is_forbidden(exc: Exception, names: set[str]) -> bool:
    is_denied = isinstance(exc, PermissionError) or "AuthenticationException" in names
    return is_denied or _has_status(exc, 401, 403)


def _is_replaced(exc: Exception, names: set[str]) -> bool:
    return "FileExpired" in names or getattr(exc, "errno", None) == errno.EBUSY


def _is_bucket_missing(exc: Exception, _names: set[str]) -> bool:
    return isinstance(exc, FileNotFoundError) and "specified bucket" in str(exc)


def _missing(address: RemoteAddress, _position: int | None) -> DmcError:
    reason = "the file does not exist. Check the address, and upper and lower case."
    return FileUnreadable(str(address), reason)


def _bucket_missing(address: RemoteAddress, _position: int | None) -> DmcError:
    return FileUnreadable(address.place, "the bucket does not exist. Check its name.")


def _replaced(address: RemoteAddress, _position: int | None) -> DmcError:
    return FileBroken(str(address), REPLACED)


def _forbidden(address: RemoteAddress, _position: int | None) -> DmcError:
    reason = (
        "access is refused. Check the credentials of the environment, and whether they "
        "are allowed to do this."
    )
    return Refused(address.place, reason)


def _unsigned(address: RemoteAddress, _position: int | None) -> DmcError:
    variables = _VARIABLES.get(address.store, "the variables of its library")
    reason = f"the environment holds no credentials. Set {variables}."
    return Refused(address.place, reason)


def _is_host_unknown(_exc: Exception, names: set[str]) -> bool:
    return bool(names & {"BadHostKeyException", "HostUnknown"})


def _host_unknown(address: RemoteAddress, _position: int | None) -> DmcError:
    reason = (
        "the key of the host is not the one in ~/.ssh/known_hosts. Connect with the "
        "command ssh first, and compare its fingerprint."
    )
    return Refused(address.place, reason)


def _is_unsigned(exc: Exception, names: set[str]) -> bool:
    is_ssh = "SSHException" in names and "No authentication methods" in str(exc)
    return is_ssh or bool(names & _UNSIGNED)


def _is_refused(exc: Exception, _names: set[str]) -> bool:
    return getattr(exc, "errno", None) == errno.EINVAL or _has_status(exc, 400)


def _refused(address: RemoteAddress, _position: int | None) -> DmcError:
    reason = "the store refuses the request. Check the address and its version."
    return Refused(address.place, reason)


def _exists(address: RemoteAddress, _position: int | None) -> DmcError:
    reason = "a file of this name is there, and is not replaced. Choose another name."
    return FileUnreadable(str(address), reason)


def _malformed(address: RemoteAddress, position: int | None) -> DmcError:
    if address.store == "abfs":  # what adlfs says without credentials
        return _unsigned(address, position)
    reason = f"{address} is not a valid {address.protocol}:// address. Check its parts."
    return InvalidPlan(reason)


def _cut_off(address: RemoteAddress, position: int | None) -> DmcError:
    if position is not None:
        reason = f"the connection broke at byte {position:,}."
    else:
        reason = "the store does not answer."
    return Unreachable(address.place, reason)


_Like = Callable[[Exception, set[str]], bool]
_Build = Callable[[RemoteAddress, int | None], DmcError]
_TRANSLATIONS: Final[tuple[tuple[_Like, _Build], ...]] = (
    (_is_replaced, _replaced),
    (_is_bucket_missing, _bucket_missing),
    (_is_missing, _missing),
    (lambda exc, _names: isinstance(exc, FileExistsError), _exists),
    (_is_host_unknown, _host_unknown),
    (_is_forbidden, _forbidden),
    (_is_refused, _refused),
    (_is_unsigned, _unsigned),
    (lambda _exc, names: bool(names & _MALFORMED), _malformed),
    (lambda exc, names: isinstance(exc, OSError) or bool(names & _CUT_OFF), _cut_off),
)
