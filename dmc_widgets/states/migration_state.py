"""The state of the migration form. It runs without a browser or ipywidgets."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Tuple, Unicode, observe

from ..model.entity_type import OBJECT_ENTRY, EntityType
from ..model.merge_choices import ACCEPT_ALL
from ..model.plan import MigrationPlan, Selection
from .policy_state import PolicyState

NO_SOURCE = "Please select the installation to take from."
NO_TARGET = "Please select the installation to bring into."
SAME_INSTALLATION = (
    "Source and target are the same installation. Please select another one."
)
NO_SELECTION = "Please select at least one entity type."


class MigrationState(PolicyState):
    """The choices of the migration form, and what is still missing.

    Attributes:
        source: The name of the installation to migrate from, or empty.
        target: The name of the installation to migrate to, or empty.
        entity_types: The entity types of the source.
        selected: Keys of the entity types to migrate.
        name: The name of the task; empty for a default name.
        sites: Keys of the sites whose entries are migrated, separated by commas;
            empty for all sites.
        with_needed: Dependencies that the target lacks are migrated, too.
        match_names: Definitions, picklists and folders with the same name are the
            same.
        problems: Sentences; empty exactly when the migration can start.
    """

    source = Unicode()
    target = Unicode()
    entity_types = Tuple()
    selected = Tuple()
    name = Unicode()
    sites = Unicode()
    with_needed = Bool(True)
    match_names = Bool(False)

    problems = Tuple((NO_SOURCE,))

    @property
    def can_compare(self) -> bool:
        """True if two different installations are selected."""
        return bool(self.source and self.target) and self.source != self.target

    def find_entity_types(self, text: str) -> tuple[EntityType, ...]:
        """Return the entity types whose name or label contains *text*.

        Folders, picklists and definitions come before all entries, so that they are
        easily found among hundreds of objects. Parts of definitions and picklists move
        with these.
        """
        pattern = text.strip().casefold()
        matches = (
            entity_type
            for entity_type in self.entity_types
            if not entity_type.part_of
            and pattern in f"{entity_type.name}\n{entity_type.label}".casefold()
        )
        return tuple(
            sorted(matches, key=lambda match: match.class_name == OBJECT_ENTRY)
        )

    def plan(self, *, dry_run: bool = False) -> MigrationPlan:
        """Build the migration plan from the choices."""
        return MigrationPlan(
            source=self.source,
            selection=Selection(
                entity_types=self.selected,
                with_needed=self.with_needed,
                sites=tuple(filter(None, map(str.strip, self.sites.split(",")))),
            ),
            policy=self.policy,
            options=self.options,
            dry_run=dry_run,
            match_names=self.match_names,
            allow_deletions=self.allow_deletions,
            name=self.name,
        )

    def reset(self) -> None:
        """Clear the form."""
        initial = MigrationState()
        with self.hold_trait_notifications():
            for name in self.trait_names():
                setattr(self, name, getattr(initial, name))

    @observe("source", "target")
    def _clear_differences(self, _change: Any) -> None:
        self.differences, self.merge_choices = None, ACCEPT_ALL

    @observe("entity_types")
    def _deselect_unknown(self, _change: Any) -> None:
        keys = {entity_type.key for entity_type in self.entity_types}
        self.selected = tuple(key for key in self.selected if key in keys)

    @observe("source", "target", "selected", "error_limit", "stop_on_error")
    def _derive(self, _change: Any) -> None:
        self.problems = self._list_problems()

    def _list_problems(self) -> tuple[str, ...]:
        if not self.source:
            return (NO_SOURCE,)
        if not self.target:
            return (NO_TARGET,)
        if self.source == self.target:
            return (SAME_INSTALLATION,)
        if self.limit_problem:
            return (self.limit_problem,)
        return () if self.selected else (NO_SELECTION,)
