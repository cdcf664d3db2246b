"""A target that is only asked: what a dry run writes is remembered, not stored.

Later items of the run meet what earlier ones would have made: definitions that
would come bring their entity types, and parents that would be created can be named.
What the rules cannot ask an installation for, they take on trust; see
:mod:`.entry_lookups`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

from ..model.entity import OBJECT_DEFINITION, OBJECT_ENTRY, EntityType
from ..model.outcome import Outcome, OutcomeKind
from ..model.plan import ImportPlan
from ..model.site import Site
from ..model.strategies import ErrorStrategy, Policy, UpdateStrategy
from ..objects.entry_faults import ERC, SCOPE_KEY
from ..ports import Batch, Installation, Item, Query, SiteDirectory
from .checkers import checker_for
from .checking import Checker
from .key_store import KeyStore
from .rights import require_right
from .sites import sites_of

_STOPPED: Final = Outcome(OutcomeKind.SKIPPED)


class Arriving:
    """What a source has for a target, as it stands after the first pass.

    Args:
        source: Where it is.
        left_out: By entity type's key, the fields that wait for the second pass.
    """

    def __init__(self, source: Installation, left_out: Mapping[str, Set[str]]) -> None:
        self._source = source
        self._left_out = left_out
        self._types = {each.name: each for each in source.entity_types()}

    def entity_type(self, name: object) -> EntityType | None:
        """Return the entity type of a definition's entries, if it has some."""
        return self._types.get(f"C_{name}")

    def entries(
        self, entity_type: EntityType, keys: Sequence[str], scope: str
    ) -> dict[str, Item]:
        """Return the entries of these codes, as they were sent."""
        own = self._types.get(entity_type.name)
        if own is None:
            return {}
        left_out = self._left_out.get(own.key, frozenset())
        return {
            key: {name: item[name] for name in item if name not in left_out}
            for key, item in self._source.fetch(own, keys, scope).items()
        }


class Rehearsal:
    """An :class:`~dmc_widgets.ports.Installation` over another, for a dry run.

    Args:
        installation: The target. Closing the rehearsal leaves it open.
        arriving: Where what would come comes from.
        store: Remembers the keys of entries that would be created.
    """

    def __init__(
        self, installation: Installation, arriving: Arriving, store: KeyStore
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

    def require_right(
        self, entity_type: EntityType, policy: Policy, scope: str = ""
    ) -> None:
        """Refuse what the target would refuse."""
        require_right(self._installation, entity_type, policy, scope)

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield what the target holds and, of documents, what it would."""
        coming = self._documents.get(entity_type.key, {})
        for item in self._installation.read(entity_type, query):
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
        coming = self._documents.get(entity_type.key, {})
        found.update((key, coming[key]) for key in keys if key in coming)
        made = sorted(self._store.known(_group(entity_type), scope, keys))
        if made:
            found.update(self._arriving.entries(entity_type, made, scope))
        return found

    def write(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Say what would become of the batch, and remember what it would make."""
        outcomes = self._checker(entity_type, batch).outcomes(batch.items)
        if batch.policy.on_error is ErrorStrategy.STOP:
            outcomes = _until_a_failure(outcomes)
        if entity_type.class_name == OBJECT_ENTRY:
            keys = _created(batch, outcomes)
            self._store.add(_group(entity_type), keys)
        else:
            self._keep_documents(entity_type, batch, outcomes)
        return outcomes

    @property
    def adds_sites(self) -> bool:
        """Return True if the target can add sites, or does not tell of them."""
        target = self._installation
        return not isinstance(target, SiteDirectory) or target.adds_sites

    def sites(self, entity_type: EntityType) -> list[Site]:
        """Return the sites of the target."""
        return list(sites_of(self._installation, entity_type))

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
            self._checkers[key] = checker_for(
                self, self.entity_types(), entity_type, plan
            )
        return self._checkers[key]

    def _keep_documents(
        self, entity_type: EntityType, batch: Batch, outcomes: Sequence[Outcome]
    ) -> None:
        """Remember documents as they would stand; a PATCH leaves lists alone."""
        kept = self._documents.setdefault(entity_type.key, {})
        replaces = batch.policy.on_update is UpdateStrategy.UPDATE
        for item, outcome in zip(batch.items, outcomes, strict=True):
            created = outcome.kind is OutcomeKind.CREATED
            if created or (replaces and outcome.kind is OutcomeKind.UPDATED):
                # Ids of the source say nothing here, and must not meet the target's.
                kept[outcome.key] = {
                    **item,
                    ERC: outcome.key,
                    "id": next(self._numbers),
                }


def _group(entity_type: EntityType) -> str:
    return f"rehearsed {entity_type.key}"


def _created(batch: Batch, outcomes: Sequence[Outcome]) -> Iterator[tuple[str, str]]:
    for item, outcome in zip(batch.items, outcomes, strict=True):
        if outcome.kind is OutcomeKind.CREATED:
            yield batch.scope or item.get(SCOPE_KEY) or "", outcome.key


def _until_a_failure(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Let the first failure end the batch, as it would end the import."""
    kinds = [each.kind for each in outcomes]
    if OutcomeKind.FAILED not in kinds:
        return list(outcomes)
    end = kinds.index(OutcomeKind.FAILED) + 1
    return [*outcomes[:end], *([_STOPPED] * (len(outcomes) - end))]
