"""What the workspace hands out besides plans, templates and tasks."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.access import NO_ACCESS, Access
from ..model.outcome import Problem


@dataclass(frozen=True, slots=True)
class Connection:
    """An installation that people know by a name.

    Attributes:
        name: Unique in the workspace.
        url: Without any secret; it may be shown.
        access: Who signs in there, and how; no secret either.
    """

    name: str
    url: str
    access: Access = NO_ACCESS


@dataclass(frozen=True, slots=True)
class Failure:
    """One record that failed.

    Attributes:
        index: Its ordinal in the file, from 1.
        problem: Why.
        item: What it was, as JSON text, or the raw text that could not be read.
    """

    index: int
    problem: Problem
    item: str
