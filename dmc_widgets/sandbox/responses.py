"""Responses: JSON bodies, errors as Liferay's Problem bodies, and exception texts.

Bodies and texts are those of Liferay: *Problem bodies* in ``docs/liferay/objects.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from ..formats.json.lines_format import BLANK_LINE
from ..formats.json.values import UNREADABLE_RECORD, to_json
from ..formats.tables.liferay_rows import MALFORMED_ROW, NO_LANGUAGE, TOO_MANY_VALUES
from ..model.outcome import Problem
from ..objects.company_ids import COMPANY_ID
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
    507: "INSUFFICIENT_STORAGE",
}
"""JAX-RS names of status codes, which Problem bodies use instead of numbers."""

UNKNOWN_PROPERTY: Final = "unknown-property"
UNCONVERTIBLE_VALUE: Final = "unconvertible-value"

_READER_EXCEPTIONS: Final = {
    BLANK_LINE: "com.fasterxml.jackson.databind.exc.MismatchedInputException",
    UNKNOWN_PROPERTY: "java.lang.NoSuchFieldException",
    MALFORMED_ROW: "java.lang.IllegalStateException",
    NO_LANGUAGE: "java.lang.StringIndexOutOfBoundsException",
    TOO_MANY_VALUES: "java.lang.ArrayIndexOutOfBoundsException",
    UNCONVERTIBLE_VALUE: "java.lang.IllegalArgumentException",
    UNREADABLE_RECORD: "com.fasterxml.jackson.core.JsonParseException",
}
_DEFAULT_EXCEPTION: Final = "com.liferay.portal.kernel.exception.PortalException"
_NO_PARENT: Final = "no-such-related-object-entry"
_ERC_TAKEN: Final = "This external reference code is already in use."


class ApiError(Exception):
    """An error response; raising it ends the handler.

    Attributes:
        status: The HTTP status code.
        title: The message: what is wrong with the request.
        kind: The name of Liferay's exception, where a client may want to know it.
        detail: Further explanation; usually empty.
        headers: Additional headers of the response.
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
        """Return a response with a Problem body, without its empty properties."""
        body = {
            "detail": self.detail,
            "status": _STATUS_NAMES.get(self.status, "BAD_REQUEST"),
            "title": self.title,
            "type": self.kind,
        }
        stated = {name: value for name, value in body.items() if value}
        return json_response(stated, self.status, self.headers)


def json_response(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON response that keeps every digit of its numbers."""
    return Response(to_json(body), status, headers, "application/json")


def no_content_response() -> Response:
    """Return an empty response with status 204."""
    return Response(status_code=204)


def drop_nulls(body: Any) -> Any:
    """Remove properties that are null, at any depth, as Liferay's writer does."""
    if isinstance(body, dict):
        return {k: drop_nulls(v) for k, v in body.items() if v is not None}
    if isinstance(body, list):
        return [drop_nulls(element) for element in body]
    return body


def problem_error(problem: Problem) -> ApiError:
    """Return the error response for the problem of a single item."""
    title, status = problem.as_liferay, http_status_of(problem.code)
    if problem.code == "duplicate-external-reference-code":
        title = _ERC_TAKEN
    if problem.code == _NO_PARENT and problem.field.endswith("ERC"):
        status = 404  # Liferay looks up an ERC; an unknown id is 400
    detail = problem.message if problem.liferay_text else ""
    return ApiError(status, title, detail=detail)


def not_found_error() -> ApiError:
    """Return the error for an unknown path, in JAX-RS's words."""
    return ApiError(404, "HTTP 404 Not Found")


def unknown_id_error(name: str, number: int) -> ApiError:
    """Return the error for an unknown id, as Liferay's finders word it."""
    return ApiError(404, f"No {name} exists with the primary key {number}")


def unknown_key_error(name: str, /, *, detail: str = "", **key: object) -> ApiError:
    """Return the error for an unknown key, as Liferay's finders word it."""
    parts = ", ".join(f"{part}={value}" for part, value in key.items())
    return ApiError(404, f"No {name} exists with the key {{{parts}}}", detail=detail)


def unknown_site_error(key: str, known: Sequence[str]) -> ApiError:
    """Return the error for an unknown site, with the known ones in its detail."""
    detail = f"Known sites: {', '.join(known)}"
    return unknown_key_error("Group", detail=detail, companyId=COMPANY_ID, groupKey=key)


def format_exception(problem: Problem, kind: str = "") -> str:
    """Format a problem as ``toString()`` of Liferay's exception does.

    The message of a failed item is a Java exception's class name and its text. The
    name of the item's kind decides between exceptions with the same text.
    """
    name = (
        _READER_EXCEPTIONS.get(problem.code)
        or exception_name_of(problem, kind)
        or _DEFAULT_EXCEPTION
    )
    return f"{name}: {problem.as_liferay}"
