"""The choice of an entity type."""

from __future__ import annotations

from typing import Any

from traitlets import Tuple, Unicode, observe, validate

from ...languages import gettext as _
from ...model.entity_type import EntityType
from ...states.toolkit.sources import (
    InstallationLike,
    InstallationSource,
    find_entity_type,
)
from ..parts.form_inputs import call_on_change, choice_field, set_visible
from .base import PublicWidget, repr_names


class EntityPicker(PublicWidget):
    """Chooses an entity type of an installation.

    >>> picker = EntityPicker("Sample source")
    >>> picker.value = "Bicycle"
    >>> picker.value
    'C_Bicycle'

    Args:
        source: A center, an open installation, an address, or the name of an
            installation of the default workspace. None is the default workspace.
        installation: The name of the installation in the center. Without a name a
            center shows the choice among its installations, too.
        value: The entity type that is chosen at first, by its name, label or key.

    Attributes:
        value: The name of the chosen entity type, such as ``C_Bicycle``; empty if there
            is none. It takes a name, a label or a key.
        installation: The name or the address of the installation.
        entity_types: The entity types to choose from.

    Raises:
        TypeError: The source is something else.
        UnknownName: There is no such installation or entity type.
    """

    value = Unicode()
    installation = Unicode()
    entity_types = Tuple()

    def __init__(
        self,
        source: InstallationLike = None,
        installation: str = "",
        *,
        value: str = "",
    ) -> None:
        super().__init__()
        self.source = InstallationSource(source, installation)
        self._own(self.source)
        names = [(name, name) for name in self.source.names]
        self._installation = choice_field(_("Installation"), names)
        self._choice = choice_field(_("Entity Type"), [("", "")])
        has_choice = isinstance(source, str) or bool(installation)
        set_visible(self._installation, bool(names) and not has_choice)
        self._show([self._installation, self._choice])
        self.installation = self.source.name
        self._load()
        call_on_change(self._installation, "selected", self._select_installation)
        call_on_change(self._choice, "selected", self._select)
        if value:
            self.value = find_entity_type(self.entity_types, value).name

    @property
    def entity_type(self) -> EntityType | None:
        """The chosen entity type with its fields, or None."""
        chosen = (one for one in self.entity_types if one.name == self.value)
        return next(chosen, None)

    def refresh(self) -> None:
        """Ask the installation for its entity types again."""
        self._guard.run(self._load_entity_types)

    def __repr__(self) -> str:
        return repr_names(self, "installation", "value")

    def _load(self) -> None:
        self._installation.selected = self.installation
        with self._guard:  # one that does not answer leaves nothing to choose
            self._load_entity_types()

    def _load_entity_types(self) -> None:
        self.entity_types = ()
        self.entity_types = self.source.entity_types()

    def _select_installation(self) -> None:
        self.installation = self._installation.selected

    def _select(self) -> None:
        self.value = self._choice.selected

    @validate("value")
    def _find_name(self, proposal: Any) -> str:
        given = proposal["value"]
        return find_entity_type(self.entity_types, given).name if given else ""

    @validate("installation")
    def _find_installation(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if name != self.source.name:
            self.source.select(name)
        return name

    @observe("installation")
    def _follow_installation(self, change: Any) -> None:
        if change["old"]:
            self._page.message = None
            self._load()

    @observe("entity_types")
    def _list_options(self, _change: Any) -> None:
        options = [(one.label, one.name) for one in self.entity_types]
        if self.value not in {name for _, name in options}:
            self.value = ""
        self._choice.set_options([("", ""), *options])

    @observe("value")
    def _follow_value(self, _change: Any) -> None:
        self._choice.selected = self.value
