"""What is wrong with a plan for a file, before anything starts."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InvalidPlan


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """The result of holding a plan against the file that it is for.

    Attributes:
        problems: Sentences, the most important first; the import does not start
            with one.
        warnings: Sentences that people read before the start, and that the task
            keeps as notes.
    """

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def require_startable(self) -> None:
        """Refuse the plan if it has a problem.

        Raises:
            InvalidPlan: It has; the error holds all of them.
        """
        if self.problems:
            raise InvalidPlan(" ".join(self.problems))
