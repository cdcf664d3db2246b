"""HTTP client of one Liferay server: time limits, retries, cancellation.

A request that only reads, or that puts the same thing in the same place, is retried
after a broken connection and after 429, 502, 503 and 504, with growing pauses or with
those that the server states. A POST is retried only where the server has certainly not
seen it. Otherwise :class:`~.errors.UnknownDelivery` is raised, and the caller has to
ask the server what became of the request.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, Final
from urllib.parse import quote, urlencode

import httpx2
import stamina

from ....errors import Unreachable
from ....model.access import DEFAULT_AT_ONCE
from .cancellation import CancelToken, OperationCancelled
from .errors import (
    INSUFFICIENT_STORAGE,
    RETRYABLE_STATUSES,
    UNSENT_ERRORS,
    Principal,
    Response,
    UnknownDelivery,
    response_error,
    transport_error,
)

_JSON: Final = "application/json"
_HEADERS: Final = {
    "Accept": _JSON,
    "Accept-Language": "en-US",
    "X-Accept-All-Languages": "true",  # else localized fields come in one language
}
QUERY_SAFE_CHARS: Final = "'(),:"
"""Characters that a query does not escape, so that a filter of many codes is short."""

_IDEMPOTENT_METHODS: Final = frozenset({"GET", "PUT", "PATCH", "DELETE"})
_CHUNK_BYTES: Final = 256 * 1024


class _ServerBusy(Exception):
    """The server answered that it cannot take the request now."""

    def __init__(self, response: Response, wait_s: float | None) -> None:
        super().__init__(f"HTTP {response.status}")
        self.response = response
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Time limits and numbers of attempts.

    Attributes:
        connect_s: The longest wait for a connection.
        answer_s: The longest wait for each part of a response, and for the server to
            take each part of a request.
        tries: Attempts at one request, the first one included.
        wait_s: The pause before the second attempt; it doubles with each attempt.
        longest_wait_s: The longest pause between two attempts, whatever the server
            states.
        give_up_s: How long a task of the server may make no progress.
        poll_s: The pause before the first look at a task, unless earlier tasks suggest
            a longer one.
        longest_poll_s: The longest pause between two looks at a task.
        at_once: Requests in flight at the same time.
    """

    connect_s: float = 10.0
    answer_s: float = 60.0
    tries: int = 6
    wait_s: float = 0.5
    longest_wait_s: float = 30.0
    give_up_s: float = 900.0
    poll_s: float = 0.05
    longest_poll_s: float = 3.0
    at_once: int = DEFAULT_AT_ONCE


