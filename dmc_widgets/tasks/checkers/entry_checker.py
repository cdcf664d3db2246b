"""The checker of entries."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from ...model.entity_type import EntityType
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.plan import ImportPlan
from ...objects.entries.decisions import EntryDecider
from ...objects.entries.entry_journal import EntryJournal
from ...objects.entries.merged_items import drop_empty_values
from ...objects.entries.system_properties import (
    CATEGORY_BRIEFS,
    CATEGORY_IDS,
    resolve_site,
)
from ...objects.entries.validation import EntryRules, ValidatedEntry
from ...objects.fields.attachment import IncomingFile
from ...objects.fields.encrypted import HIDDEN, Secret
from ...objects.fields.number import parse_integer
from ...objects.fields.relationship import ParentRelationship
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Installation, Item
from ..site_checks import SiteCheck
from .compiled_rules import CompiledRules
from .entry_lookups import EntryLookups
from .protocol import ItemCheck

AS_ENTERED: Final = "DateTimeAsEntered"
"""The type of a DateTime field that keeps clock times without a zone."""

_UNCHECKED_FIELDS: Final = frozenset(
    {CATEGORY_BRIEFS, CATEGORY_IDS, SCOPE_KEY, "status"}
)
_ABSENT: Final = object()
_FIRST_NEW_ID: Final = -(10**9)
"""Neither a stored entry has such an id, nor a linked one in the look-ups."""


class EntryChecker:
    """A :class:`~.protocol.Checker` of entries.

    What cannot be asked for is taken on trust; see :mod:`.entry_lookups`.

    Args:
        installation: The target; it is only read.
        entity_type: The entity type of the items.
        compiled: The rules of the entity type.
        plan: The plan, with its strategies and its site.
    """

    def __init__(
        self,
        installation: Installation,
        entity_type: EntityType,
        compiled: CompiledRules,
        plan: ImportPlan,
    ) -> None:
        self._rules = compiled.rules
        self._plan = plan
        self._sites = SiteCheck(installation, entity_type, plan)
        self._lookups = EntryLookups(
            installation,
            entity_type,
            compiled,
            lambda item: self._check_repeatedly(item)[0],
        )
        self._types = _field_types(entity_type, compiled.rules)
        self._links = _links_by_name(compiled.rules)
        self._groups = _equivalent_fields(compiled.rules)

    def type_of(self, name: str) -> str:
        """Return the type of a field."""
        return self._types.get(name, "")

    def related_fields(self, field: str) -> frozenset[str]:
        """Return the field, and the other names under which items have its value."""
        return self._groups.get(field, frozenset({field}))

    def check_values(self, item: Item) -> ItemCheck:
        """Check each value, whether others have problems or not."""
        checked, rest, problems = self._check_repeatedly(item)
        pairs = ((name, self._presentable(name, rest[name], checked)) for name in rest)
        values = {name: value for name, value in pairs if value is not _ABSENT}
        return ItemCheck(values, problems)

    def predict_outcomes(self, items: Sequence[Item]) -> list[Outcome]:
        """Return the outcome of each item; see :class:`~.protocol.Checker`."""
        if self._plan.policy.merges:
            items = list(map(drop_empty_values, items))
        sites = [self._site(item) for item in items]
        outcomes: dict[int, Outcome] = {}
        for site in dict.fromkeys(sites):
            places = [place for place, other in enumerate(sites) if other == site]
            if isinstance(site, Problem):
                failed = Outcome(OutcomeKind.FAILED, "", site)
                outcomes.update(dict.fromkeys(places, failed))
            else:
                predicted = self._predict_in_site([items[x] for x in places], site)
                outcomes.update(zip(places, predicted, strict=True))
        return [outcomes[place] for place in range(len(items))]

    def _site(self, item: Item) -> str | Problem:
        if self._rules.company_scoped:
            return self._plan.scope
        site = resolve_site(item, self._plan.scope, self._rules.short_name)
        if isinstance(site, Problem):
            return site
        return self._sites.problem(site) or site

    def _predict_in_site(self, items: list[Item], site: str) -> list[Outcome]:
        checked = [self._rules.check(item) for item in items]
        context = self._lookups.look_up(items, checked, site)
        decider = EntryDecider(
            self._rules,
            self._plan.policy,
            context,
            itertools.count(_FIRST_NEW_ID, -1).__next__,
            lambda: str(uuid.uuid4()),
        )
        if self._plan.options.journal:
            decider.journal = EntryJournal(self._rules, context, site, 0)
        return [decider.decide(entry) for entry in checked]

    def _check_repeatedly(
        self, item: Item
    ) -> tuple[ValidatedEntry, Item, list[Problem]]:
        """Check an item again without the values that failed, until the rest passes."""
        rest, problems = dict(item), list[Problem]()
        checked = self._rules.check(rest)
        while checked.problem is not None:
            problems.append(checked.problem)
            failed = self.related_fields(checked.problem.field) & rest.keys()
            if not failed:
                break
            rest = {name: rest[name] for name in rest if name not in failed}
            checked = self._rules.check(rest)
        return checked, rest, problems

    def _presentable(self, name: str, value: Any, checked: ValidatedEntry) -> Any:
        if name == ERC:
            return checked.erc or None
        if name in self._links:
            return _presentable_link(self._links[name], name, value)
        if name in checked.values:
            stored = checked.values[name]
            is_exact = self._types.get(name) == "PrecisionDecimal"
            return Decimal(stored) if is_exact else _presentable_value(stored)
        if name in checked.many:
            return list(checked.many[name])
        if name in checked.nulls:
            return None
        return value if name in _UNCHECKED_FIELDS else _ABSENT


def _field_types(entity_type: EntityType, rules: EntryRules) -> dict[str, str]:
    types = {field.name: field.type for field in entity_type.fields}
    for field_rules in rules.fields:
        if field_rules.settings.get("timeStorage") == "useInputAsEntered":
            types[field_rules.name] = AS_ENTERED
    return types


def _links_by_name(rules: EntryRules) -> dict[str, ParentRelationship]:
    return {
        name: link
        for link in rules.links
        for name in (link.id_name, link.erc_name, link.nested_name)
    }


def _equivalent_fields(rules: EntryRules) -> dict[str, frozenset[str]]:
    """Group the names under which an item may have the same value."""
    groups = [
        frozenset({link.id_name, link.erc_name, link.nested_name})
        for link in rules.links
    ]
    groups += [frozenset({x.name, x.map_name}) for x in rules.localized]
    groups.append(frozenset({CATEGORY_BRIEFS, CATEGORY_IDS}))
    return {name: group for group in groups for name in group}


def _presentable_link(link: ParentRelationship, name: str, value: Any) -> Any:
    if name == link.id_name:
        return parse_integer(value) or None
    if isinstance(value, str):
        return value if value.strip() else None
    return value


def _presentable_value(value: Any) -> Any:
    """Return a value without secrets and without the content of files."""
    if isinstance(value, Secret):
        return HIDDEN
    if isinstance(value, IncomingFile):
        size = {} if value.content is None else {"size": value.content.size}
        return {**value.to_report(), **size}
    return value
