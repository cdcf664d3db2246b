"""What goes wrong on the way to a server, and what a server answers, in our words.

Foreign exceptions and status codes become errors here and nowhere else. A message
names what to do about it; of a server's own words only the title of its Problem
body is quoted, never a whole body.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from ...errors import InstallationError, Refused, Unreachable
from .exact_json import decode
from .permissions import Who, refused_request

BUSY: Final = frozenset({429, 502, 503, 504})
"""Answers after which the same request may fare better."""

_QUOTED_CHARS: Final = 300

# Codes of OpenSSL, X509_V_ERR_…
_OTHER_NAME: Final = frozenset({62, 64})
"""HOSTNAME_MISMATCH, IP_ADDRESS_MISMATCH"""
_OUT_OF_DATE: Final = frozenset({9, 10})
"""CERT_NOT_YET_VALID, CERT_HAS_EXPIRED"""

WAYS: Final[dict[type[httpx2.RequestError], str]] = {
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

NEVER_SENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""After these the server has seen nothing of the request."""


class Answer(NamedTuple):
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
    def is_of_login(self) -> bool:
        """It came before anybody looked at what was asked: sign in first."""
        is_page = self.is_good and _is_page(self)
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


def way_fault(installation: str, exc: httpx2.RequestError) -> InstallationError:
    """Say what went wrong on the way to the server."""
    cause = _root(exc)
    host = urlsplit(installation).hostname or installation
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Refused(installation, _certificate_fault(cause))
    if isinstance(cause, ssl.SSLError):
        reason = f"No encrypted connection came about ({cause.reason}). Check the port."
        return Refused(installation, reason)
    proxy = _proxy_named(installation)
    if proxy and isinstance(exc, httpx2.ConnectError | httpx2.ConnectTimeout):
        reason = f"The server could not be reached. {proxy}: check it, and NO_PROXY."
        return Unreachable(installation, reason)
    if isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN:
        return Refused(installation, f"No host is named {host}. Check the address.")
    return Unreachable(installation, WAYS.get(type(exc), WAYS[httpx2.ConnectError]))


def _certificate_fault(cause: ssl.SSLCertVerificationError) -> str:
    said = cause.verify_message
    if cause.verify_code in _OTHER_NAME:
        return f"The server's certificate is another's ({said}). Check the address."
    if cause.verify_code in _OUT_OF_DATE:
        return (
            f"The server's certificate is out of date ({said}), unless the clock of "
            "this machine is wrong."
        )
    return (
        f"The server's certificate is not trusted ({said}). "
        "If it comes from an authority of your own, give that one's certificate "
        "as the CA file."
    )


def _proxy_named(url: str) -> str:
    """Say which variable names a proxy for a server; empty if none does."""
    asked, proxies = urlsplit(url), getproxies()
    scheme = asked.scheme if proxies.get(asked.scheme) else "all"
    proxy = proxies.get(scheme) or ""
    if not proxy or proxy_bypass(asked.hostname or ""):
        return ""
    parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    host = parts.netloc.rpartition("@")[2]
    return f"{scheme.upper()}_PROXY names the proxy {host}"


def answer_fault(installation: str, answer: Answer, who: Who) -> InstallationError:
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
        reason = _moved(answer, who)
    elif status == 403:
        told = refused_request(who, answer.method, answer.path)
        reason = f"{told}{_quoted(answer)}"
    elif status == 413:
        reason = (
            "A request was larger than the server, or a proxy before it, takes "
            "(HTTP 413). Raise the limit of its uploads."
        )
    elif answer.is_good or _is_page(answer):
        reason = (
            "What answered is no REST API of Liferay: it sent a page "
            f"(HTTP {status}). Check the address."
        )
    elif status == 404:
        reason = f"There is no such thing here (HTTP 404).{_quoted(answer)}"
    elif status in BUSY:
        reason = f"The server is busy or being restarted (HTTP {status})."
        return Unreachable(installation, reason)
    else:
        reason = f"The request was refused (HTTP {status}).{_quoted(answer)}"
    return Refused(installation, reason)


def _moved(answer: Answer, who: Who) -> str:
    if "login" in answer.location or not answer.location:
        return (
            f"{who} was sent to the login page. Check the name and the secret, and "
            "that the server lets this way of signing in through to its API."
        )
    target = urlsplit(answer.location)
    moved = f"{target.scheme}://{target.hostname}" if target.hostname else "elsewhere"
    return f"The server sends to {moved}. Connect to the address it is really at."


def _quoted(answer: Answer) -> str:
    title = " ".join(answer.problem()[0].split())[:_QUOTED_CHARS]
    return f" It says: {title}" if title else ""


def _is_page(answer: Answer) -> bool:
    return "html" in answer.content_type or answer.body[:1] == b"<"


def _root(exc: BaseException) -> BaseException:
    """Return what an exception came from in the end."""
    seen = exc
    while (cause := seen.__cause__ or seen.__context__) is not None:
        seen = cause
    return seen
