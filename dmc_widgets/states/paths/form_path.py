"""A form as a path: which step is in view, and what stands in the way of the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from traitlets import HasTraits, Tuple, Unicode

from .steps import Blocker, Step


class FormPath(HasTraits):
    """The steps of a form, then those of the task that it starts.

    A path states its steps and its blockers; moving between them is the same for all.

    Attributes:
        form_steps: The keys of the steps of the form itself, in their order; people may
            go between them at any time.
        step: The step of the form that is in view.
        current: The step in view; that of the form, or a later one.
        steps: All steps.
        blockers: What has to be done before the form can be left at its end.
        asked: The keys of the steps whose blockers the person has met.
        asked_blockers: The blockers of these steps.
    """

    form_steps: ClassVar[tuple[str, ...]] = ()

    step = Unicode()
    current = Unicode()
    steps = Tuple()
    blockers = Tuple()
    asked = Tuple()
    asked_blockers = Tuple()

    def __init__(self) -> None:
        super().__init__()
        self.step = self.form_steps[0]
        self.observe(self._derive, ["step", "asked"])
        self._derive(None)

    def open_step(self, key: str) -> None:
        """Bring a step of the form into view; nothing that was chosen is lost.

        Raises:
            ValueError: The form has no such step.
        """
        if key not in self.form_steps:
            raise ValueError(key)
        self.step = key

    def begin(self) -> None:
        """Begin at the first step again."""
        self.step, self.asked = self.form_steps[0], ()

    def go_on(self) -> bool:
        """Open the next step of the form, unless something is missing in this one.

        Returns:
            False if something is missing, or if this is the last step of the form.
        """
        self.asked = (self.step,)
        place = self.form_steps.index(self.step)
        if self.asked_blockers or place + 1 == len(self.form_steps):
            return False
        self.asked = ()
        self.open_step(self.form_steps[place + 1])
        return True

    def go_back(self) -> None:
        """Open the step before this one."""
        place = self.form_steps.index(self.step)
        self.open_step(self.form_steps[max(0, place - 1)])

    def ask_for_all(self) -> None:
        """Show the blockers of all steps, as long as there are any."""
        self.asked = self.form_steps

    def blockers_of(self, key: str) -> tuple[Blocker, ...]:
        """Return what has to be done in one step."""
        return tuple(blocker for blocker in self.blockers if blocker.step == key)

    def _derive(self, _change: Any) -> None:
        with self.hold_trait_notifications():
            self.blockers = tuple(self._list_blockers())
            self.asked_blockers = tuple(
                x for x in self.blockers if x.step in self.asked
            )
            self.current = self._find_current()
            self.steps = tuple(self._list_steps())

    def _find_current(self) -> str:
        return str(self.step)

    def _list_blockers(self) -> Iterable[Blocker]:
        raise NotImplementedError

    def _list_steps(self) -> Iterable[Step]:
        raise NotImplementedError
