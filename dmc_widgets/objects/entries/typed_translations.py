"""The localized fields of typed entries: read and joined by column.

An entry stores the map of its translations, and the one of the default language apart.
The ordinary item has both, or only one of them, with a text for each language; that is
settled for a column at once. All others are read one by one, by the rule of the field
itself; see :mod:`~..fields.localized`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from operator import attrgetter, ne
from typing import Any, Final

from msgspec import UNSET

from ...model.alike_changes import ReplacedValues
from ...model.outcome import Problem
from ..fields.localized import LocalizedField, normalize_language_id
from ..fields.relationship import ABSENT

_NOTHING: Final = frozenset({None, UNSET})


class TypedTranslations:
    """A localized field, as two attributes of typed entries.

    Attributes:
        name: The name of the field.
        map_name: The name under which entries store the map.

    Args:
        field: The field.
        attribute: The attribute that holds the value of the default language.
        map_attribute: The attribute that holds the values by language.
    """

    def __init__(
        self, field: LocalizedField, attribute: str, map_attribute: str
    ) -> None:
        self._field = field
        self.name, self.map_name = field.name, field.map_name
        self._attribute, self._map_attribute = attribute, map_attribute
        self._get, self._get_map = attrgetter(attribute), attrgetter(map_attribute)

    def settle(self, entries: Sequence[Any]) -> bool:
        """Replace what items say by their translations.

        A language that loses its value has None.

        Returns:
            False if a value is out of the ordinary.
        """
        plain = list(map(self._get, entries))
        maps = list(map(self._get_map, entries))
        if maps.count(UNSET) == len(maps):
            if plain.count(UNSET) == len(plain):
                return True
            if None not in plain and UNSET not in plain:
                language = self._field.language
                self._put_maps(entries, [{language: text} for text in plain])
                return True
        elif set(map(type, maps)) == {dict}:
            defaults = [values.get(self._field.language) for values in maps]
            if None not in defaults and _are_usual(maps):
                return self._settle_maps(entries, plain, maps, defaults)
        rows = zip(entries, plain, maps, strict=True)
        return all(self._settle_one(*row) for row in rows)

    def _settle_maps(
        self,
        entries: Sequence[Any],
        plain: list[Any],
        maps: Sequence[dict[str, Any]],
        defaults: list[Any],
    ) -> bool:
        if plain == defaults:
            return True
        rows = zip(entries, plain, maps, defaults, strict=True)
        for entry, text, values, default in rows:
            if text and text not in values.values():
                return False  # worth a note
            setattr(entry, self._attribute, default)
        return True

    def _settle_one(self, entry: Any, plain: Any, given: Any) -> bool:
        field = self._field
        stated = ((field.name, plain), (field.map_name, given))
        item = {name: value for name, value in stated if value is not UNSET}
        values = field.read(item)
        if isinstance(values, Problem) or field.is_contradicted(item):
            return False
        if values is ABSENT:
            return True
        setattr(entry, self._map_attribute, values)
        text = None if values is None else values.get(field.language)
        setattr(entry, self._attribute, text)
        return True

    def join(self, entries: Sequence[Any], stored: Sequence[Any]) -> None:
        """Add the stored languages that items leave out."""
        maps = list(map(self._get_map, entries))
        for entry, given, before in zip(entries, maps, stored, strict=True):
            if given is not UNSET and given is not None:
                setattr(entry, self._map_attribute, {**self._stored(before), **given})

    def finish(self, entries: Sequence[Any]) -> None:
        """Keep languages that have a value, and the default in its own attribute."""
        maps = list(map(self._get_map, entries))
        plain = list(map(self._get, entries))
        language = self._field.language
        if set(map(type, maps)) == {dict} and all(maps) and _have_texts(maps):
            defaults = [values.get(language, UNSET) for values in maps]
            if defaults == plain:
                return
        for entry, given, text in zip(entries, maps, plain, strict=True):
            if given is UNSET or given is None:
                values = {} if text is UNSET or text is None else {language: text}
                if values:
                    setattr(entry, self._map_attribute, values)
                continue
            values = given
            if None in given.values():
                values = {key: each for key, each in given.items() if each is not None}
            if values is not given or not values:
                setattr(entry, self._map_attribute, values or UNSET)
            default = values.get(language, UNSET)
            if default is not text:
                setattr(entry, self._attribute, default)

    def list_replaced(self, replaced: ReplacedValues) -> list[ReplacedValues] | None:
        """Return the values of each language that differ, in place of whole maps.

        Returns:
            None if not all entries get another value in the same languages.
        """
        name, *columns = replaced
        if set(map(type, chain(*columns))) != {dict}:
            return None
        parts = []
        for language in sorted(set(chain.from_iterable(chain(*columns)))):
            old, new = ([x.get(language) for x in column] for column in columns)
            if old == new:
                continue
            if not (all(old) and all(new) and all(map(ne, old, new))):
                return None
            parts.append(ReplacedValues(f"{name}.{language}", old, new))
        return parts

    def _stored(self, before: Any) -> dict[str, Any]:
        """Return the translations of a stored entry; older ones have a text only."""
        values: Any = self._get_map(before)
        if values:
            return dict(values)
        text = self._get(before)
        return {} if text is UNSET or text is None else {self._field.language: text}

    def _put_maps(self, entries: Sequence[Any], maps: Sequence[dict[str, Any]]) -> None:
        for entry, values in zip(entries, maps, strict=True):
            setattr(entry, self._map_attribute, values)


def _are_usual(maps: Sequence[dict[str, Any]]) -> bool:
    """Return True if all have texts only, by languages as they are stored."""
    languages = set(chain.from_iterable(maps))
    return _have_texts(maps) and all(
        normalize_language_id(key) == key for key in languages
    )


def _have_texts(maps: Sequence[dict[str, Any]]) -> bool:
    return None not in chain.from_iterable(map(dict.values, maps))
