"""The text of a failed item: a Java exception's name and its message."""

from __future__ import annotations

from ..model.outcome import Problem

_OBJECT = "com.liferay.object.exception."
_PLAIN = {
    "duplicate-external-reference-code": (
        f"{_OBJECT}DuplicateObjectEntryExternalReferenceCodeException"
    ),
    "no-such-object-entry": f"{_OBJECT}NoSuchObjectEntryException",
    "object-entry-scope": f"{_OBJECT}ObjectEntryScopeException",
    "object-entry-status": f"{_OBJECT}ObjectEntryStatusException",
    "invalid-field": "java.lang.NoSuchFieldException",
    "unreadable-record": "com.fasterxml.jackson.core.JsonParseException",
}


def exception_text(problem: Problem) -> str:
    """Write a problem as ``toString()`` of Liferay's exception does."""
    name = _PLAIN.get(problem.code)
    if name is None:
        leaf = "".join(part.capitalize() for part in problem.code.split("-"))
        name = f"{_OBJECT}ObjectEntryValuesException${leaf}"
    return f"{name}: {problem.message}"
