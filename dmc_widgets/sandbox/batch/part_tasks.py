"""Import and export tasks of parts: their owner, their strategies, and their ids.

Liferay's engine adds parts to one definition or picklist a task, which a parameter
names by its id or by its external reference code. Relationships alone are updated
where they exist, in the definition that each of them names. An update and a deletion
find a part by its id. See *Parts of definitions and picklists* in
``docs/liferay/objects.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...errors import InvalidPlan
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.strategies import ImportStrategy, Policy, UpdateStrategy
from ...objects.documents.change_set import APPROVED
from ...objects.filters.item_query import ItemQuery
from ...objects.names import ERC
from ...objects.parts.part_changes import describe_duplicate
from ...objects.parts.part_kinds import (
    COMMON_PROPERTIES,
    FIELD,
    PART_KINDS_BY_NAME,
    RELATIONSHIP,
    PartKind,
)
from ...ports import Batch, Item
from ..api.definitions import require_deletable
from ..api.stored_parts import (
    StoredPart,
    build_parts,
    find_stored_part,
    part_filter_fields,
    replace_part_body,
)
from ..database import SandboxDatabase
from ..document_ids import resolve_part_ids
from ..entity_store import DOCUMENT_TYPES, REPLACE_POLICY, EntityStore
from ..requests import parse_whole_number
from ..responses import ApiError

_NOT_SUPPORTED: Final = "jakarta.ws.rs.NotSupportedException"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTask:
    """The parts of one import task.

    Attributes:
        kind: The kind of the parts.
        store: The store to write to.
        database: The database with the ids of parts.
        operation: ``CREATE``, ``UPDATE`` or ``DELETE``.
        policy: The strategies of the task.
        parameters: The parameters of the task.
    """

    kind: PartKind
    store: EntityStore
    database: SandboxDatabase
    operation: str
    policy: Policy
    parameters: Mapping[str, str]

    @property
    def refusal(self) -> str:
        """Why Liferay's engine does not take the task at all; empty if it does."""
        name = self.kind.name
        if self.operation == "UPDATE":
            update = self.policy.update_strategy
            if update is UpdateStrategy.PARTIAL_UPDATE and not self.kind.is_patched:
                return _unsupported(f'Update strategy "{update}"', name)
            return ""
        if self.operation == "DELETE":
            return ""
        create = self.policy.import_strategy
        if create is ImportStrategy.INSERT:
            return "" if self._has_owner else _no_parameter(self.kind, with_code=True)
        is_put = self.policy.update_strategy is UpdateStrategy.UPDATE
        if self._upserts and is_put:
            return ""
        return _unsupported(f'Create strategy "{create}"', name)

    @property
    def _upserts(self) -> bool:
        is_upsert = self.policy.import_strategy is ImportStrategy.UPSERT
        return is_upsert and self.kind is RELATIONSHIP

    @property
    def _has_owner(self) -> bool:
        names = (self.kind.parent_ids[-1], ERC)
        return any(self.parameters.get(name) for name in names)

    def resolve(self, item: Item) -> Item | Problem:
        """Return a new part with the code of its owner, and of what it names by id."""
        if self.operation != "CREATE":
            return item
        item = resolve_part_ids(self.store.installation, self.kind, item)
        if self._upserts:
            stated = item.get(self.kind.parent_ids[0])
            if item.get(self.kind.parent) or not stated:
                return item
            return self._with_owner(item, str(stated))
        number = self.parameters.get(self.kind.parent_ids[-1])
        if number:
            return self._with_owner(item, number)
        return item | {self.kind.parent: self.parameters[ERC]}

    def _with_owner(self, item: Item, number: str) -> Item | Problem:
        owner = self.kind.owner
        location = self.store.installation.locate(
            DOCUMENT_TYPES[owner], parse_whole_number(number) or 0
        )
        if location is None:
            message = f"No {owner} exists with the primary key {number}"
            return Problem("not-found", message, self.kind.parent)
        return item | {self.kind.parent: location.key}

    def write(self, batch: Batch) -> Sequence[Outcome]:
        """Write a batch of parts, and return the outcome of each."""
        if self.operation != "CREATE":
            return [
                self._change(item, f"{batch.task} {batch.number}.{place}")
                for place, item in enumerate(batch.items)
            ]
        outcomes = self.store.write(self.kind.entity_type, batch)
        if self._upserts:
            return outcomes
        return [
            self._refuse_second(item, outcome)
            for item, outcome in zip(batch.items, outcomes, strict=True)
        ]

    def _refuse_second(self, item: Item, outcome: Outcome) -> Outcome:
        """Refuse to add a part again, as Liferay does, even if it is equal."""
        is_second = outcome.kind is OutcomeKind.UNCHANGED
        if not is_second or not self.kind.has_unique_names:
            return outcome
        owner = self.store.fetch_one(
            DOCUMENT_TYPES[self.kind.owner], str(item[self.kind.parent])
        )
        name = str((owner or item).get("name") or "")
        problem = describe_duplicate(self.kind, item, name)
        return Outcome(OutcomeKind.FAILED, outcome.key, problem)

    def _change(self, item: Item, mark: str) -> Outcome:
        """Replace, patch or delete the part that has the id of an item."""
        id_name = f"{self.kind.name[:1].lower()}{self.kind.name[1:]}Id"
        stated = item.get("id") or self.parameters.get(id_name)
        number = 0 if isinstance(stated, bool) else parse_whole_number(str(stated)) or 0
        stored = find_stored_part(self.store, self.database, self.kind, number)
        if stored is None:
            message = f"No {self.kind.name} exists with the primary key {stated}"
            problem = Problem("not-found", message, "id")
            return Outcome(OutcomeKind.FAILED, "", problem)
        try:
            parts = self._changed_parts(stored, item)
        except ApiError as exc:
            problem = Problem("refused", exc.title)
            return Outcome(OutcomeKind.FAILED, "", problem)
        owner = stored.owner | {self.kind.array: parts}
        batch = Batch(task=mark, number=1, items=[owner], policy=REPLACE_POLICY)
        (outcome,) = self.store.write(DOCUMENT_TYPES[self.kind.owner], batch)
        return outcome

    def _changed_parts(self, stored: StoredPart, item: Item) -> list[Item]:
        kind, old = self.kind, stored.part
        parts = [*stored.owner[kind.array]]
        if self.operation == "DELETE":
            del parts[stored.position]
            if kind is FIELD:
                published = stored.owner["status"]["code"] == APPROVED
                require_deletable(old, parts, published=published)
            return parts
        dropped = kind.server_set | COMMON_PROPERTIES | kind.parent_properties
        changes = {k: v for k, v in item.items() if k not in dropped and v is not None}
        if self.policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE:
            changes = old | changes
        parts[stored.position] = replace_part_body(old, changes)
        if kind.key == "key":
            parts[stored.position] |= {"key": old["key"]}
        return parts


