"""Errors of requests: transport failures and responses, translated into our own.

Exceptions of the HTTP library and status codes become errors here and nowhere else. A
message says what to do about the failure. Of the server's own words it quotes only the
title of a Problem body, never a whole body. A missing permission is reported with the
permission or OAuth scope that an administrator has to grant.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from ....errors import InstallationError, Refused, Unreachable
from ....model.entity_type import (
    OBJECT_ENTRY,
    EntityType,
)
from ....objects.documents.kinds import DOCUMENT_KINDS
from .exact_json import decode

MISSING_PERMISSION: Final = "missing-permission"
"""The code of the problem of a record that the user may not write."""

_VERBS: Final = {
    "DELETE": ("delete", "DELETE"),
    "GET": ("read", "VIEW"),
    "PATCH": ("change", "UPDATE"),
    "POST": ("add", ""),
    "PUT": ("change", "UPDATE"),
}
_RESOURCE_NAMES: Final = (
    *((kind.path, kind.plural) for kind in DOCUMENT_KINDS),
    ("/o/object-admin/", "object definitions"),
    ("/o/headless-admin-list-type/", "picklists"),
    ("/o/headless-batch-engine/v1.0/import-task", "import tasks"),
    ("/o/headless-batch-engine/v1.0/export-task", "export tasks"),
    ("/o/c/", "entries"),
)
_ADD_PERMISSIONS: Final = {
    OBJECT_ENTRY: "ADD_OBJECT_ENTRY",
    **{kind.class_name: kind.add_permission for kind in DOCUMENT_KINDS},
}
_SCOPE_PREFIXES: Final = (
    *((f"{kind.api}/", kind.scope_name) for kind in DOCUMENT_KINDS),
    ("/o/headless-batch-engine/", "Liferay.Headless.Batch.Engine"),
)


class UnknownDelivery(Exception):
    """The server may or may not have carried out a request.

    It never leaves ``liferay``.

    Args:
        error: The error to report where the server cannot be asked about it.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class UnknownTaskState(Exception):
    """The server may or may not have carried out a task, and cannot be asked now.

    It never leaves ``liferay``.

    Args:
        error: The error that came in place of an answer.
    """

    def __init__(self, error: InstallationError) -> None:
        super().__init__(str(error))
        self.error = error


class Principal(NamedTuple):
    """The user or OAuth client that signs in.

    Attributes:
        name: The user's name, or the client's id.
        is_client: It is a client of OAuth 2, which needs scopes besides permissions.
    """

    name: str
    is_client: bool = False

    def __str__(self) -> str:
        return f"The {'client' if self.is_client else 'user'} {self.name!r}"


def explain_refused_request(principal: Principal, method: str, path: str) -> str:
    """Return what the principal may not do, and what would allow it."""
    verb, action = _VERBS.get(method, ("do", ""))
    resource = _first_match(_RESOURCE_NAMES, path) or "this"
    hint = _role_hint(principal, action)
    refusal = f"{principal} may not {verb} {resource}: {method} {path} was refused."
    if not principal.is_client:
        return f"{refusal} {hint}"
    api = _first_match(_SCOPE_PREFIXES, path) or "C_<name of the object>"
    scope = f"{api}.everything.{'read' if method == 'GET' else 'write'}"
    return f"{refusal} Give its application the scope {scope}. {hint}"


def explain_refused_add(principal: Principal, entity_type: EntityType) -> str:
    """Return that no items of an entity type may be added, and what would allow it."""
    hint = _role_hint(principal, _ADD_PERMISSIONS.get(entity_type.class_name, ""))
    return f"{principal} may not add {entity_type.name}. {hint}"


def explain_refused_change(principal: Principal, entity_type: EntityType) -> str:
    """Return that no item of an entity type may be changed, and what would allow it."""
    hint = _role_hint(principal, "UPDATE")
    return f"{principal} may not change {entity_type.name}. {hint}"


def explain_refused_import(
    principal: Principal, entity_type: EntityType, message: str
) -> str:
    """Return that the server refused every item of an import.

    Args:
        principal: The user or client that signs in.
        entity_type: The entity type that the items belong to.
        message: The server's message about one item; it names the permission.
    """
    hint = _role_hint(principal, "")
    return f"{principal} may not import {entity_type.name}. {hint} It says: {message}"


