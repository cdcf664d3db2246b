"""EmailAddress and PhoneNumber fields, which the newest versions of Liferay have.

What Liferay accepts as a phone number is not documented, so only texts that cannot be
one are refused. Blocked domains may be a list, or a text with commas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ...model.outcome import Problem
from ..errors.entry_problem_types import EntryProblemType

EMAIL_LIMIT: Final = 254

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@({_LABEL}(?:\.{_LABEL})*)")
_PHONE: Final = re.compile(r"\+?[0-9 ()./-]+(?:(?:x|ext\.?) ?[0-9]+)?", re.IGNORECASE)
_LEAST_DIGITS: Final = 3

TextCheck = Callable[[Any], str | Problem]
Check = Callable[[Any], str | Problem | None]


def build_email_check(name: str, settings: Mapping[str, Any], text: TextCheck) -> Check:
    """Build the check of an email address.

    Args:
        name: The name of the field.
        settings: The settings of the field: ``blockedDomains``.
        text: The check of the text, with its limit.
    """
    blocked = _domains(settings.get("blockedDomains"))

    def check(value: Any) -> str | Problem | None:
        checked = text(value)
        if isinstance(checked, Problem):
            return checked
        address = checked.strip()
        if not address:
            return None
        match = _EMAIL.fullmatch(address)
        if match is None:
            return EntryProblemType.EMAIL_ADDRESS.problem(name, address, value=address)
        if match[1].lower() in blocked:
            return EntryProblemType.EMAIL_DOMAIN.problem(name, address, value=address)
        return address

    return check


def build_phone_check(name: str, text: TextCheck) -> Check:
    """Build the check of a phone number, which is stored as it came."""

    def check(value: Any) -> str | Problem | None:
        checked = text(value)
        if isinstance(checked, Problem):
            return checked
        number = checked.strip()
        if not number:
            return None
        digits = sum(character.isdecimal() for character in number)
        if digits < _LEAST_DIGITS or _PHONE.fullmatch(number) is None:
            return EntryProblemType.PHONE_NUMBER.problem(name, number, value=number)
        return number

    return check


def _domains(stated: Any) -> frozenset[str]:
    parts = stated.split(",") if isinstance(stated, str) else stated
    if not isinstance(parts, list):
        return frozenset()
    return frozenset(str(part).strip().lower().lstrip("@") for part in parts)
