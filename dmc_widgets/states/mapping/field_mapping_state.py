"""The state of the field editor: the mapping of one field while it is edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from traitlets import Bool, Dict, HasTraits, Instance, Tuple, Unicode, UseEnum, observe

from ...center.mapping_editing import (
    ValueSuggestion,
    compile_field_mapping,
    suggest_values,
)
from ...errors import InvalidPlan
from ...languages import gettext as _
from ...model.entity_type import Field
from ...model.field_mapping import ABSENT, FieldMapping, OtherValues
from ...model.mapping import MULTISELECT
from .field_choices import (
    DATE_CONVERSIONS,
    DEFAULT_SPELLINGS,
    Conversion,
    DefaultKind,
    ValueOrigin,
    build_text_format,
    format_texts,
    infer_conversion,
    infer_default_kind,
    infer_origin,
    rank_date_patterns,
)
from .field_preview import format_preview_summary, preview_field_mapping
from .mapping_rows import MappingSample
from .mapping_text import format_input, parse_input
from .value_rows import build_value_rows, count_values, format_unmapped

_MAX_PREVIEW_ROWS = 5
_MAX_EXAMPLES = 5
_DEFAULT_KIND_TRAITS = {
    "constant": "constant_kind",
    "if_missing": "missing_kind",
    "if_empty": "empty_kind",
}
_FORMAT_TRAITS = ("pattern", "decimal", "grouping", "true", "false")
_INPUT_TRAITS = (
    *("origin", "source", "expression", "conversion", "other_values", "lookup"),
    *_FORMAT_TRAITS,
    *_DEFAULT_KIND_TRAITS,
    *_DEFAULT_KIND_TRAITS.values(),
)

ValueSuggester = Callable[[Field, Iterable[str]], tuple[ValueSuggestion, ...]]
"""Returns suggestions for the source values of a field."""


class FieldMappingState(HasTraits):
    """The choices for one field, and what they make of the sampled records.

    Attributes:
        field: The field that is edited; None while the editor is closed.
        sources: The fields of the file.
        labels: Labels of the sources that have no name in the file.
        origin: Where the value comes from.
        source: The selected field of the file.
        constant: The constant as typed; *if_missing* and *if_empty* are the defaults
            as typed.
        constant_kind: Whether the typed text is the value, or null is; *missing_kind*
            and *empty_kind* do the same for the defaults, where there may be none.
        expression: An expression in the Common Expression Language.
        conversion: How the value is converted.
        pattern: The pattern of dates, such as ``%d.%m.%Y``.
        decimal: The decimal separator of numbers.
        grouping: The thousands separator of numbers.
        true: Spellings of yes, separated by commas; *false* holds those of no.
        other_values: What happens to a value that the value table does not list.
        lookup: The field of the parent that has the value, for a relationship; empty
            if the value names the parent itself.
        parents: Names of the fields that a parent can be looked up by.
        value_rows: The rows of the value table, with counts and suggestions.
        unmapped: A sentence about the sampled values that are not mapped.
        patterns: Date patterns, each with the number of sampled values that it reads.
        examples: The most frequent values of the file, as texts.
        problem: Why the choices do not make a field mapping, or empty.
        preview: What the choices make of the first records.
        summary: A sentence about how many of the sampled records can be used.
        failed: Some of the sampled records cannot be used.
    """

    field = Instance(Field, allow_none=True)
    sources = Tuple()
    labels = Dict()
    origin = UseEnum(ValueOrigin, default_value=ValueOrigin.NOTHING)
    source = Unicode()
    constant = Unicode()
    constant_kind = UseEnum(DefaultKind, default_value=DefaultKind.VALUE)
    if_missing = Unicode()
    missing_kind = UseEnum(DefaultKind, default_value=DefaultKind.NONE)
    if_empty = Unicode()
    empty_kind = UseEnum(DefaultKind, default_value=DefaultKind.NONE)
    expression = Unicode()
    conversion = UseEnum(Conversion, default_value=Conversion.NONE)
    pattern = Unicode()
    decimal = Unicode(",")
    grouping = Unicode()
    true = Unicode()
    false = Unicode()
    other_values = UseEnum(OtherValues, default_value=OtherValues.KEEP)
    lookup = Unicode()

    parents = Tuple()
    value_rows = Tuple()
    unmapped = Unicode()
    patterns = Tuple()
    examples = Tuple()
    problem = Unicode()
    preview = Tuple()
    summary = Unicode()
    failed = Bool(False)

    value_suggester: ValueSuggester

    def __init__(self, **traits: Any) -> None:
        self.value_suggester = suggest_values
        self._sample: MappingSample | None = None
        self._previous: FieldMapping | None = None
        self._default: FieldMapping | None = None
        self._value_table: dict[str, Any] = {}
        self._value_counts: Counter[str] = Counter()
        self._loading = False
        super().__init__(**traits)

    def open(
        self,
        field: Field,
        pair: FieldMapping | None,
        sample: MappingSample,
        default: FieldMapping | None = None,
        parents: Sequence[str] = (),
    ) -> None:
        """Open the editor on a field.

        Args:
            field: The destination field.
            pair: The field mapping that fills it now, or None.
            sample: The records that examples and preview come from.
            default: The field mapping that the form would choose by itself.
            parents: Fields that the parent of a relationship can be looked up by.
        """
        self._sample, self._default = sample, default
        self._loading = True  # changes must not be combined with the last field's
        self.labels = dict(sample.labels)
        self.sources, self.parents = sample.sources, tuple(parents)
        self.field = field
        self._load(pair)

    def close(self) -> None:
        """Close the editor."""
        self.field = None

    def restore_default(self) -> None:
        """Load the field mapping that the form would choose by itself."""
        self._load(self._default)

    def pair(self) -> FieldMapping | None:
        """Build the field mapping from the choices; None if nothing fills the field.

        Raises:
            InvalidPlan: The choices do not make a field mapping.
        """
        if self.field is None or self.origin is ValueOrigin.NOTHING:
            return None
        if self.origin is ValueOrigin.CONSTANT:
            return FieldMapping(
                "", self.field.name, constant=self._read_default("constant")
            )
        base, values = self._build_base(), self._read_values()
        from_file = self.origin is ValueOrigin.SOURCE
        return FieldMapping(
            base.source,
            base.target,
            expression=base.expression,
            if_missing=self._read_default("if_missing") if from_file else ABSENT,
            if_empty=self._read_default("if_empty"),
            values=values,
            other_values=self.other_values if values else OtherValues.KEEP,
            format=build_text_format(
                self.conversion,
                {name: getattr(self, name) for name in _FORMAT_TRAITS},
            ),
            lookup=self.lookup,
        )

    def map_value(self, source: str, target: str | None) -> None:
        """Map a source value to *target* as typed; without one it is not mapped."""
        if self.field is None:
            return
        values = dict(self._previous.values) if self._previous else {}
        previous = values.get(source, ABSENT)
        value = ABSENT if target is None else parse_input(target, self.field, previous)
        self._value_table = {**self._value_table, source: value}
        self._build_value_rows()

    def apply_suggestions(self) -> None:
        """Map every value that is not mapped and has a suggestion."""
        keys = {
            row.source: row.suggestion.key for row in self.value_rows if row.is_open
        }
        self._value_table = self._value_table | keys
        self._build_value_rows()

    def _build_base(self) -> FieldMapping:
        """Build the field mapping that takes the value, without any conversion."""
        target = self.field.name if self.field else ""
        if self.origin is ValueOrigin.SOURCE:
            if not self.source:
                reason = _("Choose a field of the file.")
                raise InvalidPlan(reason)
            return FieldMapping(self.source, target)
        text = self.expression.strip()
        if not text:
            reason = _("Write an expression, or choose another way to fill the field.")
            raise InvalidPlan(reason)
        return FieldMapping("", target, expression=text)

    def _read_values(self) -> tuple[tuple[str, Any], ...]:
        if self.conversion is not Conversion.TABLE:
            # What was mended in the preview comes before a format, also another one.
            before = self._previous
            if before is None or before.format is None:
                return ()
            return () if self.conversion is Conversion.NONE else before.values
        values = [
            (source, value)
            for source, value in self._value_table.items()
            if value is not ABSENT
        ]
        if not values:
            reason = _("Map at least one value, or take the values as they are.")
            raise InvalidPlan(reason)
        return tuple(values)

    def _read_default(self, name: str) -> Any:
        kind = getattr(self, _DEFAULT_KIND_TRAITS[name])
        if kind is DefaultKind.NONE or self.field is None:
            return ABSENT
        if kind is DefaultKind.NULL:
            return None
        previous = getattr(self._previous, name, ABSENT)
        return parse_input(getattr(self, name), self.field, previous)

    def _load(self, pair: FieldMapping | None) -> None:
        self._loading, self._previous = True, pair
        self._value_table = dict(pair.values) if pair else {}
        self.origin = infer_origin(pair)
        self.source = pair.source if pair else ""
        self.expression = pair.expression if pair else ""
        for name, kind in _DEFAULT_KIND_TRAITS.items():
            value = getattr(pair, name, ABSENT)
            setattr(self, kind, infer_default_kind(value))
            setattr(self, name, "" if value is None else format_input(value))
        if self.constant_kind is DefaultKind.NONE:
            self.constant_kind = DefaultKind.VALUE
        self.conversion = infer_conversion(pair)
        self.other_values = pair.other_values if pair else OtherValues.KEEP
        self.lookup = pair.lookup if pair else ""
        for name, text in format_texts(pair).items():
            setattr(self, name, text)
        self._loading = False
        self._read_sample()

    @observe("origin", "source", "expression", "conversion")
    def _follow_choice(self, change: Any) -> None:
        if self._loading or self.field is None:
            return
        if change["name"] == "source" and self.source:
            self.origin = ValueOrigin.SOURCE
        self._read_sample()
        if change["name"] == "conversion":
            self._suggest_conversion()

    def _suggest_conversion(self) -> None:
        """Fill the empty inputs of the selected conversion with what suits the file."""
        if self.conversion is Conversion.TABLE and not self._value_table:
            self.apply_suggestions()
        if self.conversion in DATE_CONVERSIONS and not self.pattern and self.patterns:
            self.pattern = self.patterns[0][0]
        if self.conversion is Conversion.BOOLEAN and not (self.true or self.false):
            self.true, self.false = DEFAULT_SPELLINGS

    def _read_sample(self) -> None:
        """Derive examples, patterns and value rows from the sampled records."""
        self._value_counts = self._count_values()
        examples = self._value_counts.most_common(_MAX_EXAMPLES)
        self.examples = tuple(value for value, _ in examples)
        with_time = self.conversion is Conversion.DATETIME
        dates = self._value_counts if self.conversion in DATE_CONVERSIONS else ()
        self.patterns = rank_date_patterns(dates, with_time=with_time)
        self._build_value_rows()

    def _count_values(self) -> Counter[str]:
        if self.field is None or self._sample is None:
            return Counter()
        if self.origin not in {ValueOrigin.SOURCE, ValueOrigin.EXPRESSION}:
            return Counter()
        try:
            map_field = compile_field_mapping(
                self._build_base(), self._sample.entity_type
            )
        except InvalidPlan:
            return Counter()
        split = self.field.type == MULTISELECT
        return count_values(self._sample.records, map_field, split=split)

    def _build_value_rows(self) -> None:
        if self.field is None:
            return
        suggestions = self.value_suggester(self.field, tuple(self._value_counts))
        self.value_rows = build_value_rows(
            self._value_counts, self._value_table, suggestions
        )
        self.unmapped = format_unmapped(self.value_rows, len(self._value_counts))
        self._derive(None)

    @observe(*_INPUT_TRAITS)
    def _derive(self, _change: Any) -> None:
        if self._loading or self.field is None or self._sample is None:
            return
        try:
            pair = self.pair()
            rows = preview_field_mapping(pair, self._sample) if pair else ()
        except InvalidPlan as exc:
            self.problem, self.preview, self.summary = str(exc), (), ""
            return
        self.failed = any(row.problem for row in rows)
        self.problem = ""
        self.summary = format_preview_summary(rows, self.lookup)
        self.preview = rows[:_MAX_PREVIEW_ROWS]
