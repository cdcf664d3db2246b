"""The inputs for the fields that identify entries, in place of their codes."""

from __future__ import annotations

from html import escape

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy
from ...states.match_keys_state import MatchKeysState
from .form_inputs import (
    call_on_change,
    choice_field,
    html,
    link_traits,
    list_field,
    set_visible,
)

_HELP = lazy(
    "An entry updates the one of the target that has its values of these fields, "
    "whatever external reference code that has, and what names it follows. Without "
    "fields, the code decides."
)


class MatchKeyFields(ipw.VBox):
    """Selects an entity type and the fields that identify its entries.

    Args:
        state: The state of the form.
        traits: The traits of the state with which the entity types change.
        help_text: What the choice means.

    Attributes:
        entity: The choice of the entity type.
        fields: The choice of its fields.
        summary: What is chosen for all entity types.
    """

    def __init__(
        self, state: MatchKeysState, *traits: str, help_text: str = _HELP
    ) -> None:
        self._state, self._help = state, help_text
        self.entity = choice_field(_("Match Entries Of"), [("", "")])
        self.fields = list_field(_("By These Fields"))
        self.summary = html("", "dmc-help")
        link_traits(state, {"match_entity": self.entity, "match_fields": self.fields})
        super().__init__([self.entity, self.fields, self.summary])
        call_on_change(state, [*traits, "match_entity"], self._list)
        call_on_change(state, ["match_keys"], self._describe)
        self._list()

    def _list(self) -> None:
        """Offer the entity types, and the fields of the chosen one."""
        types = self._state.match_entity_options()
        self.entity.set_options([("", ""), *types])
        fields = self._state.match_field_options()
        self.fields.set_options(fields)
        set_visible(self.fields, bool(fields))
        set_visible(self, bool(types))
        self._describe()

    def _describe(self) -> None:
        keys = self._state.describe_match_keys()
        chosen = _("Matched: {keys}.").format(keys=escape(keys)) if keys else ""
        self.summary.value = f"{chosen} {self._help}".strip()
