"""Names of definitions, fields, relationships and properties, and derived names.

Rules and texts are those of Liferay's ObjectDefinitionLocalServiceImpl,
ObjectFieldLocalServiceImpl and ObjectRelationshipLocalServiceImpl.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from ..model.outcome import Problem
from .errors.document_problem_types import NameProblemType
from .languages import to_language_id, to_language_tag

ERC: Final = "externalReferenceCode"
"""The property that identifies a document or an entry across installations."""

ERC_LIMIT: Final = 75
"""The longest external reference code, in characters."""

SCOPE_KEY: Final = "scopeKey"
"""The property of an entry that names its site."""

MAX_NAME: Final = 41  # accepted, although the text says less than

_LETTERS_AND_DIGITS = re.compile(r"[A-Za-z0-9]+")
_NOT_LETTERS_AND_DIGITS = re.compile(r"[^A-Za-z0-9]+")

RESERVED_FIELD_NAMES: Final = frozenset(
    [
        "actions",
        "companyid",
        "createdate",
        "creator",
        "currentdate",
        "datecreated",
        "datemodified",
        "displaydate",
        "expirationdate",
        "externalreferencecode",
        "groupid",
        "id",
        "keywords",
        "lastpublishdate",
        "modifieddate",
        "reviewdate",
        "status",
        "statusbyuserid",
        "statusbyusername",
        "statusdate",
        "taxonomycategoryids",
        "userid",
        "username",
    ]
)

_LOCALES: Final = {
    "ar_SA": "Arabic (Saudi Arabia)",
    "bg_BG": "Bulgarian (Bulgaria)",
    "ca_ES": "Catalan (Spain)",
    "cs_CZ": "Czech (Czechia)",
    "da_DK": "Danish (Denmark)",
    "de_AT": "German (Austria)",
    "de_CH": "German (Switzerland)",
    "de_DE": "German (Germany)",
    "el_GR": "Greek (Greece)",
    "en_AU": "English (Australia)",
    "en_CA": "English (Canada)",
    "en_GB": "English (United Kingdom)",
    "en_US": "English (United States)",
    "es_AR": "Spanish (Argentina)",
    "es_ES": "Spanish (Spain)",
    "es_MX": "Spanish (Mexico)",
    "et_EE": "Estonian (Estonia)",
    "eu_ES": "Basque (Spain)",
    "fa_IR": "Persian (Iran)",
    "fi_FI": "Finnish (Finland)",
    "fr_CA": "French (Canada)",
    "fr_FR": "French (France)",
    "gl_ES": "Galician (Spain)",
    "hi_IN": "Hindi (India)",
    "hr_HR": "Croatian (Croatia)",
    "hu_HU": "Hungarian (Hungary)",
    "in_ID": "Indonesian (Indonesia)",
    "it_IT": "Italian (Italy)",
    "iw_IL": "Hebrew (Israel)",
    "ja_JP": "Japanese (Japan)",
    "kk_KZ": "Kazakh (Kazakhstan)",
    "ko_KR": "Korean (South Korea)",
    "lt_LT": "Lithuanian (Lithuania)",
    "nb_NO": "Norwegian Bokmål (Norway)",
    "nl_BE": "Dutch (Belgium)",
    "nl_NL": "Dutch (Netherlands)",
    "pl_PL": "Polish (Poland)",
    "pt_BR": "Portuguese (Brazil)",
    "pt_PT": "Portuguese (Portugal)",
    "ro_RO": "Romanian (Romania)",
    "ru_RU": "Russian (Russia)",
    "sk_SK": "Slovak (Slovakia)",
    "sl_SI": "Slovenian (Slovenia)",
    "sr_RS": "Serbian (Serbia)",
    "sv_SE": "Swedish (Sweden)",
    "th_TH": "Thai (Thailand)",
    "tr_TR": "Turkish (Türkiye)",
    "uk_UA": "Ukrainian (Ukraine)",
    "vi_VN": "Vietnamese (Vietnam)",
    "zh_CN": "Chinese (China)",
    "zh_TW": "Chinese (Taiwan)",
}


def check_name(name: Any, field: str, *, upper: bool | None) -> Problem | None:
    """Check the form of a name.

    Args:
        name: The name as it came.
        field: The property that holds the name, for the problem.
        upper: True if the first letter must be upper case, False if it must be lower
            case, None if it may be either.
    """
    if name is None or name == "":
        return NameProblemType.NULL.problem(field)
    problem_type = None
    if not is_alphanumeric(name):
        problem_type = NameProblemType.CHARACTERS
    elif upper and not name[0].isupper():
        problem_type = NameProblemType.UPPER_CASE
    elif upper is False and not name[0].islower():
        problem_type = NameProblemType.LOWER_CASE
    elif len(name) > MAX_NAME:
        problem_type = NameProblemType.LONG
    return problem_type and problem_type.problem(field, name, limit=MAX_NAME)


def is_alphanumeric(text: str) -> bool:
    """Return True if *text* consists of letters and digits of the Latin alphabet."""
    return _LETTERS_AND_DIGITS.fullmatch(text) is not None


def is_valid_erc_text(value: object) -> bool:
    """Return True if an installation can be asked for the value as an ERC."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return bool(value)


