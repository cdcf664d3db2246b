"""Plan of a batch: items are checked, encoded, and divided into parts.

A part is what one import task of the server takes: items of one site, no external
reference code twice. So what a part did can be read back from what is stored. The plan
depends on the batch alone: a process that resumes a batch makes the same parts, and
finds their tasks by the same marks.

A relationship needs both of its definitions to exist. Newer servers create a
placeholder for a missing one; older ones refuse. So on older servers, new definitions
with relationships are first created as stubs, by a task of their own, and completed
afterwards. If an import then stops at one of them, those after it remain as stubs, that
is as drafts without fields.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ...model.entity_type import EntityType
from ...model.outcome import GENERATED_KEY, Outcome, OutcomeKind, Problem
from ...model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ...objects.documents.change_set import DEFINITION
from ...objects.documents.document_kind import resolve_erc
from ...objects.entries.system_properties import resolve_site
from ...objects.errors.entry_problem_types import EntryProblemType
from ...objects.errors.entry_problems import (
    invalid_value,
    no_such_related_entry,
)
from ...objects.fields.relationship import is_valid_erc
from ...objects.names import ERC, ERC_LIMIT
from ...objects.text import format_erc, format_scalar
from ...objects.versions.item_schemas import ItemSchemas
from ...ports import Batch, Item
from .http.exact_json import encode
from .payload import PayloadBuilder

PART_ITEMS: Final = 5000
"""As many items as the comment of an archive has room for; see :mod:`.snapshot`."""

PLACEHOLDER_VERSION: Final = (1, 0, 90)
"""The first version of the API of definitions that is known to create placeholders."""

STUB_SUFFIX: Final = "b"
"""What the mark of a task with stubs has after that of its part."""

STUB_POLICY: Final = Policy(error_strategy=ErrorStrategy.CONTINUE)
"""Problems of a definition are reported when it is completed."""

_STUB_PROPERTIES: Final = (
    "defaultLanguageId",
    "externalReferenceCode",
    "label",
    "name",
    "pluralLabel",
    "scope",
)
_NAMESPACE: Final = uuid.UUID("7d3c6f62-4a0b-5d5e-9a51-0d2a3c1f9b10")
_PLAIN_KEY: Final = re.compile(r"[\w.-]{1,40}", re.ASCII)
_PARENT_ERC: Final = re.compile(r"r_\w+ERC")


@dataclass(frozen=True, slots=True)
class PreparedItem:
    """An item that can be sent.

    Attributes:
        place: Its place in the batch, from 0.
        key: Its external reference code.
        line: The item as JSON.
        item: The item as it was given, for the report of problems.
        site: The key of the site that it belongs to, or empty.
        note: The note for its outcome.
    """

    place: int
    key: str
    line: bytes
    item: Item = field(repr=False)
    site: str = ""
    note: str = ""

    def failed(self, problem: Problem) -> Outcome:
        """Return the outcome of an item that is not stored.

        A code that was generated for it stands for nothing then, and is not stated.
        """
        key = "" if self.note == GENERATED_KEY else self.key
        return Outcome(OutcomeKind.FAILED, key, problem)


@dataclass(frozen=True, slots=True)
class BatchPart:
    """Items that one import task takes, in the order of the batch.

    Attributes:
        mark: The external reference code of the task.
        site: The key of the site of all items, or empty.
        items: The items; no code occurs twice.
    """

    mark: str
    site: str
    items: tuple[PreparedItem, ...]


@dataclass(slots=True)
class BatchPlan:
    """What is to be done with a batch.

    Attributes:
        parts: The parts, to be written one after the other.
        refused: Outcomes of items that cannot be sent, by place.
    """

    parts: list[BatchPart] = field(default_factory=list)
    refused: dict[int, Outcome] = field(default_factory=dict)


def plan_batch(
    batch: Batch, entity_type: EntityType, schemas: ItemSchemas | None = None
) -> BatchPlan:
    """Divide a batch into parts; under STOP nothing follows the first bad item.

    Args:
        batch: The items, with their mark.
        entity_type: The entity type that the items belong to.
        schemas: What the server knows of the items; None for everything.
    """
    plan = BatchPlan()
    mark = batch_mark(batch)
    stops = batch.policy.error_strategy is ErrorStrategy.STOP
    builder = PayloadBuilder(
        entity_type, schemas, sends_links=batch.policy.lazy_references
    )
    prepared: list[PreparedItem] = []
    for place, item in enumerate(batch.items):
        result = _prepare_item(batch, place, builder)
        if isinstance(result, PreparedItem):
            prepared.append(result)
            continue
        code = format_erc(item.get(ERC))
        key = code if is_valid_erc(code) else ""
        plan.refused[place] = Outcome(OutcomeKind.FAILED, key, result)
        if stops:
            break
    groups = _group_items(prepared, in_order=stops)
    for number, (site, items) in enumerate(groups):
        part_mark = mark if number == 0 else f"{mark}.{number}"
        plan.parts.append(BatchPart(part_mark, site, tuple(items)))
    return plan


def batch_mark(batch: Batch) -> str:
    """Return the external reference code of a batch's first task."""
    if _PLAIN_KEY.fullmatch(batch.task):
        return f"dmc-{batch.task}-{batch.number}"
    return f"dmc-{uuid.uuid5(_NAMESPACE, f'{batch.task} {batch.number}')}"


