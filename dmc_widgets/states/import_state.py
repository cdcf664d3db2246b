"""The state of the import form. It runs without a browser, a kernel or ipywidgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from traitlets import Bool, Dict, Instance, Tuple, Unicode, observe

from ..center.mapping_editing import (
    Suggestion,
    match_field_choices,
    near_misses,
    suggest_mapping,
)
from ..formats import FORMATS
from ..languages import gettext as _
from ..languages import lazy
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
from ..model.record import Record, is_part
from ..objects.documents.kinds import KINDS_BY_CLASS
from .mapping.mapping_rows import (
    MappingRow,
    MappingSample,
    build_mapping_row,
    list_target_fields,
)
from .mapping.mapping_text import format_json
from .policy_state import POLICY_TRAITS, PolicyState
from .scope_state import ScopeState

NO_FIELDS = lazy(
    "Please upload a file and select the required columns before continuing."
)
NO_FILE = lazy("Please upload a file.")

_MAX_NAMES = 5
_SAMPLES, _SAMPLE_LENGTH = 3, 60


class ImportState(ScopeState, PolicyState):
    """The choices of the import form, and what is still missing.

    Attributes:
        entity_types: The entity types of the installation.
        name: The name of the task.
        template: The name of the applied template; empty again as soon as anything
            that the template holds is changed.
        origin: The name of the template that was applied last; it stays when something
            is changed.
        entity: The key of the selected entity type, or empty.
        scope: The key of the site that all records go to; empty if each record names
            its own.
        new_sites: Sites that records name and that are unknown are added.
        file_name: The name of the file that was read, or empty.
        file_format: The format of that file, such as ``CSV``.
        reading: How the person wants a table to be read; the rest is detected.
        detected_reading: How the table was read in the end.
        reading_problem: Why the table could not be read as selected, as sentences.
        warnings: What the person should know of the file before the import starts.
        source_fields: The fields of the first records.
        records: The first records; previews and examples come from them.
        sheets: The sheets of a workbook, hidden ones marked.
        pairs: The field mapping of each destination field that is filled.
        match: The names of the destination fields that identify the stored item of a
            record; empty for the external reference code.
        suggestions: The suggestion for each destination field that has one.
        suggester: Returns suggestions for an entity type and the fields of a file.
        notice: What the person should know about the file.
        no_records: A sentence if the file has no records, or empty.
        mapping_warning: A sentence about those parts of a template or a mapping file
            that do not suit this file or entity type, or empty.
        shows_gaps: The person has asked to go on, so gaps are shown as errors.
        fields: The destination fields: those of the entity type, required ones first;
            for an open entity type also those of the file.
        rows: The rows of the mapping table.
        problems: Sentences, the most important first; empty exactly when the import
            can go on.
        gap: The first required field that nothing fills, or empty.
        can_save: A template can be saved.
    """

    name = Unicode()
    template = Unicode()
    origin = Unicode()
    new_sites = Bool(False)
    file_name = Unicode()
    file_format = Unicode()
    reading = Instance(ReadingOptions, args=())
    detected_reading = Instance(ReadingOptions, args=())
    reading_problem = Unicode()
    warnings = Tuple()
    source_fields = Tuple()
    records = Tuple()
    sheets = Tuple()
    pairs = Dict()
    match = Tuple()
    suggestions = Dict()
    notice = Unicode()
    no_records = Unicode()
    mapping_warning = Unicode()
    shows_gaps = Bool(False)

    fields = Tuple()
    rows = Tuple()
    problems = Tuple((NO_FIELDS,))
    gap = Unicode()
    can_save = Bool(False)

    suggester: Callable[[EntityType, tuple[str, ...]], tuple[Suggestion, ...]]
    _name_from_file = ""
    _loaded_mapping: Mapping | None = None
    """The mapping of a template or a mapping file; it may wait for a file."""

    def __init__(self, **traits: Any) -> None:
        self.suggester = suggest_mapping
        super().__init__(**traits)

    @property
    def mapping_sample(self) -> MappingSample | None:
        """What the mapping is tried on, once the entity type is selected."""
        entity_type = self.entity_type
        if entity_type is None:
            return None
        return MappingSample(
            entity_type, self.source_fields, self.records, self.source_labels
        )

    @property
    def source_labels(self) -> dict[str, str]:
        """Labels of the source fields that have no name in the file."""
        if not (self.file_format and FORMATS[self.file_format].info.is_table):
            return {}
        labels = {name: self.reading.column_label(name) for name in self.source_fields}
        return {name: label for name, label in labels.items() if label != name}

    def read(
        self, name: str, fields: tuple[str, ...], records: Sequence[Record]
    ) -> None:
        """Take the head of a file, and map what a template or the names suggest.

        Args:
            name: The name of the file; the task gets it unless the person named it.
            fields: The source fields of the first records.
            records: The first records.
        """
        if self.name in {"", self._name_from_file}:
            self.name = self._name_from_file = PurePath(name).stem
        with self.hold_trait_notifications():
            self.records = tuple(records)
            self.source_fields = fields
            self.file_name = name
        template = self.template
        self._map(self._loaded_mapping)
        self.template = template  # reading a file does not change a template

    def clear_file(self) -> None:
        """Forget the file; the mapping of a template waits for the next one."""
        template = self.template
        if not template:
            self._loaded_mapping = None
            self.reading = DETECT_ALL
        with self.hold_trait_notifications():
            self.file_name = self.file_format = self.notice = ""
            self.reading_problem = self.no_records = ""
            self.source_fields = self.records = self.sheets = self.warnings = ()
            self.mapping_warning = ""
            self.pairs = {}
            self.suggestions = {}
        self.template = template

    def connect(self, target: str, source: str) -> None:
        """Fill *target* from *source* as it is; leave it unmapped without a source."""
        self.fill(target, FieldMapping(source, target) if source else None)

    def fill(self, target: str, pair: FieldMapping | None) -> None:
        """Fill *target* by the field mapping; leave it unmapped without one."""
        pairs = {key: value for key, value in self.pairs.items() if key != target}
        self.pairs = {**pairs, target: pair} if pair else pairs

    def list_columns(self) -> list[dict[str, Any]]:
        """Return the fields of the file, with three values and what each one fills.

        A part of a nested field is listed only where it fills something by itself.
        """
        fills: dict[str, list[str]] = {}
        for target, pair in self.pairs.items():
            fills.setdefault(pair.source, []).append(target)
            whole = pair.source.partition(".")[0]
            if whole != pair.source:
                fills.setdefault(whole, []).append(target)
        known, labels = set(self.source_fields), self.source_labels
        return [
            {
                "name": name,
                "label": labels.get(name, name),
                "samples": self._list_samples(name),
                "targets": fills.get(name, []),
            }
            for name in self.source_fields
            if not is_part(name, known)
        ]

    def _list_samples(self, name: str) -> list[str]:
        texts: dict[str, None] = {}
        for record in self.records:
            value = record.get(name)
            if value is not None and value != "":
                text = value if isinstance(value, str) else format_json(value)
                texts[text[:_SAMPLE_LENGTH]] = None
            if len(texts) == _SAMPLES:
                break
        return list(texts)

    def suggest_again(self, target: str) -> None:
        """Take back the suggestion for *target*, and follow another one if there is."""
        self.connect(target, "")
        used = {pair.source for pair in self.pairs.values()}
        suggestions = {x.target: x for x in self._suggest()}
        found = suggestions.get(target)
        kept = {key: x for key, x in self.suggestions.items() if key != target}
        if found is None or found.source in used:
            self.suggestions = kept
            return
        self.suggestions = {**kept, target: found}
        self.fill(target, found.pair)

    def mapping_changes(self) -> dict[str, FieldMapping | None]:
        """Return the field mappings that differ from the defaults of the form."""
        pairs = {field.name: self.pairs.get(field.name) for field in self.fields}
        return {
            target: pair
            for target, pair in pairs.items()
            if pair != self.default_mapping(target)
        }

    def apply_mapping_changes(self, changes: dict[str, FieldMapping | None]) -> None:
        """Apply *changes* again, except those that do not suit the file."""
        targets = {field.name for field in self.fields}
        for target, pair in changes.items():
            if target in targets and (pair is None or self._suits_file(pair)):
                self.fill(target, pair)

    def default_mapping(self, target: str) -> FieldMapping | None:
        """Return the field mapping of *target* before the person changes anything."""
        loaded = self._loaded_mapping
        if loaded is None:
            suggestion = self.suggestions.get(target)
            return FieldMapping(suggestion.source, target) if suggestion else None
        for pair in loaded.pairs:
            if pair.target == target and self._suits_file(pair):
                return pair
        has_same_name = loaded.same_names and target in self.source_fields
        return FieldMapping(target, target) if has_same_name else None

    def plan(self) -> ImportPlan:
        """Build the import plan from the choices.

        While every field of the file fills the field of the same name the plan says
        so, and fields that only later records hold are not lost.
        """
        return ImportPlan(
            entity_type=self.entity,
            mapping=self.mapping(),
            policy=self.policy,
            options=self.options,
            reading=self.reading,
            scope=self.scope,
            new_sites=self.new_sites,
            allow_deletions=self.allow_deletions,
            name=self.name.strip(),
        )

    def mapping(self) -> Mapping:
        """Build the mapping alone, in the order of the destination fields."""
        names = [field.name for field in self.fields if field.name in self.pairs]
        pairs = tuple(self.pairs[name] for name in names)
        mapping = Mapping(pairs, same_names=self._maps_same_names(), match=self.match)
        entity_type = self.entity_type
        if entity_type is None:
            return mapping
        if not near_misses(mapping, entity_type, self.source_fields):
            return mapping
        return replace(mapping, same_names=False)  # the person saw what is left out

    def match_options(self) -> list[tuple[str, str]]:
        """Return labels and names of the fields that may identify a record."""
        entity_type = self.entity_type
        return [] if entity_type is None else match_field_choices(entity_type)

    def load_mapping(self, mapping: Mapping) -> None:
        """Load *mapping*; it waits for a file if none was read yet."""
        self._loaded_mapping = mapping
        known = {name for _, name in self.match_options()}
        self.match = mapping.match if known.issuperset(mapping.match) else ()
        self._map(mapping)

    def load_plan(self, plan: ImportPlan, template: str = "") -> None:
        """Restore the choices of *plan*; *template* is the name of its template.

        The mapping waits for a file if none was read yet.
        """
        with self.hold_trait_notifications():
            self.entity = plan.entity_type
            self.load_policy(plan.policy)
            self.load_options(plan.options)
            self.reading = plan.reading
            self.scope, self.new_sites = plan.scope, plan.new_sites
            self.allow_deletions = plan.allow_deletions
        self.scope = plan.scope  # selecting the entity type may have cleared it
        self.load_mapping(plan.mapping)
        self.template = self.origin = template

    def reset(self) -> None:
        """Clear the form; the entity types stay."""
        initial = ImportState(entity_types=self.entity_types)
        self._name_from_file, self._loaded_mapping = "", None
        with self.hold_trait_notifications():
            for name in self.trait_names():
                setattr(self, name, getattr(initial, name))

    def missing_fields(self) -> tuple[str, ...]:
        """Return the names of the required fields that nothing fills."""
        entity_type = self.entity_type
        if entity_type is None:
            return ()
        return missing_fields(entity_type, self.pairs, self.policy)

    @property
    def has_documents(self) -> bool:
        """True for definitions, picklists and folders, which can be compared."""
        entity_type = self.entity_type
        return entity_type is not None and entity_type.class_name in KINDS_BY_CLASS

    @observe("entity", "file_name", "pairs")
    def _clear_differences(self, _change: Any) -> None:
        self.differences = None

    @observe("entity")
    def _reset_mapping(self, _change: Any) -> None:
        self._loaded_mapping = None
        self.match = ()
        self.shows_gaps = False
        self._map(None)

    @observe(
        *("entity", "pairs", "match", "reading", "scope", "new_sites"),
        *("allow_deletions", *POLICY_TRAITS),
    )
    def _deselect_template(self, _change: Any) -> None:
        self.template = ""

    @observe("entity_types", "entity", "source_fields")
    def _list_fields(self, _change: Any) -> None:
        loaded = self._loaded_mapping
        targets = loaded.targets if loaded else ()
        self.fields = list_target_fields(
            self.entity_type, [*self.source_fields, *targets]
        )

    @observe(
        *("fields", "pairs", "suggestions", "records", "shows_gaps"),
        *("file_name", "no_records", "import_strategy", "update_strategy"),
        *("error_limit", "stop_on_error"),
    )
    def _derive(self, _change: Any) -> None:
        missing, sample = self.missing_fields(), self.mapping_sample
        self.rows = tuple(
            self._build_row(field, sample, missing) for field in self.fields if sample
        )
        self.problems = self._list_problems(missing)
        has_records = self.file_name and not self.no_records
        self.gap = missing[0] if missing and has_records else ""

    @observe("fields", "template")
    def _update_can_save(self, _change: Any) -> None:
        self.can_save = bool(self.fields) and not self.template

    def _map(self, loaded: Mapping | None) -> None:
        """Fill the destination fields from *loaded*, or from suggestions."""
        self._list_fields(None)
        targets = {field.name for field in self.fields}
        self.mapping_warning = ""
        if loaded is None:
            suggestions = [x for x in self._suggest() if x.target in targets]
            self.suggestions = {x.target: x for x in suggestions}
            self.pairs = {x.target: x.pair for x in suggestions}
            return
        self.suggestions = {}
        pairs = {}
        if loaded.same_names:
            used = {pair.source for pair in loaded.pairs} | loaded.targets
            names = (targets & set(self.source_fields)) - used
            pairs = {name: FieldMapping(name, name) for name in names}
        for pair in loaded.pairs:
            if pair.target in targets and self._suits_file(pair):
                pairs[pair.target] = pair
        self.pairs = pairs
        if self.file_name:
            self.mapping_warning = self._format_mapping_warning(loaded)

    def _suits_file(self, pair: FieldMapping) -> bool:
        """Return True if the file has the source field, or a default replaces it."""
        has_field = pair.source in self.source_fields
        return has_field or not pair.has_source or pair.if_missing is not ABSENT

    def _format_mapping_warning(self, loaded: Mapping) -> str:
        names = {field.name for field in self.fields}
        targets = [target for target in loaded.targets if target not in names]
        keys = [name for name in loaded.match if name not in self.match]
        sources = [
            pair.source
            for pair in loaded.pairs
            if pair.target in names and not self._suits_file(pair)
        ]
        sentences = []
        if sources:
            sentences.append(
                _(
                    "This file has no field {names}, so what the mapping fills "
                    "from there is left out."
                ).format(names=_join_names(sources))
            )
        if targets:
            sentences.append(
                _("The entity type has no field {names} to fill.").format(
                    names=_join_names(targets)
                )
            )
        if keys:
            sentences.append(
                _("Records of the entity type cannot be matched by {names}.").format(
                    names=_join_names(keys)
                )
            )
        return " ".join(sentences)

    def _suggest(self) -> tuple[Suggestion, ...]:
        entity_type = self.entity_type
        if entity_type is None or not self.source_fields:
            return ()
        return self.suggester(entity_type, self.source_fields)

    def _build_row(
        self, field: Field, sample: MappingSample, missing: tuple[str, ...]
    ) -> MappingRow:
        return build_mapping_row(
            field,
            self.pairs.get(field.name),
            sample,
            suggestion=self.suggestions.get(field.name),
            is_missing=self.shows_gaps and field.name in missing,
        )

    def _maps_same_names(self) -> bool:
        """Return True if no field of the file that has a namesake is left out."""
        used = set(self.pairs) | {pair.source for pair in self.pairs.values()}
        sources = set(self.source_fields)
        return all(field.name in used for field in self.fields if field.name in sources)

    def _list_problems(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        if not self.fields:
            return (_(NO_FIELDS),)
        if not self.file_name:
            return (_(NO_FILE),)
        if self.no_records:
            return (self.no_records,)
        if self.limit_problem:
            return (self.limit_problem,)
        if self.entity_type is None or (self.pairs and not missing):
            return ()
        return (missing_fields_message(self.entity_type, missing),)


def _join_names(names: Sequence[str]) -> str:
    ordered = sorted(names)
    text = ", ".join(map(repr, ordered[:_MAX_NAMES]))
    return f"{text}, …" if len(ordered) > _MAX_NAMES else text
