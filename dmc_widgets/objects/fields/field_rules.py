"""Field rules: what each business type of an object field accepts and stores.

A field of a definition is compiled once into a *check*: a function from the value in an
item to the stored value, or to a :class:`Problem`. ``None`` is stored for "no value",
and a check is never called with ``None``. A problem is returned instead of raised,
because checks run once for each value.

Stored values are plain JSON: texts, numbers, booleans, lists of keys. Values of types
whose rules are unknown are stored as they came.

The newest versions of Liferay have EmailAddress and PhoneNumber fields. What Liferay
accepts as a phone number is not documented, so only texts that cannot be one are
refused. Blocked domains may be a list, or a text with commas.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from ...model.outcome import Problem
from ...model.record import MAX_LOADED_BYTES, LargeText
from ..errors.entry_problem_types import EntryProblemType
from ..errors.entry_problems import invalid_value
from ..names import get_translation
from ..text import format_scalar, quote_value
from .attachment import ATTACHMENT, AttachmentRules
from .auto_increment import build_auto_increment_check
from .date import build_date_check, build_date_time_check
from .encrypted import Secret
from .number import (
    build_decimal_check,
    build_integer_check,
    build_long_check,
    build_precision_decimal_check,
)
from .picklist import (
    Choices,
    StateFlow,
    build_multiselect_check,
    build_picklist_check,
    parse_state_flow,
)

EMAIL_LIMIT: Final = 254

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@({_LABEL}(?:\.{_LABEL})*)")
_PHONE: Final = re.compile(r"\+?[0-9 ()./-]+(?:(?:x|ext\.?) ?[0-9]+)?", re.IGNORECASE)
_LEAST_DIGITS: Final = 3

TextCheck = Callable[[Any], str | Problem]


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


_DEPTH: Final = 100
"""Deeper nesting is refused, because it could exhaust the stack of a reader."""


class _NotJson(ValueError):
    """A value that JSON cannot represent."""


def build_json_check(name: str) -> Callable[[Any], Any]:
    """Build the check of any JSON value."""

    def check(value: Any) -> Any:
        try:
            return _copy_json(value, _DEPTH)
        except _NotJson:
            return invalid_value(name, value)

    return check


def _copy_json(value: Any, depth: int) -> Any:
    if depth == 0:
        raise _NotJson
    if isinstance(value, dict):
        return {_require_text(k): _copy_json(v, depth - 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_copy_json(element, depth - 1) for element in value]
    return _copy_scalar(value)


def _copy_scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _require_text(value)
    if isinstance(value, LargeText) and value.size <= MAX_LOADED_BYTES:
        return value.whole()
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, (float, Decimal)) and math.isfinite(value):
        return float(value)
    raise _NotJson


def _require_text(value: Any) -> str:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _NotJson from None
        return value
    raise _NotJson


Check = Callable[[Any], Any]

_TEXT_LIMIT: Final = 280
_SECRET_LIMIT: Final = 280
_TEXT_LIMITS: Final = {"Text": _TEXT_LIMIT, "LongText": 65_000, "RichText": None}
_TYPES_BY_COLUMN: Final = {
    "BigDecimal": "PrecisionDecimal",
    "Clob": "LongText",
    "Double": "Decimal",
    "Long": "LongInteger",
    "String": "Text",
}
ENCRYPTED: Final = "Encrypted"
COMPUTED: Final = frozenset({"Aggregation", "Formula"})
"""Types whose values Liferay computes; values in items are ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRules:
    """An object field as its definition states it.

    Attributes:
        name: The name in items; for a relationship ``r_…Id``.
        type: The business type.
        label: The label in the definition's default language; may be empty.
        required: True if an entry needs a value; a Boolean needs true.
        settings: The ``objectFieldSettings`` by name.
        picklist: The entries that the field may hold; empty for other types.
        picklist_code: The external reference code of the picklist; empty for none.
        default: The ``defaultValue`` of the field itself, for states.
        flow: The states that may follow each state; None where all may.
        localized: True if the field has one value for each language.
        read_only: True if the field accepts only the value that it has. Only Liferay
            evaluates a condition (``conditional``).
    """

    name: str
    type: str
    label: str = ""
    required: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    picklist: Choices = field(default_factory=Choices)
    picklist_code: str = ""
    default: Any = None
    flow: StateFlow | None = None
    localized: bool = False
    read_only: bool = False

    @classmethod
    def of(
        cls,
        body: Mapping[str, Any],
        picklists: Mapping[str, Mapping[str, str]],
        language: str = "en_US",
    ) -> FieldRules:
        """Read a field of a definition.

        Args:
            body: An element of ``objectFields``.
            picklists: The entries of each picklist by its ERC, or only their names
                by key.
            language: The default language of the definition.
        """
        listed = body.get("objectFieldSettings") or ()
        settings = {setting.get("name"): setting.get("value") for setting in listed}
        is_state = is_true(body.get("state"))
        erc = body.get("listTypeDefinitionExternalReferenceCode")
        stated = picklists.get(erc or "", {})
        return cls(
            name=body["name"],
            type=business_type_of(body),
            label=get_translation(body.get("label"), language),
            required=is_true(body.get("required")),
            settings=settings,
            picklist=Choices.of(stated),
            picklist_code=erc or "",
            default=body.get("defaultValue") if is_state else None,
            flow=parse_state_flow(settings.get("stateFlow")) if is_state else None,
            localized=is_true(body.get("localized")),
            read_only=is_true(body.get("readOnly")),
        )

    @property
    def unique(self) -> bool:
        """True if no two entries of a definition and scope may share a value.

        Never for Encrypted fields, as in Liferay: an index would reveal equal values.
        """
        if self.type == ENCRYPTED:
            return False
        return self.type == "AutoIncrement" or is_true(
            self.settings.get("uniqueValues")
        )

    @property
    def default_value(self) -> Any:
        """The value of a new entry whose item has none; None for no value.

        Only Liferay evaluates expressions (``expressionBuilder``).
        """
        kind = self.settings.get("defaultValueType", "inputAsValue")
        stated = self.settings.get("defaultValue")
        if stated is not None and kind == "inputAsValue":
            return stated
        return self.default


