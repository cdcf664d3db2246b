"""Authentication middleware: Basic and Bearer credentials, checked against scopes.

It runs before routing, so that unknown paths need credentials like all others. Only
the token endpoint is open, since it checks a secret of its own. Browsers send stored
Basic credentials with every request, including those that a page of another site
makes; such requests are recognised by their ``Origin`` and refused.
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
_MAX_TOKENS: Final = 10_000
"""Tokens that are stored; a new one replaces the oldest."""


class AccessTokens:
    """The access tokens that were issued. Only their hashes are stored.

    Args:
        seconds: How long a token is valid.
        clock: A monotonic clock, in seconds.
    """

    def __init__(
        self, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._issued: dict[bytes, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def issue(self, principal: Principal) -> str:
        """Create a token that authenticates *principal*."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._issued) >= _MAX_TOKENS:
                del self._issued[next(iter(self._issued))]
            expiry = self._clock() + self._seconds
            self._issued[_hash_token(token)] = expiry, principal
        return token

    def is_known(self, token: str) -> bool:
        """Return True if the token was issued, even if it has expired."""
        return _hash_token(token) in self._issued

    def authenticate(self, token: str) -> Principal | None:
        """Return the principal of a token; None if it is unknown or has expired."""
        expiry, principal = self._issued.get(_hash_token(token), (0.0, None))
        return principal if expiry > self._clock() else None


class AuthMiddleware:
    """Pass authorized requests on to *app*, and answer all others.

    Args:
        app: The application to protect.
        settings: The users and their passwords.
        tokens: The access tokens that were issued.
        login_throttle: Counts wrong passwords.
        find_scope_name: Returns the name that the scopes of an object begin with, for
            a path of its entries.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        tokens: AccessTokens,
        login_throttle: LoginThrottle,
        find_scope_name: Callable[[str], str],
    ) -> None:
        self._app = app
        self._settings = settings
        self._tokens = tokens
        self._login_throttle = login_throttle
        self._find_scope_name = find_scope_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on with its principal in the state."""
        if scope["type"] == "http" and scope["path"] != TOKEN_PATH:
            try:
                principal = await self._authorize(scope)
            except ApiError as exc:
                await exc.response()(scope, receive, send)
                return
            scope.setdefault("state", {})["principal"] = principal
        await self._app(scope, receive, send)

    async def _authorize(self, scope: Scope) -> Principal:
        """Return who sent a request.

        Raises:
            ApiError: The credentials are wrong, or do not permit the request.
        """
        method, path, headers = scope["method"], scope["path"], Headers(scope=scope)
        principal = self._authenticate(headers, client_address(scope))
        if not principal.is_allowed(method, path):
            raise await self._forbidden_error(principal, method, path)
        if method not in SAFE_METHODS and _is_cross_origin(headers):
            raise ApiError(403, "Pages of other sites may not change anything")
        return principal

    def _authenticate(self, headers: Headers, address: str) -> Principal:
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        credentials = credentials.strip()
        if scheme.lower() == "bearer":
            principal = self._tokens.authenticate(credentials)
            if principal is None:
                raise self._token_error(credentials)
            return principal
        if scheme.lower() == "basic":
            return self._authenticate_user(credentials, address)
        title = "Authentication is required, by Basic or Bearer"
        raise _unauthenticated_error(title)

    def _authenticate_user(self, credentials: str, address: str) -> Principal:
        try:
            decoded = base64.b64decode(credentials, validate=True)
        except (binascii.Error, ValueError):
            decoded = b""
        name = decoded.partition(b":")[0].decode("utf-8", "replace")
        wait_s = self._login_throttle.wait_s(name, address)
        if wait_s:
            title = "Too many wrong passwords. Wait a minute"
            raise ApiError(429, title, headers=retry_after_header(wait_s))
        user = self._find_user(decoded)
        if user is None:
            self._login_throttle.record_failure(name, address)
            title = "The user name or the password is wrong"
            raise _unauthenticated_error(title)
        return Principal(user, can_write=user == self._settings.user)

    def _find_user(self, credentials: bytes) -> str | None:
        """Return the user whose name and password match; always compare with all."""
        matching = None
        for user, password in (
            (self._settings.user, self._settings.password),
            (self._settings.read_only_user, self._settings.read_only_password),
        ):
            matches = is_same_secret(credentials, f"{user}:{password}".encode())
            if matches and user and password:
                matching = user
        return matching

    async def _forbidden_error(
        self, principal: Principal, method: str, path: str
    ) -> ApiError:
        if principal.has_scope_for(method, path):
            return missing_permission_error(principal.name, method, path)
        api = api_name(path) or await run_in_threadpool(self._find_scope_name, path)
        return missing_scope_error(principal.name, method, path, api)

    def _token_error(self, token: str) -> ApiError:
        expired = self._tokens.is_known(token)
        state = "has expired" if expired else "is wrong"
        title = f"The access token {state}"
        challenge = f'Bearer error="invalid_token", error_description="{title}"'
        return ApiError(401, title, headers={"WWW-Authenticate": challenge})


def is_same_secret(given: bytes, expected: bytes) -> bool:
    """Compare secrets in a time that reveals neither their content nor their length."""
    return hmac.compare_digest(
        hashlib.sha256(given).digest(), hashlib.sha256(expected).digest()
    )


def client_address(scope: Scope) -> str:
    """Return the client's address; empty if the server does not know it."""
    return str(scope["client"][0]) if scope.get("client") else ""


def _hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _is_cross_origin(headers: Headers) -> bool:
    host, origin = headers.get("host"), headers.get("origin")
    return origin is not None and origin not in {f"http://{host}", f"https://{host}"}


def _unauthenticated_error(title: str) -> ApiError:
    return ApiError(401, title, headers={"WWW-Authenticate": _CHALLENGE})
