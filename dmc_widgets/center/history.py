"""The history of the workspace: what happened to its tasks, and who asked for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from ..errors import InvalidPlan
from ..model.task import Task
from ..workspace.history.store import HistoryEvent, HistoryFilter
from .base import CenterPart, task_id_of

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd

_AGE: Final = re.compile(r"(?P<number>\d+)\s*(?P<unit>[smhdw])")
_UNITS: Final = {
    "s": "seconds",
    "m": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
}


class HistoryChoices(TypedDict, total=False):
    """Which events are wanted; what is left out does not restrict them.

    Attributes:
        keyword: A text in the name of the task, its entity type, file or detail.
        author: A user.
        event: A status that a task took, or a word for what was asked: ``Cancel``.
        installation: The name of an installation.
        since: A day or time in UTC, ``2026-11-28``, or an age: ``7d``, ``12h``.
        until: Likewise; events at that time or after it are left out.
    """

    keyword: str
    author: str
    event: str
    installation: str
    since: str
    until: str


class History(CenterPart):
    """The append-only history of all tasks, also of those that were removed."""

    def events(
        self, task: Task | int | None = None, **choices: Unpack[HistoryChoices]
    ) -> Iterator[HistoryEvent]:
        """Yield events, the newest first.

        >>> for event in center.history.events(author="ada", since="7d"):
        ...     print(event.at, event.task_id, event.event, event.counts.summary)

        Args:
            task: A task or its id; None for all tasks.
            choices: Which events; see :class:`HistoryChoices`.

        Raises:
            InvalidPlan: A time is of another form.
        """
        task_id = 0 if task is None else task_id_of(task)
        since, until = choices.get("since", ""), choices.get("until", "")
        chosen = replace(
            HistoryFilter(task_id=task_id, **choices),
            since=parse_time(since) if since else "",
            until=parse_time(until) if until else "",
        )
        return self._workspace.history.read(chosen)

    def to_pandas(
        self, task: Task | int | None = None, **choices: Unpack[HistoryChoices]
    ) -> pd.DataFrame:
        """Return the events that :meth:`events` yields as a table.

        Returns:
            The columns id, at, event, author, task_id, name, installation, action,
            entity_type, file, detail and one for each outcome.
        """
        import pandas as pd

        rows = []
        for event in self.events(task, **choices):
            row = asdict(event)
            row.pop("plan")
            rows.append({**row, **row.pop("counts")})
        return pd.DataFrame(rows)


def _subtract(now: datetime, age: re.Match[str]) -> datetime:
    try:
        return now - timedelta(**{_UNITS[age["unit"]]: int(age["number"])})
    except OverflowError:  # so long ago that nothing is older
        return datetime.min.replace(tzinfo=UTC)


def parse_time(text: str, now: datetime | None = None) -> str:
    """Return a time in UTC as the workspace writes it, from a time or an age.

    Args:
        text: ``2026-11-28``, ``2026-11-28T18:00``, or an age such as ``90d``.
        now: The present time; None takes that of this machine.

    Raises:
        InvalidPlan: It is neither.
    """
    match = _AGE.fullmatch(text.strip())
    if match:
        at = _subtract(now or datetime.now(UTC), match)
    else:
        try:
            at = datetime.fromisoformat(text.strip())
        except ValueError as exc:
            reason = (
                f"{text!r} is neither a time nor an age. Give a day such as "
                "2026-11-28, a time such as 2026-11-28T18:00, or an age such as 90d, "
                "12h or 30m."
            )
            raise InvalidPlan(reason) from exc
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
