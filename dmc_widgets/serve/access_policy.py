"""The access policy of the dashboard: a decision about one request. No I/O.

A browser lets every website send requests to this machine, and a website may assign
the address 127.0.0.1 to its own name (DNS rebinding). So a request has to name this
server as its ``Host``, has to come from the dashboard's own pages or directly from the
user, and has to contain a secret that only the user was given.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from .sessions import Session, SessionStore

_NAMES = ("127.0.0.1", "localhost", "[::1]")
# "none": the user typed the address or chose a bookmark. "same-site" is not enough,
# since for a browser all ports of this machine are one site.
_OWN_PAGES = ("same-origin", "none")
_KERNEL: Final = re.compile(
    r"(?:api/kernels|voila/api/shutdown|voila/query|voila/execution)/([\w-]+)"
)

SIGN_IN: Final = "sign-in"
SIGN_OUT: Final = "sign-out"


class Decision(Enum):
    """The decision about a request."""

    ALLOWED = "allowed"
    SIGN_IN = "sign in"
    CHECK_PASSWORD = "check password"  # noqa: S105  # not a password
    FOREIGN_HOST = "foreign host"
    FOREIGN_PAGE = "foreign page"
    NOT_SIGNED_IN = "not signed in"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """The facts about a request that the decision depends on.

    Attributes:
        method: The HTTP method.
        target: The request target of the request line.
        headers: All headers, including repeated ones.
        cookies: The cookies by name.
        tokens: The tokens in the query.
        peer: The address that the connection comes from.
    """

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    cookies: Mapping[str, str]
    tokens: tuple[str, ...]
    peer: str = ""

    @property
    def path(self) -> str:
        """The request target without its query."""
        return self.target.partition("?")[0]

    def values(self, name: str) -> list[str]:
        """Return the values of a header, in small letters."""
        return [value.lower() for key, value in self.headers if key.lower() == name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the server is reached.

    Attributes:
        base_url: The path below which everything is; it begins and ends with a slash.
        allowed_hosts: Values of ``Host`` besides those of this machine: of a proxy.
        trusted_proxies: Addresses whose ``X-Forwarded`` headers are believed.
    """

    base_url: str = "/"
    allowed_hosts: frozenset[str] = frozenset()
    trusted_proxies: frozenset[str] = frozenset()


class AccessPolicy:
    """The secrets of one server, and the requests that it accepts.

    Args:
        sessions: The browsers that are signed in.
        site: Where the server is reached.
        has_passwords: Users sign in with a password; otherwise by the token.
        token: The token; empty for a new one.

    Attributes:
        token: The secret in the printed address. It is exchanged for a cookie, which
            differs from it, because a browser sends cookies to every port of a host,
            and so to other users' servers.
    """

    def __init__(
        self,
        sessions: SessionStore,
        site: Site = Site(),
        *,
        has_passwords: bool = False,
        token: str = "",
    ) -> None:
        self.token = token or secrets.token_urlsafe(32)
        self.sessions = sessions
        self.site = site
        self.has_passwords = has_passwords

    def decide(self, request: RequestFacts, port: int) -> Decision:
        """Decide about a request to the server that listens on *port*."""
        hosts = request.values("host")
        if not self._is_own_host(request.target, hosts, port):
            return Decision.FOREIGN_HOST
        if not _is_own_origin(request, f"{self.scheme(request)}://{hosts[0]}"):
            return Decision.FOREIGN_PAGE
        if request.tokens:  # on whichever page the link with the token was
            is_right = self._is_right_token(request)
            return Decision.SIGN_IN if is_right else Decision.NOT_SIGNED_IN
        if not _is_own_page(request):
            return Decision.FOREIGN_PAGE
        if self._is_sign_in(request):
            return Decision.CHECK_PASSWORD
        is_signed_in = self.session(request, port) is not None
        return Decision.ALLOWED if is_signed_in else Decision.NOT_SIGNED_IN

    def _is_right_token(self, request: RequestFacts) -> bool:
        if self.has_passwords or not self._is_page(request):
            return False
        return _is_same_secret(request.tokens[0], self.token)

    def session(self, request: RequestFacts, port: int) -> Session | None:
        """Return the session of a request; None if it is not signed in."""
        return self.sessions.find(request.cookies.get(cookie_name(port), ""))

    def scheme(self, request: RequestFacts) -> str:
        """Return whether the browser speaks ``http`` or ``https``, to the proxy."""
        forwarded = request.values("x-forwarded-proto")
        is_trusted = request.peer in self.site.trusted_proxies
        return "https" if is_trusted and forwarded == ["https"] else "http"

    def client(self, request: RequestFacts) -> str:
        """Return the address of the browser, as a trusted proxy states it."""
        forwarded = request.values("x-forwarded-for")
        if request.peer not in self.site.trusted_proxies or not forwarded:
            return request.peer
        # Earlier ones are what the browser says.
        return forwarded[-1].rpartition(",")[2].strip()

    def kernel_id(self, request: RequestFacts) -> str:
        """Return the kernel that a request is about; empty for none."""
        below = request.path.removeprefix(self.site.base_url)
        found = _KERNEL.match(below)
        return found[1] if found else ""

    def _is_own_host(self, target: str, hosts: list[str], port: int) -> bool:
        """Return True if the request names this server once, in its ``Host`` only."""
        if not target.startswith("/") or len(hosts) != 1:
            return False
        return hosts[0] in host_names(port) or hosts[0] in self.site.allowed_hosts

    def _is_page(self, request: RequestFacts) -> bool:
        """Return True for the dashboard's own page, the only one to accept a token.

        On other paths a token could get into a log.
        """
        return request.method == "GET" and request.path == self.site.base_url

    def _is_sign_in(self, request: RequestFacts) -> bool:
        is_asked = request.path == f"{self.site.base_url}{SIGN_IN}"
        has_origin = len(request.values("origin")) == 1
        return (
            self.has_passwords and request.method == "POST" and is_asked and has_origin
        )


def host_names(port: int) -> tuple[str, ...]:
    """Return the values of ``Host`` that mean a server on *port* of this machine."""
    names = tuple(f"{name}:{port}" for name in _NAMES)
    return (*names, *_NAMES) if port == 80 else names


def cookie_name(port: int) -> str:
    """Return the name of the cookie. Cookies are shared between the ports of a host."""
    return f"dmc-dashboard-{port}"


def _is_own_origin(request: RequestFacts, own: str) -> bool:
    names = ("origin", "sec-websocket-origin")
    return all(value == own for name in names for value in request.values(name))


def _is_own_page(request: RequestFacts) -> bool:
    """Return True unless the browser says that a page of another site sent it."""
    return all(value in _OWN_PAGES for value in request.values("sec-fetch-site"))


def _is_same_secret(given: str, expected: str) -> bool:
    """Compare secrets in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())
