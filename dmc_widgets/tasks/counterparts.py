"""What the target of a migration has by the name, but under another code.

That is looked at before anything is written: a consultant who learns of it halfway
has one half of a migration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import InvalidPlan
from ..objects.documents import PICKLIST
from ..objects.namesakes import (
    NO_CODES,
    Codes,
    Documents,
    Namesake,
    all_namesakes,
    codes_by_name,
)
from .selecting import Selected

_SHOWN: Final = 10
_CHOICE: Final = "Match by name (--match-names)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterparts:
    """What is the same in source and target though its code is another one.

    Attributes:
        codes: Turn the source's documents into the target's.
        remarks: What the person should know.
    """

    codes: Codes = NO_CODES
    remarks: tuple[str, ...] = ()


def find_counterparts(
    source: Documents, target: Documents, selected: Selected, *, by_name: bool
) -> Counterparts:
    """Find what the target has by the name, but under another code.

    Args:
        source: What the source holds.
        target: What the target holds.
        selected: What moves.
        by_name: Take it as the same.

    Raises:
        InvalidPlan: Some of it would come beside its namesake, which no
            installation allows.
    """
    found = all_namesakes(source, target)
    if by_name:
        codes = codes_by_name(source, target)
        return Counterparts(codes=codes, remarks=_taken(found))
    coming = [each for each in found if selected.brings(each.kind, each.source)]
    _require_none([each for each in coming if each.kind != PICKLIST])
    return Counterparts(remarks=_doubled(coming))


def _require_none(clashes: Sequence[Namesake]) -> None:
    if clashes:
        reason = (
            "The target has these names under other external reference codes: "
            f"{_listed(clashes)}. {_CHOICE} to take them as the same, or give both "
            "the same code first."
        )
        raise InvalidPlan(reason)


def _taken(found: Sequence[Namesake]) -> tuple[str, ...]:
    if not found:
        return ()
    return (f"Taken as the same by their names: {_listed(found)}.",)


def _doubled(picklists: Sequence[Namesake]) -> tuple[str, ...]:
    if not picklists:
        return ()
    return (
        "The target has picklists of these names already, under other external "
        f"reference codes, and will have both: {_listed(picklists)}. {_CHOICE} to take "
        "them as the same.",
    )


def _listed(found: Sequence[Namesake]) -> str:
    told = [
        f"{each.kind} {each.name} ({each.source} in the source, {each.target} in the "
        "target)"
        for each in found[:_SHOWN]
    ]
    rest = len(found) - len(told)
    return ", ".join(told) + (f", and {rest} more" if rest else "")
