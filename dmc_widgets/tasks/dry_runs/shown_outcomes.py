"""What a dry run has shown, which a run has to do exactly or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from ...errors import TargetChanged
from ...model.outcome import GENERATED_KEY, Outcome
from ...model.task import TaskPart
from ...objects.names import ERC
from ...workspace import Workspace
from ..change_reports import format_change_value

_DIGEST: Final = "sha256"


class ShownOutcomes:
    """The outcomes and changes of a dry run, compared with those of its run.

    Args:
        workspace: Holds the dry run.
        task_id: The id of the dry run.
        installation: The target's name for messages.
        part: The part of the run that writes the records; None if it has no parts.
    """

    def __init__(
        self,
        workspace: Workspace,
        task_id: int,
        installation: str,
        part: TaskPart | None = None,
    ) -> None:
        self._part = part
        self._workspace = workspace
        self._task_id = task_id
        self._installation = installation
        self._shown = self._read()
        self._last = 0

    def require(self, outcomes: Iterable[tuple[int, Outcome]]) -> None:
        """Require that records have the outcomes and changes that were shown.

        Args:
            outcomes: The numbers of records with the outcomes that they have now, and
                their changes. Most calls are in the order of the file.

        Raises:
            TargetChanged: One of them has another outcome, or changes other values.
        """
        for index, outcome in outcomes:
            shown = self._find(index)
            problem = _find_difference(shown, outcome)
            if problem:
                raise self._refusal(problem, index)

    def _refusal(self, problem: str, index: int) -> TargetChanged:
        part = self._part or TaskPart(entity_type="")
        number = index - part.first + 1
        return TargetChanged(
            self._installation, problem, number, self._task_id, part.title
        )

    def _find(self, index: int) -> Outcome | None:
        if index <= self._last:  # a record that was tried again
            outcome = self._workspace.outcomes.find(self._task_id, index)
            change = self._workspace.changes.find(self._task_id, index)
            return outcome and outcome._replace(change=change)
        for number, outcome in self._shown:
            self._last = number
            if number >= index:
                return outcome if number == index else None
        return None

    def _read(self) -> Iterator[tuple[int, Outcome]]:
        """Yield the number of each record with its outcome and its changes."""
        changes = self._workspace.changes.read(self._task_id)
        record = next(changes, None)
        for batch in self._workspace.outcomes.read(self._task_id):
            for index, outcome in enumerate(batch.outcomes, start=batch.first_index):
                change = None
                if record is not None and record.index == index:
                    change = record.change
                    record = next(changes, None)
                yield index, outcome._replace(change=change)


def _find_difference(shown: Outcome | None, now: Outcome) -> str:
    """Return what differs, as a sentence; empty if nothing does."""
    if shown is None:
        return "The dry run did not meet it."
    if shown.kind is not now.kind:
        return f"It would be {now.kind} now; the dry run showed {shown.kind}."
    is_generated = GENERATED_KEY in {shown.note, now.note}
    if shown.key != now.key and not is_generated:
        return f"Its code is {now.key!r} now; the dry run showed {shown.key!r}."
    before, after = _values(shown), _values(now)
    for field in sorted(before.keys() | after.keys()):
        if before.get(field) != after.get(field):
            return _describe(field, before.get(field), after.get(field))
    return ""


def _describe(field: str, shown: Any, now: Any) -> str:
    if shown is None:
        return f"It would change {field} now; the dry run did not."
    if now is None:
        return f"It would not change {field} any more; the dry run did."
    place = 0 if shown[0] != now[0] else 1
    words = ("holds", "held") if place == 0 else ("would become", "would have become")
    values = [format_change_value(change[place]) for change in (now, shown)]
    return (
        f"{field} {words[0]} {values[0]!r} now; in the dry run it {words[1]} "
        f"{values[1]!r}."
    )


def _values(outcome: Outcome) -> dict[str, Any]:
    """Return old and new value by field, as the workspace gives them back."""
    if outcome.change is None:
        return {}
    plain = {
        field: [comparable_value(old), comparable_value(new)]
        for field, old, new in outcome.change.fields
    }
    values: dict[str, Any] = orjson.loads(orjson.dumps(plain, default=str))
    return values


def comparable_value(value: Any) -> Any:
    """Return a value without what each run generates anew: the code of a file."""
    if isinstance(value, dict) and _DIGEST in value:
        return {name: value[name] for name in value if name != ERC}
    return value
