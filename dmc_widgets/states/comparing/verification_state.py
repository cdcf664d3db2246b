"""The state of the form that compares two installations."""

from __future__ import annotations

from typing import Any

from traitlets import Tuple, observe

from ...languages import lazy
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.plan import Selection, VerificationPlan
from ..match_keys_state import MatchKeysState
from .installation_pair_state import InstallationPairState

NO_SOURCE = lazy("Please select the installation that states what is expected.")
NO_TARGET = lazy("Please select the installation to verify.")


class VerificationState(InstallationPairState, MatchKeysState):
    """The choices of the verification form, and what is still missing.

    Without a selected entity type, everything that the source has is compared.
    """

    no_source = NO_SOURCE
    no_target = NO_TARGET

    problems = Tuple((NO_SOURCE,))

    def plan(self) -> VerificationPlan:
        """Build the plan from the choices.

        Raises:
            InvalidPlan: No source is selected.
        """
        selection = Selection(entity_types=self.selected, sites=self.site_keys)
        return VerificationPlan(
            source=self.source,
            selection=selection,
            match=self.match_keys,
            name=self.name,
        )

    def matchable_types(self) -> list[EntityType]:
        """Return the entity types with entries among those that are compared."""
        return [
            x
            for x in self.entity_types
            if x.class_name == OBJECT_ENTRY
            and not x.part_of
            and (x.key in self.selected or not self.selected)
        ]

    @observe("selected", "entity_types")
    def _forget_keys(self, _change: Any) -> None:
        """Forget the keys of entity types that are not compared any more."""
        self.keep_match_keys(self.matchable_types())

    @observe("source", "target")
    def _derive(self, _change: Any) -> None:
        self.problems = self.list_pair_problems()
