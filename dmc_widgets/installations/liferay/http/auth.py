"""Authentication: Basic, and OAuth 2 with client credentials."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from typing import Any, Final

import httpx2

from ....objects.fields.encrypted import Secret
from .errors import Principal

TOKEN_PATH: Final = "/o/oauth2/token"  # noqa: S105
_EARLY_S: Final = 30.0  # how long before its end a token is renewed
_SHORTEST_S: Final = 1.0


class BasicAuth(httpx2.BasicAuth):
    """Basic authentication with a user and a password.

    Args:
        user: The user's name, often an email address.
        password: The password; it is sent to the server and never shown.
    """

    def __init__(self, user: str, password: Secret) -> None:
        super().__init__(user, password.text)
        self.principal = Principal(user)

    def __repr__(self) -> str:
        return f"Basic({self.principal})"


class ClientCredentials(httpx2.Auth):
    """OAuth 2 with client credentials: the client's id and secret for an access token.

    The token is renewed before it expires, and once when the server rejects it, since
    it may have been revoked, or the server restarted.

    Args:
        client_id: The id of the OAuth 2 application.
        client_secret: The secret; it is sent to the server and never shown.
        url: The URL of the server.
        clock: Returns seconds that never go back.
    """

    requires_response_body = True

    def __init__(
        self,
        client_id: str,
        client_secret: Secret,
        url: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.principal = Principal(client_id, is_client=True)
        self._client_id = client_id
        self._client_secret = client_secret
        self._url = url
        self._clock = clock
        self._lock = threading.RLock()
        self._token = Secret("")
        self._expires_at = float("-inf")

    def __repr__(self) -> str:
        return f"ClientCredentials({self.principal})"

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send the request with a token, and again with a new one after a 401."""
        used = self._token
        if self._clock() >= self._expires_at:
            refused = yield from self._renew(used)
            if refused is not None:
                return
        used = self._token
        request.headers["Authorization"] = f"Bearer {used.text}"
        response = yield request
        if response.status_code == 401:
            refused = yield from self._renew(used)
            if refused is None:
                request.headers["Authorization"] = f"Bearer {self._token.text}"
                yield request

    def _renew(
        self, used: Secret
    ) -> Generator[httpx2.Request, httpx2.Response, httpx2.Response | None]:
        """Get a new token, unless another request has got one in the meantime.

        Returns:
            The server's response if it gave no token; it becomes that of the request.
        """
        if self._token is not used and self._clock() < self._expires_at:
            return None
        response = yield httpx2.Request(
            "POST",
            self._url + TOKEN_PATH,
            data={
                "grant_type": "client_credentials",
                "client_id": self._client_id,
                "client_secret": self._client_secret.text,
            },
            headers={"Accept": "application/json"},
        )
        if not response.is_success:
            # Liferay answers 400 to a wrong secret; callers expect 401.
            if response.status_code == 400:
                response.status_code = 401
            return response
        self._store_token(_read_json(response))
        return None

    def _store_token(self, token: dict[str, Any]) -> None:
        lifetime_s = float(token.get("expires_in") or 600)
        with self._lock:
            self._token = Secret(str(token.get("access_token") or ""))
            early_s = min(_EARLY_S, lifetime_s / 2)
            self._expires_at = self._clock() + max(lifetime_s - early_s, _SHORTEST_S)


def _read_json(response: httpx2.Response) -> dict[str, Any]:
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
