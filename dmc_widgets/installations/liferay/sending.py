"""What of an item is sent to a server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ...model.entity import OBJECT_ENTRY, EntityType
from ...model.outcome import OTHER_TRANSLATION, Problem
from ...objects.categorization import BRIEFS, CATEGORY_IDS
from ...objects.entry_faults import SCOPE_KEY, invalid_language
from ...objects.list_cells import texts_in
from ...objects.localized import contradicts
from ...objects.names import erc_twin
from ...objects.replacement_tokens import FOR_EACH_LANGUAGE, token_fault
from .items import is_link_list
from .value_forms import ValueForms

_LINK_ID: Final = re.compile(r"r_\w+Id")


class Sending:
    """Picks what is sent; compiled once for the items of a batch.

    Args:
        entity_type: Of the items.

    Attributes:
        is_entry: The items are entries of an object.
        has_sites: The items belong to sites.
        short_name: Of the object.
    """

    def __init__(self, entity_type: EntityType) -> None:
        fields = entity_type.fields
        known = {field.name for field in fields}
        self.is_entry = entity_type.class_name == OBJECT_ENTRY
        self.has_sites = self.is_entry and SCOPE_KEY in known
        self.short_name = entity_type.name.removeprefix("C_")
        self._known = known
        self._taken = {field.name for field in fields if not field.read_only}
        self._open = entity_type.open
        self._lists = {field.name for field in fields if field.type == "array"}
        links = {each.name for each in filter(is_link_list, fields)}
        self._apart = {BRIEFS, SCOPE_KEY, *links}
        self._localized = [
            (field.any_of_group, field.languages[0])
            for field in fields
            if field.languages
        ]
        self._forms = ValueForms(entity_type) if self.is_entry else None

    def sent(self, item: Mapping[str, Any]) -> dict[str, Any] | Problem:
        """Leave out what a server sets itself, or would take in another sense.

        The id of a parent belongs to the server that the item comes from. Where its
        code stands beside it, only the code counts. Lists of links are
        :mod:`.linking`'s.

        Returns:
            What is sent, or why the server would lose a value of it.
        """
        picked = self._picked(item)
        if self._forms is None:
            return token_fault(picked) or picked
        for name, value in picked.items():
            if type(value) is dict and FOR_EACH_LANGUAGE in value:
                return invalid_language(name, FOR_EACH_LANGUAGE)
        return self._forms.fault(item) or self._forms.settle(picked)

    def note_of(self, item: Mapping[str, Any]) -> str:
        """Return the note that an item gets, or an empty text."""
        if any(contradicts(item, *names) for names in self._localized):
            return OTHER_TRANSLATION
        return ""

    def _picked(self, item: Mapping[str, Any]) -> dict[str, Any]:
        sent = {
            name: value
            for name, value in item.items()
            if name in self._taken or (self._open and name not in self._known)
        }
        if not self.is_entry:
            return sent
        for name in self._lists & sent.keys():
            if isinstance(sent[name], str):
                sent[name] = texts_in(sent[name])  # the cell of a table
        if CATEGORY_IDS not in sent and isinstance(sent.get(BRIEFS), list):
            briefs = [x for x in sent[BRIEFS] if isinstance(x, dict)]
            sent[CATEGORY_IDS] = [brief.get("taxonomyCategoryId") for brief in briefs]
        for name in self._apart & sent.keys():
            del sent[name]
        links = [x for x in sent if x.startswith("r_") and _LINK_ID.fullmatch(x)]
        for name in links:
            if sent.get(erc_twin(name)):
                del sent[name]
        return sent
