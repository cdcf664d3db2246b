"""What became of a batch that somebody else has written: asked for, never sent.

The tasks of the batch are found by their marks and judged as whoever made them would
have judged them. What they had still to do is not done: items that would have been
sent once more were not reached, and links that are lacking were not set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...errors import Refused
from ...model.outcome import Outcome, OutcomeKind
from ...ports import Batch, Item
from .batches import Part, Ready, plan_batch
from .definition_order import BARE_MARK
from .fetching import NoSuchList
from .import_tasks import Lost
from .judging import ENDS, broken, in_order, unknown
from .linking import Linker
from .notes import Before
from .problems import problem_of
from .writing import ANEW, Writer, broke_off


class Recaller(Writer):
    """Tells what became of batches of one entity type."""

    def recall(self, batch: Batch) -> list[Outcome] | None:
        """Return the outcomes of a batch; see :class:`~dmc_widgets.ports.Recalling`."""
        plan = plan_batch(batch, self._type)
        outcomes = dict(plan.refused)
        has_begun = not plan.parts
        for part in plan.parts:
            found = self._recalled(part)
            if found is None:
                found = self._refused_for_site(part)
            if found is None:
                break
            has_begun = True
            outcomes |= found
            kinds = {each.kind for each in found.values()}
            if OutcomeKind.UNKNOWN in kinds or (self._stops and kinds & ENDS):
                break
        if not has_begun:
            return None
        return in_order(batch.items, outcomes, stops=self._stops)

    def _refused_for_site(self, part: Part) -> dict[int, Outcome] | None:
        """Return the failures of items whose site is not there; None if it is."""
        if not part.site:
            return None
        try:
            self._sums.of(part.site, [part.items[0].key])
        except NoSuchList as exc:
            return self._without_site(part, exc)
        return None

    def _recalled(self, part: Part) -> dict[int, Outcome] | None:
        """Return what became of a part; None if nothing of it is stored.

        Raises:
            InstallationError: The server does not tell now.
        """
        task = self._tasks.find(part.mark)
        if task is None:
            # Definitions may have been made bare, and then never put whole.
            is_bare = self._tasks.find(f"{part.mark}{BARE_MARK}") is not None
            return unknown(part.items) if is_bare else None
        if broke_off(task):
            anew = self._recalled(replace(part, mark=f"{part.mark}{ANEW}"))
            if anew is not None:
                return anew
        linker = Linker(self._client, self._fetcher, self._type)
        wanted = linker.wanted(part)
        try:
            outcomes = self._ended(part, task, None, wanted)
        except Lost as lost:
            raise lost.fault from lost
        except Refused:
            return None  # the task came to nothing
        return outcomes | linker.recall(part, outcomes, wanted)

    def _written_one_by_one(
        self, part: Part, task: Item, sent: Sequence[Ready], before: Before
    ) -> dict[int, Outcome]:
        """Compare what was there with what is: single requests leave no mark."""
        now = self._sums.after(part.site, [each.key for each in sent])
        why = problem_of(str(task.get("errorMessage") or ""), {})
        found = broken(sent, {}, before, now, why).outcomes
        return {
            place: Outcome(OutcomeKind.SKIPPED, each.key)
            if each.kind is OutcomeKind.FAILED
            else each
            for place, each in found.items()
        }

    def _written_again(self, part: Part) -> dict[int, Outcome]:
        """Return what was sent once more; the rest was not reached."""
        return self._recalled(part) or {}
