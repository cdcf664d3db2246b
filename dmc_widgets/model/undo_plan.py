"""The plan of an undo: which task is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .action import Action
from .coercion import require_flags, require_whole_number, set_texts
from .representation import html_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPlan:
    """The choices of an undo.

    Attributes:
        task: The number of the task that is taken back.
        entity_type: What that task moved, for lists.
        dry_run: Tell what would become of each record, and write nothing.
        name: The name of the task; generated when empty.

    Raises:
        InvalidPlan: A value is of another kind.
    """

    task: int
    entity_type: str = ""
    dry_run: bool = False
    name: str = ""

    action = Action.UNDO

    def __post_init__(self) -> None:
        require_whole_number(self.task, "task")
        set_texts(self, "entity_type", "name")
        require_flags(self, "dry_run")

    def _repr_html_(self) -> str:
        pairs = [
            ("Task", self.task),
            ("Entity type", self.entity_type),
            ("Dry run", self.dry_run),
            ("Name", self.name),
        ]
        return html_pairs(f"{self.action} plan", pairs)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`undo_plan_from_dict` reads back."""
        return {
            "action": self.action.value,
            "task": self.task,
            "entityType": self.entity_type,
            "dryRun": self.dry_run,
            "name": self.name,
        }


def undo_plan_from_dict(data: dict[str, Any]) -> UndoPlan:
    """Build the plan that *as_dict* wrote."""
    return UndoPlan(
        task=data["task"],
        entity_type=data["entityType"],
        dry_run=data["dryRun"],
        name=data["name"],
    )