def _role_hint(principal: Principal, action: str) -> str:
    user = "the user that it stands for" if principal.is_client else "the user"
    role = f"with the permission {action}" if action else "that allows this"
    return f"Give {user} a role {role}."


def _first_match(table: tuple[tuple[str, str], ...], path: str) -> str:
    """Return the value of the first prefix in *table* that *path* has, or empty."""
    return next((value for prefix, value in table if path.startswith(prefix)), "")


INSUFFICIENT_STORAGE: Final = 507
"""The status of a server whose disk is full, whatever it was asked for."""

RETRYABLE_STATUSES: Final = frozenset({429, 502, 503, 504})
"""Statuses after which the same request may succeed later."""

_QUOTED_CHARS: Final = 300

# Codes of OpenSSL, X509_V_ERR_…
_HOST_MISMATCH_CODES: Final = frozenset({62, 64})
"""HOSTNAME_MISMATCH, IP_ADDRESS_MISMATCH"""
_VALIDITY_CODES: Final = frozenset({9, 10})
"""CERT_NOT_YET_VALID, CERT_HAS_EXPIRED"""

TRANSPORT_ERRORS: Final[dict[type[httpx2.RequestError], str]] = {
    httpx2.ConnectTimeout: "The server could not be reached in time.",
    httpx2.ReadTimeout: "The server did not answer in time.",
    httpx2.WriteTimeout: "The server did not take the request in time.",
    httpx2.PoolTimeout: "Too many requests were in progress.",
    httpx2.ConnectError: "The server could not be reached.",
    httpx2.ReadError: "The connection broke while the server answered.",
    httpx2.WriteError: "The connection broke while the request was sent.",
    httpx2.CloseError: "The connection broke.",
    httpx2.LocalProtocolError: "The request could not be sent.",
    httpx2.RemoteProtocolError: "The server closed the connection.",
    httpx2.ProxyError: (
        "The proxy did not let the request through. Check HTTPS_PROXY and NO_PROXY."
    ),
    httpx2.UnsupportedProtocol: "The address is neither http nor https.",
    httpx2.DecodingError: "The server's response could not be decoded.",
    httpx2.SSEError: "The server's response is not an event stream.",
    httpx2.TooManyRedirects: "The server redirects in a circle.",
}