def business_type_of(body: Mapping[str, Any]) -> str:
    """Return the field's business type, derived from DBType where it is not stated."""
    stated = body.get("businessType")
    if stated:
        return str(stated)
    column = str(body.get("DBType") or body.get("type") or "String")
    return _TYPES_BY_COLUMN.get(column, column)


def is_true(value: Any) -> bool:
    """Return True for true, which some files hold as a text."""
    return value is True or value == "true"


def compile_check(rules: FieldRules) -> Check:
    """Compile the field's check. Types without rules accept any JSON."""
    build = _CHECKS.get(rules.type)
    return build(rules) if build else build_json_check(rules.name)


def build_text_check(name: str, limit: int | None) -> Check:
    """Build the check of a text. *limit* counts UTF-16 units, as Java does.

    Numbers and booleans are converted to texts; see :mod:`~dmc_widgets.objects.text`.
    """
    # A unit of UTF-16 is three bytes of UTF-8 at most.
    max_bytes = MAX_LOADED_BYTES if limit is None else min(3 * limit, MAX_LOADED_BYTES)

    def check(value: Any) -> str | Problem:
        if type(value) is str:
            if value.isascii():
                if limit is None or len(value) <= limit:
                    return value
                return EntryProblemType.TEXT_MAX_LENGTH.problem(
                    name, value, limit=limit
                )
            return beyond_ascii(value)
        if isinstance(value, LargeText) and value.size > max_bytes:
            return EntryProblemType.TEXT_MAX_LENGTH.problem(
                name, value, limit=limit or MAX_LOADED_BYTES
            )
        text = value.whole() if isinstance(value, LargeText) else format_scalar(value)
        return _no_text(name, value) if text is None else check(text)

    def beyond_ascii(value: str) -> str | Problem:
        try:
            length = len(value.encode("utf-16-le")) // 2
        except UnicodeEncodeError:  # half of a surrogate pair: not a text
            return invalid_value(name, value)
        if limit is None or length <= limit:
            return value
        return EntryProblemType.TEXT_MAX_LENGTH.problem(name, value, limit=limit)

    return check


