"""The plan of a verification: what is verified, and against what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import InvalidPlan
from .action import Action
from .coercion import require_instance, require_whole_number, set_texts
from .match_keys import MatchKeys, match_keys, match_keys_to_dict
from .representation import ValueDisplay
from .run_options import require_workers
from .selection import Selection, selection_from_dict


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class VerificationPlan(ValueDisplay):
    """The choices of a verification: a task's records, or two installations.

    Attributes:
        task: The id of the import or migration to verify; 0 to compare installations.
        source: The name of the installation that the target is compared with; of a
            migration that is verified, the one that it read.
        selection: The entity types to compare, with filters and sites; empty for
            everything that the source has.
        match: Pairs of an entity type and the fields that identify an entry of it, in
            place of its external reference code; a dict is taken as well. A task is
            verified by the keys that it was run with.
        name: The name of the task; generated when empty.
        workers: How many worker processes read the target at once. Several verify the
            entries of a task; documents, and two installations, are compared by one.
        cluster: The address of a Dask scheduler whose workers do it, or ``local`` for a
            cluster of processes of the task's own. Empty for none.

    Raises:
        InvalidPlan: A value is of another kind, there is neither task nor source, a key
            beside a task, or several workers without one.
    """

    task: int = 0
    source: str = ""
    selection: Selection = Selection()
    match: MatchKeys = ()
    name: str = ""
    workers: int = 1
    cluster: str = ""

    action = Action.VERIFICATION

    if TYPE_CHECKING:

        def __init__(  # what is accepted; the attributes say what it becomes
            self,
            *,
            task: int = ...,
            source: str = ...,
            selection: Selection = ...,
            match: Mapping[str, str | Iterable[str]] | MatchKeys = ...,
            name: str = ...,
            workers: int = ...,
            cluster: str = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        require_whole_number(self.task, "task")
        require_instance(self.selection, Selection, "selection")
        object.__setattr__(self, "match", match_keys(self.match))
        set_texts(self, "source", "name")
        if not self.task and not self.source:
            reason = "A verification needs a task, or a source to compare with."
            raise InvalidPlan(reason)
        if self.task and self.match:
            reason = (
                "A task is verified by the keys that it was run with. Name a source "
                "to compare by other ones."
            )
            raise InvalidPlan(reason)
        require_workers(self)
        if self.is_divided and not self.task:
            reason = (
                "Several workers verify what a task has sent. Two installations are "
                "compared by one: leave workers and cluster out."
            )
            raise InvalidPlan(reason)

    @property
    def is_divided(self) -> bool:
        """True if several workers read the target."""
        return self.workers > 1 or bool(self.cluster)

    @property
    def entity_type(self) -> str:
        """The text that lists show in place of a single entity type."""
        return self.selection.title

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`verification_plan_from_dict` reads back."""
        return {
            "action": self.action.value,
            "task": self.task,
            "source": self.source,
            "chosen": self.selection.as_dict(),
            "match": match_keys_to_dict(self.match),
            "name": self.name,
            "workers": self.workers,
            "cluster": self.cluster,
        }


def verification_plan_from_dict(data: Mapping[str, Any]) -> VerificationPlan:
    """Build the plan that *as_dict* wrote."""
    return VerificationPlan(
        task=data["task"],
        source=data["source"],
        selection=selection_from_dict(data["chosen"]),
        match=data.get("match", {}),
        name=data["name"],
        workers=data.get("workers", 1),
        cluster=data.get("cluster", ""),
    )
