"""Nobody comes in without a password or a token.

The gate stands before routing, so that a path that does not exist is no easier to
ask for than one that does. Only the token endpoint is open: it asks for a secret of
its own. A browser sends a remembered password with every request, also with one that
another site's page makes; such requests are refused by their ``Origin``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from .answers import Fault
from .settings import Settings

TOKEN_PATH: Final = "/o/oauth2/token"  # noqa: S105
_LOOKING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_CHALLENGE: Final = 'Basic realm="dmc sandbox", charset="UTF-8", Bearer'
_TOKENS: Final = 10_000  # kept at most; the oldest goes


class Tokens:
    """The tokens that were given out. Only their digests are kept.

    Args:
        seconds: How long one is good for.
        clock: Seconds that only grow.
    """

    def __init__(
        self, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._ends: dict[bytes, float] = {}
        self._lock = threading.Lock()

    def give(self) -> str:
        """Make a new one."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._ends) >= _TOKENS:
                del self._ends[next(iter(self._ends))]
            self._ends[_digest(token)] = self._clock() + self._seconds
        return token

    def is_known(self, token: str) -> bool:
        """Say whether it was given out, however long ago."""
        return _digest(token) in self._ends

    def is_good(self, token: str) -> bool:
        """Say whether it was given out and has not ended."""
        return self._ends.get(_digest(token), 0) > self._clock()


class Gate:
    """Let a request pass to *app*, or answer it here.

    Args:
        app: Behind the gate.
        settings: Users and passwords.
        tokens: Those that were given out.
    """

    def __init__(self, app: ASGIApp, settings: Settings, tokens: Tokens) -> None:
        self._app = app
        self._settings = settings
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] == "http" and scope["path"] != TOKEN_PATH:
            fault = self._fault(scope["method"], Headers(scope=scope))
            if fault is not None:
                await fault.response()(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _fault(self, method: str, headers: Headers) -> Fault | None:
        kind, _, credentials = headers.get("authorization", "").partition(" ")
        credentials = credentials.strip()
        user: str | None = self._settings.user
        if kind.lower() == "bearer":
            if not self._tokens.is_good(credentials):
                return self._bad_token(credentials)
        elif kind.lower() == "basic":
            user = self._user(credentials)
            if user is None:
                return _stranger("The user name or the password is wrong")
        else:
            return _stranger("Authentication is required, by Basic or Bearer")
        if method in _LOOKING:
            return None
        return self._fault_of_change(user, headers)

    def _fault_of_change(self, user: str | None, headers: Headers) -> Fault | None:
        if user != self._settings.user:
            return Fault(
                403, "The user does not have the permission to change anything"
            )
        host, origin = headers.get("host"), headers.get("origin")
        if origin is None or origin in {f"http://{host}", f"https://{host}"}:
            return None
        return Fault(403, "Pages of other sites may not change anything")

    def _user(self, credentials: str) -> str | None:
        """Return the name of who knows a password; every comparison takes as long."""
        try:
            told = base64.b64decode(credentials, validate=True)
        except (binascii.Error, ValueError):
            return None
        found = None
        for user, password in (
            (self._settings.user, self._settings.password),
            (self._settings.read_only_user, self._settings.read_only_password),
        ):
            matches = same(told, f"{user}:{password}".encode())
            if matches and user and password:
                found = user
        return found

    def _bad_token(self, token: str) -> Fault:
        ended = self._tokens.is_known(token)
        title = "The access token has expired" if ended else "The access token is wrong"
        challenge = f'Bearer error="invalid_token", error_description="{title}"'
        return Fault(401, title, headers={"WWW-Authenticate": challenge})


def same(told: bytes, expected: bytes) -> bool:
    """Compare secrets in a time that tells nothing of them, not even their length."""
    return hmac.compare_digest(
        hashlib.sha256(told).digest(), hashlib.sha256(expected).digest()
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _stranger(title: str) -> Fault:
    return Fault(401, title, headers={"WWW-Authenticate": _CHALLENGE})
