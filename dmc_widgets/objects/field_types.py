"""What each business type of an object field takes, keeps and gives out.

A definition's field is compiled once into a *check*: a function from the value in
an item to the value that is kept, or to a :class:`Problem`. ``None`` is kept for
"no value", and a check is never handed ``None``. A problem is returned, not raised,
because checks run once a value.

Kept values are plain JSON: texts, numbers, booleans, lists of keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..model.large_text import HELD_BYTES, LargeText
from ..model.outcome import Problem
from .attachment_types import ATTACHMENT, AttachmentRules
from .choice_types import Choices, multiselect_check, picklist_check
from .contact_types import EMAIL_LIMIT, email_check, phone_check
from .date_types import date_check, date_time_check
from .entry_faults import exceeds_text_max_length, invalid_value, quote_value
from .kept_values import kept_check
from .names import text_in
from .number_types import (
    decimal_check,
    integer_check,
    long_check,
    precision_decimal_check,
)
from .numberings import numbering_check
from .scalar_text import scalar_text
from .secrets import Secret
from .state_flows import Flow, state_flow

Check = Callable[[Any], Any]

_TEXT_LIMIT: Final = 280
_SECRET_LIMIT: Final = 280
_LONG_TEXT_LIMIT: Final = 65_000
_TYPES_BY_COLUMN: Final = {
    "BigDecimal": "PrecisionDecimal",
    "Clob": "LongText",
    "Double": "Decimal",
    "Long": "LongInteger",
    "String": "Text",
}
ENCRYPTED: Final = "Encrypted"
COMPUTED: Final = frozenset({"Aggregation", "Formula"})
"""Types whose values Liferay computes; what an item holds for them is ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRules:
    """An object field as its definition states it.

    Attributes:
        name: As in items; of a relationship the ``r_…Id``.
        type: Its business type.
        label: For people, in the definition's default language; may be empty.
        required: An entry needs a value; a Boolean needs true.
        settings: ``objectFieldSettings`` by name.
        picklist: The entries it may hold; empty for other types.
        default: ``defaultValue`` of the field itself, for states.
        flow: The states that may follow each state; None where all may.
        localized: It has a value a language.
        read_only: It takes no value but the one that it has. A condition for that
            (``conditional``) is Liferay's to evaluate.
    """

    name: str
    type: str
    label: str = ""
    required: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    picklist: Choices = field(default_factory=Choices)
    default: Any = None
    flow: Flow | None = None
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
            body: One of ``objectFields``.
            picklists: The entries of each picklist by its ERC, or no more than their
                names by key.
            language: The definition's default language.
        """
        listed = body.get("objectFieldSettings") or ()
        settings = {each.get("name"): each.get("value") for each in listed}
        is_state = is_true(body.get("state"))
        erc = body.get("listTypeDefinitionExternalReferenceCode")
        stated = picklists.get(erc or "", {})
        return cls(
            name=body["name"],
            type=business_type(body),
            label=text_in(body.get("label"), language),
            required=is_true(body.get("required")),
            settings=settings,
            picklist=Choices.of(stated),
            default=body.get("defaultValue") if is_state else None,
            flow=state_flow(settings.get("stateFlow")) if is_state else None,
            localized=is_true(body.get("localized")),
            read_only=is_true(body.get("readOnly")),
        )

    @property
    def unique(self) -> bool:
        """No two entries of a definition and scope may share a value.

        Liferay has no such setting for Encrypted fields: an index would tell.
        """
        if self.type == ENCRYPTED:
            return False
        return self.type == "AutoIncrement" or is_true(
            self.settings.get("uniqueValues")
        )

    @property
    def default_value(self) -> Any:
        """What a new entry holds where its item says nothing; None for nothing.

        Expressions (``expressionBuilder``) are Liferay's to evaluate.
        """
        kind = self.settings.get("defaultValueType", "inputAsValue")
        stated = self.settings.get("defaultValue")
        if stated is not None and kind == "inputAsValue":
            return stated
        return self.default


def business_type(body: Mapping[str, Any]) -> str:
    """Name the field's business type, derived from DBType where it is not stated."""
    stated = body.get("businessType")
    if stated:
        return str(stated)
    column = str(body.get("DBType") or body.get("type") or "String")
    return _TYPES_BY_COLUMN.get(column, column)


