"""What the chosen file says of its entity type and its target, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from traitlets import HasTraits, Tuple, Unicode

from ...center.files import EntityTypeSuggestion, InstallationSuggestion
from ...errors import DmcError
from ...languages import gettext as _
from ...languages import lazy
from ..dashboard_state import DashboardState
from ..import_state import ImportState
from ..model_words import translate_reason

MAX_CHOICES: Final = 4
_SEVERAL: Final = lazy("Several entity types suit the file. Choose the right one:")
_NONE: Final = lazy(
    "No entity type of this installation has fields like those of the file."
)
_OTHER: Final = lazy("The file suits another entity type better.")

EntityTypeFinder = Callable[[], tuple[EntityTypeSuggestion, ...]]
InstallationFinder = Callable[[], InstallationSuggestion | None]


class FileProposal(HasTraits):
    """Selects the entity type that a file clearly holds; else offers the likeliest.

    What a person, a template or a draft has selected stays; the proposal then only
    says whether another entity type suits the file better.

    Args:
        form: The state of the import form.
        dashboard: The state of the page; it knows the installation.
        find_types: Returns the suggestions for the file of the form.
        find_target: Returns where the file was imported before.

    Attributes:
        suggestions: The entity types that suit the file, the likeliest first.
        sentence: What the file says, with the reason; empty without a file.
        choices: The suggestions to select instead, at most four.
        target: The name of the other installation that the file went to the last
            time; empty for none.
        target_sentence: Why.
    """

    suggestions = Tuple()
    sentence = Unicode()
    choices = Tuple()
    target = Unicode()
    target_sentence = Unicode()

    def __init__(
        self,
        form: ImportState,
        dashboard: DashboardState,
        find_types: EntityTypeFinder,
        find_target: InstallationFinder,
    ) -> None:
        super().__init__()
        self._form, self._dashboard = form, dashboard
        self._find_types, self._find_target = find_types, find_target
        self._selected = ""
        self._target: InstallationSuggestion | None = None
        form.observe(self._describe, ["entity", "file_name", "template"])
        dashboard.observe(self._describe, ["installation"])

    def read_file(self) -> None:
        """Take the suggestions for a file, and select the entity type if it is clear.

        The suggestions are a convenience: without them the form asks as it does.
        """
        try:
            self.suggestions = self._find_types()
            found = self._find_target()
        except DmcError:
            self.suggestions, found = (), None
        self._target = found
        self._select_clear_type()
        self._describe(None)

    def list_again(self) -> None:
        """Take the suggestions for the entity types of another installation."""
        if self._form.file_name:
            self.read_file()

    def clear(self) -> None:
        """Forget the file, and the entity type that only the file has selected."""
        form = self._form
        if self._selected and form.entity == self._selected and not form.template:
            form.entity = ""
        self.suggestions, self._target, self._selected = (), None, ""
        self._describe(None)

    def _select_clear_type(self) -> None:
        form = self._form
        if form.template or form.entity not in {"", self._selected}:
            return
        best = self.suggestions[0] if self.suggestions else None
        if best is not None and best.clear:
            form.entity = self._selected = best.entity_type

    def _describe(self, _change: Any) -> None:
        entity = self._form.entity
        own = next((x for x in self.suggestions if x.entity_type == entity), None)
        others = [x for x in self.suggestions if x.entity_type != entity]
        with self.hold_trait_notifications():
            self.choices = tuple(others[:MAX_CHOICES])
            self.sentence = self._find_sentence(own)
            found = self._target
            is_other = found and found.installation != self._dashboard.installation
            self.target = found.installation if found and is_other else ""
            self.target_sentence = (
                translate_reason(found.sentence) if found and is_other else ""
            )

    def _find_sentence(self, own: EntityTypeSuggestion | None) -> str:
        if not self._form.file_name:
            return ""
        if not self._form.entity:
            return _(_SEVERAL) if self.suggestions else _(_NONE)
        if self.suggestions and self.suggestions[0].clear:
            is_best = own == self.suggestions[0]
            return describe_suggestion(own) if own and is_best else _(_OTHER)
        return describe_suggestion(own) if own else ""


def describe_suggestion(suggestion: EntityTypeSuggestion) -> str:
    """Return an entity type with what speaks for it, in the language in use."""
    reasons = "; ".join(map(translate_reason, suggestion.reasons))
    return _("{name}: {reasons}.").format(name=suggestion.name, reasons=reasons)
