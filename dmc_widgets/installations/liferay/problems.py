"""Why a server refused an item: its exception and text as one of our problems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ...model.outcome import Problem
from ...objects import catalogue
from ...objects.entry_faults import ERC, json_text
from .faults import Answer

_CLASS: Final = re.compile(r"(?:[a-z]\w*\.)+[A-Z]\w*(?:\$\w+)*")
_FIELD: Final = (
    re.compile(r'object field (?:name )?"(?P<name>[^"]+)"', re.IGNORECASE),
    re.compile(r"The value for (?P<name>\w+) does not exist"),
    re.compile(r"violation for \w+\.(?P<name>\w+?)_? with value"),
)
_OF_THE_CODE: Final = frozenset(
    ["duplicate-external-reference-code", "no-such-object-entry"]
)
_UNTOLD: Final = "The server refused the record and gave no reason."


def problem_of(text: str, item: Mapping[str, Any], type_: str = "") -> Problem:
    """Turn what a server says of an item into a problem; its words stay.

    Args:
        text: Of the failure, often with an exception's name before it.
        item: What was sent.
        type_: The exception's name, where it is stated apart.
    """
    name, message = _parted(text.strip())
    name = name or type_
    known = catalogue.problem_of(message)
    code = catalogue.code_of_exception(name) or (known.code if known else "refused")
    field = (known.field if known else "") or _field(message)
    if not field and code in _OF_THE_CODE:
        field = ERC
    value = json_text(item[field]) if field in item else None
    return Problem(code, message or name or _UNTOLD, field, value)


def problem_in(answer: Answer, item: Mapping[str, Any]) -> Problem:
    """Turn the answer to an item that was sent alone into a problem."""
    title, type_ = answer.problem()
    untold = f"The server refused the record (HTTP {answer.status})."
    return problem_of(title or untold, item, type_)


def _parted(text: str) -> tuple[str, str]:
    """Part the name of an exception from its message."""
    name, separator, message = text.partition(":")
    if _CLASS.fullmatch(name) is None:
        return "", text
    return name, message.strip() if separator else ""


def _field(message: str) -> str:
    for pattern in _FIELD:
        found = pattern.search(message)
        if found:
            return found["name"]
    return ""
