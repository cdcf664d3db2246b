"""Nobody comes in without a password or a token, and further than that lets them.

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

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ..responses import ApiError
from ..settings import Settings
from .login_throttle import LoginThrottle, retry_after_header
from .principal import (
    SAFE_METHODS,
    Principal,
    api_name,
    missing_permission_error,
    missing_scope_error,
)

TOKEN_PATH: Final = "/o/oauth2/token"  # noqa: S105
_CHALLENGE: Final = 'Basic realm="dmc sandbox", charset="UTF-8", Bearer'
_MAX_TOKENS: Final = 10_000  # kept at most; the oldest goes


class AccessTokens:
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
        self._given: dict[bytes, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def give(self, rights: Principal) -> str:
        """Make a new one that bears *rights*."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._given) >= _MAX_TOKENS:
                del self._given[next(iter(self._given))]
            self._given[_hash_token(token)] = self._clock() + self._seconds, rights
        return token

    def is_known(self, token: str) -> bool:
        """Say whether it was given out, however long ago."""
        return _hash_token(token) in self._given

    def rights(self, token: str) -> Principal | None:
        """Return the rights it bears; None if it was not given out, or has ended."""
        ends, rights = self._given.get(_hash_token(token), (0.0, None))
        return rights if ends > self._clock() else None


class AuthMiddleware:
    """Let a request pass to *app*, or answer it here.

    Args:
        app: Behind the gate.
        settings: Users and passwords.
        tokens: Those that were given out.
        guesses: At passwords.
        name_of: Returns the name that an object's scopes begin with, by the path of
            its entries.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        tokens: AccessTokens,
        guesses: LoginThrottle,
        name_of: Callable[[str], str],
    ) -> None:
        self._app = app
        self._settings = settings
        self._tokens = tokens
        self._guesses = guesses
        self._name_of = name_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on with the rights of who asks."""
        if scope["type"] == "http" and scope["path"] != TOKEN_PATH:
            method, headers = scope["method"], Headers(scope=scope)
            told = self._rights(headers, client_address(scope))
            fault: ApiError | None = None
            if isinstance(told, ApiError):
                fault = told
            elif not told.allow(method, scope["path"]):
                fault = await self._refusal(told, method, scope["path"])
            elif method not in SAFE_METHODS:
                fault = _cross_origin_error(headers)
            if fault is not None:
                await fault.response()(scope, receive, send)
                return
            scope.setdefault("state", {})["rights"] = told
        await self._app(scope, receive, send)

    def _rights(self, headers: Headers, address: str) -> Principal | ApiError:
        kind, _, credentials = headers.get("authorization", "").partition(" ")
        credentials = credentials.strip()
        if kind.lower() == "bearer":
            return self._tokens.rights(credentials) or self._bad_token(credentials)
        if kind.lower() == "basic":
            return self._rights_of_user(credentials, address)
        return _unauthenticated_error("Authentication is required, by Basic or Bearer")

    def _rights_of_user(self, credentials: str, address: str) -> Principal | ApiError:
        try:
            told = base64.b64decode(credentials, validate=True)
        except (binascii.Error, ValueError):
            told = b""
        name = told.partition(b":")[0].decode("utf-8", "replace")
        wait_s = self._guesses.wait_s(name, address)
        if wait_s:
            title = "Too many wrong passwords. Wait a minute"
            return ApiError(429, title, headers=retry_after_header(wait_s))
        user = self._user(told)
        if user is None:
            self._guesses.note(name, address)
            return _unauthenticated_error("The user name or the password is wrong")
        return Principal(user, writes=user == self._settings.user)

    async def _refusal(self, rights: Principal, method: str, path: str) -> ApiError:
        if rights.cover(method, path):
            return missing_permission_error(rights.who, method, path)
        api = api_name(path) or await run_in_threadpool(self._name_of, path)
        return missing_scope_error(rights.who, method, path, api)

    def _user(self, told: bytes) -> str | None:
        """Return the name of who knows a password; every comparison takes as long."""
        found = None
        for user, password in (
            (self._settings.user, self._settings.password),
            (self._settings.read_only_user, self._settings.read_only_password),
        ):
            matches = is_same_secret(told, f"{user}:{password}".encode())
            if matches and user and password:
                found = user
        return found

    def _bad_token(self, token: str) -> ApiError:
        ended = self._tokens.is_known(token)
        title = "The access token has expired" if ended else "The access token is wrong"
        challenge = f'Bearer error="invalid_token", error_description="{title}"'
        return ApiError(401, title, headers={"WWW-Authenticate": challenge})


def is_same_secret(told: bytes, expected: bytes) -> bool:
    """Compare secrets in a time that tells nothing of them, not even their length."""
    return hmac.compare_digest(
        hashlib.sha256(told).digest(), hashlib.sha256(expected).digest()
    )


def client_address(scope: Scope) -> str:
    """Return where a request comes from; empty if nobody knows."""
    return str(scope["client"][0]) if scope.get("client") else ""


def _hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _cross_origin_error(headers: Headers) -> ApiError | None:
    host, origin = headers.get("host"), headers.get("origin")
    if origin is None or origin in {f"http://{host}", f"https://{host}"}:
        return None
    return ApiError(403, "Pages of other sites may not change anything")


def _unauthenticated_error(title: str) -> ApiError:
    return ApiError(401, title, headers={"WWW-Authenticate": _CHALLENGE})
