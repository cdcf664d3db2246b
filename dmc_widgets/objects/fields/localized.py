"""Localized fields of entries: one value for each language.

Liferay accepts a plain value (``title``) or a map of values by language
(``title_i18n``), and gives both out. The plain value is that of the definition's
default language. Where an item has both, the map counts for the languages that it
names, and the plain value fills the default language if the map leaves it out, because
an export holds both and the map holds more.

The whole map is stored under ``title_i18n``, and the value of the default language also
under ``title``, so that required, unique and default values are checked as those of any
other field. Refusing a map without the default language was rejected, because
definitions may change that language.

Only the field's own ``localized`` counts: ``enableLocalization`` of the definition is
read-only in newer versions, and files leave it out. See docs/liferay/objects.md,
Values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ...model.outcome import Problem
from ..errors.entry_problem_types import EntryProblemType
from ..errors.entry_problems import invalid_value
from ..replacement_tokens import explain_language_token
from .relationship import ABSENT

DEFAULT_LANGUAGE: Final = "en_US"
"""The default language of definitions that state none."""

_LANGUAGE: Final = re.compile(
    r"[a-z]{2,3}(?:_[A-Z][a-z]{3})?(?:_(?:[A-Z]{2}|[0-9]{3}))?(?:_[A-Za-z0-9]{4,8})?"
)


def i18n_name(name: str) -> str:
    """Return the name of the map with a localized field's values by language."""
    return f"{name}_i18n"


def normalize_language_id(text: Any) -> str:
    """Write a language as Liferay stores it; empty for a text that is not a language.

    ``en-US`` is accepted for ``en_US``, because picklists in files use it.
    """
    if not isinstance(text, str):
        return ""
    written = text.replace("-", "_")
    return written if _LANGUAGE.fullmatch(written) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalizedField:
    """A localized field of a definition.

    Attributes:
        name: The name in items.
        language: The default language of the definition, such as ``en_US``.
        check: The check of the value of one language.
    """

    name: str
    language: str
    check: Callable[[Any], Any]

    @property
    def map_name(self) -> str:
        """The name of the map, in items and in stored values."""
        return i18n_name(self.name)

    def read(self, item: Mapping[str, Any]) -> Any:
        """Read the values of the field in an item.

        Returns:
            :data:`~.relationship.ABSENT`; None for no value in any language; the
            values by language, with None for a language that loses its value; or a
            :class:`Problem`.
        """
        given = _parse_map(item.get(self.map_name))
        values = {} if given is None else self._check_map(given)
        if isinstance(values, Problem):
            return values
        if self.name in item and self.language not in values:
            value = item[self.name]
            value = None if value is None else self.check(value)
            if isinstance(value, Problem):
                return value
            if value is not None or self.map_name not in item or given is not None:
                return {**values, self.language: value}
        if given is not None:
            return values
        return None if self.map_name in item else ABSENT

    def is_contradicted(self, item: Mapping[str, Any]) -> bool:
        """Return True if an item's plain text differs from all its translations.

        The translations count then, so an edit of the plain text alone is lost.
        """
        return has_contradiction(item, self.name, self.language)

    def values_in(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a stored entry by language.

        An entry that is older than the localization has the plain value alone.
        """
        values: dict[str, Any] = stored.get(self.map_name) or {}
        if not values and stored.get(self.name) is not None:
            return {self.language: stored[self.name]}
        return values

    def join(self, values: dict[str, Any], before: Mapping[str, Any]) -> None:
        """Add the stored languages that an item leaves out."""
        given = values.get(self.map_name)
        if given is not None:
            values[self.map_name] = {**self.values_in(before), **given}

    def settle(self, values: dict[str, Any]) -> None:
        """Keep languages that have a value, and the default under the plain name."""
        named = self.values_in(values)
        by_language = {
            language: named[language]
            for language in named
            if named[language] is not None
        }
        for name, value in (
            (self.map_name, by_language or None),
            (self.name, by_language.get(self.language)),
        ):
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value

    def _check_map(self, given: Any) -> dict[str, Any] | Problem:
        if not isinstance(given, dict):
            return invalid_value(self.map_name, given)
        values: dict[str, Any] = {}
        for key, value in given.items():
            language = normalize_language_id(key)
            if not language:
                return invalid_language(self.map_name, key)
            if language in values:
                return EntryProblemType.REPEATED_LANGUAGE.problem(
                    self.map_name, language, language=language
                )
            checked = None if value is None else self.check(value)
            if isinstance(checked, Problem):
                message = f'{checked.message} in the language "{language}"'
                return replace(checked, message=message, field=self.map_name)
            values[language] = checked
        return values


def has_contradiction(item: Mapping[str, Any], name: str, language: str) -> bool:
    """Return True if a plain text differs from all translations of the same item.

    An export in another language than the default one has the text of that language.
    Without a translation in the default language, the plain text is that translation.

    Args:
        item: The item as it came.
        name: The name of the localized field.
        language: The default language.
    """
    text, values = item.get(name), item.get(i18n_name(name))
    if not text or not isinstance(text, str) or not isinstance(values, dict):
        return False
    has_default = language in values or language.replace("_", "-") in values
    return has_default and text not in values.values()


def _parse_map(given: Any) -> Any:
    """Parse a map that is JSON in a text, as in CSV."""
    if not isinstance(given, str):
        return given
    if not given.strip():
        return None
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return given


def invalid_language(field: str, key: Any) -> Problem:
    """Report a key of translations that is not a language."""
    cause = explain_language_token(key)
    return EntryProblemType.INVALID_LANGUAGE.problem(
        field, key, cause=cause, language=key
    )