def is_true(value: Any) -> bool:
    """Read a boolean that some files hold as a text."""
    return value is True or value == "true"


def check_for(rules: FieldRules) -> Check:
    """Compile the field's check. Types without rules keep what comes."""
    build = _CHECKS.get(rules.type)
    return build(rules) if build else kept_check(rules.name)


def text_check(name: str, limit: int | None) -> Check:
    """Build the check of a text. *limit* counts as Java does, in UTF-16 units.

    Numbers and booleans are taken by their text; see :mod:`.scalar_text`.
    """
    # A unit of UTF-16 is three bytes of UTF-8 at most.
    most = HELD_BYTES if limit is None else min(3 * limit, HELD_BYTES)

    def check(value: Any) -> str | Problem:
        if type(value) is str:
            if value.isascii():
                if limit is None or len(value) <= limit:
                    return value
                return exceeds_text_max_length(name, limit, value)
            return beyond_ascii(value)
        if isinstance(value, LargeText) and value.size > most:
            return exceeds_text_max_length(name, limit or HELD_BYTES, value)
        text = value.whole() if isinstance(value, LargeText) else scalar_text(value)
        return _no_text(name, value) if text is None else check(text)

    def beyond_ascii(value: str) -> str | Problem:
        try:
            length = len(value.encode("utf-16-le")) // 2
        except UnicodeEncodeError:  # half of a surrogate pair: no text at all
            return invalid_value(name, value)
        if limit is None or length <= limit:
            return value
        return exceeds_text_max_length(name, limit, value)

    return check


def _no_text(name: str, value: Any) -> Problem:
    return invalid_value(name, value, f'The field "{name}" takes a text.')


def secret_check(name: str) -> Check:
    """Build the check of a text to be encrypted; an empty one is no value.

    Liferay keeps no blank value there, so blanks alone are refused, lest they empty
    what is stored. A problem does not quote the value, since reports show problems.
    """
    take = text_check(name, _SECRET_LIMIT)

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


def boolean_check(name: str) -> Check:
    """Build the check of a boolean: true, false, or these words as text."""
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


def _text_limit(rules: FieldRules, limit: int) -> int:
    stated = str(rules.settings.get("maxLength") or "")
    if is_true(rules.settings.get("showCounter")) and stated.isdecimal():
        return int(stated)
    return limit


_CHECKS: Final[dict[str, Callable[[FieldRules], Check]]] = {
    "AutoIncrement": lambda rules: numbering_check(rules.name, rules.settings),
    ENCRYPTED: lambda rules: secret_check(rules.name),
    ATTACHMENT: lambda rules: AttachmentRules.of(rules.name, rules.settings).check,
    "Text": lambda rules: text_check(rules.name, _text_limit(rules, _TEXT_LIMIT)),
    "LongText": lambda rules: text_check(
        rules.name, _text_limit(rules, _LONG_TEXT_LIMIT)
    ),
    "EmailAddress": lambda rules: email_check(
        rules.name, rules.settings, text_check(rules.name, EMAIL_LIMIT)
    ),
    "PhoneNumber": lambda rules: phone_check(
        rules.name, text_check(rules.name, _TEXT_LIMIT)
    ),
    "RichText": lambda rules: text_check(rules.name, None),
    "Integer": lambda rules: integer_check(rules.name),
    "LongInteger": lambda rules: long_check(rules.name),
    "Decimal": lambda rules: decimal_check(rules.name),
    "PrecisionDecimal": lambda rules: precision_decimal_check(rules.name),
    "Boolean": lambda rules: boolean_check(rules.name),
    "Date": lambda rules: date_check(rules.name),
    "DateTime": lambda rules: date_time_check(
        rules.name, as_entered=rules.settings.get("timeStorage") == "useInputAsEntered"
    ),
    "Picklist": lambda rules: picklist_check(rules.name, rules.picklist),
    "MultiselectPicklist": lambda rules: multiselect_check(rules.name, rules.picklist),
}
