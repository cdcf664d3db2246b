"""The state of the import form. It runs without a browser, a kernel or ipywidgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from traitlets import (
    Bool,
    Dict,
    Instance,
    Tuple,
    Unicode,
    UseEnum,
    observe,
)

from ..model.entity_type import EntityType, Field
from ..model.field_mapping import ABSENT
from ..model.mapping import (
    FieldMapping,
    Mapping,
    missing_fields,
    missing_fields_message,
)
from ..model.plan import ImportPlan
from ..model.reading_options import DETECT_ALL, ReadingOptions
from ..model.record import Record
from ..model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ..tasks.imports.mapping_suggestions import Suggestion, suggest_mapping
from ..tasks.imports.preflight import near_misses
from .mapping.mapping_rows import (
    MappingRow,
    MappingSample,
    build_mapping_row,
    list_target_fields,
)
from .scope_state import ScopeState

NO_FIELDS = "Please upload a file and select the required columns before continuing."
NO_FILE = "Please upload a file."

_MAX_NAMES = 5


class ImportState(ScopeState):
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
        scope: The site that all records go to; empty where each names its own.
        new_sites: Sites that are named and not known are added.
        file_name: Of the file that was read, or empty.
        file_format: Of that file, such as ``CSV``.
        reading: How the person wants a table to be read; open where detected.
        found: How the table was read in the end.
        reading_fault: Why it could not be read as the person wanted, as sentences.
        warnings: What the person should know of the file before the import starts.
        source_fields: The fields of its first records.
        records: The first ones; previews and examples come from them.
        sheets: Of a workbook, to choose from, hidden ones marked.
        pairs: Destination field to what fills it; what is not here is unmapped.
        suggested: Destination field to what was suggested for it.
        suggester: Suggests for an entity type and the fields of a file.
        notice: What the person should know about the file.
        no_records: That the file has none, as a sentence; empty where it has.
        left_out: What of a template or a mapping file does not suit this file or
            entity type, as a sentence.
        tried: The person has asked to go on, so gaps may be shown as errors.
        fields: The destination fields: those of the type, required first, and
            for types that are kept as they come those of the file.
        rows: The mapping table.
        problems: Sentences, the most important first; empty exactly when the
            import may go on.
        gap: The first required field that nothing fills, or empty.
        may_save: A template may be saved.
    """

    name = Unicode()
    template = Unicode()
    stop_on_error = Bool(True)
    import_strategy = UseEnum(ImportStrategy, default_value=ImportStrategy.UPSERT)
    update_strategy = UseEnum(UpdateStrategy, default_value=UpdateStrategy.UPDATE)
    new_sites = Bool(False)
    file_name = Unicode()
    file_format = Unicode()
    reading = Instance(ReadingOptions, args=())
    found = Instance(ReadingOptions, args=())
    reading_fault = Unicode()
    warnings = Tuple()
    source_fields = Tuple()
    records = Tuple()
    sheets = Tuple()
    pairs = Dict()
    suggested = Dict()
    notice = Unicode()
    no_records = Unicode()
    left_out = Unicode()
    tried = Bool(False)

    fields = Tuple()
    rows = Tuple()
    problems = Tuple((NO_FIELDS,))
    gap = Unicode()
    may_save = Bool(False)

    suggester: Callable[[EntityType, tuple[str, ...]], tuple[Suggestion, ...]]
    _filled_name = ""
    _wanted: Mapping | None = None

    def __init__(self, **traits: Any) -> None:
        self.suggester = suggest_mapping
        super().__init__(**traits)

    @property
    def entity_type(self) -> EntityType | None:
        """The chosen type, once its fields are known."""
        found = (
            entity_type
            for entity_type in self.entity_types
            if entity_type.key == self.entity
        )
        return next(found, None)

    @property
    def sampled(self) -> MappingSample | None:
        """What mappings are made for, once the entity type is chosen."""
        chosen = self.entity_type
        if chosen is None:
            return None
        return MappingSample(
            chosen, self.source_fields, self.records, self.source_labels
        )

    @property
    def source_labels(self) -> dict[str, str]:
        """What people call the fields of the file whose names say nothing to them."""
        if self.file_format not in {"CSV", "XLSX"}:
            return {}
        labels = {
            field: self.reading.column_label(field) for field in self.source_fields
        }
        return {name: label for name, label in labels.items() if label != name}

    def read(
        self, name: str, fields: tuple[str, ...], records: Sequence[Record]
    ) -> None:
        """Take in the head of a file, and map what a template or the names suggest.

        Args:
            name: The file's own name; it names the task unless the person did.
            fields: Source fields of the first records.
            records: The first records.
        """
        if self.name in {"", self._filled_name}:
            self.name = self._filled_name = PurePath(name).stem
        with self.hold_trait_notifications():
            self.records = tuple(records)
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
            self.reading = DETECT_ALL
        with self.hold_trait_notifications():
            self.file_name = self.file_format = self.notice = ""
            self.reading_fault = self.no_records = ""
            self.source_fields = self.records = self.sheets = self.warnings = ()
            self.left_out = ""
            self.pairs = {}
            self.suggested = {}
        self.template = template

    def connect(self, target: str, source: str) -> None:
        """Fill *target* from *source* as it is; from nothing if *source* is empty."""
        self.fill(target, FieldMapping(source, target) if source else None)

    def fill(self, target: str, pair: FieldMapping | None) -> None:
        """Fill *target* as *pair* says; from nothing without one."""
        pairs = {key: value for key, value in self.pairs.items() if key != target}
        self.pairs = {**pairs, target: pair} if pair else pairs

    def changes(self) -> dict[str, FieldMapping | None]:
        """Return what the person says otherwise than the form would by itself."""
        every = {field.name: self.pairs.get(field.name) for field in self.fields}
        return {x: pair for x, pair in every.items() if pair != self.default_mapping(x)}

    def change(self, changes: dict[str, FieldMapping | None]) -> None:
        """Say again what :meth:`changes` told, as far as it suits the file."""
        known = {field.name for field in self.fields}
        for target, pair in changes.items():
            if target in known and (pair is None or self._suits(pair)):
                self.fill(target, pair)

    def default_mapping(self, target: str) -> FieldMapping | None:
        """Return what fills *target* if the person says nothing of it."""
        wanted = self._wanted.pairs if self._wanted else ()
        for pair in wanted:
            if pair.target == target and self._suits(pair):
                return pair
        if self._wanted is not None:
            same = self._wanted.same_names and target in self.source_fields
            return FieldMapping(target, target) if same else None
        found = self.suggested.get(target)
        return FieldMapping(found.source, target) if found else None

    @property
    def policy(self) -> Policy:
        """The three strategies."""
        return Policy(
            import_strategy=self.import_strategy,
            update_strategy=self.update_strategy,
            error_strategy=ErrorStrategy.STOP
            if self.stop_on_error
            else ErrorStrategy.CONTINUE,
        )

    def plan(self) -> ImportPlan:
        """Return the choices in the core's own terms.

        While every field of the file still fills its namesake the plan says so,
        and a field that only later records hold is not lost.
        """
        return ImportPlan(
            entity_type=self.entity,
            mapping=self.mapping(),
            policy=self.policy,
            reading=self.reading,
            scope=self.scope,
            new_sites=self.new_sites,
            name=self.name.strip(),
        )

    def mapping(self) -> Mapping:
        """Return the mapping alone, in the order of the fields."""
        pairs = [self.pairs[x.name] for x in self.fields if x.name in self.pairs]
        mapping = Mapping(tuple(pairs), same_names=self._is_automatic())
        chosen = self.entity_type
        if chosen is None or not near_misses(mapping, chosen, self.source_fields):
            return mapping
        return replace(mapping, same_names=False)  # the person saw what is left out

    def load_mapping(self, mapping: Mapping) -> None:
        """Take over *mapping*; it waits for its file where none was read yet."""
        self._wanted = mapping
        self._map(mapping)

    def load_plan(self, plan: ImportPlan, template: str = "") -> None:
        """Restore everything that *plan* holds; *template* is its name.

        A mapping waits for its file where none was read yet.
        """
        with self.hold_trait_notifications():
            self.entity = plan.entity_type
            self.stop_on_error = plan.policy.error_strategy is ErrorStrategy.STOP
            self.import_strategy = plan.policy.import_strategy
            self.update_strategy = plan.policy.update_strategy
            self.reading = plan.reading
            self.scope, self.new_sites = plan.scope, plan.new_sites
        self.scope = plan.scope  # the choice of the entity type may have cleared it
        self.load_mapping(plan.mapping)
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
        "scope",
        "new_sites",
    )
    def _soil(self, _change: Any) -> None:
        self.template = ""

    @observe("entity_types", "entity", "source_fields")
    def _list_fields(self, _change: Any) -> None:
        wanted = self._wanted.targets if self._wanted else ()
        self.fields = list_target_fields(
            self.entity_type, [*self.source_fields, *wanted]
        )

    @observe(
        "fields",
        "pairs",
        "suggested",
        "records",
        "tried",
        "file_name",
        "no_records",
        "import_strategy",
        "update_strategy",
    )
    def _derive(self, _change: Any) -> None:
        missing, sampled = self._unmapped(), self.sampled
        self.rows = tuple(
            self._row(field, sampled, missing) for field in self.fields if sampled
        )
        self.problems = self._missing(missing)
        has_records = self.file_name and not self.no_records
        self.gap = missing[0] if missing and has_records else ""

    @observe("fields", "template")
    def _judge(self, _change: Any) -> None:
        self.may_save = bool(self.fields) and not self.template

    def _map(self, wanted: Mapping | None) -> None:
        self._list_fields(None)
        known = {field.name for field in self.fields}
        self.left_out = ""
        if wanted is None:
            found = [each for each in self._suggest() if each.target in known]
            self.suggested = {each.target: each for each in found}
            self.pairs = {each.target: each.pair for each in found}
            return
        self.suggested = {}
        pairs = {}
        if wanted.same_names:
            claimed = {pair.source for pair in wanted.pairs} | wanted.targets
            same = (known & set(self.source_fields)) - claimed
            pairs = {name: FieldMapping(name, name) for name in same}
        suiting = [x for x in wanted.pairs if x.target in known and self._suits(x)]
        self.pairs = pairs | {each.target: each for each in suiting}
        if self.file_name:
            self.left_out = self._left_out(wanted)

    def _suits(self, pair: FieldMapping) -> bool:
        """Say whether the file can fill *pair*; a default stands in for a field."""
        there = pair.source in self.source_fields
        return there or not pair.has_source or pair.if_missing is not ABSENT

    def _left_out(self, wanted: Mapping) -> str:
        known = {field.name for field in self.fields}
        targets = [target for target in wanted.targets if target not in known]
        sources = [
            pair.source
            for pair in wanted.pairs
            if pair.target in known and not self._suits(pair)
        ]
        told = ""
        if sources:
            told = (
                f"This file has no field {_join_names(sources)}, so what the mapping "
            )
            told += "fills from there is left out. "
        if targets:
            told += f"The entity type has no field {_join_names(targets)} to fill. "
        return told.rstrip()

    def _suggest(self) -> tuple[Suggestion, ...]:
        chosen = self.entity_type
        if chosen is None or not self.source_fields:
            return ()
        return self.suggester(chosen, self.source_fields)

    def _row(
        self, field: Field, sampled: MappingSample, missing: tuple[str, ...]
    ) -> MappingRow:
        return build_mapping_row(
            field,
            self.pairs.get(field.name),
            sampled,
            suggested=self.suggested.get(field.name),
            missing=self.tried and field.name in missing,
        )

    def _is_automatic(self) -> bool:
        used = set(self.pairs) | {pair.source for pair in self.pairs.values()}
        return all(
            field.name in used
            for field in self.fields
            if field.name in self.source_fields
        )

    def _unmapped(self) -> tuple[str, ...]:
        chosen = self.entity_type
        return missing_fields(chosen, self.pairs, self.policy) if chosen else ()

    def _missing(self, unmapped: tuple[str, ...]) -> tuple[str, ...]:
        if not self.fields:
            return (NO_FIELDS,)
        if not self.file_name:
            return (NO_FILE,)
        if self.no_records:
            return (self.no_records,)
        if self.entity_type is None or (self.pairs and not unmapped):
            return ()
        return (missing_fields_message(self.entity_type, unmapped),)


def _join_names(names: Sequence[str]) -> str:
    listed = sorted(names)
    shown = ", ".join(map(repr, listed[:_MAX_NAMES]))
    return f"{shown}, …" if len(listed) > _MAX_NAMES else shown