def read_parts_of_owner(
    store: EntityStore,
    database: SandboxDatabase,
    name: str,
    parameters: Mapping[str, str],
) -> list[Item]:
    """Return the parts that an export task is for, as the API shows them.

    Raises:
        InvalidPlan: The task does not name their owner, or it does not exist.
    """
    kind = PART_KINDS_BY_NAME[name]
    stated = parameters.get(kind.parent_ids[-1])
    if not stated:
        raise InvalidPlan(_no_parameter(kind, with_code=False))
    owner_type = DOCUMENT_TYPES[kind.owner]
    location = store.installation.locate(owner_type, parse_whole_number(stated) or 0)
    if location is None:
        reason = f"No {kind.owner} exists with the primary key {stated}"
        raise InvalidPlan(reason)
    owner: dict[str, Any] = store.fetch_one(owner_type, location.key) or {}
    parts = build_parts(store, database, kind, owner, owner.get(kind.array) or ())
    query = ItemQuery(
        part_filter_fields(kind),
        filter=parameters.get("filter", "") if kind.is_filtered else "",
        sort=parameters.get("sort", ""),
        search=parameters.get("search", ""),
    )
    return list(query.apply(parts))


def _unsupported(what: str, name: str) -> str:
    return f"{_NOT_SUPPORTED}: {what} is not supported for {name}"


def _no_parameter(kind: PartKind, *, with_code: bool) -> str:
    names = [kind.parent_ids[-1], ERC] if with_code else [kind.parent_ids[-1]]
    return (
        f"{_NOT_SUPPORTED}: One of the following parameters must be specified: "
        f"[{', '.join(names)}]"
    )
