"""Answers: JSON bodies, pages, and Liferay's Problem body (objects facts, 5.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from ..formats.json_values import to_json
from ..model.outcome import Problem
from ..objects.catalogue import status_of
from ..objects.embedded import COMPANY_ID

_NAMES: Final[Mapping[int, str]] = {
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


class Fault(Exception):
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
            "status": _NAMES.get(self.status, "BAD_REQUEST"),
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


def no_content() -> Response:
    """Answer that it is done, and that there is nothing to show."""
    return Response(status_code=204)


def without_nulls(body: Any) -> Any:
    """Leave out properties that are null, at any depth, as Liferay's writer does."""
    if isinstance(body, dict):
        return {k: without_nulls(v) for k, v in body.items() if v is not None}
    if isinstance(body, list):
        return [without_nulls(each) for each in body]
    return body


def refusal(problem: Problem) -> Fault:
    """Turn what is wrong with an item into the answer to who sent it alone."""
    title, status = problem.as_liferay, status_of(problem.code)
    if problem.code == "duplicate-external-reference-code":
        title = _ERC_TAKEN
    if problem.code == _NO_PARENT and problem.field.endswith("ERC"):
        status = 404  # an entry was looked for by its code; of an id it says 400
    detail = problem.message if problem.liferay_text else ""
    return Fault(status, title, detail=detail)


def not_found() -> Fault:
    """Say that there is nothing at a path, in JAX-RS's words."""
    return Fault(404, "HTTP 404 Not Found")


def no_id(name: str, number: int) -> Fault:
    """Say that nothing has an id, as Liferay's finders do."""
    return Fault(404, f"No {name} exists with the primary key {number}")


def no_key(name: str, *, detail: str = "", **key: object) -> Fault:
    """Say that nothing has a key, as Liferay's finders do."""
    told = ", ".join(f"{part}={value}" for part, value in key.items())
    return Fault(404, f"No {name} exists with the key {{{told}}}", detail=detail)


def no_site(key: str, known: Sequence[str]) -> Fault:
    """Say that there is no site of a key, and which there are."""
    detail = f"Known sites: {', '.join(known)}"
    return no_key("Group", detail=detail, companyId=COMPANY_ID, groupKey=key)