def _no_text(name: str, value: Any) -> Problem:
    return invalid_value(name, value, f'The field "{name}" takes a text.')


def build_secret_check(name: str) -> Check:
    """Build the check of a text to be encrypted; an empty text counts as absent.

    Liferay stores no blank value there, so blanks alone are refused: they would clear
    the stored value. A problem does not quote the value, because reports show it.
    """
    take = build_text_check(name, _SECRET_LIMIT)

    def check(value: Any) -> Secret | Problem | None:
        text = take(value)
        if isinstance(text, Problem):
            return replace(text, value=None)
        if text and not text.strip():
            cause = (
                f'The value of the field "{name}" consists of blanks, which cannot be '
                "encrypted. Leave it empty to store no value."
            )
            return replace(invalid_value(name, "", cause), value=None)
        return Secret(text) if text else None

    return check


def build_boolean_check(name: str) -> Check:
    """Build the check of a boolean: true, false, or one of these words as a text."""
    words = {"true": True, "false": False, "": None}

    def check(value: Any) -> bool | Problem | None:
        if value is True or value is False:
            return value
        if isinstance(value, str):
            word = value.strip().lower()
            if word in words:
                return words[word]
        cause = (
            f'{quote_value(value)} in the field "{name}" is neither true nor false. '
            "If the file writes them otherwise, say so in the mapping."
        )
        return invalid_value(name, value, cause)

    return check


def text_limit(rules: FieldRules) -> int | None:
    """Return how many UTF-16 units a Text, LongText or RichText field takes.

    None is for any number.
    """
    limit = _TEXT_LIMITS[rules.type]
    stated = str(rules.settings.get("maxLength") or "")
    is_stated = is_true(rules.settings.get("showCounter")) and stated.isdecimal()
    return int(stated) if is_stated and limit is not None else limit


def stores_entered_time(rules: FieldRules) -> bool:
    """Return True if a DateTime field stores the clock time as it was entered."""
    return bool(rules.settings.get("timeStorage") == "useInputAsEntered")


def _text_check(rules: FieldRules) -> Check:
    return build_text_check(rules.name, text_limit(rules))


_CHECKS: Final[dict[str, Callable[[FieldRules], Check]]] = {
    "AutoIncrement": lambda rules: build_auto_increment_check(
        rules.name, rules.settings
    ),
    ENCRYPTED: lambda rules: build_secret_check(rules.name),
    ATTACHMENT: lambda rules: AttachmentRules.of(rules.name, rules.settings).check,
    "Text": _text_check,
    "LongText": _text_check,
    "EmailAddress": lambda rules: build_email_check(
        rules.name, rules.settings, build_text_check(rules.name, EMAIL_LIMIT)
    ),
    "PhoneNumber": lambda rules: build_phone_check(
        rules.name, build_text_check(rules.name, _TEXT_LIMIT)
    ),
    "RichText": _text_check,
    "Integer": lambda rules: build_integer_check(rules.name),
    "LongInteger": lambda rules: build_long_check(rules.name),
    "Decimal": lambda rules: build_decimal_check(rules.name),
    "PrecisionDecimal": lambda rules: build_precision_decimal_check(rules.name),
    "Boolean": lambda rules: build_boolean_check(rules.name),
    "Date": lambda rules: build_date_check(rules.name),
    "DateTime": lambda rules: build_date_time_check(
        rules.name, as_entered=stores_entered_time(rules)
    ),
    "Picklist": lambda rules: build_picklist_check(rules.name, rules.picklist),
    "MultiselectPicklist": lambda rules: build_multiselect_check(
        rules.name, rules.picklist
    ),
}