class CircuitBreaker:
    """Blocks all requests for a while after a server has failed too often.

    Requests to a server in trouble make its trouble worse, and delay their own task.

    Args:
        installation: The installation's name for messages.
        rest_s: How long the server is left alone.
        clock: Returns seconds that never go back.
    """

    def __init__(
        self,
        installation: str,
        *,
        rest_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._installation = installation
        self._rest_s = rest_s
        self._clock = clock
        self._open_until = float("-inf")
        self._reason = ""

    def open(self, reason: str) -> None:
        """Block requests from now on; *reason* is the sentence to report."""
        self._open_until = self._clock() + self._rest_s
        self._reason = reason

    def require_closed(self) -> None:
        """Let a request pass.

        Raises:
            Unreachable: Requests are blocked.
        """
        if self._clock() < self._open_until:
            raise Unreachable(self._installation, self._reason)


class Client:
    """Sends requests to one server.

    Args:
        http: The HTTP client with base URL, credentials and TLS. It is closed with
            this one.
        name: The installation's name for messages.
        principal: The user or OAuth client that signs in, for messages.
        limits: Time limits and numbers of attempts.
        cancel_token: Ends waits that the caller has cancelled.
    """

    def __init__(
        self,
        http: httpx2.Client,
        *,
        name: str,
        principal: Principal,
        limits: Limits,
        cancel_token: CancelToken,
    ) -> None:
        self.name = name
        self.limits = limits
        self.cancel_token = cancel_token
        self.principal = principal
        self.requests = 0
        self._http = http
        self._circuit = CircuitBreaker(name)
        self._slots = threading.BoundedSemaphore(limits.at_once)

    def close(self) -> None:
        """Close the connections. Closing twice is harmless."""
        self._http.close()

    def get_json(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON value at *path*.

        Raises:
            InstallationError: The response is not successful, or is not JSON.
        """
        return self.require_json(self.request("GET", path, params=params))

    def find_json(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON value at *path*, or None if the server answers 404."""
        response = self.request("GET", path, params=params)
        return None if response.status == 404 else self.require_json(response)

    def get_many(
        self, requests: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> list[Response]:
        """Return the responses to several GET requests of a path each, in order."""
        jobs = [
            lambda path=path, params=params: self.send("GET", path, params=params)
            for path, params in requests
        ]
        return list(self.cancel_token.run_all(jobs, self.limits.at_once))

    def require_json(self, response: Response) -> Any:
        """Return the JSON value of a successful response.

        Raises:
            InstallationError: The response is not successful, or is not JSON.
        """
        value = response.json() if response.is_success else None
        if value is None:
            raise self.error_for(response)
        return value

    def error_for(self, response: Response) -> Exception:
        """Return the error to raise for an unusable response."""
        return response_error(self.name, response, self.principal)

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Send a request and return the response, whatever its status.

        Raises:
            UnknownDelivery: There was no response to a POST that the server may have
                carried out.
            InstallationError: There was no response.
            OperationCancelled: The caller has cancelled.
        """
        return self.cancel_token.run(lambda: self.send(method, path, **options))

    def download(self, path: str, file: BinaryIO) -> Response:
        """Write the body at *path* into *file*, from its beginning.

        The response that is returned has no body, unless it is not successful.
        """

        def download_once() -> Response:
            file.seek(0)
            file.truncate()
            with self._http.stream("GET", path, headers={"Accept": "*/*"}) as response:
                if not response.is_success:
                    response.read()
                    return _make_response(response)
                for chunk in response.iter_bytes(_CHUNK_BYTES):
                    if self.cancel_token.is_cancelled:
                        raise OperationCancelled
                    file.write(chunk)
                return _make_response(response, has_body=False)

        return self.cancel_token.run(
            lambda: self._retry(download_once, idempotent=True)
        )

    def send(self, method: str, path: str, **options: Any) -> Response:
        """Do what :meth:`request` does, from a background thread."""
        headers = {**_HEADERS, **options.pop("headers", {})}
        params = options.pop("params", None)
        if params:
            query = urlencode(params, quote_via=quote, safe=QUERY_SAFE_CHARS)
            path = f"{path}?{query}"

        def send_once() -> Response:
            response = self._http.request(method, path, headers=headers, **options)
            return _make_response(response)

        return self._retry(send_once, idempotent=method in _IDEMPOTENT_METHODS)

    def _retry(self, send: Callable[[], Response], *, idempotent: bool) -> Response:
        """Send until there is a response, or no hope of one."""
        limits = self.limits
        try:
            for attempt in stamina.retry_context(
                on=lambda exc: self._may_retry(exc, idempotent=idempotent),
                attempts=limits.tries,
                timeout=None,
                wait_initial=limits.wait_s,
                wait_max=limits.longest_wait_s,
                wait_jitter=limits.wait_s,
            ):
                with attempt:
                    return self._send_once(send)
        except _ServerBusy as exc:
            error: Exception = self.error_for(exc.response)
            cause: Exception = exc
            is_unseen = exc.response.status == 429
        except httpx2.RequestError as exc:
            error, cause = transport_error(self.name, exc), exc
            is_unseen = isinstance(exc, UNSENT_ERRORS)
        if not idempotent and not is_unseen:
            raise UnknownDelivery(error) from cause
        if isinstance(error, Unreachable):
            self._circuit.open(error.reason)
        raise error from cause

    def _send_once(self, send: Callable[[], Response]) -> Response:
        self._circuit.require_closed()
        try:
            with self._slots:
                if self.cancel_token.is_cancelled:
                    raise OperationCancelled
                self.requests += 1
                response = send()
        except RuntimeError as exc:  # closed while a cancelled request was running
            raise OperationCancelled from exc
        if response.status in RETRYABLE_STATUSES:
            raise _ServerBusy(response, _read_retry_after(response))
        if response.status == INSUFFICIENT_STORAGE:
            raise self.error_for(response)
        return response

    def _may_retry(
        self, exc: Exception, *, idempotent: bool
    ) -> bool | float | timedelta:
        """Return whether to retry after *exc*, or in how many seconds."""
        if isinstance(exc, _ServerBusy):
            if not idempotent and exc.response.status != 429:
                return False
            if exc.wait_s is None:
                return True
            return min(exc.wait_s, self.limits.longest_wait_s)
        if not isinstance(exc, httpx2.RequestError):
            return False
        if not idempotent and not isinstance(exc, UNSENT_ERRORS):
            return False
        return isinstance(transport_error(self.name, exc), Unreachable)


@contextmanager
def cancellation_as_error(client: Client) -> Iterator[None]:
    """Translate :class:`OperationCancelled`, which never leaves this package."""
    try:
        yield
    except OperationCancelled as exc:
        raise Unreachable(client.name, "The operation was cancelled.") from exc


def _make_response(response: httpx2.Response, *, has_body: bool = True) -> Response:
    return Response(
        response.status_code,
        response.content if has_body else b"",
        response.headers.get("location", ""),
        response.headers.get("content-type", ""),
        response.headers.get("retry-after", ""),
        response.request.method,
        response.request.url.path,
    )


def _read_retry_after(response: Response) -> float | None:
    """Read Retry-After, which is a number of seconds or a date."""
    stated = response.retry_after.strip()
    if not stated:
        return None
    if stated.isdecimal():
        return float(stated[:9])
    try:
        at = parsedate_to_datetime(stated)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
