"""Which field of a file fills which field of an entity type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidPlan
from .entity import EntityType

Values = dict[str, Any]

MISSING_REQUIRED = (
    "You must map at least one field and all required fields before continuing."
)


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """One source field and the target field that it fills."""

    source: str
    target: str

    @classmethod
    def parse(cls, text: str) -> FieldMapping:
        """Read ``SOURCE=TARGET``, as it is written on the command line.

        Raises:
            InvalidPlan: One of the two sides is missing.
        """
        source, equals, target = text.rpartition("=")
        if not (equals and source and target):
            reason = f"{text!r} is no mapping. Write SOURCE=TARGET, such as title=name."
            raise InvalidPlan(reason)
        return cls(source, target)


@dataclass(frozen=True, slots=True)
class Mapping:
    """All pairs of one import. Several targets may share a source.

    Attributes:
        pairs: At most one for each target.
        same_names: Fields of the file that no pair names fill the target field
            of the same name, where the entity type has one to fill.
    """

    pairs: tuple[FieldMapping, ...] = ()
    same_names: bool = False

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for pair in self.pairs:
            if pair.target in seen:
                reason = f"The field {pair.target!r} is mapped twice. Keep one of them."
                raise InvalidPlan(reason)
            seen.add(pair.target)

    @property
    def targets(self) -> frozenset[str]:
        """The fields that the pairs fill."""
        return frozenset(pair.target for pair in self.pairs)

    def problems(self, entity_type: EntityType) -> tuple[str, ...]:
        """Say in sentences what keeps an import from starting; mostly nothing.

        A mapping by same names is judged record by record.
        """
        if self.same_names:
            return ()
        if not self.pairs:
            return (MISSING_REQUIRED,)
        known = {each.name for each in entity_type.import_fields}
        found = [
            f"{entity_type.name} has no field {target!r} to import into."
            for target in sorted(self.targets - known)
            if not entity_type.open
        ]
        if unmapped_fields(entity_type, self.targets):
            found.append(MISSING_REQUIRED)
        return tuple(found)

    def compile(self, entity_type: EntityType) -> Callable[[Values], Values]:
        """Build the function that turns a record's fields into an item's.

        A source field that a record does not hold leaves its target out:
        absence and null stay different things. (Liferay's reader turns the one
        into the other.)
        """
        pairs = tuple((pair.source, pair.target) for pair in self.pairs)
        if not self.same_names:
            return lambda values: {
                target: values[source] for source, target in pairs if source in values
            }
        claimed = {source for source, _ in pairs} | self.targets
        wanted = {each.name for each in entity_type.import_fields} - claimed
        refused = {each.name for each in entity_type.fields if each.read_only} | claimed

        def by_name(values: Values) -> Values:
            if entity_type.open:
                item = {k: v for k, v in values.items() if k not in refused}
            else:
                item = {k: v for k, v in values.items() if k in wanted}
            for source, target in pairs:
                if source in values:
                    item[target] = values[source]
            return item

        return by_name


def unmapped_fields(entity_type: EntityType, targets: Iterable[str]) -> tuple[str, ...]:
    """Return the required fields that nothing fills; one of a group is enough."""
    mapped = set(targets)
    groups = {
        each.any_of_group for each in entity_type.import_fields if each.name in mapped
    }
    return tuple(
        each.name
        for each in entity_type.import_fields
        if each.required
        and each.name not in mapped
        and (not each.any_of_group or each.any_of_group not in groups)
    )
