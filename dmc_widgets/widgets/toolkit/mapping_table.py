"""The mapping of a file's fields to those of an entity type."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from traitlets import Instance, Tuple, Unicode, observe

from ...center.mapping_editing import FileHead
from ...errors import DmcError
from ...model.entity_type import EntityType
from ...model.mapping import FieldMapping, Mapping
from ...states.actions.imports import clear_file, read_file
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.toolkit.sources import (
    InstallationLike,
    InstallationSource,
    find_center,
    find_entity_type,
)
from ..forms.mapping_table import MappingTable as MappingForm
from ..parts.form_inputs import call_on_change, set_visible
from .base import MappingTrait, PublicWidget, mapping_of, repr_names
from .entity_picker import EntityPicker
from .file_chooser import FileChooser

_MAPPING_TRAITS = ["fields", "pairs", "match", "source_fields", "file_name", "entity"]


class MappingTable(PublicWidget):
    """Chooses which field of a file fills which field of an entity type.

    >>> table = MappingTable("Sample target", "Bicycle", "bicycles.csv")
    >>> table.mapping
    >>> table.problems

    It follows pickers that are given in place of an entity type and a file:

    >>> table = MappingTable(EntityPicker(center), path=FileChooser())

    Args:
        source: An :class:`EntityPicker` to follow, or where the entity type is: a
            center, an open installation, an address or a name.
        entity: The entity type by its name, label or key.
        path: The file, or a :class:`FileChooser` to follow.
        installation: The name of the installation in a center.
        mapping: The mapping at first, or its pairs; None for what the names of the
            fields, and earlier imports, suggest.

    Attributes:
        mapping: The mapping as a value. It takes its pairs, too: ``["Modell=model"]``.
        value: The same, for the tools of ipywidgets.
        problems: Why an import cannot start with it, as sentences; empty if it can.
        entity: The name of the entity type; empty if there is none.
        path: The file, or None.

    Raises:
        TypeError: The source is something else.
        UnknownName: There is no such installation or entity type.
        FileError: The file cannot be read.
    """

    mapping = MappingTrait(args=())
    value = MappingTrait(args=())
    problems = Tuple()
    entity = Unicode()
    path = Instance(Path, allow_none=True)

    def __init__(
        self,
        source: EntityPicker | InstallationLike = None,
        entity: str = "",
        path: FileChooser | Path | str | None = None,
        *,
        installation: str = "",
        mapping: Mapping | Iterable[FieldMapping | str] | str | None = None,
    ) -> None:
        super().__init__()
        self._is_following = False
        self.source = self._find_source(source, installation)
        self._session = self._open_session()
        self._form = self._session.import_form
        self._table = MappingForm(self._session, self._guard)
        self._show([self._table])
        call_on_change(self._form, [*_MAPPING_TRAITS, "problems"], self._take)
        self._follow(source, entity, path)
        if mapping is not None:
            self.mapping = mapping_of(mapping)
        self._take()

    @property
    def entity_type(self) -> EntityType | None:
        """The entity type with its fields, or None."""
        return self._form.entity_type

    @property
    def head(self) -> FileHead | None:
        """The first records of the file, and what is known of it; None without one."""
        return self._session.file.head if self._session.file else None

    def __repr__(self) -> str:
        return repr_names(self, "entity", "path", "mapping")

    def _find_source(
        self, source: EntityPicker | InstallationLike, installation: str
    ) -> InstallationSource:
        if isinstance(source, EntityPicker):
            return source.source
        found = InstallationSource(source, installation)
        self._own(found)
        return found

    def _open_session(self) -> DashboardSession:
        center = self.source.center
        if center is None:  # an installation by itself, without earlier mappings
            opened = find_center()
            self._own(opened)
            center = opened.center
        session = self._build_session(center, DashboardPage.IMPORT)
        session.dashboard.installation = self.source.name
        return session

    def _follow(
        self,
        source: EntityPicker | InstallationLike,
        entity: str,
        path: FileChooser | Path | str | None,
    ) -> None:
        if isinstance(source, EntityPicker):
            call_on_change(
                source,
                ["entity_types", "value"],
                self._guard.on_change(self._take_entity, source),
            )
            self._take_entity(source)
        else:
            self._form.entity_types = self.source.entity_types()
            if entity:
                self.entity = find_entity_type(self._form.entity_types, entity).name
        if isinstance(path, FileChooser):
            call_on_change(path, "value", self._guard.on_change(self._take_file, path))
            self._take_file(path)
        elif path is not None:
            self.path = Path(path)

    def _take_entity(self, picker: EntityPicker) -> None:
        self._session.dashboard.installation = picker.installation
        self._form.entity_types = picker.entity_types
        self.entity = picker.value

    def _take_file(self, chooser: FileChooser) -> None:
        self._name = chooser.name
        self.path = chooser.value

    _name = ""

    @observe("entity")
    def _follow_entity(self, change: Any) -> None:
        name = change["new"]
        types = self._form.entity_types
        self._form.entity = find_entity_type(types, name).key if name else ""

    @observe("path")
    def _follow_path(self, change: Any) -> None:
        clear_file(self._session)
        path: Path | None = change["new"]
        if path is None:
            return
        entity, policy = self._form.entity, self._form.policy
        read_file(self._session, path, self._name or path.name)
        if entity and self._form.entity != entity:  # a file states one of its own
            self._form.entity = entity
            self._form.load_policy(policy)

    @observe("mapping", "value")
    def _follow_mapping(self, change: Any) -> None:
        mapping = change["new"]
        self.mapping = self.value = mapping
        if not self._is_following and self._form.mapping() != mapping:
            self._form.load_mapping(mapping)

    def _take(self) -> None:
        """Take the mapping of the form, which a person or a file has changed."""
        before, self._is_following = self._is_following, True
        try:
            self.mapping = self._form.mapping()
            self.problems = self._form.problems
        except DmcError as exc:
            self.problems = (str(exc),)
        finally:
            self._is_following = before
        entity_type = self._form.entity_type
        self.entity = entity_type.name if entity_type else ""
        set_visible(self._table, bool(self._form.fields))
