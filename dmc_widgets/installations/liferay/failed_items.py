"""The failed items that a task tells of, joined to what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...model.outcome import Problem
from ...objects.entry_faults import ERC
from ...ports import Item
from .batches import Ready
from .exact_json import decode
from .judging import Failure
from .problems import problem_of


class Told(NamedTuple):
    """What a task tells of failures.

    Attributes:
        by_number: Why items failed, by their ordinal in the task, from 1.
        unplaced: What is told of an item that failed, and not of which; None where
            nothing is. Then an item that is not named may have failed as well.
    """

    by_number: dict[int, Failure]
    unplaced: Problem | None


def failures_of(task: Item, sent: Sequence[Ready]) -> Told:
    """Read the failed items of a task.

    An item is known by its code, where the server shows what failed, and else by its
    ordinal.
    """
    told = task.get("failedItems")
    if not isinstance(told, list):
        return Told({}, problem_of("", {}))
    numbers = {each.key: number for number, each in enumerate(sent, start=1)}
    found = Told({}, None)
    for each in told:
        failed = each if isinstance(each, dict) else {}
        text = str(failed.get("message") or "")
        number = _number(failed, numbers)
        if number is None:
            found = found._replace(unplaced=found.unplaced or problem_of(text, {}))
            continue
        problem = problem_of(text, sent[number - 1].item)
        found.by_number.setdefault(number, Failure(problem, bool(failed.get("item"))))
    return found


def _number(failed: Item, numbers: Mapping[str, int]) -> int | None:
    by_code = numbers.get(_code_in(failed.get("item")))
    if by_code is not None:
        return by_code
    index = failed.get("itemIndex")
    return index if type(index) is int and 1 <= index <= len(numbers) else None


def _code_in(shown: Any) -> str:
    """Read the code in an item as the server shows it, which should be JSON."""
    try:
        item = decode(shown.encode()) if isinstance(shown, str) else None
    except ValueError:
        return ""
    code = item.get(ERC) if isinstance(item, dict) else None
    return code if isinstance(code, str) else ""
