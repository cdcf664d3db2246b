"""What can be found out about a batch while another one is being written."""

from __future__ import annotations

from dataclasses import dataclass

from ...model.entity import EntityType
from ...objects.entry_faults import ERC
from ...objects.scalar_text import code_text
from ...ports import Batch, Item
from .batches import Part, Plan
from .items import is_link_list
from .notes import Before


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found out about a batch before it is its turn.

    Attributes:
        plan: What is to be done with it.
        task: Bears the mark of its first part; None if the server has none.
        before: What is there of that part; None where this may still change.
    """

    plan: Plan
    task: Item | None = None
    before: Before | None = None


def may_change(part: Part, under_way: Batch, entity_type: EntityType) -> bool:
    """Say whether a batch may change what is there of a part.

    It does where it holds the same codes, for servers that do not tell upper from
    lower case too, and may where links of one entry show at the other.
    """
    if any(map(is_link_list, entity_type.fields)):
        return True
    codes = {code_text(each.get(ERC)).casefold() for each in under_way.items}
    return any(each.key.casefold() in codes for each in part.items)
