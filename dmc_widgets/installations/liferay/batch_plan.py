"""Batches made ready to be sent: checked for what cannot be sent, cut into parts.

A part is what one import task of the server takes: items of one site, no external
reference code twice. So what a part did can be read back from what is stored. All
of it follows from the batch alone: who takes a batch up again cuts the same parts
and finds their tasks by the same marks.

New definitions in the order that older servers need.

A relationship needs both of its definitions there. Newer servers make a placeholder
for one that is missing; older ones refuse. So on these, definitions that are new and
come with relationships are made bare first, in a task of its own, and then put whole:
fields, relationships, and published at the end, as sample sets of definitions do.
Where an import then stops at one of them, those behind it stay as bare drafts.
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
from ...objects.text import format_erc, scalar_text
from ...ports import Batch, Item
from .http.exact_json import encode
from .payload import PayloadBuilder

PART_ITEMS: Final = 5000
"""As many as the note of a part has room for; see :mod:`.notes`."""

_NAMESPACE: Final = uuid.UUID("7d3c6f62-4a0b-5d5e-9a51-0d2a3c1f9b10")
_PLAIN_KEY: Final = re.compile(r"[\w.-]{1,40}", re.ASCII)
_LINK_ID: Final = re.compile(r"r_\w+Id")
_LINK_CODE: Final = re.compile(r"r_\w+ERC")


@dataclass(frozen=True, slots=True)
class PreparedItem:
    """An item that can be sent.

    Attributes:
        place: In its batch, from 0.
        key: Its external reference code.
        line: The item as JSON.
        item: As it came, for the report of what is refused.
        site: Of an entry that belongs to one.
        note: Something that people should know.
    """

    place: int
    key: str
    line: bytes
    item: Item = field(repr=False)
    site: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class BatchPart:
    """Items that one import task takes, in the order of the batch.

    Attributes:
        mark: The external reference code of the task.
        site: Of all of them, or empty.
        items: With no code twice.
    """

    mark: str
    site: str
    items: tuple[PreparedItem, ...]


@dataclass(slots=True)
class BatchPlan:
    """What is to be done with a batch.

    Attributes:
        parts: To be written one after the other.
        refused: Outcomes of items that cannot be sent, by place.
    """

    parts: list[BatchPart] = field(default_factory=list)
    refused: dict[int, Outcome] = field(default_factory=dict)


def plan_batch(batch: Batch, entity_type: EntityType) -> BatchPlan:
    """Cut a batch into parts; under STOP nothing follows the first bad item."""
    plan = BatchPlan()
    mark = batch_mark(batch)
    stops = batch.policy.error_strategy is ErrorStrategy.STOP
    sending = PayloadBuilder(entity_type)
    ready: list[PreparedItem] = []
    for place, item in enumerate(batch.items):
        made = _prepare_item(batch, place, sending)
        if isinstance(made, PreparedItem):
            ready.append(made)
            continue
        key = format_erc(item.get(ERC))
        shown = key if is_valid_erc(key) else ""
        plan.refused[place] = Outcome(OutcomeKind.FAILED, shown, made)
        if stops:
            break
    groups = _group_items(ready, in_order=stops)
    for number, (site, items) in enumerate(groups):
        own = mark if number == 0 else f"{mark}.{number}"
        plan.parts.append(BatchPart(own, site, tuple(items)))
    return plan


def batch_mark(batch: Batch) -> str:
    """Return the external reference code of a batch's first task."""
    if _PLAIN_KEY.fullmatch(batch.task):
        return f"dmc-{batch.task}-{batch.number}"
    return f"dmc-{uuid.uuid5(_NAMESPACE, f'{batch.task} {batch.number}')}"


def _prepare_item(
    batch: Batch, place: int, sending: PayloadBuilder
) -> PreparedItem | Problem:
    item = batch.items[place]
    key = _item_key(item, batch, place, is_entry=sending.is_entry)
    if isinstance(key, Problem):
        return key
    erc, note = key
    site: str | Problem = batch.scope
    if sending.has_sites:
        site = resolve_site(item, batch.scope, sending.short_name)
    if isinstance(site, Problem):
        return site
    prepared = sending.sent(item)
    if isinstance(prepared, Problem):
        return prepared
    sent = {**prepared, ERC: erc}
    try:
        line = encode(sent)
    except (ValueError, TypeError, RecursionError):
        return _encoding_problem(sent)
    return PreparedItem(place, erc, line, item, site, note or sending.note_of(item))


