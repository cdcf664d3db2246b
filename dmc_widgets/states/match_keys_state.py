"""The choice of the fields that identify entries, in place of their codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

from traitlets import Dict, HasTraits, Tuple, Unicode, observe

from ..center.mapping_editing import match_field_choices
from ..languages import gettext as _
from ..model.entity_type import EntityType, object_short_name


class MatchKeysState(HasTraits):
    """The fields that identify entries, chosen for one entity type after the other.

    Attributes:
        match_entity: The key of the entity type whose key is chosen; empty for none.
        match_fields: The names of the fields that identify an entry of it; empty for
            its external reference code.
        match_keys: The chosen keys of all entity types, by the names of these.
    """

    match_entity = Unicode()
    match_fields = Tuple()
    match_keys = Dict()

    def matchable_types(self) -> list[EntityType]:
        """Return the entity types whose entries may be matched."""
        raise NotImplementedError

    def match_entity_options(self) -> list[tuple[str, str]]:
        """Return labels and keys of the entity types that may be matched."""
        return [(x.short_name, x.key) for x in self.matchable_types()]

    def match_field_options(self) -> list[tuple[str, str]]:
        """Return labels and names of the fields that may identify an entry."""
        chosen = self._match_type()
        return [] if chosen is None else match_field_choices(chosen)

    def describe_match_keys(self) -> str:
        """Return the chosen keys in one line: ``Customer by email``."""
        return describe_match_keys(self.match_keys.items())

    def keep_match_keys(self, types: Iterable[EntityType]) -> None:
        """Forget the keys of all entity types but these."""
        names = {kind.name for kind in types}
        self.match_keys = {x: y for x, y in self.match_keys.items() if x in names}
        if self._match_type() is None:
            self.match_entity = ""

    def _match_type(self) -> EntityType | None:
        types = (x for x in self.matchable_types() if x.key == self.match_entity)
        return next(types, None)

    @observe("match_entity")
    def _show_key(self, _change: Any) -> None:
        chosen = self._match_type()
        name = "" if chosen is None else chosen.name
        self.match_fields = tuple(self.match_keys.get(name, ()))

    @observe("match_fields")
    def _keep_key(self, _change: Any) -> None:
        chosen = self._match_type()
        if chosen is not None:
            others = {x: y for x, y in self.match_keys.items() if x != chosen.name}
            added = {chosen.name: self.match_fields} if self.match_fields else {}
            self.match_keys = {**others, **added}


def describe_match_keys(keys: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Return keys in one line: ``Customer by email``."""
    return ", ".join(
        _("{object} by {fields}").format(
            object=object_short_name(name), fields=reduce(_join, fields)
        )
        for name, fields in sorted(keys)
    )


def _join(first: str, second: str) -> str:
    return _("{first} and {second}").format(first=first, second=second)
