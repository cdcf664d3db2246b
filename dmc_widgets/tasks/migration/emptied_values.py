"""Fields of the target that a migration with *Overwrite Records* would empty.

An entry that is overwritten loses the value of each field that its source entry does
not have, and a source without the field has a value for none. So a field counts as
emptied if the source lacks it, or if no entry of the source has a value in it. Entries
of the target that the source does not have are not overwritten, and do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from operator import length_hint
from typing import Final, NamedTuple

from ...errors import InstallationError, RequestError
from ...model.entity_type import EntityType, Field, object_short_name
from ...model.mapping import Mapping
from ...model.match_keys import find_key
from ...model.plan import ImportPlan, MigrationPlan
from ...model.strategies import ImportStrategy, UpdateStrategy
from ...objects.entries.system_properties import has_site_scope
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Installation, Item, Query
from ..imports.record_matching import RecordMatcher
from .selection import MigrationPart, ResolvedSelection

_SAMPLE: Final = 200
_PAGE: Final = 500


class EmptiedField(NamedTuple):
    """A field whose values would go.

    Attributes:
        definition: The name of the object.
        field: The name of the field.
        number: How many entries would lose a value.
    """

    definition: str
    field: str
    number: int


def find_emptied_fields(
    plan: MigrationPlan,
    selected: ResolvedSelection,
    source: Installation,
    target: Installation,
) -> list[EmptiedField]:
    """Return the fields of the target that the migration would empty, with numbers.

    Raises:
        InstallationError: One of the installations does not answer.
    """
    policy = plan.policy
    if policy.update_strategy is not UpdateStrategy.UPDATE:
        return []
    if policy.import_strategy is ImportStrategy.INSERT:
        return []
    known = {entity_type.key: entity_type for entity_type in target.entity_types()}
    return [
        emptied
        for part in selected.parts
        if part.is_entries and not part.is_dependency and not part.second_pass_fields
        if part.entity_type.key in known
        for emptied in _emptied_in(
            part,
            known[part.entity_type.key],
            _SourceEntries(
                source, part.entity_type, find_key(plan.match, part.entity_type)
            ),
            target,
        )
    ]


def format_emptied_fields(emptied: Sequence[EmptiedField]) -> str:
    """Return what would be emptied, in one sentence."""
    texts = [
        f"{field} of {number:,} {'entry' if number == 1 else 'entries'} of {definition}"
        for definition, field, number in emptied
    ]
    return (
        "Overwriting empties what the source has no value for, as in Liferay: "
        f"{'; '.join(texts)}."
    )


def _emptied_in(
    part: MigrationPart,
    target_type: EntityType,
    source: _SourceEntries,
    target: Installation,
) -> Iterator[EmptiedField]:
    candidates = [field.name for field in target_type.fields if _is_emptied(field)]
    own = {field.name for field in part.entity_type.export_fields}
    shared = [name for name in candidates if name in own]
    empty = _empty_fields(part, shared, source.installation)
    for name in candidates:
        if name in own and name not in empty:
            continue
        number = _count_lost(target_type, name, source, target)
        if number:
            yield EmptiedField(object_short_name(target_type.name), name, number)


def _is_emptied(field: Field) -> bool:
    """Return True for a field that entries keep only if a record names it."""
    return field.custom and not (
        field.stays or field.read_only or field.fixed or field.any_of_group
    )


def _empty_fields(
    part: MigrationPart, names: Sequence[str], source: Installation
) -> set[str]:
    """Return the fields of which no entry that moves has a value."""
    if not names:
        return set()
    sample = _read_sample(part, names, source)
    empty = {name for name in names if not any(_is_value(x.get(name)) for x in sample)}
    if len(sample) < _SAMPLE:
        return empty
    return {name for name in empty if not _has_value(part, name, source)}


def _read_sample(
    part: MigrationPart, names: Sequence[str], source: Installation
) -> list[Item]:
    """Read the first entries that move; a filter keeps a server from exporting all."""
    query = Query(fields=(ERC, *names), filter=part.filter)
    if not part.filter:
        try:
            filtered = replace(query, filter=f"{ERC} ne null")
            return list(islice(source.read(part.entity_type, filtered), _SAMPLE))
        except RequestError:  # not every server compares codes with null
            pass
    return list(islice(source.read(part.entity_type, query), _SAMPLE))


def _has_value(part: MigrationPart, name: str, source: Installation) -> bool:
    """Return True if a value is found, or if the source cannot look for one."""
    expression = f"{name} ne null"
    if part.filter:
        expression = f"({part.filter}) and ({expression})"
    try:
        query = Query(fields=(ERC,), filter=expression)
        items = source.read(part.entity_type, query)
        return length_hint(items) > 0 or next(iter(items), None) is not None
    except RequestError:
        return True


class _SourceEntries(NamedTuple):
    """The entries that move, as those of the target find them.

    Attributes:
        installation: The source.
        entity_type: The entity type there.
        key: The fields that identify an entry; empty for its code.
    """

    installation: Installation
    entity_type: EntityType
    key: tuple[str, ...]

    def count(self, items: Sequence[Item]) -> int:
        """Return how many entries of a site of the target the source has as well."""
        if self.key:
            mapping = Mapping(match=self.key)
            plan = ImportPlan(entity_type=self.entity_type.key, mapping=mapping)
            matcher = RecordMatcher(self.installation, plan, self.entity_type)
            return matcher.count_found(items)
        site = str(items[0].get(SCOPE_KEY) or "") if items else ""
        keys = [str(item[ERC]) for item in items]
        return len(self.installation.fetch(self.entity_type, keys, site))


def _count_lost(
    target_type: EntityType, name: str, source: _SourceEntries, target: Installation
) -> int:
    """Count the entries with a value that the source would overwrite."""
    fields: tuple[str, ...] = (ERC, name, *source.key)
    if has_site_scope(target_type):
        fields = (*fields, SCOPE_KEY)
    try:
        holding = target.read(
            target_type, Query(fields=fields, filter=f"{name} ne null")
        )
    except RequestError:
        holding = target.read(target_type, Query(fields=fields))
    entries = (x for x in holding if _is_value(x.get(name)) and x.get(ERC))
    number = 0
    while page := list(islice(entries, _PAGE)):
        for site in dict.fromkeys(item.get(SCOPE_KEY) for item in page):
            try:
                number += source.count([x for x in page if x.get(SCOPE_KEY) == site])
            except (InstallationError, RequestError):  # the source lacks the site
                continue
    return number


def _is_value(value: object) -> bool:
    """Return True unless a value is as good as none; false may be a default."""
    return value not in (None, False, "", [], {})
