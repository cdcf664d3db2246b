"""The state of the migration form. It runs without a browser or ipywidgets."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Tuple, observe

from ..languages import format_number, lazy, ngettext
from ..languages import gettext as _
from ..model.entity_type import OBJECT_ENTRY, EntityType
from ..model.merge_choices import ACCEPT_ALL
from ..model.plan import MigrationPlan, Selection
from .comparing.installation_pair_state import InstallationPairState
from .match_keys_state import MatchKeysState
from .policy_state import ALIKE, PolicyState

NO_SOURCE = lazy("Please select the installation to take from.")
NO_TARGET = lazy("Please select the installation to bring into.")
NO_SELECTION = lazy("Please select at least one entity type.")


class MigrationState(InstallationPairState, PolicyState, MatchKeysState):
    """The choices of the migration form, and what is still missing.

    Attributes:
        with_needed: Dependencies that the target lacks are migrated, too.
        match_names: Definitions, picklists and folders with the same name are the
            same.
        rehearsal: The id of the dry run that was started last, its target and its plan;
            empty for none.
        is_comparing: The definitions of source and target are being compared.
    """

    no_source = NO_SOURCE
    no_target = NO_TARGET

    with_needed = Bool(True)
    match_names = Bool(False)
    is_comparing = Bool(False)
    rehearsal = Tuple()

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
            match=self.match_keys,
            allow_deletions=self.allow_deletions,
            name=self.name,
        )

    @property
    def is_rehearsed(self) -> bool:
        """True while the choices are those of the dry run that was started last."""
        if not self.rehearsal or self._list_problems():
            return False
        return self.rehearsal[1:] == (self.target, self.plan(dry_run=True))

    def matchable_types(self) -> list[EntityType]:
        """Return the selected entity types that have entries."""
        return [
            x
            for x in self.entity_types
            if x.key in self.selected and x.class_name == OBJECT_ENTRY
        ]

    def describe_comparison(self) -> str:
        """Return in one sentence what the comparison of the definitions has found."""
        if self.is_comparing:
            return _("{source} and {target} are being compared.").format(
                source=self.source, target=self.target
            )
        if self.differences is None:
            return ""
        if not self.differences:
            return _(ALIKE)
        number = len(self.differences)
        return ngettext(
            "{count} difference is listed below the settings.",
            "{count} differences are listed below the settings.",
            number,
        ).format(count=format_number(number))

    @observe("selected")
    def _forget_keys(self, _change: Any) -> None:
        """Forget the keys of entity types that do not move any more."""
        self.keep_match_keys(self.matchable_types())

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
        return () if self.selected else (_(NO_SELECTION),)