def locale_name(language_id: str) -> str:
    """Return the English name of a locale as Java does; the id where it is unknown."""
    return _LOCALES.get(language_id.replace("-", "_"), language_id)


def get_translation(labels: Any, language_id: str) -> str:
    """Return the text for one language; keys may be ``en_US`` or ``en-US``."""
    if not isinstance(labels, dict):
        return ""
    text = (
        labels.get(language_id)
        or labels.get(to_language_tag(language_id))
        or labels.get(to_language_id(language_id))
    )
    return text if isinstance(text, str) else ""


def check_label(
    labels: Any, language_id: str, field: str, *, what: str = "Label"
) -> Problem | None:
    """Require a text in the default language."""
    if get_translation(labels, language_id).strip():
        return None
    locale = locale_name(language_id)
    return NameProblemType.LABEL.problem(field, what=what, locale=locale)


_SIBILANTS: Final = ("ch", "s", "sh", "x", "z")


def rest_context_path(short_name: str) -> str:
    """Return the path of a definition's entries in Liferay's REST API.

    The plural is that of Liferay's TextFormatter: abilities, branches, quizes, quests.
    """
    word = short_name.lower()
    if word.endswith("y") and word[-2:-1] not in set("aeiou"):
        plural = f"{word[:-1]}ies"
    elif word.endswith(_SIBILANTS):
        plural = f"{word}es"
    else:
        plural = f"{word}s"
    return f"/o/c/{plural}"


def lowercase_first(name: str) -> str:
    """Return *name* with a lower case first letter."""
    return name[:1].lower() + name[1:]


def primary_key_name(short_name: str) -> str:
    """Return the name of a custom definition's own id: ``c_ticketId``."""
    return f"c_{lowercase_first(short_name)}Id"


def relationship_field_name(relationship: str, parent: str) -> str:
    """Return the name of the child's field: ``r_campaignRel_c_campaignId``."""
    return f"r_{relationship}_{primary_key_name(parent)}"


def erc_field_name(field_name: str) -> str:
    """Return the property for the parent's ERC: ``…ERC`` for ``…Id``."""
    return f"{field_name.removesuffix('Id')}ERC"


def relationship_name(field_name: str) -> str:
    """Return the name of the relationship within a Relationship field's name."""
    parts = field_name.split("_")
    return parts[1] if len(parts) > 2 and parts[0] == "r" else field_name


def guess_parent_name(field_name: str) -> str:
    """Guess the parent's short name from a Relationship field's name."""
    _, marker, key = field_name.partition("_c_")
    return key[:1].upper() + key[1:].removesuffix("Id") if marker else ""


def derive_name(text: str, is_taken: Callable[[str], bool]) -> str:
    """Derive a valid name for a definition from any text, different from taken ones."""
    letters = _NOT_LETTERS_AND_DIGITS.sub("", text)
    if not letters[:1].isalpha():
        letters = f"Object{letters}"
    name = (letters[:1].upper() + letters[1:])[:MAX_NAME]
    number = 1
    while is_taken(name):
        number += 1
        name = f"{letters[:1].upper()}{letters[1:]}"[: MAX_NAME - len(str(number))]
        name = f"{name}{number}"
    return name
