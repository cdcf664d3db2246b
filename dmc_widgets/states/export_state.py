"""The state of the export form. It runs without a browser, a kernel or ipywidgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from traitlets import Bool, Tuple, Unicode, observe

from ..errors import InvalidQuery
from ..model.entity_type import EntityType, Field
from ..model.plan import ExportPlan
from ..model.query.filter_parser import parse_filter
from ..model.query.sort_order import parse_sort
from .scope_state import ScopeState

FORMATS = ("CSV", "JSON", "JSONL", "JSONT", "XLSX")
TABLE_FORMATS = frozenset({"CSV", "XLSX"})
"""Formats with a line of column names."""

_QUERY_TRAITS = ("filter", "sort", "search")

NO_ENTITY_TYPE = "Please select an entity type."
NO_FIELD = "Please select at least one field."


class ExportState(ScopeState):
    """What the person has chosen so far, and what is still missing.

    A view binds to these traits and keeps nothing of its own.

    Attributes:
        entity_types: Those of the installation.
        template: The name of the recalled template; empty again as soon as
            anything that it holds is changed.
        entity: The key of the chosen type, or empty.
        format: One of :data:`FORMATS`.
        include_headers: Of a CSV or Excel file.
        guard_formulas: Of a CSV file: texts that a spreadsheet would run as formulas
            get an apostrophe.
        scope: The site whose entries are exported; empty for every site.
        filter: An OData expression; these three are kept for templates, too.
        sort: The order of the records.
        search: A text that they hold.
        unticked: Names of the fields to leave out. Kept rather than the ticked
            ones, so that a field that a format cannot hold comes back with the
            next format.
        format_fault: That the format can hold nothing of the chosen type, and which
            ones can; a sentence, or empty.
        fields: Those of the chosen type, required first.
        selected: Names of the fields to export, in the order of *fields*.
        filter_fault: Why the filter cannot be read; a sentence, or empty.
        sort_fault: The same for the order.
        problems: Sentences; empty exactly when the export may start.
        may_save: A template may be saved.
    """

    template = Unicode()
    format = Unicode(FORMATS[0])
    include_headers = Bool(True)
    guard_formulas = Bool(True)
    filter = Unicode()
    sort = Unicode()
    search = Unicode()
    unticked = Tuple()

    format_fault = Unicode()
    fields = Tuple()
    selected = Tuple()
    filter_fault = Unicode()
    sort_fault = Unicode()
    problems = Tuple((NO_ENTITY_TYPE,))
    may_save = Bool(False)

    @property
    def entity_type(self) -> EntityType | None:
        """The chosen type, once its fields are known."""
        found = (
            entity_type
            for entity_type in self.entity_types
            if entity_type.key == self.entity
        )
        return next(found, None)

    def matching(self, text: str) -> tuple[Field, ...]:
        """Return the fields whose name or label contains *text*."""
        wanted = text.strip().casefold()
        return tuple(
            field
            for field in self.fields
            if wanted in field.name.casefold() or wanted in field.label.casefold()
        )

    def holds(self, field: Field) -> bool:
        """Say whether the chosen format can hold *field*."""
        return self.format not in field.unsupported_formats

    def select(self, names: Iterable[str]) -> None:
        """Include the fields called *names*, and no others that can be chosen."""
        wanted = set(names)
        self.unticked = tuple(
            field.name
            for field in self.fields
            if field.name not in wanted
            and (self.holds(field) or field.name in self.unticked)
        )

    def plan(self) -> ExportPlan:
        """Return the choices in the core's own terms.

        While all that is ticked at first stays so the plan names no fields, and a
        template of it takes along the fields that an object gets later.

        Raises:
            InvalidPlan: No field is ticked.
            InvalidQuery: The filter or the order cannot be read.
        """
        every = self.unticked == _names_on_request(self.fields) and bool(self.selected)
        return ExportPlan(
            entity_type=self.entity,
            format=self.format,
            fields=None if every else self.selected,
            include_headers=self.include_headers,
            guard_formulas=self.guard_formulas,
            scope=self.scope,
            filter=self.filter,
            sort=self.sort,
            search=self.search,
        )

    def load_plan(self, plan: ExportPlan, template: str = "") -> None:
        """Restore everything that *plan* holds; *template* is its name."""
        with self.hold_trait_notifications():
            self.format = plan.format
            self.include_headers = plan.include_headers
            self.guard_formulas = plan.guard_formulas
            self.scope = plan.scope
            self.filter, self.sort = plan.filter, plan.sort
            self.search = plan.search
            self.entity = plan.entity_type
        if plan.fields is not None:
            self.unticked = tuple(
                field.name for field in self.fields if field.name not in plan.fields
            )
        self.scope = plan.scope  # the choice of the entity type may have cleared it
        self.template = template

    def reset(self) -> None:
        """Go back to an empty form; the entity types stay."""
        with self.hold_trait_notifications():
            self.entity = self.scope = self.template = ""
            self.filter = self.sort = self.search = ""
            self.format = FORMATS[0]
            self.include_headers = self.guard_formulas = True
            self.unticked = ()

    @observe("entity")
    def _start_afresh(self, _change: Any) -> None:
        found = [
            entity_type
            for entity_type in self.entity_types
            if entity_type.key == self.entity
        ]
        self.unticked = _names_on_request(found[0].export_fields) if found else ()

    @observe(
        *("entity", "format", "include_headers", "guard_formulas", "unticked"),
        "scope",
        *_QUERY_TRAITS,
    )
    def _soil(self, _change: Any) -> None:
        self.template = ""

    @observe("filter", "sort")
    def _read_query(self, _change: Any) -> None:
        self.filter_fault = _parse_error(parse_filter, self.filter)
        self.sort_fault = _parse_error(parse_sort, self.sort)
        self.problems = self._missing()

    @observe("entity_types", "entity", "format", "unticked")
    def _derive(self, _change: Any) -> None:
        chosen = self.entity_type
        self.fields = chosen.export_fields if chosen else ()
        self.selected = tuple(
            field.name
            for field in self.fields
            if self.holds(field) and field.name not in self.unticked
        )
        self.format_fault = self._unsupported()
        self.problems = self._missing()

    @observe("fields", "format_fault", "template")
    def _judge(self, _change: Any) -> None:
        is_complete = bool(self.fields) and not self.format_fault
        self.may_save = is_complete and not self.template

    def _unsupported(self) -> str:
        """Say so where the format can hold no field of the chosen type.

        Definitions are trees of lists, which no table holds.
        """
        chosen = self.entity_type
        if chosen is None or any(self.holds(field) for field in self.fields):
            return ""
        able = [
            each
            for each in FORMATS
            if any(each not in field.unsupported_formats for field in self.fields)
        ]
        known = f"{', '.join(able[:-1])} or {able[-1]}" if able[1:] else "".join(able)
        return f"{chosen.name} cannot be written as {self.format}. Choose {known}."

    def _missing(self) -> tuple[str, ...]:
        if not self.fields:
            return (NO_ENTITY_TYPE,)
        if self.format_fault:
            return (self.format_fault,)
        if not self.selected:
            return (NO_FIELD,)
        return tuple(filter(None, (self.filter_fault, self.sort_fault)))


def _names_on_request(fields: Iterable[Field]) -> tuple[str, ...]:
    return tuple(field.name for field in fields if field.on_request)


def _parse_error(parse: Callable[[str], object], text: str) -> str:
    try:
        parse(text)
    except InvalidQuery as exc:
        return str(exc)
    return ""
