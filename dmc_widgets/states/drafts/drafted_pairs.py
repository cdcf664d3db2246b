"""The forms over two installations as drafts: a migration, and a verification."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ...center.drafts import Draft
from ...model.merge_choices import merge_choices_from_dict
from ...model.plan import Action
from ...model.strategies import ImportStrategy, UpdateStrategy
from ..comparing.verification_state import VerificationState
from ..dashboard_state import DashboardPage
from ..migration_state import MigrationState
from ..policy_state import POLICY_TRAITS
from ..type_names import summarize_types

_PAIR_TEXTS: Final = ("name", "sites")
_STRATEGIES: Final = {
    "import_strategy": ImportStrategy,
    "update_strategy": UpdateStrategy,
}
_MIGRATION_TRAITS: Final = (
    *("with_needed", "match_names", "allow_deletions"),
    *(x for x in POLICY_TRAITS if x not in {*_STRATEGIES, "merge_choices"}),
)
"""Those that are plain data as they are."""


class DraftedPair:
    """A form over two installations. Like that of an export, its traits are kept.

    Args:
        form: The state of the form.

    Attributes:
        form: The state of the form.
        view: The view of the form.
    """

    action: Action
    view: DashboardPage
    file_name = ""
    form: MigrationState | VerificationState

    def watch(self, note_change: Callable[[Any], None]) -> None:
        """Call a function whenever something that is kept changes."""
        self.form.observe(note_change, ["source", "target", *self._chosen_traits()])

    def is_begun(self) -> bool:
        """Return True once more is chosen than the two installations.

        An empty form has these already.
        """
        initial = type(self.form)()
        return any(
            getattr(self.form, name) != getattr(initial, name)
            for name in self._chosen_traits()
        )

    def describe(self) -> str:
        """Return the entity types: ``Customer and 2 more``."""
        return summarize_types(self.form.selected)

    def values(self) -> dict[str, Any]:
        """Return the choices as plain data.

        The installations stand where their renaming finds them.
        """
        form = self.form
        return {
            "source": form.source,
            "target": form.target,
            "selected": [*form.selected],
            "match": {name: [*fields] for name, fields in form.match_keys.items()},
            "choices": {name: getattr(form, name) for name in self._plain_traits()},
        }

    def restore(self, draft: Draft) -> None:
        """Set the form as it was, but for its two installations."""
        self.form.selected = tuple(draft.values.get("selected", ()))
        chosen = draft.values.get("choices", {})
        for name in self._plain_traits():
            if name in chosen:
                setattr(self.form, name, chosen[name])
        matched = draft.values.get("match", {})  # goes with the entity types
        self.form.match_keys = {x: tuple(fields) for x, fields in matched.items()}

    @property
    def installation(self) -> str:
        """The source."""
        return str(self.form.source)

    def _plain_traits(self) -> tuple[str, ...]:
        return _PAIR_TEXTS

    def _chosen_traits(self) -> tuple[str, ...]:
        return ("selected", "match_keys", *self._plain_traits())


class DraftedMigration(DraftedPair):
    """The migration form, with its strategies and its latest dry run."""

    action, view = Action.MIGRATION, DashboardPage.MIGRATION
    form: MigrationState

    def __init__(self, form: MigrationState) -> None:
        self.form = form

    def values(self) -> dict[str, Any]:
        """Return the choices, and the dry run that was made with just these."""
        form, values = self.form, super().values()
        strategies = {name: getattr(form, name).value for name in _STRATEGIES}
        return {
            **values,
            "choices": {**values["choices"], **strategies},
            "merge": form.merge_choices.as_dict(),
            "rehearsal": form.rehearsal[0] if form.is_rehearsed else 0,
        }

    def restore(self, draft: Draft) -> None:
        """Set the form as it was.

        The dry run is offered again only where all is as it was.
        """
        super().restore(draft)
        form, chosen = self.form, draft.values.get("choices", {})
        for name, kind in _STRATEGIES.items():
            if name in chosen:
                setattr(form, name, kind(chosen[name]))
        form.merge_choices = merge_choices_from_dict(draft.values.get("merge"))
        number = draft.values.get("rehearsal", 0)
        if number and {**self.values(), "rehearsal": number} == draft.values:
            form.rehearsal = (number, form.target, form.plan(dry_run=True))

    def _plain_traits(self) -> tuple[str, ...]:
        return (*_PAIR_TEXTS, *_MIGRATION_TRAITS)

    def _chosen_traits(self) -> tuple[str, ...]:
        more = (*_STRATEGIES, "merge_choices", "rehearsal")
        return (*super()._chosen_traits(), *more)


class DraftedVerification(DraftedPair):
    """The form that compares two installations."""

    action, view = Action.VERIFICATION, DashboardPage.VERIFICATION
    form: VerificationState

    def __init__(self, form: VerificationState) -> None:
        self.form = form