def _item_key(
    item: Item, batch: Batch, place: int, *, is_entry: bool
) -> tuple[str, str] | Problem:
    """Return an item's code, or one that the same batch always gets, and the note."""

    def new_key() -> str:
        return str(uuid.uuid5(_NAMESPACE, f"{batch_mark(batch)} {place}"))

    erc = item.get(ERC)
    if not is_entry and (erc is None or isinstance(erc, str)):
        return resolve_erc(item, batch.policy, new_key)
    code = None if erc is None else scalar_text(erc)
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


def _encoding_problem(sent: Mapping[str, Any]) -> Problem:
    """Report the field whose value JSON cannot hold."""
    for name, value in sent.items():
        try:
            encode(value)
        except (ValueError, TypeError, RecursionError):
            if _LINK_CODE.fullmatch(name):
                return no_such_related_entry(name, value)
            return invalid_value(name, value)
    return invalid_value("", "")


def _group_items(
    ready: Sequence[PreparedItem], *, in_order: bool
) -> list[tuple[str, list[PreparedItem]]]:
    """Group items for their tasks.

    A code that comes again begins anew, because its second item has to meet what
    the first one made. Sites do not meet each other, so their order only counts
    where the first failure ends everything.
    """
    groups: list[tuple[str, list[PreparedItem]]] = []
    current: dict[str, list[PreparedItem]] = {}
    seen: set[tuple[str, str]] = set()
    for each in ready:
        again = (each.site, each.key) in seen
        full = len(current.get(each.site, ())) >= PART_ITEMS
        leaves = in_order and current and each.site not in current
        if again or full or leaves:
            groups += current.items()
            current, seen = {}, set()
        seen.add((each.site, each.key))
        current.setdefault(each.site, []).append(each)
    return groups + list(current.items())


PLACEHOLDER_VERSION: Final = (1, 0, 90)
"""The first version of the API of which it is known."""

_STUB_PROPERTIES: Final = (
    "defaultLanguageId",
    "externalReferenceCode",
    "label",
    "name",
    "pluralLabel",
    "scope",
)
STUB_SUFFIX: Final = "b"

STUB_POLICY: Final = Policy(error_strategy=ErrorStrategy.CONTINUE)
"""What is wrong with a definition is told when it is put whole."""


def make_stub_part(
    part: BatchPart,
    entity_type: EntityType,
    policy: Policy,
    before: Collection[str],
    version: tuple[int, ...],
) -> tuple[BatchPart, tuple[PreparedItem, ...]] | None:
    """Return the definitions that have to be made bare first; None if none has.

    The task notes what was there of the whole part. With *Update Changed Record
    Fields* there are none: what is made bare exists, and its fields would be left
    alone.

    Args:
        part: Of a batch.
        entity_type: Of its items.
        policy: Of the batch.
        before: Codes of what was there before.
        version: Of the server's API; empty if unknown.
    """
    if entity_type.name != DEFINITION or version >= PLACEHOLDER_VERSION:
        return None
    if policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE:
        return None
    new = [each for each in part.items if each.key not in before]
    if not any(_refers_to_missing(each.item, before) for each in new):
        return None
    return replace(part, mark=part.mark + STUB_SUFFIX), tuple(map(_make_stub, new))


def completion_policy(policy: Policy) -> Policy:
    """Return how definitions that were made bare are put whole."""
    return replace(policy, import_strategy=Policy().import_strategy)


def _make_stub(each: PreparedItem) -> PreparedItem:
    item = {name: each.item[name] for name in _STUB_PROPERTIES if name in each.item}
    return replace(each, line=encode({**item, "externalReferenceCode": each.key}))


def _refers_to_missing(item: Mapping[str, Any], before: Collection[str]) -> bool:
    """Say whether an item has relationships with what is not there yet."""
    return any(end not in before for end in _related_codes(item))


def _related_codes(item: Mapping[str, Any]) -> Sequence[str]:
    stated = item.get("objectRelationships")
    return [
        str(each.get("objectDefinitionExternalReferenceCode2") or "")
        for each in (stated if isinstance(stated, list) else ())
        if isinstance(each, dict)
    ]
