"""The choice of fields of an entity type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from traitlets import Bool, Instance, Tuple, observe, validate

from ...errors import UnknownName
from ...languages import gettext as _
from ...languages import lazy
from ...model.coercion import name_tuple
from ...model.entity_type import EntityType, Field
from ...states.model_words import shown_label
from ...states.toolkit.sources import (
    InstallationLike,
    InstallationSource,
    find_entity_type,
)
from ..controls import Column, PagedTable
from ..parts.form_inputs import call_on_change
from ..parts.table_rows import ListRows
from .base import PublicWidget, repr_names
from .entity_picker import EntityPicker

_COLUMNS = (
    Column("name", lazy("Attribute Code")),
    Column("label", lazy("Label")),
    Column("type", lazy("Type")),
)


class FieldPicker(PublicWidget):
    """Chooses fields of an entity type.

    >>> fields = FieldPicker("Sample source", "Bicycle", value=["model", "price"])
    >>> fields.value
    ('model', 'price')

    It follows an :class:`EntityPicker` that is given in place of an installation:

    >>> picker = EntityPicker("Sample source")
    >>> fields = FieldPicker(picker)

    Args:
        source: An :class:`EntityPicker` to follow, an entity type, or where to find
            one: a center, an open installation, an address or a name.
        entity: The entity type by its name, label or key.
        installation: The name of the installation in a center.
        value: The fields that are chosen at first; None for all that an export holds.
        for_import: Offer the fields that an import may fill, not those of an export.

    Attributes:
        value: The names of the chosen fields, in the order of the entity type.
        entity_type: The entity type, or None. Another one chooses all of its fields.
        for_import: The fields are those that an import may fill.

    Raises:
        TypeError: The source is something else.
        UnknownName: There is no such installation, entity type or field.
        InstallationError: The installation does not answer.
    """

    value = Tuple()
    entity_type = Instance(EntityType, allow_none=True)
    for_import = Bool(False)

    def __init__(
        self,
        source: EntityPicker | EntityType | InstallationLike = None,
        entity: str = "",
        *,
        installation: str = "",
        value: str | Iterable[str] | None = None,
        for_import: bool = False,
    ) -> None:
        super().__init__()
        self._table = PagedTable(
            ListRows(self._find, _build_row),
            _COLUMNS,
            label=_("Fields"),
            page_size=None,
            searchable=True,
            search_label=_("Search Fields"),
            selectable=True,
            empty_text=_("Select an entity type to see its fields."),
        )
        self._table.add_class("dmc-fields")
        self._show([self._table])
        self.for_import = for_import
        self._follow(source, entity, installation)
        call_on_change(self._table, "selected", self._select)
        if value is not None:
            self.value = name_tuple(value, "value")

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields to choose from, required ones first."""
        if self.entity_type is None:
            return ()
        if self.for_import:
            return self.entity_type.import_fields
        return self.entity_type.export_fields

    def __repr__(self) -> str:
        return repr_names(self, "value")

    def _follow(
        self,
        source: EntityPicker | EntityType | InstallationLike,
        entity: str,
        installation: str,
    ) -> None:
        if isinstance(source, EntityType):
            self.entity_type = source
        elif isinstance(source, EntityPicker):
            source.observe(lambda _change: self._take(source), "value")
            self._take(source)
        else:
            found = InstallationSource(source, installation)
            try:
                if entity:
                    self.entity_type = find_entity_type(found.entity_types(), entity)
            finally:
                found.close()

    def _take(self, picker: EntityPicker) -> None:
        self.entity_type = picker.entity_type

    def _find(self, query: str) -> list[Field]:
        pattern = query.strip().casefold()
        return [
            field
            for field in self.fields
            if pattern in "\n".join((field.name, *field.all_labels)).casefold()
        ]

    def _select(self) -> None:
        self.value = tuple(self._table.selected)

    @observe("entity_type", "for_import")
    def _list_fields(self, _change: Any) -> None:
        self.value = tuple(x.name for x in self.fields if not x.on_request)
        self._table.restart()

    @validate("value")
    def _sort_names(self, proposal: Any) -> tuple[str, ...]:
        given = name_tuple(proposal["value"], "value")
        names = tuple(field.name for field in self.fields)
        for name in given:
            if name not in names:
                raise UnknownName(kind="field", name=name, known=names)
        return tuple(name for name in names if name in given)

    @observe("value")
    def _follow_value(self, _change: Any) -> None:
        self._table.selected = self.value


def _build_row(field: Field) -> dict[str, Any]:
    return {
        "key": field.name,
        "name": field.name,
        "label": "" if shown_label(field) == field.name else shown_label(field),
        "type": field.type,
    }
