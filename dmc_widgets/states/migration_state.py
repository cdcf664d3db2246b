"""The state of the migration form. It runs without a browser or ipywidgets."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, HasTraits, Instance, Tuple, Unicode, UseEnum, observe

from ..model.entity_type import OBJECT_ENTRY, EntityType
from ..model.plan import MigrationPlan, Selection
from ..model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy

NO_SOURCE = "Please select the installation to take from."
NO_TARGET = "Please select the installation to bring into."
SAME_INSTALLATION = (
    "Source and target are the same installation. Please select another one."
)
NO_SELECTION = "Please select at least one entity type."


class MigrationState(HasTraits):
    """What the person has chosen so far, and what is still missing.

    Attributes:
        source: The name of the installation to take from, or empty.
        target: The name of the installation to bring into, or empty.
        entity_types: Those of the source.
        selected: Keys of the entity types that move.
        name: Of the task; empty for one that is made up.
        sites: Keys of the sites whose entries move, by commas; empty for all.
        with_needed: What they need comes along where the target lacks it.
        match_names: Definitions, picklists and folders of one name are the same.
        allow_deletions: Overwriting a definition may delete what only the target has.
        stop_on_error: The error strategy, as the form asks for it.
        import_strategy: May records be added, changed, or both?
        update_strategy: What becomes of stored fields that a record leaves out?
        differences: Of the definitions, once they were compared; None before.
        problems: Sentences; empty exactly when the migration may start.
    """

    source = Unicode()
    target = Unicode()
    entity_types = Tuple()
    selected = Tuple()
    name = Unicode()
    sites = Unicode()
    with_needed = Bool(True)
    match_names = Bool(False)
    allow_deletions = Bool(False)
    stop_on_error = Bool(True)
    import_strategy = UseEnum(ImportStrategy, default_value=ImportStrategy.UPSERT)
    update_strategy = UseEnum(UpdateStrategy, default_value=UpdateStrategy.UPDATE)
    differences = Instance(tuple, allow_none=True)

    problems = Tuple((NO_SOURCE,))

    @property
    def can_compare(self) -> bool:
        """Both installations are known, and differ."""
        return bool(self.source and self.target) and self.source != self.target

    def matching(self, text: str) -> tuple[EntityType, ...]:
        """Return the entity types whose name or label contains *text*.

        Folders, picklists and definitions come before all entries: nobody should
        have to look for them among hundreds of objects.
        """
        wanted = text.strip().casefold()
        found = (
            entity_type
            for entity_type in self.entity_types
            if wanted in entity_type.name.casefold()
            or wanted in entity_type.label.casefold()
        )
        return tuple(sorted(found, key=lambda each: each.class_name == OBJECT_ENTRY))

    def plan(self, *, dry_run: bool = False) -> MigrationPlan:
        """Return the choices in the core's own terms."""
        return MigrationPlan(
            source=self.source,
            selection=Selection(
                entity_types=self.selected,
                with_needed=self.with_needed,
                sites=tuple(filter(None, map(str.strip, self.sites.split(",")))),
            ),
            policy=Policy(
                import_strategy=self.import_strategy,
                update_strategy=self.update_strategy,
                error_strategy=ErrorStrategy.STOP
                if self.stop_on_error
                else ErrorStrategy.CONTINUE,
            ),
            dry_run=dry_run,
            match_names=self.match_names,
            allow_deletions=self.allow_deletions,
            name=self.name,
        )

    def reset(self) -> None:
        """Go back to an empty form."""
        fresh = MigrationState()
        with self.hold_trait_notifications():
            for name in self.trait_names():
                setattr(self, name, getattr(fresh, name))

    @observe("source", "target")
    def _forget_differences(self, _change: Any) -> None:
        self.differences = None

    @observe("entity_types")
    def _keep_known(self, _change: Any) -> None:
        known = {entity_type.key for entity_type in self.entity_types}
        self.selected = tuple(each for each in self.selected if each in known)

    @observe("source", "target", "selected")
    def _derive(self, _change: Any) -> None:
        self.problems = self._missing()

    def _missing(self) -> tuple[str, ...]:
        if not self.source:
            return (NO_SOURCE,)
        if not self.target:
            return (NO_TARGET,)
        if self.source == self.target:
            return (SAME_INSTALLATION,)
        return () if self.selected else (NO_SELECTION,)
