"""HTTP requests as handlers see them, and the endpoints that pass them on.

An :class:`ApiRequest` gives handlers decoded path parameters, query parameters, paging
and a JSON body whose size and depth are limited. :func:`make_endpoint` turns a handler
into what Starlette calls, and every error raised on purpose into a Problem body.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ..errors import DiskFull, DmcError, InstallationError, Refused, UnknownName
from ..formats.json.scanner import find_limit_violation
from ..formats.json.values import (
    RECORD_LIMIT_BYTES,
    STRICT,
    describe_refusal,
    find_record_fault,
)
from ..storage.sqlite import DISK_FULL, NO_ROOM
from .auth.principal import SAFE_METHODS, Principal
from .played_version import NEWER_PARAMETERS
from .responses import ApiError, not_found_error

if TYPE_CHECKING:  # it imports the handlers, which import this
    from .context import AppContext

DEFAULT_PAGE_SIZE: Final = 20
MAX_PAGE_SIZE: Final = 500
_JSON: Final = "application/json"
_MAX_ID: Final = 2**63 - 1
_MAX_DIGITS: Final = 19
_NOT_UTF_8: Final = "not UTF-8 at byte"
_TOO_DEEP: Final = "it is nested too deeply"


class LanguageChoice(Protocol):
    """The languages that the values of localized fields are wanted in."""

    @property
    def language(self) -> str:
        """The preferred language, as ``en_US``; empty for that of the entry."""
        ...

    @property
    def wants_all_languages(self) -> bool:
        """True if the values of every language are wanted, too."""
        ...


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request to the API.

    Attributes:
        context: The stores, tasks and settings that handlers work with.
        http: Starlette's request. Its path is still percent-encoded, so that a slash
            within an external reference code does not separate path segments.
        body: The whole body; empty for handlers that read the body themselves.
    """

    context: AppContext
    http: Request
    body: bytes = b""

    def path_text(self, name: str) -> str:
        """Return a path parameter, percent-decoded."""
        return unquote(self.http.path_params[name], errors="replace")

    def path_number(self, name: str) -> int:
        """Return a path parameter that is an id; nothing has a negative one.

        Raises:
            ApiError: The parameter is not a number, so it cannot be an id.
        """
        number = _parse_signed_number(self.path_text(name))
        if number is None or abs(number) > _MAX_ID:
            raise not_found_error()
        return number

    def query(self, name: str) -> str:
        """Return the first value of a query parameter; empty if it is absent."""
        if self.context.version and name in NEWER_PARAMETERS:
            return ""
        values = self.http.query_params.getlist(name)
        return values[0] if values else ""

    def query_names(self, name: str) -> frozenset[str]:
        """Return the names in a comma-separated query parameter."""
        parts = ",".join(self.http.query_params.getlist(name)).split(",")
        return frozenset(part.strip() for part in parts if part.strip())

    @property
    def page(self) -> tuple[int, int]:
        """The requested page, counted from 1, and the number of items on a page.

        A parameter that is not a number counts as absent. As in Liferay, a page or a
        page size of 0 or less means the first page of the largest size.
        """
        page = read_signed_number(self.query("page"), 1)
        size = read_signed_number(self.query("pageSize"), DEFAULT_PAGE_SIZE)
        if page < 1 or size < 1:
            return 1, MAX_PAGE_SIZE
        return page, min(size, MAX_PAGE_SIZE)

    @property
    def wants_whole_list(self) -> bool:
        """True if a single page shall contain the whole list: ``page=-1``."""
        return read_signed_number(self.query("page"), 1) < 1

    @property
    def principal(self) -> Principal:
        """The authenticated user or client that sent the request."""
        principal: Principal = self.http.state.principal
        return principal

    @property
    def origin(self) -> str:
        """The address of this server as the client sees it: ``http://localhost:8080``."""
        return str(self.http.base_url).rstrip("/")

    @property
    def language(self) -> str:
        """The client's preferred language, as ``en_US``; empty if it has none."""
        first = self.http.headers.get("accept-language", "").split(",")[0]
        return first.partition(";")[0].strip().replace("-", "_").strip("*")

    @property
    def wants_all_languages(self) -> bool:
        """True if the client asks for the values of every language."""
        header = self.http.headers.get("x-accept-all-languages", "")
        return header.strip().lower() == "true"

    def json_object(self) -> dict[str, Any]:
        """Return the body, which has to be a JSON object.

        Raises:
            ApiError: The body is not valid JSON, or not an object.
        """
        value = read_json(self.body)
        if not isinstance(value, dict):
            text = json.dumps(value, default=str)[:200]
            title = f'Unable to map JSON path "" with value "{text}" to class "Map"'
            raise ApiError(400, title, kind="InvalidFormatException")
        return value


