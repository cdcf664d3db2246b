"""The differences between the definitions of two installations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Instance, Tuple, observe, validate

from ...center.installations import differences_to_frame
from ...errors import UnknownName
from ...model.coercion import name_tuple
from ...model.merge_choices import MergeChoices
from ...model.strategies import UpdateStrategy
from ...objects.comparison.difference_paths import accepted_paths, difference_path
from ...states.policy_state import PolicyState
from ...states.toolkit.sources import InstallationLike, InstallationSource
from ..parts.difference_panel import DifferencePanel
from ..parts.form_inputs import call_on_change
from .base import PublicWidget, repr_names

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd


class DefinitionDiff(PublicWidget):
    """Shows how folders, picklists and definitions differ, each to be taken or left.

    >>> diff = DefinitionDiff("Sample source", "Sample target")
    >>> diff.value = ["Bicycle"]
    >>> center.migrate("Sample source", "Sample target", **diff.choices)

    Args:
        source: The installation that is read: open, by its name, or by its address.
        target: The installation that would become like it.
        center: The center that knows the two by their names; None for the default
            workspace.

    Attributes:
        value: The paths of the differences that are accepted. It takes the paths of
            :class:`~dmc_widgets.MergeChoices`: ``Bicycle`` is all of that definition.
        merge: The same as a value, in few words: what is accepted, or what is left.
        differences: All differences, in the order of the table.

    Raises:
        TypeError: One of the two is something else.
        UnknownName: There is no such installation.
        InstallationError: One of them does not answer.
    """

    value = Tuple()
    merge = Instance(MergeChoices, args=())
    differences = Tuple()

    def __init__(
        self,
        source: InstallationLike,
        target: InstallationLike,
        *,
        center: Any = None,
    ) -> None:
        super().__init__()
        self._source = self._find(source, center)
        self._target = self._find(target, center)
        self._state = PolicyState(update_strategy=UpdateStrategy.MERGE)
        self._panel = DifferencePanel(self._state)
        self._show([self._panel])
        call_on_change(self._state, ["merge_choices", "differences"], self._take)
        self._load()

    @property
    def choices(self) -> dict[str, Any]:
        """What is accepted as keywords of ``center.migrate`` and the like."""
        chosen: dict[str, Any] = {"update_strategy": UpdateStrategy.MERGE.value}
        if self.merge.only:
            chosen["only"] = self.merge.only
        if self.merge.leave:
            chosen["leave"] = self.merge.leave
        return chosen

    @property
    def frame(self) -> pd.DataFrame:
        """The differences as a dataframe, as ``center.installations.compare`` does."""
        return differences_to_frame(self.differences)

    def refresh(self) -> None:
        """Compare the two again; everything is accepted, as at first."""
        self._guard.run(self._load)

    def __repr__(self) -> str:
        return repr_names(self, "value")

    def _find(self, given: InstallationLike, center: Any) -> InstallationSource:
        is_name = isinstance(given, str) and "://" not in given
        if is_name and center is not None:
            found = InstallationSource(center, str(given))
        else:
            found = InstallationSource(given)
        self._own(found)
        return found

    def _load(self) -> None:
        with self._source.connect() as source, self._target.connect() as target:
            found = tuple(source.differences(target))
        self.differences = found
        self._state.merge_choices = MergeChoices()
        self._state.differences = found

    def _take(self) -> None:
        self.merge = self._state.merge_choices
        self.value = tuple(self._state.accepted)

    @validate("value")
    def _require_known(self, proposal: Any) -> tuple[str, ...]:
        given = name_tuple(proposal["value"], "value")
        for path in given:
            if not accepted_paths(MergeChoices(path), self.differences):
                known = tuple(map(difference_path, self.differences))
                raise UnknownName(kind="difference", name=path, known=known)
        return accepted_paths(MergeChoices(given), self.differences) if given else ()

    @observe("value")
    def _follow_value(self, change: Any) -> None:
        if set(change["new"]) != set(self._state.accepted):
            self._state.accept(change["new"])
