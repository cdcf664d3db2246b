"""Mappings: the field of a file that fills each field of an entity type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..errors import InvalidPlan
from .coercion import name_tuple, require_flags
from .entity_type import EntityType
from .field_mapping import ABSENT, Expressions, FieldMapping, Step, Values
from .mapping_serialization import pair_from_dict, pair_to_dict, require_keys
from .outcome import Problem
from .representation import html_table
from .strategies import ImportStrategy, Policy, UpdateStrategy

__all__ = [
    "MISSING_REQUIRED",
    "FieldMapping",
    "Mapping",
    "Values",
    "mapping_from_dict",
    "missing_fields",
    "missing_fields_message",
    "unmapped_required_fields",
]

_ERC = "externalReferenceCode"

MULTISELECT = "MultiselectPicklist"

MISSING_REQUIRED = (
    "You must map at least one field and all required fields before continuing."
)


@dataclass(frozen=True, slots=True)
class Mapping:
    """All pairs of one import. Several targets may share a source.

    >>> Mapping(["Titel=title", FieldMapping("", "state", constant="open")])

    Attributes:
        pairs: At most one for each target. A single pair may stand alone, and a plain
            one may be written ``SOURCE=TARGET``.
        same_names: Fields of the file that no pair names fill the target field
            of the same name, where the entity type has one to fill.
        match: The target fields whose values together identify the stored item that a
            record updates, in place of its external reference code; empty for that
            code. A single name may stand alone.

    Raises:
        InvalidPlan: A target has two pairs, or a value is of another kind.
    """

    pairs: tuple[FieldMapping, ...] = ()
    same_names: bool = False
    match: tuple[str, ...] = ()

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(
            self,
            pairs: FieldMapping | str | Iterable[FieldMapping | str] = ...,
            *,
            same_names: bool = ...,
            match: str | Iterable[str] = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        require_flags(self, "same_names")
        object.__setattr__(self, "pairs", _pair_tuple(self.pairs))
        object.__setattr__(self, "match", key_fields(self.match))
        seen: set[str] = set()
        for pair in self.pairs:
            if pair.target in seen:
                reason = f"The field {pair.target!r} is mapped twice. Keep one of them."
                raise InvalidPlan(reason)
            seen.add(pair.target)

    def __repr__(self) -> str:
        parts = [pair.summary for pair in self.pairs]
        parts += ["same_names=True"] if self.same_names else []
        parts += [f"match={list(self.match)}"] if self.match else []
        return f"Mapping({', '.join(parts)})"

    def _repr_html_(self) -> str:
        rows = (
            (pair.source or pair.expression or repr(pair.constant), pair.target)
            for pair in self.pairs
        )
        title = "Mapping, fields of the same name" if self.same_names else "Mapping"
        return html_table(title, ("Source", "Target"), rows)

    @property
    def targets(self) -> frozenset[str]:
        """The target fields that the pairs fill."""
        return frozenset(pair.target for pair in self.pairs)

    def problems(
        self,
        entity_type: EntityType,
        fields: Iterable[str] | None = None,
        policy: Policy = Policy(),
    ) -> tuple[str, ...]:
        """Return a sentence for each problem that keeps an import from starting.

        Args:
            entity_type: The entity type that is imported into.
            fields: The fields of the file. Without them nothing is said about fields
                that a mapping by same names may fill.
            policy: The strategies, which decide what fields a record needs.
        """
        problems = self.unknown_targets(entity_type)
        if self.same_names and fields is None:
            return problems
        filled = self.filled(entity_type, fields or ())
        missing = missing_fields(entity_type, filled, policy)
        if filled and not missing:
            return problems
        return (*problems, missing_fields_message(entity_type, missing))

    def filled(self, entity_type: EntityType, fields: Iterable[str]) -> frozenset[str]:
        """Return the target fields that a file with *fields* fills."""
        if not self.same_names:
            return self.targets
        claimed = {pair.source for pair in self.pairs} | self.targets
        known = {field.name: field for field in entity_type.fields}
        same = {
            name
            for name in fields
            if (not known[name].read_only if name in known else entity_type.open)
        }
        return self.targets | (same - claimed)

    def unknown_targets(self, entity_type: EntityType) -> tuple[str, ...]:
        """Return a sentence for each target that the entity type does not have."""
        known = [field.name for field in entity_type.import_fields]
        unknown = sorted(self.targets - set(known))
        if entity_type.open or not unknown:
            return ()
        *others, last = (
            f"{entity_type.name} has no field {target!r} to import into."
            for target in unknown
        )
        return (*others, f"{last} Known: {', '.join(known)}.")

    def with_pairs(self, pairs: Iterable[FieldMapping]) -> Mapping:
        """Return the mapping with *pairs*, which replace those of the same targets."""
        added = tuple(pairs)
        targets = {pair.target for pair in added}
        remaining = tuple(pair for pair in self.pairs if pair.target not in targets)
        return replace(self, pairs=remaining + added)

    def compile(
        self, entity_type: EntityType, expressions: Expressions | None = None
    ) -> Callable[[Values], Values | Problem]:
        """Build the function that turns a record's fields into an item's.

        A source field that a record does not hold leaves its target out:
        absence and null stay different. (Liferay's reader turns absence into null.)

        Args:
            entity_type: The entity type that is imported into.
            expressions: Compiles the expressions of the pairs.

        Returns:
            A function that returns the item, or the problem of the record. The item may
            be the record itself, so it must not be changed.

        Raises:
            InvalidPlan: An expression cannot be read; the error names the target and
                the position.
        """
        base = self._plain(entity_type)
        steps = self._steps(entity_type, expressions)
        if not steps:
            return base

        def compute(values: Values) -> Values | Problem:
            item = {**base(values)}
            for target, step in steps:
                value = step(values)
                if isinstance(value, Problem):
                    return value
                if value is not ABSENT:
                    item[target] = value
            return item

        return compute

    def renamings(self, entity_type: EntityType) -> dict[str, str] | None:
        """Return the target field by the field of the file that fills it.

        None if the mapping does something else than to rename fields, and for entity
        types that take fields of any name.
        """
        if entity_type.open or not all(pair.is_renaming for pair in self.pairs):
            return None
        renamed = {pair.source: pair.target for pair in self.pairs}
        if len(renamed) < len(self.pairs):
            return None
        same = self._accepted(entity_type) if self.same_names else frozenset()
        return {**{name: name for name in same}, **renamed}

    def _accepted(self, entity_type: EntityType) -> frozenset[str]:
        """Return the fields that a mapping by same names fills."""
        claimed = {pair.source for pair in self.pairs} | self.targets
        accepted = {field.name for field in entity_type.import_fields}
        # Children within a record are refused with it, not left out.
        accepted |= {child.name for child in entity_type.children}
        return frozenset(accepted - claimed)

    def _steps(
        self, entity_type: EntityType, expressions: Expressions | None
    ) -> tuple[tuple[str, Step], ...]:
        lists = {
            field.name for field in entity_type.fields if field.type == MULTISELECT
        }
        return tuple(
            (pair.target, pair.step(expressions, split=pair.target in lists))
            for pair in self.pairs
            if not pair.is_renaming
        )

    def _plain(self, entity_type: EntityType) -> Callable[[Values], Values]:
        """Build the function for pairs that only rename and for same names."""
        pairs = tuple(
            (pair.source, pair.target) for pair in self.pairs if pair.is_renaming
        )
        if not self.same_names:
            return lambda values: {
                target: values[source] for source, target in pairs if source in values
            }
        claimed = {pair.source for pair in self.pairs} | self.targets
        accepted = self._accepted(entity_type)
        refused = {
            field.name for field in entity_type.fields if field.read_only
        } | claimed
        is_open = entity_type.open

        def by_name(values: Values) -> Values:
            if refused.isdisjoint(values) if is_open else accepted >= values.keys():
                item = values  # nothing is left out, which is the usual case
            elif is_open:
                item = {k: v for k, v in values.items() if k not in refused}
            else:
                item = {k: v for k, v in values.items() if k in accepted}
            if pairs:
                item = {**item}
            for source, target in pairs:
                if source in values:
                    item[target] = values[source]
            return item

        return by_name

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`mapping_from_dict` reads back."""
        fields = {pair.target: pair_to_dict(pair) for pair in self.pairs}
        match = {"match": list(self.match)} if self.match else {}
        return {"same_names": self.same_names, **match, "fields": fields}


def mapping_from_dict(data: Any) -> Mapping:
    """Build the mapping that *as_dict* or a person wrote.

    Raises:
        InvalidPlan: *data* is not a mapping. The error names the field and the key.
    """
    what = "a mapping"
    require_keys(data, {"same_names", "match", "fields"}, what)
    same_names, fields = data.get("same_names", False), data.get("fields")
    if not isinstance(same_names, bool):
        reason = f"same_names of {what} is {same_names!r}. Write true or false."
        raise InvalidPlan(reason)
    fields = {} if fields is None else fields
    if not isinstance(fields, dict):
        reason = (
            f"fields of {what} is not a table. Write a line TARGET: SOURCE a field."
        )
        raise InvalidPlan(reason)
    pairs = tuple(pair_from_dict(target, entry) for target, entry in fields.items())
    return Mapping(pairs, same_names=same_names, match=_read_match(data, what))


def key_fields(names: str | Iterable[str]) -> tuple[str, ...]:
    """Return the fields that records are matched by, each once, without spaces.

    The external reference code alone is what records are matched by anyway.

    Raises:
        InvalidPlan: *names* holds something else than names, or an empty one.
    """
    stripped = [name.strip() for name in name_tuple(names, "match")]
    if "" in stripped:
        reason = "match holds an empty name. Name the fields that identify a record."
        raise InvalidPlan(reason)
    unique = tuple(dict.fromkeys(stripped))
    return () if unique == (_ERC,) else unique


def _read_match(data: dict[str, Any], what: str) -> tuple[str, ...]:
    names = data.get("match") or ()
    if not isinstance(names, (str, list, tuple)):
        reason = f"match of {what} is {names!r:.80}. Write the names of fields."
        raise InvalidPlan(reason)
    return key_fields(names)


def _pair_tuple(value: object) -> tuple[FieldMapping, ...]:
    """Return pairs as a tuple; a text is read by :meth:`FieldMapping.parse`."""
    single = isinstance(value, (str, FieldMapping)) or not isinstance(value, Iterable)
    pairs = (value,) if single else tuple(value)  # type: ignore[arg-type]
    made = []
    for pair in pairs:
        if isinstance(pair, str):
            made.append(FieldMapping.parse(pair))
        elif isinstance(pair, FieldMapping):
            made.append(pair)
        else:
            reason = f"pairs holds {pair!r:.80}. Give a FieldMapping or SOURCE=TARGET."
            raise InvalidPlan(reason)
    return tuple(made)


def missing_fields(
    entity_type: EntityType, filled: Iterable[str], policy: Policy
) -> tuple[str, ...]:
    """Return the fields that nothing fills although every record needs them.

    Records that may add an item need all required fields but those with a default
    value. An update that keeps what a record leaves out needs none; one that
    overwrites keeps relationships and read-only fields all the same.
    """
    adds = policy.import_strategy is not ImportStrategy.UPDATE
    overwrites = policy.update_strategy is UpdateStrategy.UPDATE
    if policy.import_strategy is not ImportStrategy.INSERT and not overwrites:
        return ()
    fields = {field.name: field for field in entity_type.import_fields}
    return tuple(
        name
        for name in unmapped_required_fields(entity_type, filled)
        if not fields[name].has_default and (adds or not fields[name].stays)
    )


def missing_fields_message(entity_type: EntityType, missing: Iterable[str]) -> str:
    """Return Liferay's refusal with the names of the fields that nothing fills."""
    groups: dict[str, list[str]] = {}
    fields = {field.name: field for field in entity_type.fields}
    for name in missing:
        groups.setdefault(fields[name].any_of_group or name, []).append(repr(name))
    if not groups:
        return MISSING_REQUIRED
    named = ", ".join(" or ".join(names) for names in groups.values())
    return f"{MISSING_REQUIRED} Nothing fills: {named}."


def unmapped_required_fields(
    entity_type: EntityType, targets: Iterable[str]
) -> tuple[str, ...]:
    """Return the required fields that nothing fills; one of a group is enough."""
    mapped = set(targets)
    groups = {
        field.any_of_group
        for field in entity_type.import_fields
        if field.name in mapped
    }
    return tuple(
        field.name
        for field in entity_type.import_fields
        if field.required
        and field.name not in mapped
        and (not field.any_of_group or field.any_of_group not in groups)
    )
