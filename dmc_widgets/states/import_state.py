"""The state of the import form. It runs without a browser, a kernel or ipywidgets."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import PurePath
from typing import Any, NamedTuple

from traitlets import (
    Bool,
    Dict,
    HasTraits,
    Instance,
    Tuple,
    Unicode,
    UseEnum,
    observe,
)

from ..model.entity import EntityType, Field
from ..model.mapping import MISSING_REQUIRED, FieldMapping, Mapping, unmapped_fields
from ..model.plan import ImportPlan
from ..model.reading import AS_FOUND, ReadingOptions
from ..model.record import Record
from ..model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ..tasks.suggesting import SAME_NAME, Suggestion, suggest

NO_FIELDS = "Please upload a file and select the required columns before continuing."
NO_FILE = "Please upload a file."

_PREVIEW_LENGTH = 120


class Row(NamedTuple):
    """One line of the mapping table.

    Attributes:
        field: The destination.
        source: The source field that fills it, or empty.
        preview: The value in the first record, as JSON text.
        missing: It has to be mapped, is not, and the person has been told.
        reason: Why the source was suggested; empty for the same name, and where
            the person or a template chose.
        doubtful: The person should look at the suggestion.
    """

    field: Field
    source: str
    preview: str
    missing: bool
    reason: str = ""
    doubtful: bool = False


class ImportState(HasTraits):
    """What the person has chosen so far, and what is still missing.

    Attributes:
        entity_types: Those of the installation.
        name: Of the task.
        template: The name of the recalled template; empty again as soon as
            anything that it holds is changed.
        entity: The key of the chosen type, or empty.
        stop_on_error: The error strategy, as the form asks for it.
        import_strategy: May records be added, changed, or both?
        update_strategy: What becomes of stored fields that a record leaves out?
        scope: A site's key; kept for templates that have one.
        file_name: Of the file that was read, or empty.
        file_format: Of that file, such as ``CSV``.
        reading: How the person wants a table to be read; open where detected.
        found: How the table was read in the end.
        source_fields: The fields of its first records.
        first_record: What the previews of the mapping table show.
        pairs: Destination field to source field; what is not here is unmapped.
        suggested: Destination field to what was suggested for it.
        suggester: Suggests for an entity type and the fields of a file.
        notice: What the person should know about the file.
        tried: The person has asked to go on, so gaps may be shown as errors.
        fields: The destination fields: those of the type, required first, and
            for types that are kept as they come those of the file.
        rows: The mapping table.
        problems: Sentences, the most important first; empty exactly when the
            import may go on.
        may_save: A template may be saved.
    """

    entity_types = Tuple()
    name = Unicode()
    template = Unicode()
    entity = Unicode()
    stop_on_error = Bool(True)
    import_strategy = UseEnum(ImportStrategy, default_value=ImportStrategy.UPSERT)
    update_strategy = UseEnum(UpdateStrategy, default_value=UpdateStrategy.UPDATE)
    scope = Unicode()
    file_name = Unicode()
    file_format = Unicode()
    reading = Instance(ReadingOptions, args=())
    found = Instance(ReadingOptions, args=())
    source_fields = Tuple()
    first_record = Dict()
    pairs = Dict()
    suggested = Dict()
    notice = Unicode()
    tried = Bool(False)

    fields = Tuple()
    rows = Tuple()
    problems = Tuple((NO_FIELDS,))
    may_save = Bool(False)

    suggester: Callable[[EntityType, tuple[str, ...]], tuple[Suggestion, ...]]
    _filled_name = ""
    _wanted: Mapping | None = None

    def __init__(self, **traits: Any) -> None:
        self.suggester = suggest
        super().__init__(**traits)

    @property
    def entity_type(self) -> EntityType | None:
        """The chosen type, once its fields are known."""
        found = (each for each in self.entity_types if each.key == self.entity)
        return next(found, None)

    def read(self, name: str, fields: tuple[str, ...], record: Record) -> None:
        """Take in the head of a file, and map what a template or the names suggest.

        Args:
            name: The file's own name; it names the task unless the person did.
            fields: Source fields of the first records.
            record: The first record, or an empty one.
        """
        if self.name in {"", self._filled_name}:
            self.name = self._filled_name = PurePath(name).stem
        with self.hold_trait_notifications():
            self.first_record = record
            self.source_fields = fields
            self.file_name = name
        template = self.template
        self._map(self._wanted)
        self.template = template  # reading its file is no change of a template

    def forget_file(self) -> None:
        """The file is gone; a template waits for the next one."""
        template = self.template
        if not template:
            self._wanted = None
            self.reading = AS_FOUND
        with self.hold_trait_notifications():
            self.file_name = self.file_format = self.notice = ""
            self.source_fields = ()
            self.first_record = {}
            self.pairs = {}
            self.suggested = {}
        self.template = template

    def connect(self, target: str, source: str) -> None:
        """Fill *target* from *source*; from nothing if *source* is empty."""
        pairs = {key: value for key, value in self.pairs.items() if key != target}
        self.pairs = {**pairs, target: source} if source else pairs

    def plan(self) -> ImportPlan:
        """Return the choices in the core's own terms.

        While every field of the file still fills its namesake the plan says so,
        and a field that only later records hold is not lost.
        """
        targets = [each.name for each in self.fields if each.name in self.pairs]
        pairs = tuple(self._pair(self.pairs[each], each) for each in targets)
        return ImportPlan(
            entity_type=self.entity,
            mapping=Mapping(pairs + self._unsourced(), same_names=self._is_automatic()),
            policy=Policy(
                on_existing=self.import_strategy,
                on_update=self.update_strategy,
                on_error=ErrorStrategy.STOP
                if self.stop_on_error
                else ErrorStrategy.CONTINUE,
            ),
            reading=self.reading,
            scope=self.scope,
            name=self.name.strip(),
        )

    def load_plan(self, plan: ImportPlan, template: str = "") -> None:
        """Restore everything that *plan* holds; *template* is its name.

        A mapping waits for its file where none was read yet.
        """
        with self.hold_trait_notifications():
            self.entity = plan.entity_type
            self.stop_on_error = plan.policy.on_error is ErrorStrategy.STOP
            self.import_strategy = plan.policy.on_existing
            self.update_strategy = plan.policy.on_update
            self.reading = plan.reading
            self.scope = plan.scope
        self._wanted = plan.mapping
        self._map(plan.mapping)
        self.template = template

    def reset(self) -> None:
        """Go back to an empty form; the entity types stay."""
        fresh = ImportState(entity_types=self.entity_types)
        self._filled_name, self._wanted = "", None
        with self.hold_trait_notifications():
            for name in self.trait_names():
                setattr(self, name, getattr(fresh, name))

    @observe("entity")
    def _start_afresh(self, _change: Any) -> None:
        self._wanted = None
        self.tried = False
        self._map(None)

    @observe(
        "entity",
        "pairs",
        "reading",
        "stop_on_error",
        "import_strategy",
        "update_strategy",
    )
    def _soil(self, _change: Any) -> None:
        self.template = ""

    @observe("entity_types", "entity", "source_fields")
    def _list_fields(self, _change: Any) -> None:
        self.fields = _destinations(self.entity_type, self.source_fields)

    @observe("fields", "pairs", "suggested", "first_record", "tried", "file_name")
    def _derive(self, _change: Any) -> None:
        missing = self._unmapped()
        self.rows = tuple(self._row(each, missing) for each in self.fields)
        self.problems = self._missing(missing)

    @observe("fields", "template")
    def _judge(self, _change: Any) -> None:
        self.may_save = bool(self.fields) and not self.template

    def _map(self, wanted: Mapping | None) -> None:
        known = {each.name for each in self.fields}
        if wanted is None:
            found = [each for each in self._suggest() if each.target in known]
            self.suggested = {each.target: each for each in found}
            self.pairs = {each.target: each.source for each in found}
            return
        self.suggested = {}
        sources = set(self.source_fields)
        pairs = {}
        if wanted.same_names:
            claimed = {pair.source for pair in wanted.pairs}
            pairs = {name: name for name in (known & sources) - claimed}
        for pair in wanted.pairs:
            if not pair.has_source:
                pairs.pop(pair.target, None)
            elif pair.target in known and pair.source in sources:
                pairs[pair.target] = pair.source
        self.pairs = pairs

    def _pair(self, source: str, target: str) -> FieldMapping:
        """Return what the template says of the pair, as long as its source is kept."""
        for each in self._wanted.pairs if self._wanted else ():
            if (each.source, each.target) == (source, target) and each.has_source:
                return each
        return FieldMapping(source, target)

    def _unsourced(self) -> tuple[FieldMapping, ...]:
        """Return the template's constants and expressions that nothing replaced."""
        known = {each.name for each in self.fields} - set(self.pairs)
        return tuple(
            each
            for each in (self._wanted.pairs if self._wanted else ())
            if each.target in known and not each.has_source
        )

    def _suggest(self) -> tuple[Suggestion, ...]:
        chosen = self.entity_type
        if chosen is None or not self.source_fields:
            return ()
        return self.suggester(chosen, self.source_fields)

    def _row(self, field: Field, missing: tuple[str, ...]) -> Row:
        source = self.pairs.get(field.name, "")
        known = source in self.first_record
        preview = as_json(self.first_record[source]) if known else ""
        gap = self.tried and field.name in missing
        found = self.suggested.get(field.name)
        if found is None or found.source != source or found.reason == SAME_NAME:
            return Row(field, source, preview, gap)
        return Row(field, source, preview, gap, found.reason, found.doubtful)

    def _is_automatic(self) -> bool:
        used = set(self.pairs) | set(self.pairs.values())
        return all(
            each.name in used for each in self.fields if each.name in self.source_fields
        )

    def _unmapped(self) -> tuple[str, ...]:
        chosen = self.entity_type
        filled = [*self.pairs, *(each.target for each in self._unsourced())]
        return unmapped_fields(chosen, filled) if chosen else ()

    def _missing(self, unmapped: tuple[str, ...]) -> tuple[str, ...]:
        if not self.fields:
            return (NO_FIELDS,)
        if not self.file_name:
            return (NO_FILE,)
        filled = self.pairs or self._unsourced()
        return (MISSING_REQUIRED,) if unmapped or not filled else ()


def _destinations(
    chosen: EntityType | None, source_fields: tuple[str, ...]
) -> tuple[Field, ...]:
    if chosen is None:
        return ()
    if not chosen.open:
        return chosen.import_fields
    known = {each.name for each in chosen.fields}
    further = sorted(set(source_fields) - known)
    return (*chosen.import_fields, *(Field(name=each) for each in further))


def as_json(value: object) -> str:
    """Return *value* as JSON text, cut where it gets long."""
    if isinstance(value, Decimal):
        return str(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _PREVIEW_LENGTH else f"{text[:_PREVIEW_LENGTH]}…"


def distinct_label(field: Field) -> str:
    """Return the label of *field* where it says more than the name does."""
    alike = field.label.replace(" ", "").casefold() == field.name.casefold()
    return "" if alike else field.label
