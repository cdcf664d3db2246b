"""How a task runs, whatever it moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .coercion import require_flags


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Choices of imports and migrations that do not concern single fields.

    Attributes:
        journal: Keep what each record changes, with what it takes to undo the task.

    Raises:
        InvalidPlan: A value is of another kind.
    """

    journal: bool = True

    def __post_init__(self) -> None:
        require_flags(self, "journal")

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`run_options_from_dict` reads back."""
        return {"journal": self.journal}


DEFAULT_OPTIONS: Final = RunOptions()


def run_options_from_dict(data: Mapping[str, Any]) -> RunOptions:
    """Build the options that *as_dict* wrote; older plans lack some of them."""
    return RunOptions(journal=data.get("journal", True))
