"""The state of the page that compares two installations, to bring one to the other."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Tuple, Unicode, observe

from ...languages import format_number, lazy, ngettext
from ...languages import gettext as _
from ...model.merge_choices import ACCEPT_ALL
from ...model.strategies import UpdateStrategy
from ...objects.comparison.difference_paths import difference_path
from ...objects.comparison.differences import ChangeType, Difference
from ..policy_state import PolicyState

KIND_LABELS = {
    "ObjectDefinition": lazy("Object Definition"),
    "ListTypeDefinition": lazy("Picklist"),
    "ObjectFolder": lazy("Folder"),
}
"""What the kinds of documents are called."""
_SHOWN_PATHS = 8


class ComparisonState(PolicyState):
    """Two installations, their differences, and those that are to be applied.

    Attributes:
        source: The name of the installation that has what is wanted.
        target: The name of the installation that is to become like it.
        is_comparing: The two are being compared.
        counts: The entity type, and the number of its entries in the source and in the
            target, None where there is no such object.
        kind: Only differences of this kind of document are shown; empty for all.
        entity: Only those of the document with this name; empty for all.
    """

    source = Unicode()
    target = Unicode()
    is_comparing = Bool(False)
    counts = Tuple()
    kind = Unicode()
    entity = Unicode()

    def __init__(self, **traits: Any) -> None:
        super().__init__(update_strategy=UpdateStrategy.MERGE, **traits)

    @property
    def can_compare(self) -> bool:
        """True if two different installations are selected."""
        return bool(self.source and self.target) and self.source != self.target

    def take(self, differences: tuple[Difference, ...]) -> None:
        """Show what a comparison has found; nothing is accepted at first."""
        self.differences = differences
        self.accept(())

    def take_counts(self, source: dict[str, int], target: dict[str, int]) -> None:
        """Show how many entries each object has on both sides."""
        names = sorted({*source, *target}, key=str.casefold)
        self.counts = tuple((x, source.get(x), target.get(x)) for x in names)

    def kind_options(self) -> list[tuple[str, str]]:
        """Return the kinds of documents that differ, with their labels."""
        kinds = dict.fromkeys(x.kind for x in self.differences or ())
        labelled = [(KIND_LABELS.get(kind, kind), kind) for kind in kinds]
        return [(_("All Kinds"), ""), *labelled]

    def entity_options(self) -> list[tuple[str, str]]:
        """Return the names of the documents that differ."""
        names = sorted({x.name for x in self._of_kind()}, key=str.casefold)
        return [(_("All"), ""), *((name, name) for name in names)]

    def shown(self) -> tuple[Difference, ...]:
        """Return the differences of the chosen kind and document."""
        return tuple(x for x in self._of_kind() if self.entity in {"", x.name})

    @property
    def removals(self) -> tuple[str, ...]:
        """The accepted differences that delete what only the target has."""
        accepted = set(self.accepted)
        return tuple(
            path
            for x in self.differences or ()
            if x.change is ChangeType.REMOVED
            and (path := difference_path(x)) in accepted
        )

    def describe_removals(self) -> str:
        """Return the question before something is deleted; empty if nothing is."""
        removals = self.removals
        if not removals:
            return ""
        number = len(removals)
        names = ", ".join(removals[:_SHOWN_PATHS])
        hidden = number - _SHOWN_PATHS
        if hidden > 0:
            names = _("{names} and {count} others").format(
                names=names, count=format_number(hidden)
            )
        return ngettext(
            "{count} part that only {target} has will be deleted, with the values of "
            "entries there: {names}. Delete them?",
            "{count} parts that only {target} has will be deleted, with the values of "
            "entries there: {names}. Delete them?",
            number,
        ).format(count=format_number(number), target=self.target, names=names)

    def describe(self) -> str:
        """Return in a sentence what is known."""
        if self.source and self.source == self.target:
            return _("Select two different installations.")
        if self.is_comparing:
            return _("{source} and {target} are being compared.").format(
                source=self.source, target=self.target
            )
        if self.differences is None:
            return ""
        found, number = len(self.differences), len(self.accepted)
        return ngettext(
            "{count} difference, {selected} selected to be taken over into {target}.",
            "{count} differences, {selected} selected to be taken over into {target}.",
            found,
        ).format(
            count=format_number(found),
            selected=format_number(number),
            target=self.target,
        )

    def _of_kind(self) -> tuple[Difference, ...]:
        return tuple(x for x in self.differences or () if self.kind in {"", x.kind})

    @observe("source", "target")
    def _clear(self, _change: Any) -> None:
        self.differences, self.merge_choices = None, ACCEPT_ALL
        self.counts = ()
        self.kind = self.entity = ""

    @observe("kind")
    def _show_all_names(self, _change: Any) -> None:
        self.entity = ""
