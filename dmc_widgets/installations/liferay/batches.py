"""Batches made ready to be sent: checked for what cannot be sent, cut into parts.

A part is what one import task of the server takes: items of one site, no external
reference code twice. So what a part did can be read back from what is stored. All
of it follows from the batch alone: who takes a batch up again cuts the same parts
and finds their tasks by the same marks.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...model.entity import EntityType
from ...model.outcome import GENERATED_KEY, Outcome, OutcomeKind, Problem
from ...model.strategies import ErrorStrategy, ImportStrategy
from ...objects.decisions import key_of
from ...objects.entry_faults import (
    ERC,
    ERC_LIMIT,
    erc_of_wrong_kind,
    erc_too_long,
    invalid_value,
    no_such_related_entry,
    nothing_to_update,
)
from ...objects.links import could_be_erc
from ...objects.scalar_text import code_text, scalar_text
from ...objects.sites import site_of
from ...ports import Batch, Item
from .exact_json import encode
from .sending import Sending

PART_ITEMS: Final = 5000
"""As many as the note of a part has room for; see :mod:`.notes`."""

_SPACE: Final = uuid.UUID("7d3c6f62-4a0b-5d5e-9a51-0d2a3c1f9b10")
_PLAIN: Final = re.compile(r"[\w.-]{1,40}", re.ASCII)
_LINK_ID: Final = re.compile(r"r_\w+Id")
_LINK_CODE: Final = re.compile(r"r_\w+ERC")


@dataclass(frozen=True, slots=True)
class Ready:
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
class Part:
    """Items that one import task takes, in the order of the batch.

    Attributes:
        mark: The external reference code of the task.
        site: Of all of them, or empty.
        items: With no code twice.
    """

    mark: str
    site: str
    items: tuple[Ready, ...]


@dataclass(slots=True)
class Plan:
    """What is to be done with a batch.

    Attributes:
        parts: To be written one after the other.
        refused: Outcomes of items that cannot be sent, by place.
    """

    parts: list[Part] = field(default_factory=list)
    refused: dict[int, Outcome] = field(default_factory=dict)


def plan_batch(batch: Batch, entity_type: EntityType) -> Plan:
    """Cut a batch into parts; under STOP nothing follows the first bad item."""
    plan = Plan()
    mark = mark_of(batch)
    stops = batch.policy.on_error is ErrorStrategy.STOP
    sending = Sending(entity_type)
    ready: list[Ready] = []
    for place, item in enumerate(batch.items):
        made = _made_ready(batch, place, sending)
        if isinstance(made, Ready):
            ready.append(made)
            continue
        key = code_text(item.get(ERC))
        shown = key if could_be_erc(key) else ""
        plan.refused[place] = Outcome(OutcomeKind.FAILED, shown, made)
        if stops:
            break
    groups = _groups(ready, in_order=stops)
    for number, (site, items) in enumerate(groups):
        own = mark if number == 0 else f"{mark}.{number}"
        plan.parts.append(Part(own, site, tuple(items)))
    return plan


def mark_of(batch: Batch) -> str:
    """Return the external reference code of a batch's first task."""
    if _PLAIN.fullmatch(batch.task):
        return f"dmc-{batch.task}-{batch.number}"
    return f"dmc-{uuid.uuid5(_SPACE, f'{batch.task} {batch.number}')}"


def _made_ready(batch: Batch, place: int, sending: Sending) -> Ready | Problem:
    item = batch.items[place]
    key = _key(item, batch, place, is_entry=sending.is_entry)
    if isinstance(key, Problem):
        return key
    erc, note = key
    site: str | Problem = batch.scope
    if sending.has_sites:
        site = site_of(item, batch.scope, sending.short_name)
    if isinstance(site, Problem):
        return site
    prepared = sending.sent(item)
    if isinstance(prepared, Problem):
        return prepared
    sent = {**prepared, ERC: erc}
    try:
        line = encode(sent)
    except (ValueError, TypeError, RecursionError):
        return _unsendable(sent)
    return Ready(place, erc, line, item, site, note or sending.note_of(item))


def _key(
    item: Item, batch: Batch, place: int, *, is_entry: bool
) -> tuple[str, str] | Problem:
    """Return an item's code, or one that the same batch always gets, and the note."""

    def new_key() -> str:
        return str(uuid.uuid5(_SPACE, f"{mark_of(batch)} {place}"))

    erc = item.get(ERC)
    if not is_entry and (erc is None or isinstance(erc, str)):
        return key_of(item, batch.policy, new_key)
    code = None if erc is None else scalar_text(erc)
    if code is not None and len(code) > ERC_LIMIT:
        return erc_too_long(code)
    if erc is not None and (code is None or not could_be_erc(code)):
        return erc_of_wrong_kind(erc)
    if code and code.strip():
        return code, ""
    if batch.policy.on_existing is ImportStrategy.UPDATE:
        return nothing_to_update()
    return new_key(), GENERATED_KEY


def _unsendable(sent: Mapping[str, Any]) -> Problem:
    """Report the field whose value JSON cannot hold."""
    for name, value in sent.items():
        try:
            encode(value)
        except (ValueError, TypeError, RecursionError):
            if _LINK_CODE.fullmatch(name):
                return no_such_related_entry(name, value)
            return invalid_value(name, value)
    return invalid_value("", "")


def _groups(ready: Sequence[Ready], *, in_order: bool) -> list[tuple[str, list[Ready]]]:
    """Group items for their tasks.

    A code that comes again begins anew, because its second item has to meet what
    the first one made. Sites do not meet each other, so their order only counts
    where the first failure ends everything.
    """
    groups: list[tuple[str, list[Ready]]] = []
    current: dict[str, list[Ready]] = {}
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
