"""The state of the export form. It runs without a browser, a kernel or ipywidgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from traitlets import Bool, Tuple, Unicode, observe

from ..errors import InvalidQuery
from ..formats import FORMATS
from ..languages import gettext as _
from ..languages import lazy
from ..model.compression import Compression
from ..model.entity_type import Field
from ..model.plan import ExportPlan
from ..model.query.filter_parser import parse_filter
from ..model.query.sort_order import parse_sort
from ..objects.names import ERC
from ..objects.versions.releases import list_releases
from .scope_state import ScopeState

DEFAULT_FORMAT = "CSV"

_QUERY_TRAITS = ("filter", "sort", "search")

NO_ENTITY_TYPE = lazy("Please select an entity type.")
NO_FIELD = lazy("Please select at least one field.")


class ExportState(ScopeState):
    """The choices of the export form, and what is still missing.

    A view binds to these traits and keeps no choice of its own.

    Attributes:
        entity_types: The entity types of the installation.
        template: The name of the applied template; empty again as soon as anything
            that the template holds is changed.
        origin: The name of the template that was applied last; it stays when something
            is changed.
        entity: The key of the selected entity type, or empty.
        format: The name of a format that can be written.
        include_headers: Write the row of column names of a CSV or Excel file.
        guard_formulas: Write an apostrophe before texts that a spreadsheet would run
            as formulas, in a CSV file.
        compression: How the columns of a Parquet file are compressed.
        scope: The key of the site whose entries are exported; empty for every site.
        filter: An OData expression; templates keep these three, too.
        sort: The order of the records.
        search: A text that the records contain.
        for_version: The version of Liferay that is to read the file; empty for any.
        excluded: Names of the fields to leave out. Stored instead of the selected
            ones, so that a field that a format cannot hold comes back with the next
            format.
        format_problem: A sentence if the format can hold no field of the entity type;
            it names the formats that can.
        fields: The fields of the entity type, required ones first.
        selected: Names of the fields to export, in the order of *fields*.
        filter_problem: Why the filter cannot be read, as a sentence, or empty.
        filter_gap: What is missing in a condition of the filter, or empty.
        sort_problem: Why the order cannot be read, as a sentence, or empty.
        problems: Sentences; empty exactly when the export can start.
        can_save: A template can be saved.
    """

    template = Unicode()
    origin = Unicode()
    format = Unicode(DEFAULT_FORMAT)
    include_headers = Bool(True)
    guard_formulas = Bool(True)
    compression = Unicode(Compression.ZSTD.value)
    filter = Unicode()
    sort = Unicode()
    search = Unicode()
    for_version = Unicode()
    excluded = Tuple()

    format_problem = Unicode()
    fields = Tuple()
    selected = Tuple()
    filter_problem = Unicode()
    filter_gap = Unicode()
    sort_problem = Unicode()
    problems = Tuple((NO_ENTITY_TYPE,))
    can_save = Bool(False)

    def find_fields(self, query: str) -> tuple[Field, ...]:
        """Return the fields whose name or label, in any language, contains *query*."""
        pattern = query.strip().casefold()
        return tuple(
            field
            for field in self.fields
            if any(
                pattern in text.casefold() for text in (field.name, *field.all_labels)
            )
        )

    def version_options(self) -> list[tuple[str, str]]:
        """Return the versions of Liferay to choose from, the newest first."""
        names = [release.name for release in reversed(list_releases())]
        return [
            (_("Any Version"), ""),
            *((_("Liferay {name}").format(name=name), name) for name in names),
        ]

    def can_hold(self, field: Field) -> bool:
        """Return True if the selected format can hold *field*."""
        selected = FORMATS.get(self.format)
        return selected is None or selected.info.can_hold(field)

    def select(self, names: Iterable[str]) -> None:
        """Select the fields called *names*, and no other that the format can hold."""
        included = set(names)
        self.excluded = tuple(
            field.name
            for field in self.fields
            if field.name not in included
            and (self.can_hold(field) or field.name in self.excluded)
        )

    def select_all(self) -> None:
        """Select the fields that an export holds by itself."""
        self.excluded = _names_on_request(self.fields)

    def select_none(self) -> None:
        """Select no field."""
        self.select(())

    def select_required(self) -> None:
        """Select the required fields and the code by which records are found again."""
        self.select(x.name for x in self.fields if x.required or x.name == ERC)

    def plan(self) -> ExportPlan:
        """Build the export plan from the choices.

        While the selection is the initial one the plan names no fields, so that a
        template includes the fields that an object gets later.

        Raises:
            InvalidPlan: No field is selected.
            InvalidQuery: The filter or the order cannot be read.
        """
        is_default = self.excluded == _names_on_request(self.fields) and bool(
            self.selected
        )
        return ExportPlan(
            entity_type=self.entity,
            format=self.format,
            fields=None if is_default else self.selected,
            include_headers=self.include_headers,
            guard_formulas=self.guard_formulas,
            compression=self.compression,
            scope=self.scope,
            filter=self.filter,
            sort=self.sort,
            search=self.search,
            for_version=self.for_version,
        )

    def load_plan(self, plan: ExportPlan, template: str = "") -> None:
        """Restore the choices of *plan*; *template* is the name of its template."""
        with self.hold_trait_notifications():
            self.format = plan.format
            self.include_headers = plan.include_headers
            self.guard_formulas = plan.guard_formulas
            self.compression = plan.compression.value
            self.scope = plan.scope
            self.filter, self.sort = plan.filter, plan.sort
            self.search = plan.search
            self.for_version = plan.for_version
            self.entity = plan.entity_type
        if plan.fields is not None:
            self.excluded = tuple(
                field.name for field in self.fields if field.name not in plan.fields
            )
        self.scope = plan.scope  # selecting the entity type may have cleared it
        self.template = self.origin = template

    def reset(self) -> None:
        """Clear the form; the entity types stay."""
        with self.hold_trait_notifications():
            self.entity = self.scope = self.template = self.origin = ""
            self.filter = self.sort = self.search = self.for_version = ""
            self.filter_gap = ""
            self.format = DEFAULT_FORMAT
            self.include_headers = self.guard_formulas = True
            self.compression = Compression.ZSTD.value
            self.excluded = ()

    @observe("entity")
    def _reset_fields(self, _change: Any) -> None:
        entity_type = self.entity_type
        self.excluded = _names_on_request(
            entity_type.export_fields if entity_type else ()
        )

    @observe(
        *("entity", "format", "include_headers", "guard_formulas", "excluded"),
        *("compression", "for_version", "scope"),
        *_QUERY_TRAITS,
    )
    def _deselect_template(self, _change: Any) -> None:
        self.template = ""

    @observe("filter", "filter_gap", "sort")
    def _read_query(self, _change: Any) -> None:
        self.filter_problem = _parse_error(parse_filter, self.filter)
        self.sort_problem = _parse_error(parse_sort, self.sort)
        self.problems = self._list_problems()

    @observe("entity_types", "entity", "format", "excluded")
    def _derive(self, _change: Any) -> None:
        entity_type = self.entity_type
        self.fields = entity_type.export_fields if entity_type else ()
        self.selected = tuple(
            field.name
            for field in self.fields
            if self.can_hold(field) and field.name not in self.excluded
        )
        self.format_problem = self._check_format()
        self.problems = self._list_problems()

    @observe("fields", "format_problem", "template")
    def _update_can_save(self, _change: Any) -> None:
        is_complete = bool(self.fields) and not self.format_problem
        self.can_save = is_complete and not self.template

    def _check_format(self) -> str:
        """Return a sentence if the format can hold no field of the entity type.

        Definitions are trees of lists, which do not fit into a table.
        """
        entity_type = self.entity_type
        if entity_type is None or any(self.can_hold(field) for field in self.fields):
            return ""
        names = [
            name
            for name in FORMATS.writable_names()
            if any(map(FORMATS[name].info.can_hold, self.fields))
        ]
        others, last = ", ".join(names[:-1]), "".join(names[-1:])
        known = (
            _("{others} or {last}").format(others=others, last=last) if others else last
        )
        return _("{name} cannot be written as {format}. Choose {known}.").format(
            name=entity_type.name, format=self.format, known=known
        )

    def _list_problems(self) -> tuple[str, ...]:
        if not self.fields:
            return (_(NO_ENTITY_TYPE),)
        if self.format_problem:
            return (self.format_problem,)
        if not self.selected:
            return (_(NO_FIELD),)
        found = (self.filter_problem, self.filter_gap, self.sort_problem)
        return tuple(filter(None, found))


def _names_on_request(fields: Iterable[Field]) -> tuple[str, ...]:
    return tuple(field.name for field in fields if field.on_request)


def _parse_error(parse: Callable[[str], object], text: str) -> str:
    try:
        parse(text)
    except InvalidQuery as exc:
        return str(exc)
    return ""
