"""A target that is only asked: what a dry run writes is remembered, not stored.

Later items of the run meet what earlier ones would have made: definitions that
would come bring their entity types, and parents that would be created can be named.
What the rules cannot ask an installation for, they take on trust; see
:mod:`.entry_lookups`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Final

from ...model.entity_type import (
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    EntityType,
    Field,
    Site,
    object_type_name,
)
from ...model.outcome import Outcome, OutcomeKind
from ...model.plan import ImportPlan
from ...model.strategies import ErrorStrategy, Policy, UpdateStrategy
from ...objects.documents.change_set import StoredDocument
from ...objects.documents.definition_bodies import build_status
from ...objects.documents.kinds import KINDS_BY_NAME
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Batch, Installation, Item, Query, SiteDirectory
from ..checkers.document_checker import DocumentChecker
from ..checkers.factory import create_checker
from ..checkers.protocol import Checker
from ..installation_access import require_permission
from ..site_checks import list_sites
from .key_store import KeyStore
from .selection import MigrationPart
from .source_items import fields_to_move

_PAGE_SIZE: Final = 500
_LINK_PREFIX: Final = "r_"
_CREATED, _REPLACED, _PATCHED = "made", "replaced", "patched"
_ENTRY_GROUPS: Final = (_CREATED, _REPLACED, _PATCHED)
"""What the first pass does to entries, in the names of the groups of their keys."""


class IncomingItems:
    """What a source has for a target, as the first pass sends it.

    Args:
        source: The installation that items come from.
        left_out: By entity type's key, the fields that wait for the second pass.
    """

    def __init__(self, source: Installation, left_out: Mapping[str, Set[str]]) -> None:
        self._source = source
        self._left_out = left_out
        self._types = {
            entity_type.name: entity_type for entity_type in source.entity_types()
        }

    def entity_type(self, name: object) -> EntityType | None:
        """Return the entity type of a definition's entries, if it has some."""
        return self._types.get(object_type_name(name))

    def entries(
        self, entity_type: EntityType, keys: Sequence[str], scope: str
    ) -> dict[str, Item]:
        """Return the entries of these codes with what the first pass sends of them.

        Args:
            entity_type: As the target has it, or will.
            keys: Their external reference codes.
            scope: The key of their site; empty for company scope.
        """
        own = self._types.get(entity_type.name)
        if own is None:
            return {}
        left_out = frozenset(self._left_out.get(own.key, frozenset()))
        names = fields_to_move(
            MigrationPart(entity_type=own, left_out=left_out), entity_type
        )
        return {
            key: {name: item[name] for name in names or item if name in item}
            for key, item in self._source.fetch(own, keys, scope).items()
        }


