"""The plan of a backup: what is copied of an installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .action import Action
from .coercion import require_instance, set_texts
from .representation import ValueDisplay
from .selection import Selection, selection_from_dict


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BackupPlan(ValueDisplay):
    """The choices of a backup of an installation.

    Attributes:
        selection: The entity types, with filters and sites; empty for everything.
        name: The name of the task; generated when empty.

    Raises:
        InvalidPlan: A value is of another kind.
    """

    selection: Selection = Selection()
    name: str = ""

    action = Action.BACKUP

    def __post_init__(self) -> None:
        require_instance(self.selection, Selection, "selection")
        set_texts(self, "name")

    @property
    def entity_type(self) -> str:
        """The text that lists show in place of a single entity type."""
        return self.selection.title

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`backup_plan_from_dict` reads back."""
        return {
            "action": self.action.value,
            "chosen": self.selection.as_dict(),
            "name": self.name,
        }


def backup_plan_from_dict(data: Mapping[str, Any]) -> BackupPlan:
    """Build the plan that *as_dict* wrote."""
    return BackupPlan(selection=selection_from_dict(data["chosen"]), name=data["name"])
