"""The state of the migration form. It runs without a browser or ipywidgets."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Tuple, observe

from ..model.merge_choices import ACCEPT_ALL
from ..model.plan import MigrationPlan, Selection
from .comparing.installation_pair_state import InstallationPairState
from .policy_state import PolicyState

NO_SOURCE = "Please select the installation to take from."
NO_TARGET = "Please select the installation to bring into."
NO_SELECTION = "Please select at least one entity type."


class MigrationState(InstallationPairState, PolicyState):
    """The choices of the migration form, and what is still missing.

    Attributes:
        with_needed: Dependencies that the target lacks are migrated, too.
        match_names: Definitions, picklists and folders with the same name are the
            same.
    """

    no_source = NO_SOURCE
    no_target = NO_TARGET

    with_needed = Bool(True)
    match_names = Bool(False)

    problems = Tuple((NO_SOURCE,))

    def plan(self, *, dry_run: bool = False) -> MigrationPlan:
        """Build the migration plan from the choices."""
        return MigrationPlan(
            source=self.source,
            selection=Selection(
                entity_types=self.selected,
                with_needed=self.with_needed,
                sites=self.site_keys,
            ),
            policy=self.policy,
            options=self.options,
            dry_run=dry_run,
            match_names=self.match_names,
            allow_deletions=self.allow_deletions,
            name=self.name,
        )

    @observe("source", "target")
    def _clear_differences(self, _change: Any) -> None:
        self.differences, self.merge_choices = None, ACCEPT_ALL

    @observe("source", "target", "selected", "error_limit", "stop_on_error")
    def _derive(self, _change: Any) -> None:
        self.problems = self._list_problems()

    def _list_problems(self) -> tuple[str, ...]:
        if problems := self.list_pair_problems():
            return problems
        if self.limit_problem:
            return (self.limit_problem,)
        return () if self.selected else (NO_SELECTION,)
