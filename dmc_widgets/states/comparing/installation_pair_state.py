"""Two installations and entity types of the first: what two forms let people choose."""

from __future__ import annotations

from typing import Any, ClassVar

from traitlets import HasTraits, Tuple, Unicode, observe

from ...languages import gettext as _
from ...languages import lazy
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ..type_names import format_type_name

SAME_INSTALLATION = lazy(
    "Source and target are the same installation. Please select another one."
)


def _search_text(entity_type: EntityType) -> str:
    words = format_type_name(entity_type.name)
    return f"{entity_type.name}\n{entity_type.label}\n{words}".casefold()


class InstallationPairState(HasTraits):
    """A source, a target, and the entity types that are chosen.

    Attributes:
        no_source: The problem without a source.
        no_target: The problem without a target.
        source: The name of the installation that is read, or empty.
        target: The name of the other installation, or empty.
        entity_types: The entity types of the source.
        selected: Keys of the chosen entity types.
        name: The name of the task; empty for a default name.
        sites: Keys of the sites whose entries are chosen, separated by commas; empty
            for all sites.
        problems: Sentences; empty exactly when the task can start.
    """

    no_source: ClassVar[str] = ""
    no_target: ClassVar[str] = ""

    source = Unicode()
    target = Unicode()
    entity_types = Tuple()
    selected = Tuple()
    name = Unicode()
    sites = Unicode()
    problems = Tuple()

    @property
    def can_compare(self) -> bool:
        """True if two different installations are selected."""
        return bool(self.source and self.target) and self.source != self.target

    @property
    def site_keys(self) -> tuple[str, ...]:
        """The keys in *sites*."""
        return tuple(filter(None, map(str.strip, self.sites.split(","))))

    def find_entity_types(self, text: str) -> tuple[EntityType, ...]:
        """Return the entity types whose name or label contains *text*.

        Folders, picklists and definitions come before all entries, so that they are
        easily found among hundreds of objects. Parts of definitions and picklists
        belong to these.
        """
        pattern = text.strip().casefold()
        matches = (
            entity_type
            for entity_type in self.entity_types
            if not entity_type.part_of and pattern in _search_text(entity_type)
        )
        return tuple(
            sorted(matches, key=lambda match: match.class_name == OBJECT_ENTRY)
        )

    def reset(self) -> None:
        """Clear the form."""
        initial = type(self)()
        with self.hold_trait_notifications():
            for name in self.trait_names():
                setattr(self, name, getattr(initial, name))

    def list_pair_problems(self) -> tuple[str, ...]:
        """Return why source and target cannot be used; nothing if they can."""
        if not self.source:
            return (self.no_source,)
        if not self.target:
            return (self.no_target,)
        if self.source == self.target:
            return (_(SAME_INSTALLATION),)
        return ()

    @observe("entity_types")
    def _deselect_unknown(self, _change: Any) -> None:
        keys = {entity_type.key for entity_type in self.entity_types}
        self.selected = tuple(key for key in self.selected if key in keys)
