"""The state of the migration form. It runs without a browser or ipywidgets."""

from __future__ import annotations

from functools import reduce
from typing import Any

from traitlets import Bool, Dict, Tuple, Unicode, observe

from ..center.mapping_editing import match_field_choices
from ..languages import format_number, lazy, ngettext
from ..languages import gettext as _
from ..model.entity_type import OBJECT_ENTRY, EntityType, object_short_name
from ..model.merge_choices import ACCEPT_ALL
from ..model.plan import MigrationPlan, Selection
from .comparing.installation_pair_state import InstallationPairState
from .policy_state import ALIKE, PolicyState

NO_SOURCE = lazy("Please select the installation to take from.")
NO_TARGET = lazy("Please select the installation to bring into.")
NO_SELECTION = lazy("Please select at least one entity type.")


class MigrationState(InstallationPairState, PolicyState):
    """The choices of the migration form, and what is still missing.

    Attributes:
        with_needed: Dependencies that the target lacks are migrated, too.
        match_names: Definitions, picklists and folders with the same name are the
            same.
        match_entity: The key of the entity type whose key is chosen; empty for none.
        match_fields: The names of the fields that identify an entry of it; empty for
            its external reference code.
        match_keys: The chosen keys of all entity types, by the names of these.
        rehearsal: The id of the dry run that was started last, its target and its plan;
            empty for none.
        is_comparing: The definitions of source and target are being compared.
    """

    no_source = NO_SOURCE
    no_target = NO_TARGET

    with_needed = Bool(True)
    match_names = Bool(False)
    match_entity = Unicode()
    match_fields = Tuple()
    match_keys = Dict()
    is_comparing = Bool(False)
    rehearsal = Tuple()

    problems = Tuple((NO_SOURCE,))

    def plan(self, *, dry_run: bool = False) -> MigrationPlan:
        """Build the migration plan from the choices."""
        return MigrationPlan(
            source=self.source,
            selection=Selection(
                entity_types=self.selected,
                with_needed=self.with_needed,
                sites=self.site_keys,
            ),
            policy=self.policy,
            options=self.options,
            dry_run=dry_run,
            match_names=self.match_names,
            match=self.match_keys,
            allow_deletions=self.allow_deletions,
            name=self.name,
        )

    @property
    def is_rehearsed(self) -> bool:
        """True while the choices are those of the dry run that was started last."""
        return self.rehearsal[1:] == (self.target, self.plan(dry_run=True))

    def match_entity_options(self) -> list[tuple[str, str]]:
        """Return labels and keys of the selected entity types that have entries."""
        return [(x.short_name, x.key) for x in self._selected_entries()]

    def match_field_options(self) -> list[tuple[str, str]]:
        """Return labels and names of the fields that may identify an entry."""
        chosen = self._match_type()
        return [] if chosen is None else match_field_choices(chosen)

    def describe_match_keys(self) -> str:
        """Return the chosen keys in one line: ``Customer by email``."""
        return ", ".join(
            _("{object} by {fields}").format(
                object=object_short_name(name), fields=reduce(_join, fields)
            )
            for name, fields in sorted(self.match_keys.items())
        )

    def describe_comparison(self) -> str:
        """Return in one sentence what the comparison of the definitions has found."""
        if self.is_comparing:
            return _("{source} and {target} are being compared.").format(
                source=self.source, target=self.target
            )
        if self.differences is None:
            return ""
        if not self.differences:
            return _(ALIKE)
        number = len(self.differences)
        return ngettext(
            "{count} difference is listed below the settings.",
            "{count} differences are listed below the settings.",
            number,
        ).format(count=format_number(number))

    def _selected_entries(self) -> list[EntityType]:
        return [
            x
            for x in self.entity_types
            if x.key in self.selected and x.class_name == OBJECT_ENTRY
        ]

    def _match_type(self) -> EntityType | None:
        types = (x for x in self._selected_entries() if x.key == self.match_entity)
        return next(types, None)

    @observe("match_entity")
    def _show_key(self, _change: Any) -> None:
        chosen = self._match_type()
        name = "" if chosen is None else chosen.name
        self.match_fields = tuple(self.match_keys.get(name, ()))

    @observe("match_fields")
    def _keep_key(self, _change: Any) -> None:
        chosen = self._match_type()
        if chosen is not None:
            others = {x: y for x, y in self.match_keys.items() if x != chosen.name}
            added = {chosen.name: self.match_fields} if self.match_fields else {}
            self.match_keys = {**others, **added}

    @observe("selected")
    def _forget_keys(self, _change: Any) -> None:
        """Forget the keys of entity types that do not move any more."""
        names = {x.name for x in self._selected_entries()}
        self.match_keys = {x: y for x, y in self.match_keys.items() if x in names}
        if self._match_type() is None:
            self.match_entity = ""

    @observe("source", "target")
    def _clear_differences(self, _change: Any) -> None:
        self.differences, self.merge_choices = None, ACCEPT_ALL

    @observe("source", "target", "selected", "error_limit", "stop_on_error")
    def _derive(self, _change: Any) -> None:
        self.problems = self._list_problems()

    def _list_problems(self) -> tuple[str, ...]:
        if problems := self.list_pair_problems():
            return problems
        if self.limit_problem:
            return (self.limit_problem,)
        return () if self.selected else (_(NO_SELECTION),)


def _join(first: str, second: str) -> str:
    return _("{first} and {second}").format(first=first, second=second)