class DryRunTarget:
    """An :class:`~dmc_widgets.ports.Installation` over another, for a dry run.

    Args:
        installation: The target. Closing the rehearsal leaves it open.
        arriving: Where what would come comes from.
        store: Remembers the keys of entries that would be created or changed.
    """

    def __init__(
        self, installation: Installation, arriving: IncomingItems, store: KeyStore
    ) -> None:
        self._installation = installation
        self._arriving = arriving
        self._store = store
        self._there: list[EntityType] | None = None
        self._documents: dict[str, dict[str, Item]] = {}
        self._numbers = itertools.count(-1, -1)
        self._checkers: dict[tuple[str, Policy, str], Checker] = {}

    def entity_types(self) -> list[EntityType]:
        """Those of the target, and those of definitions that would have come."""
        coming = self._documents.get(OBJECT_DEFINITION, {}).values()
        new = [self._arriving.entity_type(each.get("name")) for each in coming]
        found = {each.key: each for each in self._types_there()}
        found.update((each.key, each) for each in new if each is not None)
        return list(found.values())

    def require_permission(
        self, entity_type: EntityType, policy: Policy, scope: str = ""
    ) -> None:
        """Refuse what the target would refuse."""
        require_permission(self._installation, entity_type, policy, scope)

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield what the target holds and, of documents, what it would."""
        items = self._installation.read(entity_type, query)
        if entity_type.class_name == OBJECT_ENTRY:
            yield from self._after_updates(entity_type, items, query)
            return
        coming = self._documents.get(entity_type.key, {})
        for item in items:
            if item.get(ERC) not in coming:
                yield item
        yield from coming.values()

    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return what the target holds, or would hold by now."""
        found: dict[str, Item] = {}
        if self._is_there(entity_type):
            found.update(self._installation.fetch(entity_type, keys, scope))
        if entity_type.class_name != OBJECT_ENTRY:
            coming = self._documents.get(entity_type.key, {})
            found.update((key, coming[key]) for key in keys if key in coming)
            return found
        known = {
            fate: self._store.known(_group_name(fate, entity_type), scope, keys)
            for fate in _ENTRY_GROUPS
        }
        written = sorted(set().union(*known.values()))
        if written:
            sent = self._arriving.entries(entity_type, written, scope)
            for key, item in sent.items():
                before = found.get(key, {"id": next(self._numbers)})
                if key in known[_REPLACED]:
                    before = _clear_fields(before, entity_type)
                found[key] = {**before, **item}
        return found

    def write(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Say what would become of the batch, and remember what it would make."""
        checker = self._checker(entity_type, batch)
        outcomes = checker.outcomes(batch.items)
        if batch.policy.error_strategy is ErrorStrategy.STOP:
            outcomes = _stop_at_first_failure(batch.items, outcomes)
        if isinstance(checker, DocumentChecker):
            self._keep_documents(checker.made)
        else:
            replaces = batch.policy.update_strategy is UpdateStrategy.UPDATE
            updated = _REPLACED if replaces else _PATCHED
            for fate, kind in (
                (_CREATED, OutcomeKind.CREATED),
                (updated, OutcomeKind.UPDATED),
            ):
                keys = _keys_with_outcome(batch, outcomes, kind)
                self._store.add(_group_name(fate, entity_type), keys)
        return outcomes

    @property
    def adds_sites(self) -> bool:
        """Return True if the target can add sites, or does not tell of them."""
        target = self._installation
        return not isinstance(target, SiteDirectory) or target.adds_sites

    def sites(self, entity_type: EntityType) -> list[Site]:
        """Return the sites of the target."""
        return list(list_sites(self._installation, entity_type))

    def has_site(self, entity_type: EntityType, key: str) -> bool:
        """Return True if the target has a site, or does not tell."""
        target = self._installation
        if not isinstance(target, SiteDirectory):
            return True
        return target.has_site(entity_type, key)

    def close(self) -> None:
        """Leave the target open: it is the caller's."""

    def _is_there(self, entity_type: EntityType) -> bool:
        return any(each.key == entity_type.key for each in self._types_there())

    def _types_there(self) -> list[EntityType]:
        """Return what the target has; it is asked once, for nothing changes it here."""
        if self._there is None:
            self._there = self._installation.entity_types()
        return self._there

    def _checker(self, entity_type: EntityType, batch: Batch) -> Checker:
        key = (entity_type.key, batch.policy, batch.scope)
        if key not in self._checkers:
            plan = ImportPlan(
                entity_type=entity_type.key,
                policy=batch.policy,
                scope=batch.scope,
                new_sites=batch.new_sites,
            )
            self._checkers[key] = create_checker(
                self, self.entity_types(), entity_type, plan
            )
        return self._checkers[key]

    def _keep_documents(self, made: Sequence[StoredDocument]) -> None:
        """Remember documents as they would stand; placeholders are not there yet."""
        for document in made:
            if not document.is_placeholder:
                kept = self._documents.setdefault(
                    KINDS_BY_NAME[document.kind].class_name, {}
                )
                kept[document.erc] = {
                    **document.body,
                    "id": next(self._numbers),
                    "status": build_status(document.status),
                }

    def _after_updates(
        self, entity_type: EntityType, items: Iterator[Item], query: Query
    ) -> Iterator[Item]:
        """Yield entries of the target with the values that updates would give them."""
        unread = iter(items)
        while page := list(islice(unread, _PAGE_SIZE)):
            keys = [str(item[ERC]) for item in page if item.get(ERC)]
            updated: set[str] = set()
            for fate in (_REPLACED, _PATCHED):
                group = _group_name(fate, entity_type)
                updated |= self._store.known(group, query.scope, keys)
            after = (
                self.fetch(entity_type, sorted(updated), query.scope) if updated else {}
            )
            for item in page:
                changed = after.get(str(item.get(ERC)), {})
                yield {name: changed.get(name, item[name]) for name in item}


def _clear_fields(stored: Item, entity_type: EntityType) -> Item:
    """Return an entry as a PUT leaves it before its values: relationships stay."""
    lost = {
        field.name
        for field in entity_type.fields
        if field.custom and not field.read_only and not _is_link(field)
    }
    return {name: stored[name] for name in stored if name not in lost}


def _is_link(field: Field) -> bool:
    """Return True for a relationship: to one parent, or a list of entries."""
    return field.name.startswith(_LINK_PREFIX) or field.type == "array"


def _group_name(fate: str, entity_type: EntityType) -> str:
    return f"{fate} {entity_type.key}"


def _keys_with_outcome(
    batch: Batch, outcomes: Sequence[Outcome], kind: OutcomeKind
) -> Iterator[tuple[str, str]]:
    for item, outcome in zip(batch.items, outcomes, strict=True):
        if outcome.kind is kind:
            yield batch.scope or item.get(SCOPE_KEY) or "", outcome.key


def _stop_at_first_failure(
    items: Sequence[Item], outcomes: Sequence[Outcome]
) -> list[Outcome]:
    """Let the first failure end the batch, as it would end the import."""
    kinds = [outcome.kind for outcome in outcomes]
    if OutcomeKind.FAILED not in kinds:
        return list(outcomes)
    end = kinds.index(OutcomeKind.FAILED) + 1
    skipped = [Outcome(OutcomeKind.SKIPPED, _item_code(item)) for item in items[end:]]
    return [*outcomes[:end], *skipped]


def _item_code(item: Item) -> str:
    code = item.get(ERC)
    return code if isinstance(code, str) else ""
