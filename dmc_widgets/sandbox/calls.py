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
from ..formats.json_scan import scan_fault
from ..formats.json_values import RECORD_LIMIT_BYTES, STRICT, record_fault, refusal
from .answers import Fault, not_found
from .rights import LOOKING, Rights

if TYPE_CHECKING:  # it imports the handlers, which import this
    from .rooms import Rooms

PAGE_SIZE: Final = 20
LARGEST_PAGE: Final = 500
_JSON: Final = "application/json"
_LARGEST_NUMBER: Final = 2**63 - 1
_DIGITS: Final = 19
_NOT_UTF_8: Final = "not UTF-8 at byte"
_TOO_DEEP: Final = "it is nested too deeply"


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        rooms: What the sandbox holds.
        request: Of Starlette; its path is still percent-encoded, so that a slash
            within a code is no separator.
        content: The body, where it is one to hold.
    """

    rooms: Rooms
    request: Request
    content: bytes = b""

    def text(self, name: str) -> str:
        """Return a part of the path."""
        return unquote(self.request.path_params[name], errors="replace")

    def number(self, name: str) -> int:
        """Return an id in the path.

        Raises:
            Fault: It is none, so there is nothing of that id.
        """
        text = self.text(name)
        is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS
        if not is_number or int(text) > _LARGEST_NUMBER:
            raise not_found()
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
        page = _whole(self.query("page"), 1)
        size = _whole(self.query("pageSize"), PAGE_SIZE)
        if size < 1 or size > LARGEST_PAGE:
            size = LARGEST_PAGE
        return max(1, page), size

    @property
    def rights(self) -> Rights:
        """Of who asks."""
        found: Rights = self.request.state.rights
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
            Fault: It is not.
        """
        value = read_json(self.content)
        if not isinstance(value, dict):
            text = json.dumps(value, default=str)[:200]
            title = f'Unable to map JSON path "" with value "{text}" to class "Map"'
            raise Fault(400, title, kind="InvalidFormatException")
        return value

    def _has(self, name: str) -> bool:
        return name in self.request.query_params


Handler = Callable[[Call], Response]
StreamHandler = Callable[[Call], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(rooms: Rooms, handler: Handler, *, takes_json: bool = False) -> Endpoint:
    """Make what Starlette calls: it reads the body and runs *handler* in a thread.

    Args:
        rooms: For the handler.
        handler: Turns a call into an answer.
        takes_json: A body of another media type is refused, whatever the path.
    """

    async def answer(request: Request) -> Response:
        if takes_json and not _is_json(request):
            raise Fault(415, "HTTP 415 Unsupported Media Type")
        content = await read_body(request, RECORD_LIMIT_BYTES)
        changes = request.method not in LOOKING
        run = partial(_run_alone, handler) if changes else handler
        return await run_in_threadpool(run, Call(rooms, request, content))

    return _guarded(answer)


def _run_alone(handler: Handler, call: Call) -> Response:
    """Run a handler of which nobody undoes what it reads, changes and writes."""
    with call.rooms.store.alone():
        return handler(call)


def stream_endpoint(rooms: Rooms, handler: StreamHandler) -> Endpoint:
    """Make what Starlette calls for a *handler* that reads the body itself."""

    async def answer(request: Request) -> Response:
        return await handler(Call(rooms, request))

    return _guarded(answer)


def _is_json(request: Request) -> bool:
    """Say whether the body is JSON; who states nothing means that."""
    stated = request.headers.get("content-type", _JSON)
    return stated.partition(";")[0].strip().lower() == _JSON


def _guarded(answer: Endpoint) -> Endpoint:
    """Turn what is raised on purpose into Problem bodies."""

    async def guarded(request: Request) -> Response:
        try:
            return await answer(request)
        except Fault as fault:
            return fault.response()
        except DmcError as exc:
            return fault_of(exc).response()
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it

    return guarded


async def read_body(request: Request, limit: int) -> bytes:
    """Read a body that is to be held.

    Raises:
        Fault: It is larger than *limit*.
    """
    parts: list[bytes] = []
    left = limit
    async for part in request.stream():
        left -= len(part)
        if left < 0:
            raise too_large(limit)
        parts.append(part)
    return b"".join(parts)


def too_large(limit: int) -> Fault:
    """Refuse a body."""
    return Fault(413, f"The request's body is larger than {limit:,} bytes")


def read_json(content: bytes) -> Any:
    """Read JSON with every digit kept.

    Raises:
        Fault: It is malformed, nested too deeply, or holds too many values.
    """
    fault = scan_fault(content)
    if fault:
        fault = f"It {fault}."
        raise _malformed(fault)
    try:
        raw = content.decode()
        value = STRICT.decode(raw)
        fault = record_fault(value, raw) if isinstance(value, dict) else ""
    except UnicodeDecodeError as exc:
        raise _malformed(_NOT_UTF_8, exc.start + 1) from exc
    except json.JSONDecodeError as exc:
        raise _malformed(exc.msg, "at character", exc.pos + 1) from exc
    except RecursionError as exc:
        raise _malformed(_TOO_DEEP) from exc
    except ValueError as exc:
        raise _malformed(refusal(exc)) from exc
    if fault:
        raise _malformed(fault)
    return value


def _malformed(*reason: object) -> Fault:
    return Fault(400, f"Unable to read the JSON body: {' '.join(map(str, reason))}")


def fault_of(error: DmcError) -> Fault:
    """Answer what the core raises: its message is made for people."""
    if isinstance(error, UnknownName):
        return Fault(404 if error.kind == "entity type" else 400, str(error))
    if isinstance(error, Refused):
        return Fault(400, error.reason)
    if isinstance(error, InstallationError):
        return Fault(503, error.reason, headers={"Retry-After": "1"})
    return Fault(400, str(error))


def _whole(text: str, default: int) -> int:
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS):
        return default
    return int(text)
