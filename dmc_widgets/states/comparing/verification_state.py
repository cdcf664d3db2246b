"""The state of the form that compares two installations."""

from __future__ import annotations

from typing import Any

from traitlets import Tuple, observe

from ...languages import lazy
from ...model.plan import Selection, VerificationPlan
from .installation_pair_state import InstallationPairState

NO_SOURCE = lazy("Please select the installation that states what is expected.")
NO_TARGET = lazy("Please select the installation to verify.")


class VerificationState(InstallationPairState):
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
        return VerificationPlan(source=self.source, selection=selection, name=self.name)

    @observe("source", "target")
    def _derive(self, _change: Any) -> None:
        self.problems = self.list_pair_problems()