Handler = Callable[[ApiRequest], Response]
StreamHandler = Callable[[ApiRequest], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def make_endpoint(
    context: AppContext, handler: Handler, *, takes_json: bool = False
) -> Endpoint:
    """Return an endpoint that reads the whole body and runs *handler* in a thread.

    A handler of a request that changes something holds the write lock: it reads the
    stored item, changes it and writes it back, and nothing may change in between.

    Args:
        context: The context that is passed on to the handler.
        handler: The function that answers the request.
        takes_json: Refuse bodies of any other media type, whatever the path.
    """

    async def answer(http_request: Request) -> Response:
        if takes_json and not _is_json(http_request):
            raise ApiError(415, "HTTP 415 Unsupported Media Type")
        body = await read_body(http_request, RECORD_LIMIT_BYTES)
        changes = http_request.method not in SAFE_METHODS
        handle = _answer_as_version(handler) if context.version else handler
        run = partial(_run_exclusively, handle) if changes else handle
        return await run_in_threadpool(run, ApiRequest(context, http_request, body))

    return _with_error_responses(answer)


def make_stream_endpoint(context: AppContext, handler: StreamHandler) -> Endpoint:
    """Return an endpoint for a *handler* that reads the body itself."""

    async def answer(http_request: Request) -> Response:
        response = await handler(ApiRequest(context, http_request))
        if context.version:
            return context.version.fit_response(http_request.url.path, response)
        return response

    return _with_error_responses(answer)


def _answer_as_version(handler: Handler) -> Handler:
    """Return *handler* restricted to the version of Liferay that is played."""

    def answer(request: ApiRequest) -> Response:
        version, path = request.context.version, request.http.url.path
        if version is None:
            return handler(request)
        version.check_request(request.http.method, path, request.body)
        return version.fit_response(path, handler(request))

    return answer


def _run_exclusively(handler: Handler, request: ApiRequest) -> Response:
    with request.context.store.exclusive():
        return handler(request)


def _is_json(http_request: Request) -> bool:
    """Return True if the body is JSON; a request without a media type means JSON."""
    media_type = http_request.headers.get("content-type", _JSON)
    return media_type.partition(";")[0].strip().lower() == _JSON


def _with_error_responses(answer: Endpoint) -> Endpoint:
    """Return *answer* with our errors turned into Problem bodies."""

    async def guarded(http_request: Request) -> Response:
        try:
            return await answer(http_request)
        except ApiError as exc:
            return exc.response()
        except DmcError as exc:
            return api_error(exc).response()
        except OSError as exc:
            if exc.errno not in NO_ROOM:
                raise
            return disk_full_error().response()
        except ClientDisconnect:
            return Response(status_code=400)  # the client is gone and reads nothing

    return guarded


async def read_body(http_request: Request, limit: int) -> bytes:
    """Read a body into memory.

    Raises:
        ApiError: The body is larger than *limit* bytes.
    """
    parts: list[bytes] = []
    remaining = limit
    async for part in http_request.stream():
        remaining -= len(part)
        if remaining < 0:
            raise body_too_large_error(limit)
        parts.append(part)
    return b"".join(parts)


def body_too_large_error(limit: int) -> ApiError:
    """Return the error for a body of more than *limit* bytes."""
    return ApiError(413, f"The request's body is larger than {limit:,} bytes")


def read_json(content: bytes) -> Any:
    """Decode JSON without losing a digit of its numbers.

    Raises:
        ApiError: The content is malformed, nested too deeply, or has too many values.
    """
    fault = find_limit_violation(content)
    if fault:
        fault = f"It {fault}."
        raise _malformed_json_error(fault)
    try:
        raw = content.decode()
        value = STRICT.decode(raw)
        fault = find_record_fault(value, raw) if isinstance(value, dict) else ""
    except UnicodeDecodeError as exc:
        raise _malformed_json_error(_NOT_UTF_8, exc.start + 1) from exc
    except json.JSONDecodeError as exc:
        raise _malformed_json_error(exc.msg, "at character", exc.pos + 1) from exc
    except RecursionError as exc:
        raise _malformed_json_error(_TOO_DEEP) from exc
    except ValueError as exc:
        raise _malformed_json_error(describe_refusal(exc)) from exc
    if fault:
        raise _malformed_json_error(fault)
    return value


def _malformed_json_error(*reason: object) -> ApiError:
    return ApiError(400, f"Unable to read the JSON body: {' '.join(map(str, reason))}")


def api_error(error: DmcError) -> ApiError:
    """Return the response to an error of the package, whose message is for people."""
    if isinstance(error, UnknownName):
        return ApiError(404 if error.kind == "entity type" else 400, str(error))
    if isinstance(error, DiskFull) or _is_disk_full(error):
        return disk_full_error()
    if isinstance(error, Refused):
        return ApiError(400, error.reason)
    if isinstance(error, InstallationError):
        return ApiError(503, error.reason, headers={"Retry-After": "1"})
    return ApiError(400, str(error))


def _is_disk_full(error: DmcError) -> bool:
    return isinstance(error, Refused) and error.reason == DISK_FULL


def disk_full_error() -> ApiError:
    """Return the response to a request that there is no space for.

    It is not the client's fault, nor that of an item, and Liferay's 500 could be both.
    """
    return ApiError(507, DISK_FULL)


def parse_whole_number(text: str, max_digits: int = _MAX_DIGITS) -> int | None:
    """Return the number that *text* spells in ASCII digits; None if it does not.

    Args:
        text: Digits only: neither a sign nor spaces.
        max_digits: Longer numbers are refused, before they cost time.
    """
    is_number = text.isascii() and text.isdigit() and len(text) <= max_digits
    return int(text) if is_number else None


def read_signed_number(text: str, default: int) -> int:
    """Return the number that *text* spells, or *default* where it does not."""
    number = _parse_signed_number(text.strip())
    return default if number is None else number


def _parse_signed_number(text: str) -> int | None:
    number = parse_whole_number(text.removeprefix("-"))
    return -number if number is not None and text.startswith("-") else number
