"""Who asks: BasicAuth authentication, and OAuth 2 with client credentials."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from typing import Any, Final

import httpx2

from ....objects.fields.encrypted import Secret
from .errors import Principal

TOKEN_PATH: Final = "/o/oauth2/token"  # noqa: S105
_EARLY_S: Final = 30.0  # a token is renewed that long before it ends
_SHORTEST_S: Final = 1.0


class BasicAuth(httpx2.BasicAuth):
    """A user and a password.

    Args:
        user: Often a mail address.
        password: Shown to nobody but the server.
    """

    def __init__(self, user: str, password: Secret) -> None:
        super().__init__(user, password.text)
        self.principal = Principal(user)

    def __repr__(self) -> str:
        return f"Basic({self.principal})"


class ClientCredentials(httpx2.Auth):
    """A client id and its secret, traded for an access token.

    The token is renewed before it ends, and once more when the server does not take
    it: it may have been revoked, or the server restarted.

    Args:
        client_id: Of the OAuth 2 application.
        client_secret: Shown to nobody but the server.
        url: Of the server.
        clock: Seconds that only grow.
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
        self._ends = float("-inf")

    def __repr__(self) -> str:
        return f"ClientCredentials({self.principal})"

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send the request with a token, and a second time with a new one."""
        used = self._token
        if self._clock() >= self._ends:
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
        """Get a new token, unless another request got one meanwhile.

        Returns:
            The server's answer if it gave none; it becomes that of the request.
        """
        if self._token is not used and self._clock() < self._ends:
            return None
        answer = yield httpx2.Request(
            "POST",
            self._url + TOKEN_PATH,
            data={
                "grant_type": "client_credentials",
                "client_id": self._client_id,
                "client_secret": self._client_secret.text,
            },
            headers={"Accept": "application/json"},
        )
        if not answer.is_success:
            # Liferay says 400 to a wrong secret; whoever asks is not let in.
            if answer.status_code == 400:
                answer.status_code = 401
            return answer
        self._take(_read_json(answer))
        return None

    def _take(self, token: dict[str, Any]) -> None:
        lasts = float(token.get("expires_in") or 600)
        with self._lock:
            self._token = Secret(str(token.get("access_token") or ""))
            early = min(_EARLY_S, lasts / 2)
            self._ends = self._clock() + max(lasts - early, _SHORTEST_S)


def _read_json(answer: httpx2.Response) -> dict[str, Any]:
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
