"""The target of a dry run: an installation that remembers writes and stores nothing.

Later items of the run meet what earlier ones would have created: definitions bring
their entity types, and parents can be named. What the rules cannot ask an installation
for, they take on trust; see :mod:`dmc_widgets.tasks.checkers.entry_lookups`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final, Protocol

from ...model.entity_type import (
    LIST_TYPE_DEFINITION,
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    EntityType,
    Field,
    Site,
)
from ...model.outcome import Outcome, OutcomeKind
from ...model.plan import ImportPlan
from ...model.run_options import RunOptions
from ...model.strategies import ErrorStrategy, Policy, UpdateStrategy
from ...objects.documents.definition_bodies import build_status
from ...objects.documents.kinds import KINDS_BY_NAME
from ...objects.entries.merged_items import drop_empty_values
from ...objects.entries.system_properties import has_site_scope
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Batch, Installation, Item, Query, SiteDirectory
from ..checkers import create_checker
from ..checkers.document_checker import DocumentChecker
from ..checkers.protocol import Checker
from ..installation_access import require_permission
from ..migration.key_store import KeyStore
from ..site_checks import list_sites
from .new_types import build_new_types, by_code

_PAGE_SIZE: Final = 500
_LINK_PREFIX: Final = "r_"
_CREATED, _REPLACED, _MERGED = "made", "replaced", "merged"
_UPDATED_GROUPS: Final = {
    UpdateStrategy.UPDATE: _REPLACED,
    UpdateStrategy.PARTIAL_UPDATE: "patched",
    UpdateStrategy.MERGE: _MERGED,
}
_ENTRY_GROUPS: Final = (_CREATED, *_UPDATED_GROUPS.values())
"""What the first pass does to entries; part of the name of a group of keys."""


class SentItems(Protocol):
    """The items that a task sends, as its dry run has to know them later."""

    def entity_type(self, name: object) -> EntityType | None:
        """Return the entity type of a definition's entries; None if it has none."""
        ...

    def entries(
        self, entity_type: EntityType, keys: Sequence[str], scope: str
    ) -> dict[str, Item]:
        """Return the entries that were sent under these codes, by code.

        Args:
            entity_type: The entity type in the target.
            keys: The external reference codes of the entries.
            scope: The key of their site; empty for company scope.
        """
        ...

    def remember(
        self, entity_type: EntityType, batch: Batch, outcomes: Sequence[Outcome]
    ) -> None:
        """Take note of what was sent, with what would become of it."""
        ...


