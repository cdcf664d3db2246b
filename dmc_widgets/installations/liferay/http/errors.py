"""What goes wrong on the way to a server, and what a server answers, in our words.

Foreign exceptions and status codes become errors here and nowhere else. A message
names what to do about it; of a server's own words only the title of its Problem
body is quoted, never a whole body.

What whoever asks may not do, and what an administrator has to allow for it.
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


class Principal(NamedTuple):
    """Who asks.

    Attributes:
        name: Of a user, or the id of a client.
        is_client: Of OAuth 2, which needs scopes besides permissions.
    """

    name: str
    is_client: bool = False

    def __str__(self) -> str:
        return f"The {'client' if self.is_client else 'user'} {self.name!r}"


def explain_refused_request(who: Principal, method: str, path: str) -> str:
    """Say that a request was refused, and what would let it through."""
    verb, action = _VERBS.get(method, ("do", ""))
    thing = _first_match(_RESOURCE_NAMES, path) or "this"
    told = f"{who} may not {verb} {thing}: {method} {path} was refused."
    if not who.is_client:
        return f"{told} {_role_hint(who, action)}"
    api = _first_match(_SCOPE_PREFIXES, path) or "C_<name of the object>"
    scope = f"{api}.everything.{'read' if method == 'GET' else 'write'}"
    return f"{told} Give its application the scope {scope}. {_role_hint(who, action)}"


def explain_refused_add(who: Principal, entity_type: EntityType) -> str:
    """Say that no item of an entity type may be added."""
    action = _ADD_PERMISSIONS.get(entity_type.class_name, "")
    return f"{who} may not add {entity_type.name}. {_role_hint(who, action)}"


def explain_refused_change(who: Principal, entity_type: EntityType) -> str:
    """Say that no item of an entity type may be changed."""
    return f"{who} may not change {entity_type.name}. {_role_hint(who, 'UPDATE')}"


def explain_refused_import(who: Principal, entity_type: EntityType, told: str) -> str:
    """Say that every item of an import was refused.

    Args:
        who: Asks.
        entity_type: Of the items.
        told: What the server says of one of them; it names the permission.
    """
    hint = _role_hint(who, "")
    return f"{who} may not import {entity_type.name}. {hint} It says: {told}"


def _role_hint(who: Principal, action: str) -> str:
    whose = "the user that it stands for" if who.is_client else "the user"
    what = f"with the permission {action}" if action else "that allows this"
    return f"Give {whose} a role {what}."


def _first_match(table: tuple[tuple[str, str], ...], path: str) -> str:
    return next((word for start, word in table if path.startswith(start)), "")


RETRYABLE_STATUSES: Final = frozenset({429, 502, 503, 504})
"""Answers after which the same request may fare better."""

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
    httpx2.PoolTimeout: "Too many requests were under way.",
    httpx2.ConnectError: "The server could not be reached.",
    httpx2.ReadError: "The connection broke while the server answered.",
    httpx2.WriteError: "The connection broke while the request was sent.",
    httpx2.CloseError: "The connection broke.",
    httpx2.LocalProtocolError: "The request could not be sent.",
    httpx2.RemoteProtocolError: "The server broke off the connection.",
    httpx2.ProxyError: (
        "The proxy did not let the request through. Check HTTPS_PROXY and NO_PROXY."
    ),
    httpx2.UnsupportedProtocol: "The address is neither http nor https.",
    httpx2.DecodingError: "The server's answer was packed wrongly.",
    httpx2.SSEError: "The server's answer was no list.",
    httpx2.TooManyRedirects: "The server sends from one address to the next.",
}

UNSENT_ERRORS: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""After these the server has seen nothing of the request."""