def _prepare_item(
    batch: Batch, place: int, builder: PayloadBuilder
) -> PreparedItem | Problem:
    item = batch.items[place]
    resolved = _item_key(item, batch, place, is_entry=builder.is_entry)
    if isinstance(resolved, Problem):
        return resolved
    key, note = resolved
    site: str | Problem = batch.scope
    if builder.has_sites:
        site = resolve_site(item, batch.scope, builder.short_name)
    if isinstance(site, Problem):
        return site
    payload = builder.build(item)
    if isinstance(payload, Problem):
        return payload
    payload = {**payload, ERC: key}
    try:
        line = encode(payload)
    except (ValueError, TypeError, RecursionError):
        return _encoding_problem(payload)
    return PreparedItem(place, key, line, item, site, note or builder.note_for(item))


def _item_key(
    item: Item, batch: Batch, place: int, *, is_entry: bool
) -> tuple[str, str] | Problem:
    """Return the code of an item, or a generated one, and the note that it gets.

    The generated code is the same whenever the same batch is planned.
    """

    def new_key() -> str:
        return str(uuid.uuid5(_NAMESPACE, f"{batch_mark(batch)} {place}"))

    erc = item.get(ERC)
    if not is_entry and (erc is None or isinstance(erc, str)):
        return resolve_erc(item, batch.policy, new_key)
    code = None if erc is None else format_scalar(erc)
    if code is not None and len(code) > ERC_LIMIT:
        return EntryProblemType.ERC_LENGTH.problem(
            ERC, code, length=len(code), limit=ERC_LIMIT
        )
    if erc is not None and (code is None or not is_valid_erc(code)):
        return EntryProblemType.ERC_KIND.problem(ERC, erc)
    if code and code.strip():
        return code, ""
    if batch.policy.import_strategy is ImportStrategy.UPDATE:
        return EntryProblemType.NOTHING_TO_UPDATE.problem(ERC)
    return new_key(), GENERATED_KEY


def _encoding_problem(payload: Mapping[str, Any]) -> Problem:
    """Return the problem of the field whose value JSON cannot express."""
    for name, value in payload.items():
        try:
            encode(value)
        except (ValueError, TypeError, RecursionError):
            if _PARENT_ERC.fullmatch(name):
                return no_such_related_entry(name, value)
            return invalid_value(name, value)
    return invalid_value("", "")


def _group_items(
    items: Sequence[PreparedItem], *, in_order: bool
) -> list[tuple[str, list[PreparedItem]]]:
    """Return the items of each part, with their site.

    A code that occurs again begins new parts, because its second item has to find what
    the first one stored. Sites are independent of each other, so the order of items of
    different sites counts only where the first failure ends the batch.
    """
    groups: list[tuple[str, list[PreparedItem]]] = []
    current: dict[str, list[PreparedItem]] = {}
    seen: set[tuple[str, str]] = set()
    for item in items:
        is_repeated = (item.site, item.key) in seen
        is_full = len(current.get(item.site, ())) >= PART_ITEMS
        leaves_site = in_order and current and item.site not in current
        if is_repeated or is_full or leaves_site:
            groups += current.items()
            current, seen = {}, set()
        seen.add((item.site, item.key))
        current.setdefault(item.site, []).append(item)
    return groups + list(current.items())


def make_stub_part(
    part: BatchPart,
    entity_type: EntityType,
    policy: Policy,
    stored: Collection[str],
    version: tuple[int, ...],
) -> tuple[BatchPart, tuple[PreparedItem, ...]] | None:
    """Return the definitions to create as stubs first, or None if there are none.

    The part that is returned has all items, because the task carries the snapshot of
    all. With *Update Changed Record Fields* there are no stubs: a stub would be a
    stored definition, of which the fields are left alone.

    Args:
        part: A part of a batch.
        entity_type: The entity type that its items belong to.
        policy: The strategies of the import.
        stored: The codes of those items that are stored.
        version: The version of the server's API of definitions; empty if unknown.
    """
    if entity_type.name != DEFINITION or version >= PLACEHOLDER_VERSION:
        return None
    if policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE:
        return None
    new = [item for item in part.items if item.key not in stored]
    if not any(_refers_to_missing(item.item, stored) for item in new):
        return None
    return replace(part, mark=part.mark + STUB_SUFFIX), tuple(map(_make_stub, new))


def completion_policy(policy: Policy) -> Policy:
    """Return the strategies with which stubs are completed."""
    return replace(policy, import_strategy=Policy().import_strategy)


def _make_stub(item: PreparedItem) -> PreparedItem:
    properties = {
        name: item.item[name] for name in _STUB_PROPERTIES if name in item.item
    }
    return replace(item, line=encode({**properties, ERC: item.key}))


def _refers_to_missing(definition: Mapping[str, Any], stored: Collection[str]) -> bool:
    """Return True if a relationship leads to a definition that is not stored."""
    return any(code not in stored for code in _related_codes(definition))


def _related_codes(definition: Mapping[str, Any]) -> Sequence[str]:
    relationships = definition.get("objectRelationships")
    return [
        str(relationship.get("objectDefinitionExternalReferenceCode2") or "")
        for relationship in (relationships if isinstance(relationships, list) else ())
        if isinstance(relationship, dict)
    ]