class DryRunTarget:
    """An :class:`~dmc_widgets.ports.Installation` over another, for a dry run.

    Args:
        installation: The target, which is only read. It is left open.
        incoming: The items that the task sends.
        store: Receives the keys of entries that would be created or changed.
    """

    def __init__(
        self, installation: Installation, incoming: SentItems, store: KeyStore
    ) -> None:
        self._installation = installation
        self._incoming = incoming
        self._store = store
        self._types: list[EntityType] | None = None
        self._new_types: list[EntityType] | None = None
        self._documents: dict[str, dict[str, Item]] = {}
        self._numbers = itertools.count(-1, -1)
        self._checkers: dict[tuple[str, Policy, str], Checker] = {}

    def entity_types(self) -> list[EntityType]:
        """Return the entity types that the target has, or would have by now."""
        stored = {x.key: x for x in self._stored_types()}
        lazy_references = all(x.lazy_references for x in stored.values())
        new = {
            x.key: replace(x, lazy_references=lazy_references)
            for x in self._remembered_types()
        }
        return list((stored | new).values())

    def require_permission(
        self, entity_type: EntityType, policy: Policy, scope: str = ""
    ) -> None:
        """Refuse what the target would refuse for lack of a permission.

        It does not know yet what it will allow for an entity type that is new.
        """
        if self._is_stored(entity_type):
            require_permission(self._installation, entity_type, policy, scope)

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield what the target holds, with the changes made so far."""
        if entity_type.class_name == OBJECT_ENTRY:
            if not self._is_stored(entity_type):
                return
            items = self._installation.read(entity_type, query)
            yield from self._apply_updates(entity_type, items, query)
            return
        items = self._installation.read(entity_type, query)
        created = self._documents.get(entity_type.key, {})
        for item in items:
            if item.get(ERC) not in created:
                yield item
        yield from created.values()

    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return what the target would hold by now."""
        items: dict[str, Item] = {}
        if self._is_stored(entity_type):
            items.update(self._installation.fetch(entity_type, keys, scope))
        if entity_type.class_name != OBJECT_ENTRY:
            created = self._documents.get(entity_type.key, {})
            items.update((key, created[key]) for key in keys if key in created)
            return items
        known = {
            change: self._store.find(_group_name(change, entity_type), scope, keys)
            for change in _ENTRY_GROUPS
        }
        written = sorted(set().union(*known.values()))
        if written:
            sent = self._incoming.entries(entity_type, written, scope)
            for key, item in sent.items():
                before = items.get(key, {"id": next(self._numbers)})
                if key in known[_REPLACED]:
                    before = _clear_fields(before, entity_type)
                is_merged = key in known[_MERGED]
                sent_values = drop_empty_values(item) if is_merged else item
                items[key] = {**before, **sent_values}
        return items

    def write(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Return what would become of the batch, and remember what it would change."""
        checker = self._checker(entity_type, batch)
        outcomes = checker.predict_outcomes(batch.items)
        if batch.policy.error_strategy is ErrorStrategy.STOP:
            outcomes = _stop_at_first_failure(batch.items, outcomes)
        if isinstance(checker, DocumentChecker):
            self._remember_documents(checker)
        else:
            self._incoming.remember(entity_type, batch, outcomes)
            updated = _UPDATED_GROUPS[batch.policy.update_strategy]
            for change, kind in (
                (_CREATED, OutcomeKind.CREATED),
                (updated, OutcomeKind.UPDATED),
            ):
                keys = _keys_with_outcome(batch, outcomes, kind)
                self._store.add(_group_name(change, entity_type), keys)
        return outcomes

    @property
    def adds_sites(self) -> bool:
        """Return True if the target can add sites, or does not list any."""
        target = self._installation
        return not isinstance(target, SiteDirectory) or target.adds_sites

    def sites(self, entity_type: EntityType) -> list[Site]:
        """Return the sites of the target."""
        return list(list_sites(self._installation, entity_type))

    def has_site(self, entity_type: EntityType, key: str) -> bool:
        """Return True if the target has a site, or does not list any.

        It is asked for one of its own entity types where this one is new.
        """
        target = self._installation
        if not isinstance(target, SiteDirectory):
            return True
        if not self._is_stored(entity_type):
            sited = [x for x in self._stored_types() if has_site_scope(x)]
            return not sited or target.has_site(sited[0], key)
        return target.has_site(entity_type, key)

    def close(self) -> None:
        """Leave the target open; its owner closes it."""

    def _remembered_types(self) -> list[EntityType]:
        """Return the entity types of definitions that would be created or changed."""
        if self._new_types is None:
            definitions = self._documents.get(OBJECT_DEFINITION, {})
            known = {
                code: self._incoming.entity_type(definition.get("name"))
                for code, definition in definitions.items()
            }
            unknown = [code for code, found in known.items() if found is None]
            self._new_types = [found for found in known.values() if found is not None]
            self._new_types += self._build_types(unknown)
        return self._new_types

    def _build_types(self, codes: Sequence[str]) -> Iterator[EntityType]:
        """Yield the entity types of definitions that no source has any more."""
        if not codes:
            return
        stored = {x.key: x for x in self._stored_types()}
        definitions, picklists = (
            by_code(self.read(stored[kind], Query()))
            for kind in (OBJECT_DEFINITION, LIST_TYPE_DEFINITION)
        )
        for built in build_new_types(definitions, picklists, codes):
            before = stored.get(built.key, built)
            yield replace(before, fields=built.fields, children=built.children)

    def _is_stored(self, entity_type: EntityType) -> bool:
        return any(x.key == entity_type.key for x in self._stored_types())

    def _stored_types(self) -> list[EntityType]:
        """Return the target's own entity types, which a dry run does not change."""
        if self._types is None:
            self._types = self._installation.entity_types()
        return self._types

    def _checker(self, entity_type: EntityType, batch: Batch) -> Checker:
        key = (entity_type.key, batch.policy, batch.scope)
        if key not in self._checkers:
            plan = ImportPlan(
                entity_type=entity_type.key,
                policy=batch.policy,
                scope=batch.scope,
                new_sites=batch.new_sites,
                options=RunOptions(journal=batch.journal),
            )
            self._checkers[key] = create_checker(
                self, self.entity_types(), entity_type, plan
            )
        return self._checkers[key]

    def _remember_documents(self, checker: DocumentChecker) -> None:
        """Remember documents as they would be stored, without placeholders.

        Other checkers would not know of them.
        """
        if checker.changed_documents:
            self._new_types = None
            others = [key for key, x in self._checkers.items() if x is not checker]
            for key in others:
                del self._checkers[key]
        for document in checker.changed_documents:
            if not document.is_placeholder:
                kind = KINDS_BY_NAME[document.kind]
                stored = self._documents.setdefault(kind.class_name, {})
                stored[document.erc] = {
                    **document.body,
                    "id": next(self._numbers),
                    "status": build_status(document.status),
                }

    def _apply_updates(
        self, entity_type: EntityType, items: Iterator[Item], query: Query
    ) -> Iterator[Item]:
        """Yield entries of the target with the values that updates would give them."""
        unread = iter(items)
        while page := list(islice(unread, _PAGE_SIZE)):
            keys = [str(item[ERC]) for item in page if item.get(ERC)]
            updated: set[str] = set()
            for change in _UPDATED_GROUPS.values():
                group = _group_name(change, entity_type)
                updated |= self._store.find(group, query.scope, keys)
            after = (
                self.fetch(entity_type, sorted(updated), query.scope) if updated else {}
            )
            for item in page:
                changed = after.get(str(item.get(ERC)), {})
                yield {name: changed.get(name, item[name]) for name in item}


def _clear_fields(stored: Item, entity_type: EntityType) -> Item:
    """Return an entry as a PUT leaves it before it sets values: with relationships."""
    emptied = {
        field.name
        for field in entity_type.fields
        if field.custom and not field.read_only and not _is_link(field)
    }
    return {name: stored[name] for name in stored if name not in emptied}


def _is_link(field: Field) -> bool:
    """Return True for a relationship: to one parent, or a list of entries."""
    return field.name.startswith(_LINK_PREFIX) or field.type == "array"


def _group_name(change: str, entity_type: EntityType) -> str:
    return f"{change} {entity_type.key}"


def _keys_with_outcome(
    batch: Batch, outcomes: Sequence[Outcome], kind: OutcomeKind
) -> Iterator[tuple[str, str]]:
    for item, outcome in zip(batch.items, outcomes, strict=True):
        if outcome.kind is kind:
            yield batch.scope or item.get(SCOPE_KEY) or "", outcome.key


def _stop_at_first_failure(
    items: Sequence[Item], outcomes: Sequence[Outcome]
) -> list[Outcome]:
    """Skip all after the first failure, which would end the import."""
    kinds = [outcome.kind for outcome in outcomes]
    if OutcomeKind.FAILED not in kinds:
        return list(outcomes)
    end = kinds.index(OutcomeKind.FAILED) + 1
    skipped = [Outcome(OutcomeKind.SKIPPED, _item_erc(item)) for item in items[end:]]
    return [*outcomes[:end], *skipped]


def _item_erc(item: Item) -> str:
    erc = item.get(ERC)
    return erc if isinstance(erc, str) else ""