class Response(NamedTuple):
    """What a server answered.

    Attributes:
        status: The HTTP status.
        body: As bytes.
        location: Where a redirect points to.
        content_type: As stated.
        retry_after: When to come back, as stated.
        method: Of the request.
        path: Of the request.
    """

    status: int
    body: bytes
    location: str = ""
    content_type: str = ""
    retry_after: str = ""
    method: str = ""
    path: str = ""

    @property
    def is_good(self) -> bool:
        """The server did what it was asked."""
        return 200 <= self.status < 300

    @property
    def is_login_required(self) -> bool:
        """It came before anybody looked at what was asked: sign in first."""
        is_page = self.is_good and _is_html(self)
        return self.status == 401 or 300 <= self.status < 400 or is_page

    def json(self) -> Any:
        """Return the body's value; None if it is no JSON."""
        try:
            return decode(self.body)
        except ValueError:
            return None

    def problem(self) -> tuple[str, str]:
        """Return title and type of a Problem body, empty where there is none.

        Some errors come as a bare text.
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
    """Say what went wrong on the way to the server."""
    cause = _root_cause(exc)
    host = urlsplit(installation).hostname or installation
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Refused(installation, _certificate_reason(cause))
    if isinstance(cause, ssl.SSLError):
        reason = f"No encrypted connection came about ({cause.reason}). Check the port."
        return Refused(installation, reason)
    proxy = _describe_proxy(installation)
    if proxy and isinstance(exc, httpx2.ConnectError | httpx2.ConnectTimeout):
        reason = f"The server could not be reached. {proxy}: check it, and NO_PROXY."
        return Unreachable(installation, reason)
    if isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN:
        return Refused(installation, f"No host is named {host}. Check the address.")
    return Unreachable(
        installation,
        TRANSPORT_ERRORS.get(type(exc), TRANSPORT_ERRORS[httpx2.ConnectError]),
    )


def _certificate_reason(cause: ssl.SSLCertVerificationError) -> str:
    said = cause.verify_message
    if cause.verify_code in _HOST_MISMATCH_CODES:
        return f"The server's certificate is another's ({said}). Check the address."
    if cause.verify_code in _VALIDITY_CODES:
        return (
            f"The server's certificate is out of date ({said}), unless the clock of "
            "this machine is wrong."
        )
    return (
        f"The server's certificate is not trusted ({said}). "
        "If it comes from an authority of your own, give that one's certificate "
        "as the CA file."
    )


def _describe_proxy(url: str) -> str:
    """Say which variable names a proxy for a server; empty if none does."""
    asked, proxies = urlsplit(url), getproxies()
    scheme = asked.scheme if proxies.get(asked.scheme) else "all"
    proxy = proxies.get(scheme) or ""
    if not proxy or proxy_bypass(asked.hostname or ""):
        return ""
    parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    host = parts.netloc.rpartition("@")[2]
    return f"{scheme.upper()}_PROXY names the proxy {host}"


def response_error(
    installation: str, answer: Response, who: Principal
) -> InstallationError:
    """Say why an answer is of no use.

    Args:
        installation: Its name for messages.
        answer: Not a good one, or no JSON.
        who: The user or client that asked.
    """
    status = answer.status
    if status == 401:
        reason = f"{who} was not let in. Check the name and the secret."
    elif 300 <= status < 400:
        reason = _redirect_reason(answer, who)
    elif status == 403:
        told = explain_refused_request(who, answer.method, answer.path)
        reason = f"{told}{_quote_title(answer)}"
    elif status == 413:
        reason = (
            "A request was larger than the server, or a proxy before it, takes "
            "(HTTP 413). Raise the limit of its uploads."
        )
    elif answer.is_good or _is_html(answer):
        reason = (
            "What answered is no REST API of Liferay: it sent a page "
            f"(HTTP {status}). Check the address."
        )
    elif status == 404:
        reason = f"There is no such thing here (HTTP 404).{_quote_title(answer)}"
    elif status in RETRYABLE_STATUSES:
        reason = f"The server is busy or being restarted (HTTP {status})."
        return Unreachable(installation, reason)
    else:
        reason = f"The request was refused (HTTP {status}).{_quote_title(answer)}"
    return Refused(installation, reason)


def _redirect_reason(answer: Response, who: Principal) -> str:
    if "login" in answer.location or not answer.location:
        return (
            f"{who} was sent to the login page. Check the name and the secret, and "
            "that the server lets this way of signing in through to its API."
        )
    target = urlsplit(answer.location)
    moved = f"{target.scheme}://{target.hostname}" if target.hostname else "elsewhere"
    return f"The server sends to {moved}. Connect to the address it is really at."


def _quote_title(answer: Response) -> str:
    title = " ".join(answer.problem()[0].split())[:_QUOTED_CHARS]
    return f" It says: {title}" if title else ""


def _is_html(answer: Response) -> bool:
    return "html" in answer.content_type or answer.body[:1] == b"<"


def _root_cause(exc: BaseException) -> BaseException:
    """Return what an exception came from in the end."""
    seen = exc
    while (cause := seen.__cause__ or seen.__context__) is not None:
        seen = cause
    return seen
