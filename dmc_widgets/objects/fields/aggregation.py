"""Aggregation fields: totals over the entries of a one-to-many relationship.

A field names a relationship of its definition, a function, and (except for COUNT) a
number field of the related entries. Fields that cannot be computed here read as null:
those with filters, whose format is not documented, those over another kind of
relationship or field, and those whose related definition does not exist here.

Liferay does not document the result for an empty set. Here COUNT is 0 and all other
functions are null, as in SQL. See docs/liferay/objects.md, Fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import orjson

from ...model.entity_type import object_short_name
from ..names import relationship_field_name
from .field_rules import business_type_of
from .formula import NUMBERS, add, divide, format_number
from .number import parse_decimal
from .relationship import ParentDefinition

COUNT: Final = "COUNT"
_WHOLE: Final = frozenset({"Integer", "LongInteger"})
_CHILD: Final = "objectDefinitionExternalReferenceCode2"
_NAME: Final = "objectRelationshipName"


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregatedDefinition:
    """A definition whose entries may be aggregated.

    Attributes:
        entries: The id and scope of the definition.
        fields: The business types of its fields by name.
    """

    entries: ParentDefinition
    fields: Mapping[str, str]

    @classmethod
    def of(cls, definition_id: int, body: Mapping[str, Any]) -> AggregatedDefinition:
        """Read a stored definition."""
        fields = {
            field["name"]: business_type_of(field)
            for field in body.get("objectFields") or ()
        }
        scope = body.get("scope") or "company"
        entries = ParentDefinition(id=definition_id, company_scoped=scope == "company")
        return cls(entries=entries, fields=fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    """An Aggregation field that can be computed.

    Attributes:
        name: The name of the field.
        function: ``AVERAGE``, ``COUNT``, ``MAX``, ``MIN`` or ``SUM``.
        link: The field of the related entries that holds the parent: ``r_…Id``.
        entries: The id and scope of the related definition.
        field: The field that is aggregated; empty for ``COUNT``.
        whole: True if the result is an integer.
    """

    name: str
    function: str
    link: str
    entries: ParentDefinition
    field: str = ""
    whole: bool = True

    @property
    def of_none(self) -> int | None:
        """The result where no entries are related."""
        return 0 if self.function == COUNT else None

    def totals(self, bodies: Iterable[tuple[str, bytes]]) -> dict[str, int | Decimal]:
        """Compute the field for many parents at once, holding one body at a time.

        Args:
            bodies: The parent's ERC and the stored body of each related entry.

        Returns:
            The results by the parent's ERC, without parents that have no values.
        """
        tallies: dict[str, _Tally] = {}
        for parent, body in bodies:
            value = parse_decimal(orjson.loads(body).get(self.field))
            if value is None:
                continue
            tally = tallies.get(parent)
            if tally is None:
                tallies[parent] = _Tally(1, value, value, value)
            else:
                tally.add(value)
        compute = _FUNCTIONS[self.function]
        return {
            parent: format_number(compute(tally), whole=self.whole)
            for parent, tally in tallies.items()
        }


@dataclass(slots=True)
class _Tally:
    """The running totals of one parent."""

    count: int
    total: Decimal
    least: Decimal
    most: Decimal

    def add(self, value: Decimal) -> None:
        self.count += 1
        self.total = add(self.total, value)
        self.least = min(self.least, value)
        self.most = max(self.most, value)


_FUNCTIONS: Final[Mapping[str, Callable[[_Tally], Decimal]]] = {
    "AVERAGE": lambda tally: divide(tally.total, Decimal(tally.count)),
    "MAX": lambda tally: tally.most,
    "MIN": lambda tally: tally.least,
    "SUM": lambda tally: tally.total,
}


def find_aggregated_definitions(body: Mapping[str, Any]) -> set[str]:
    """Return the ERCs of the definitions that Aggregation fields refer to."""
    return {relationship[_CHILD] for _, _, relationship in _aggregated(body)}


def compile_aggregations(
    body: Mapping[str, Any], children: Mapping[str, AggregatedDefinition]
) -> tuple[Aggregation, ...]:
    """Compile the Aggregation fields of a definition that can be computed.

    Args:
        body: The body of the stored definition.
        children: The related definitions that exist here, by ERC.
    """
    aggregations = []
    parent = object_short_name(body.get("name"))
    for name, settings, relationship in _aggregated(body):
        child = children.get(relationship[_CHILD])
        function = settings.get("function")
        if child is None or settings.get("filters"):
            continue
        field = "" if function == COUNT else settings.get("objectFieldName")
        kind = child.fields.get(field) if isinstance(field, str) else None
        if function == COUNT or (function in _FUNCTIONS and kind in NUMBERS):
            aggregations.append(
                Aggregation(
                    name=name,
                    function=str(function),
                    link=relationship_field_name(relationship["name"], parent),
                    entries=child.entries,
                    field=str(field),
                    whole=kind in _WHOLE and function != "AVERAGE",
                )
            )
    return tuple(aggregations)


def _aggregated(
    body: Mapping[str, Any],
) -> Iterator[tuple[str, dict[str, Any], Mapping[str, Any]]]:
    """Yield the name, the settings and the relationship of each Aggregation field."""
    relationships = {
        relationship["name"]: relationship
        for relationship in body.get("objectRelationships") or ()
        if relationship.get("type") in {"oneToMany", "oneToOne"}
    }
    for field in body.get("objectFields") or ():
        if business_type_of(field) != "Aggregation":
            continue
        settings = {
            setting.get("name"): setting.get("value")
            for setting in field.get("objectFieldSettings") or ()
        }
        name = settings.get(_NAME)
        if isinstance(name, str) and name in relationships:
            yield field["name"], settings, relationships[name]
