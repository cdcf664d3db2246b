"""The access policy of the dashboard: a decision about one request. No I/O.

A browser lets every website send requests to this machine, and a website may assign
the address 127.0.0.1 to its own name (DNS rebinding). So a request has to name this
machine as its ``Host``, has to come from the dashboard's own pages or directly from the
user, and has to contain a secret that only the user was given.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

_NAMES = ("127.0.0.1", "localhost", "[::1]")
# "none": the user typed the address or chose a bookmark. "same-site" is not enough,
# since for a browser all ports of this machine are one site.
_OWN_PAGES = ("same-origin", "none")


class Decision(Enum):
    """The decision about a request."""

    ALLOWED = "allowed"
    SIGN_IN = "sign in"
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
    """

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    cookies: Mapping[str, str]
    tokens: tuple[str, ...]

    @property
    def is_page(self) -> bool:
        """Return True for the dashboard's own page, the only one to accept a token.

        On other paths a token could get into a log.
        """
        return self.method == "GET" and self.target.partition("?")[0] == "/"


class AccessPolicy:
    """The secrets of one running server, and the requests that it accepts.

    Attributes:
        token: The secret in the printed address. It is exchanged for the cookie.
        cookie: The value of the cookie. It differs from the token, because a browser
            sends cookies to every port of a host, and so to other users' servers.
    """

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self.cookie = secrets.token_urlsafe(32)

    def decide(self, request: RequestFacts, port: int) -> Decision:
        """Decide about a request to the server that listens on *port*."""
        values = [(name.lower(), value.lower()) for name, value in request.headers]
        hosts = [value for name, value in values if name == "host"]
        if not _is_local(request.target, hosts, port):
            return Decision.FOREIGN_HOST
        if not _is_own_origin(values, f"http://{hosts[0]}"):
            return Decision.FOREIGN_PAGE
        if request.tokens:  # on whichever page the link with the token was
            is_right = request.is_page and _is_same_secret(
                request.tokens[0], self.token
            )
            return Decision.SIGN_IN if is_right else Decision.NOT_SIGNED_IN
        if not _is_own_page(values):
            return Decision.FOREIGN_PAGE
        if not _is_same_secret(request.cookies.get(cookie_name(port), ""), self.cookie):
            return Decision.NOT_SIGNED_IN
        return Decision.ALLOWED


def host_names(port: int) -> tuple[str, ...]:
    """Return the values of ``Host`` that mean a server on *port* of this machine."""
    names = tuple(f"{name}:{port}" for name in _NAMES)
    return (*names, *_NAMES) if port == 80 else names


def cookie_name(port: int) -> str:
    """Return the name of the cookie. Cookies are shared between the ports of a host."""
    return f"dmc-dashboard-{port}"


def _is_local(target: str, hosts: list[str], port: int) -> bool:
    """Return True if the request names this server once, in its ``Host`` only."""
    return target.startswith("/") and len(hosts) == 1 and hosts[0] in host_names(port)


def _is_own_origin(headers: list[tuple[str, str]], own: str) -> bool:
    names = ("origin", "sec-websocket-origin")
    return all(value == own for name, value in headers if name in names)


def _is_own_page(headers: list[tuple[str, str]]) -> bool:
    """Return True unless the browser says that a page of another site sent it."""
    return all(
        value in _OWN_PAGES for name, value in headers if name == "sec-fetch-site"
    )


def _is_same_secret(given: str, expected: str) -> bool:
    """Compare secrets in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())
