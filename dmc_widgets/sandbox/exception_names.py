"""The text of a failed item: a Java exception's name and its message."""

from __future__ import annotations

from typing import Final

from ..formats.json_values import CODE as UNREADABLE
from ..model.outcome import Problem
from ..objects.catalogue import exception_of

UNKNOWN_PROPERTY: Final = "unknown-property"

_OF_THE_READER: Final = {
    UNKNOWN_PROPERTY: "java.lang.NoSuchFieldException",
    UNREADABLE: "com.fasterxml.jackson.core.JsonParseException",
}
_ANY: Final = "com.liferay.portal.kernel.exception.PortalException"


def exception_text(problem: Problem) -> str:
    """Write a problem as ``toString()`` of Liferay's exception does."""
    name = _OF_THE_READER.get(problem.code) or exception_of(problem) or _ANY
    return f"{name}: {problem.as_liferay}"
