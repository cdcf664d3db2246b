"""Answers: JSON bodies, pages, and Liferay's Problem body (objects facts, 5.3).

The text of a failed item: a Java exception's name and its message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from ..formats.json.values import UNREADABLE_RECORD as UNREADABLE
from ..formats.json.values import to_json
from ..model.outcome import Problem
from ..objects.embedded_installation import COMPANY_ID
from ..objects.errors.catalogue import exception_name_of, http_status_of

_STATUS_NAMES: Final[Mapping[int, str]] = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "REQUEST_TIMEOUT",
    411: "LENGTH_REQUIRED",
    413: "REQUEST_ENTITY_TOO_LARGE",
    414: "REQUEST_URI_TOO_LONG",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_SERVER_ERROR",
    503: "SERVICE_UNAVAILABLE",
}
"""The names of JAX-RS, which Problem bodies bear in place of the number."""

_NO_PARENT: Final = "no-such-related-object-entry"
_ERC_TAKEN: Final = "This external reference code is already in use."


class ApiError(Exception):
    """A request that cannot be answered as asked; it ends the handler.

    Attributes:
        status: Of HTTP.
        title: What is wrong.
        kind: Liferay's exception, where a client may want to know it.
        detail: More about it, mostly empty.
        headers: Of the answer.
    """

    def __init__(
        self,
        status: int,
        title: str,
        *,
        kind: str = "",
        detail: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.kind = kind
        self.detail = detail
        self.headers = headers

    def response(self) -> Response:
        """Answer with a Problem body; what is empty is left out."""
        body = {
            "detail": self.detail,
            "status": _STATUS_NAMES.get(self.status, "BAD_REQUEST"),
            "title": self.title,
            "type": self.kind,
        }
        told = {name: value for name, value in body.items() if value}
        return json_response(told, self.status, self.headers)


def json_response(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON, every digit of its numbers kept."""
    return Response(to_json(body), status, headers, "application/json")


def no_content_response() -> Response:
    """Answer that it is done, and that there is nothing to show."""
    return Response(status_code=204)


def drop_nulls(body: Any) -> Any:
    """Leave out properties that are null, at any depth, as Liferay's writer does."""
    if isinstance(body, dict):
        return {k: drop_nulls(v) for k, v in body.items() if v is not None}
    if isinstance(body, list):
        return [drop_nulls(each) for each in body]
    return body


def problem_error(problem: Problem) -> ApiError:
    """Turn what is wrong with an item into the answer to who sent it alone."""
    title, status = problem.as_liferay, http_status_of(problem.code)
    if problem.code == "duplicate-external-reference-code":
        title = _ERC_TAKEN
    if problem.code == _NO_PARENT and problem.field.endswith("ERC"):
        status = 404  # an entry was looked for by its code; of an id it says 400
    detail = problem.message if problem.liferay_text else ""
    return ApiError(status, title, detail=detail)


def not_found_error() -> ApiError:
    """Say that there is nothing at a path, in JAX-RS's words."""
    return ApiError(404, "HTTP 404 Not Found")


def unknown_id_error(name: str, number: int) -> ApiError:
    """Say that nothing has an id, as Liferay's finders do."""
    return ApiError(404, f"No {name} exists with the primary key {number}")


def unknown_key_error(name: str, *, detail: str = "", **key: object) -> ApiError:
    """Say that nothing has a key, as Liferay's finders do."""
    told = ", ".join(f"{part}={value}" for part, value in key.items())
    return ApiError(404, f"No {name} exists with the key {{{told}}}", detail=detail)


def unknown_site_error(key: str, known: Sequence[str]) -> ApiError:
    """Say that there is no site of a key, and which there are."""
    detail = f"Known sites: {', '.join(known)}"
    return unknown_key_error("Group", detail=detail, companyId=COMPANY_ID, groupKey=key)


UNKNOWN_PROPERTY: Final = "unknown-property"

_READER_EXCEPTIONS: Final = {
    UNKNOWN_PROPERTY: "java.lang.NoSuchFieldException",
    UNREADABLE: "com.fasterxml.jackson.core.JsonParseException",
}
_DEFAULT_EXCEPTION: Final = "com.liferay.portal.kernel.exception.PortalException"


def format_exception(problem: Problem) -> str:
    """Write a problem as ``toString()`` of Liferay's exception does."""
    name = (
        _READER_EXCEPTIONS.get(problem.code)
        or exception_name_of(problem)
        or _DEFAULT_EXCEPTION
    )
    return f"{name}: {problem.as_liferay}"