UNSENT_ERRORS: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""Errors after which the server has certainly not seen the request."""


class Response(NamedTuple):
    """The parts of a server's response that are used here.

    Attributes:
        status: The HTTP status.
        body: The body, decompressed.
        location: The target of a redirect.
        content_type: The Content-Type header.
        retry_after: The Retry-After header.
        method: The method of the request.
        path: The path of the request.
    """

    status: int
    body: bytes
    location: str = ""
    content_type: str = ""
    retry_after: str = ""
    method: str = ""
    path: str = ""

    @property
    def is_success(self) -> bool:
        """The status is one of 2xx."""
        return 200 <= self.status < 300

    @property
    def is_login_required(self) -> bool:
        """The request was stopped by authentication, before any resource saw it."""
        is_login_page = self.is_success and _is_html(self)
        return self.status == 401 or 300 <= self.status < 400 or is_login_page

    def json(self) -> Any:
        """Return the value of the body, or None if it is not JSON."""
        try:
            return decode(self.body)
        except ValueError:
            return None

    def problem(self) -> tuple[str, str]:
        """Return title and type of a Problem body, empty where there is none.

        Some errors come as plain text instead.
        """
        value = self.json()
        if isinstance(value, dict):
            title = value.get("title") or value.get("detail") or value.get("message")
            return str(title or ""), str(value.get("type") or "")
        if isinstance(value, str):
            return value, ""
        is_text = "text/plain" in self.content_type
        return (self.body.decode(errors="replace").strip() if is_text else ""), ""


def transport_error(installation: str, exc: httpx2.RequestError) -> InstallationError:
    """Translate an exception of the HTTP library."""
    cause = _root_cause(exc)
    host = urlsplit(installation).hostname or installation
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Refused(installation, _certificate_reason(cause))
    if isinstance(cause, ssl.SSLError):
        reason = (
            f"No encrypted connection could be established ({cause.reason}). "
            "Check the port."
        )
        return Refused(installation, reason)
    proxy = _describe_proxy(installation)
    if proxy and isinstance(exc, httpx2.ConnectError | httpx2.ConnectTimeout):
        reason = f"The server could not be reached. {proxy}: check it, and NO_PROXY."
        return Unreachable(installation, reason)
    if isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN:
        return Refused(
            installation, f"There is no host named {host}. Check the address."
        )
    return Unreachable(
        installation,
        TRANSPORT_ERRORS.get(type(exc), TRANSPORT_ERRORS[httpx2.ConnectError]),
    )


def _certificate_reason(error: ssl.SSLCertVerificationError) -> str:
    detail = error.verify_message
    if error.verify_code in _HOST_MISMATCH_CODES:
        return (
            f"The server's certificate belongs to another host ({detail}). "
            "Check the address."
        )
    if error.verify_code in _VALIDITY_CODES:
        return (
            f"The server's certificate is out of date ({detail}), unless the clock of "
            "this machine is wrong."
        )
    return (
        f"The server's certificate is not trusted ({detail}). "
        "If your own certificate authority issued it, give the certificate of that "
        "authority as the CA file."
    )


def _describe_proxy(url: str) -> str:
    """Return which variable sets a proxy for a server, or empty if none does."""
    target, proxies = urlsplit(url), getproxies()
    scheme = target.scheme if proxies.get(target.scheme) else "all"
    proxy = proxies.get(scheme) or ""
    if not proxy or proxy_bypass(target.hostname or ""):
        return ""
    proxy_url = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    host = proxy_url.netloc.rpartition("@")[2]  # without a user and a password
    return f"{scheme.upper()}_PROXY names the proxy {host}"


TOO_LARGE: Final = (
    "A request was larger than the server, or a proxy in front of it, accepts "
    "(HTTP 413). Raise its upload limit."
)


class RequestTooLarge(Refused):
    """The server, or a proxy in front of it, takes no request that is so large."""


def response_error(
    installation: str, response: Response, principal: Principal
) -> InstallationError:
    """Return the error for an unusable response.

    Args:
        installation: The installation's name for messages.
        response: A response that is not successful, or that is not JSON.
        principal: The user or client that signed in.
    """
    status = response.status
    if status == 401:
        reason = f"{principal} could not sign in. Check the name and the secret."
    elif 300 <= status < 400:
        reason = _redirect_reason(response, principal)
    elif status == 403:
        refusal = explain_refused_request(principal, response.method, response.path)
        reason = f"{refusal}{_quote_title(response)}"
    elif status == INSUFFICIENT_STORAGE:
        title = _quote_title(response)
        reason = f"The server has no space left (HTTP {status}).{title}"
    elif status == 413:
        return RequestTooLarge(installation, TOO_LARGE)
    elif response.is_success or _is_html(response):
        reason = (
            "The response is not from a Liferay REST API: it is a page "
            f"(HTTP {status}). Check the address."
        )
    elif status == 404:
        reason = f"The server has nothing there (HTTP 404).{_quote_title(response)}"
    elif status in RETRYABLE_STATUSES:
        reason = f"The server is busy or restarting (HTTP {status})."
        return Unreachable(installation, reason)
    else:
        reason = f"The request was refused (HTTP {status}).{_quote_title(response)}"
    return Refused(installation, reason)


def _redirect_reason(response: Response, principal: Principal) -> str:
    if "login" in response.location or not response.location:
        return (
            f"{principal} was redirected to the login page. Check the name and the "
            "secret, and that the API of the server accepts this authentication."
        )
    url = urlsplit(response.location)
    target = f"{url.scheme}://{url.hostname}" if url.hostname else "elsewhere"
    return f"The server redirects to {target}. Connect to that address instead."


def _quote_title(response: Response) -> str:
    title = " ".join(response.problem()[0].split())[:_QUOTED_CHARS]
    return f" It says: {title}" if title else ""


def _is_html(response: Response) -> bool:
    return "html" in response.content_type or response.body[:1] == b"<"


def _root_cause(exc: BaseException) -> BaseException:
    """Return the exception that *exc* originally came from."""
    origin = exc
    while (cause := origin.__cause__ or origin.__context__) is not None:
        origin = cause
    return origin
