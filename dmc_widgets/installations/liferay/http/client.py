"""Requests to one server: with time limits, tried again where that is harmless.

A request that only asks, or that puts the same thing in the same place, is tried
again after a broken connection and after 429, 502, 503 and 504, with growing
pauses, or those that the server states. A POST is tried again only where the server
has certainly not seen it; otherwise :class:`UnknownDelivery` is raised, and the caller
has to ask the server what became of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, Final
from urllib.parse import quote, urlencode

import httpx2
import stamina

from ....errors import Unreachable
from ....model.access import DEFAULT_AT_ONCE
from .cancellation import CancelToken, CircuitBreaker, OperationCancelled
from .errors import (
    RETRYABLE_STATUSES,
    UNSENT_ERRORS,
    Principal,
    Response,
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
"""What may stand in a query as it is: a filter of many codes takes less room so."""

_IDEMPOTENT_METHODS: Final = frozenset({"GET", "PUT", "PATCH", "DELETE"})


class UnknownDelivery(Exception):
    """Nobody knows whether the server has done it. Never leaves this room.

    Args:
        fault: What to tell where nothing can be found out.
    """

    def __init__(self, fault: Exception) -> None:
        super().__init__(str(fault))
        self.fault = fault


class _ServerBusy(Exception):
    """The server said that it cannot answer now."""

    def __init__(self, answer: Response, wait_s: float | None) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long to wait, and how often to try.

    Attributes:
        connect_s: For a connection.
        answer_s: For each part of an answer, and for each part of a request.
        tries: Of one request, the first one included.
        wait_s: Before the second try; it doubles from try to try.
        longest_wait_s: Between two tries, whatever the server states.
        give_up_s: How long a batch may make no progress.
        poll_s: Before the first look at a batch, where none before it tells more.
        longest_poll_s: Between two looks at a batch.
        at_once: Requests under way at the same time.
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


class Client:
    """Sends requests to one server.

    Args:
        http: Brings the base URL, who asks, and TLS. Closed with the client.
        name: The installation's name for messages.
        who: The user or client for messages.
        limits: Of time and tries.
        patience: Who waits.
    """

    def __init__(
        self,
        http: httpx2.Client,
        *,
        name: str,
        who: Principal,
        limits: Limits,
        patience: CancelToken,
    ) -> None:
        self.name = name
        self.limits = limits
        self.patience = patience
        self._http = http
        self.who = who
        self._circuit = CircuitBreaker(name)
        self._slots = threading.BoundedSemaphore(limits.at_once)
        self.requests = 0

    def close(self) -> None:
        """Let go of the connections. Closing twice is harmless."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON value at *path*.

        Raises:
            InstallationError: There is none.
        """
        return self.value(self.ask("GET", path, params=params))

    def found(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON value at *path*; None where there is no such thing."""
        answer = self.ask("GET", path, params=params)
        return None if answer.status == 404 else self.value(answer)

    def get_all(self, asked: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Response]:
        """Return the answers at many places, in order."""
        jobs = [
            lambda path=path, params=params: self.persist("GET", path, params=params)
            for path, params in asked
        ]
        return list(self.patience.run_all(jobs, self.limits.at_once))

    def value(self, answer: Response) -> Any:
        """Return the JSON value of a good answer.

        Raises:
            InstallationError: It is no good one, or no JSON.
        """
        value = answer.json() if answer.is_good else None
        if value is None:
            raise self.fault(answer)
        return value

    def fault(self, answer: Response) -> Exception:
        """Make the error for an answer that is of no use."""
        return response_error(self.name, answer, self.who)

    def ask(self, method: str, path: str, **options: Any) -> Response:
        """Send a request and return the answer, a bad one too.

        Raises:
            UnknownDelivery: A POST that the server may have seen brought no answer.
            InstallationError: No answer came.
            OperationCancelled: Nobody waits for it any more.
        """
        return self.patience.run(lambda: self.persist(method, path, **options))

    def download(self, path: str, into: BinaryIO) -> Response:
        """Write the body at *path* into a file, from its beginning."""

        def send() -> Response:
            into.seek(0)
            into.truncate()
            with self._http.stream("GET", path, headers={"Accept": "*/*"}) as response:
                if not response.is_success:
                    response.read()
                    return _make_response(response)
                for piece in response.iter_bytes(256 * 1024):
                    if self.patience.has_ended:
                        raise OperationCancelled
                    into.write(piece)
                return _make_response(response, read=False)

        return self.patience.run(lambda: self._try(send, harmless=True))

    def persist(self, method: str, path: str, **options: Any) -> Response:
        """Do as :meth:`ask` does, in a thread that waits for others itself."""
        headers = {**_HEADERS, **options.pop("headers", {})}
        params = options.pop("params", None)
        if params:
            path = f"{path}?{urlencode(params, quote_via=quote, safe=QUERY_SAFE_CHARS)}"

        def send() -> Response:
            response = self._http.request(method, path, headers=headers, **options)
            return _make_response(response)

        return self._try(send, harmless=method in _IDEMPOTENT_METHODS)

    def _try(self, send: Callable[[], Response], *, harmless: bool) -> Response:
        """Try until there is an answer, or no hope."""
        limits = self.limits
        try:
            for attempt in stamina.retry_context(
                on=lambda exc: self._may_try_again(exc, harmless=harmless),
                attempts=limits.tries,
                timeout=None,
                wait_initial=limits.wait_s,
                wait_max=limits.longest_wait_s,
                wait_jitter=limits.wait_s,
            ):
                with attempt:
                    return self._once(send)
        except _ServerBusy as exc:
            fault: Exception = self.fault(exc.answer)
            cause: Exception = exc
            unseen = exc.answer.status == 429
        except httpx2.RequestError as exc:
            fault, cause = transport_error(self.name, exc), exc
            unseen = isinstance(exc, UNSENT_ERRORS)
        if not harmless and not unseen:
            raise UnknownDelivery(fault) from cause
        if isinstance(fault, Unreachable):
            self._circuit.open(fault.reason)
        raise fault from cause

    def _once(self, send: Callable[[], Response]) -> Response:
        self._circuit.require_closed()
        try:
            with self._slots:
                if self.patience.has_ended:
                    raise OperationCancelled
                self.requests += 1
                answer = send()
        except RuntimeError as exc:  # the client was closed under a forgotten request
            raise OperationCancelled from exc
        if answer.status in RETRYABLE_STATUSES:
            raise _ServerBusy(answer, _read_retry_after(answer))
        return answer

    def _may_try_again(
        self, exc: Exception, *, harmless: bool
    ) -> bool | float | timedelta:
        if isinstance(exc, _ServerBusy):
            if not harmless and exc.answer.status != 429:
                return False
            if exc.wait_s is None:
                return True
            return min(exc.wait_s, self.limits.longest_wait_s)
        if not isinstance(exc, httpx2.RequestError):
            return False
        if not harmless and not isinstance(exc, UNSENT_ERRORS):
            return False
        return isinstance(transport_error(self.name, exc), Unreachable)


def _make_response(response: httpx2.Response, *, read: bool = True) -> Response:
    return Response(
        response.status_code,
        response.content if read else b"",
        response.headers.get("location", ""),
        response.headers.get("content-type", ""),
        response.headers.get("retry-after", ""),
        response.request.method,
        response.request.url.path,
    )


def _read_retry_after(answer: Response) -> float | None:
    """Read Retry-After, which is a number of seconds or a date."""
    stated = answer.retry_after.strip()
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
