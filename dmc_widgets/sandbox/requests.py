"""A request as handlers see it: texts, numbers, JSON, and no more than is allowed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ..errors import DmcError, InstallationError, Refused, UnknownName
from ..formats.json.scanner import find_limit_violation
from ..formats.json.values import (
    RECORD_LIMIT_BYTES,
    STRICT,
    describe_refusal,
    find_record_fault,
)
from .auth.principal import SAFE_METHODS, Principal
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


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request.

    Attributes:
        rooms: What the sandbox holds.
        request: Of Starlette; its path is still percent-encoded, so that a slash
            within a code is no separator.
        content: The body, where it is one to hold.
    """

    rooms: AppContext
    request: Request
    content: bytes = b""

    def text(self, name: str) -> str:
        """Return a part of the path."""
        return unquote(self.request.path_params[name], errors="replace")

    def number(self, name: str) -> int:
        """Return an id in the path.

        Raises:
            ApiError: It is none, so there is nothing of that id.
        """
        text = self.text(name)
        is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
        if not is_number or int(text) > _MAX_ID:
            raise not_found_error()
        return int(text)

    def query(self, name: str) -> str:
        """Return the first value of a query parameter; empty without one."""
        return self.request.query_params.getlist(name)[0] if self._has(name) else ""

    def names(self, name: str) -> frozenset[str]:
        """Return the names in a query parameter, which commas separate."""
        joined = ",".join(self.request.query_params.getlist(name))
        return frozenset(each.strip() for each in joined.split(",") if each.strip())

    @property
    def page(self) -> tuple[int, int]:
        """The page asked for, from 1, and how many items are on one.

        What is no number counts as absent; a size of 0 or -1 is the largest one.
        """
        page = _parse_whole_number(self.query("page"), 1)
        size = _parse_whole_number(self.query("pageSize"), DEFAULT_PAGE_SIZE)
        if size < 1 or size > MAX_PAGE_SIZE:
            size = MAX_PAGE_SIZE
        return max(1, page), size

    @property
    def rights(self) -> Principal:
        """Of who asks."""
        found: Principal = self.request.state.rights
        return found

    @property
    def origin(self) -> str:
        """How the client calls this server: ``http://localhost:8080``."""
        return str(self.request.base_url).rstrip("/")

    @property
    def language(self) -> str:
        """The language that the client likes best, as ``en_US``; empty: any."""
        first = self.request.headers.get("accept-language", "").split(",")[0]
        return first.partition(";")[0].strip().replace("-", "_").strip("*")

    @property
    def all_languages(self) -> bool:
        """The client asks for the values of every language."""
        stated = self.request.headers.get("x-accept-all-languages", "")
        return stated.strip().lower() == "true"

    def item(self) -> dict[str, Any]:
        """Return the body, which has to be an object.

        Raises:
            ApiError: It is not.
        """
        value = read_json(self.content)
        if not isinstance(value, dict):
            text = json.dumps(value, default=str)[:200]
            title = f'Unable to map JSON path "" with value "{text}" to class "Map"'
            raise ApiError(400, title, kind="InvalidFormatException")
        return value

    def _has(self, name: str) -> bool:
        return name in self.request.query_params


Handler = Callable[[ApiRequest], Response]
StreamHandler = Callable[[ApiRequest], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def make_endpoint(
    rooms: AppContext, handler: Handler, *, takes_json: bool = False
) -> Endpoint:
    """Make what Starlette calls: it reads the body and runs *handler* in a thread.

    Args:
        rooms: For the handler.
        handler: Turns a call into an answer.
        takes_json: A body of another media type is refused, whatever the path.
    """

    async def answer(request: Request) -> Response:
        if takes_json and not _is_json(request):
            raise ApiError(415, "HTTP 415 Unsupported Media Type")
        content = await read_body(request, RECORD_LIMIT_BYTES)
        changes = request.method not in SAFE_METHODS
        run = partial(_run_exclusively, handler) if changes else handler
        return await run_in_threadpool(run, ApiRequest(rooms, request, content))

    return _with_error_responses(answer)


def _run_exclusively(handler: Handler, call: ApiRequest) -> Response:
    """Run a handler of which nobody undoes what it reads, changes and writes."""
    with call.rooms.store.alone():
        return handler(call)


def make_stream_endpoint(rooms: AppContext, handler: StreamHandler) -> Endpoint:
    """Make what Starlette calls for a *handler* that reads the body itself."""

    async def answer(request: Request) -> Response:
        return await handler(ApiRequest(rooms, request))

    return _with_error_responses(answer)


def _is_json(request: Request) -> bool:
    """Say whether the body is JSON; who states nothing means that."""
    stated = request.headers.get("content-type", _JSON)
    return stated.partition(";")[0].strip().lower() == _JSON


def _with_error_responses(answer: Endpoint) -> Endpoint:
    """Turn what is raised on purpose into Problem bodies."""

    async def guarded(request: Request) -> Response:
        try:
            return await answer(request)
        except ApiError as fault:
            return fault.response()
        except DmcError as exc:
            return api_error(exc).response()
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it

    return guarded


async def read_body(request: Request, limit: int) -> bytes:
    """Read a body that is to be held.

    Raises:
        ApiError: It is larger than *limit*.
    """
    parts: list[bytes] = []
    left = limit
    async for part in request.stream():
        left -= len(part)
        if left < 0:
            raise body_too_large_error(limit)
        parts.append(part)
    return b"".join(parts)


def body_too_large_error(limit: int) -> ApiError:
    """Refuse a body."""
    return ApiError(413, f"The request's body is larger than {limit:,} bytes")


def read_json(content: bytes) -> Any:
    """Read JSON with every digit kept.

    Raises:
        ApiError: It is malformed, nested too deeply, or holds too many values.
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
    """Answer what the core raises: its message is made for people."""
    if isinstance(error, UnknownName):
        return ApiError(404 if error.kind == "entity type" else 400, str(error))
    if isinstance(error, Refused):
        return ApiError(400, error.reason)
    if isinstance(error, InstallationError):
        return ApiError(503, error.reason, headers={"Retry-After": "1"})
    return ApiError(400, str(error))


def _parse_whole_number(text: str, default: int) -> int:
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS):
        return default
    return int(text)
