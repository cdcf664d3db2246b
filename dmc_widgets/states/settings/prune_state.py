"""The state of the card that removes what old tasks have left."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, HasTraits, Instance, Unicode, observe

from ...center.prune import PruneReport


class PruneState(HasTraits):
    """Which tasks are old enough, and what of them would go.

    Attributes:
        older_than: An age such as ``90d``, or a day.
        backups: Backups go, too.
        before: The time before which the tasks of *report* have ended.
        report: What would be removed; None until it was looked for.
        removed: What was removed last; None until then.
    """

    older_than = Unicode("90d")
    backups = Bool(False)
    before = Unicode()
    report = Instance(PruneReport, allow_none=True)
    removed = Instance(PruneReport, allow_none=True)

    @property
    def can_remove(self) -> bool:
        """True if there is something that can be removed."""
        return self.report is not None and not self.report.is_empty

    @observe("older_than", "backups")
    def _forget(self, _change: Any) -> None:
        """What was looked for belongs to other choices."""
        self.report = self.removed = None
