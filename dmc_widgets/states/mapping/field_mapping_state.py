"""How one field is filled, while a person edits it in the import form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from traitlets import Bool, Dict, HasTraits, Instance, Tuple, Unicode, UseEnum, observe

from ...errors import InvalidPlan
from ...model.entity_type import Field
from ...model.field_mapping import (
    ABSENT,
    FieldMapping,
    OtherValues,
    compile_source,
    is_empty,
)
from ...model.mapping import MULTISELECT
from ...model.outcome import Problem
from ...model.record import Record
from ...tasks.imports.mapping_suggestions import ValueSuggestion, suggest_values
from .field_choices import (
    DATE_CONVERSIONS,
    DEFAULT_SPELLINGS,
    Conversion,
    DefaultKind,
    ValueOrigin,
    build_text_form,
    format_texts,
    infer_conversion,
    infer_default_kind,
    infer_origin,
    rank_date_patterns,
)
from .field_preview import get_value_check
from .mapping_rows import MappingSample, compile_field_mapping
from .mapping_text import format_input, format_json, parse_input
from .value_rows import count_values, format_unmapped, value_lines

_SHOWN_RECORDS = 5
_SHOWN_EXAMPLES = 5
_DEFAULT_KIND_TRAITS = {
    "constant": "constant_kind",
    "if_missing": "missing_kind",
    "if_empty": "empty_kind",
}
_FORM_TRAITS = ("pattern", "decimal", "grouping", "true", "false")
_INPUT_TRAITS = (
    *("filling", "source", "expression", "conversion", "other_values", "lookup"),
    *_FORM_TRAITS,
    *_DEFAULT_KIND_TRAITS,
    *_DEFAULT_KIND_TRAITS.values(),
)

ValueSuggester = Callable[[Field, Iterable[str]], tuple[ValueSuggestion, ...]]
"""Suggests target values for source values."""


class FieldPreviewRow(NamedTuple):
    """What the mapping makes of one record.

    Attributes:
        number: Of the record, from 1.
        before: The source value as JSON text; empty where there is none.
        after: The result as JSON text; empty where there is none.
        problem: Why there is none.
    """

    number: int
    before: str
    after: str
    problem: str


class FieldMappingState(HasTraits):
    """What the person says about one field, and what comes of it.

    Attributes:
        field: Which field is edited; None while none is.
        sources: The fields of the file.
        labels: What people call those of them that have no name.
        filling: Where the value comes from.
        source: The field of the file.
        constant: As typed; so are *if_missing* and *if_empty*.
        constant_kind: Is the text meant, null, or nothing at all? So do
            *missing_kind* and *empty_kind* say.
        expression: In the Common Expression Language.
        conversion: What is made of the value.
        pattern: Of dates, such as ``%d.%m.%Y``.
        decimal: The sign before the fraction of a number.
        grouping: The sign between groups of digits.
        true: Spellings of yes, separated by commas; *false* holds those of no.
        other_values: What becomes of a value that the table does not list.
        lookup: Of a relationship, the parent's field that has the value; empty where
            the value names the parent itself.
        parents: Names of the fields that a parent can be looked up by.
        lines: The table as it is shown, with counts and suggestions.
        unmapped: How many of the sampled values have no target, as a sentence.
        patterns: Pairs of a pattern of dates and how many sampled values it reads.
        examples: Values of the file, as texts.
        fault: Why the choices are no mapping; empty exactly when they are one.
        preview: What comes of the first records.
        summary: How many of the sampled records can be used, as a sentence.
        failed: Some cannot.
    """

    field = Instance(Field, allow_none=True)
    sources = Tuple()
    labels = Dict()
    filling = UseEnum(ValueOrigin, default_value=ValueOrigin.NOTHING)
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
    lines = Tuple()
    unmapped = Unicode()
    patterns = Tuple()
    examples = Tuple()
    fault = Unicode()
    preview = Tuple()
    summary = Unicode()
    failed = Bool(False)

    value_suggester: ValueSuggester

    def __init__(self, **traits: Any) -> None:
        self.value_suggester = suggest_values
        self._sampled: MappingSample | None = None
        self._before: FieldMapping | None = None
        self._default: FieldMapping | None = None
        self._table: dict[str, Any] = {}
        self._counted: Counter[str] = Counter()
        self._loading = False
        super().__init__(**traits)

    def open(
        self,
        field: Field,
        pair: FieldMapping | None,
        sampled: MappingSample,
        default: FieldMapping | None = None,
        parents: Sequence[str] = (),
    ) -> None:
        """Begin to edit *field*.

        Args:
            field: Of the entity type.
            pair: What fills it now, if anything does.
            sampled: For examples and the preview.
            default: What fills the field if the person says nothing.
            parents: Fields that the parent of a relationship can be looked up by.
        """
        self._sampled, self._default = sampled, default
        self._loading = True  # nothing of the last field counts from here on
        self.labels = dict(sampled.labels)
        self.sources, self.parents = sampled.sources, tuple(parents)
        self.field = field
        self._load(pair)

    def close(self) -> None:
        """Nothing is edited any more."""
        self.field = None

    def restore_default(self) -> None:
        """Choose what the form would choose by itself."""
        self._load(self._default)

    def pair(self) -> FieldMapping | None:
        """Return the mapping that the choices make; None fills nothing.

        Raises:
            InvalidPlan: They make none; it says what to change.
        """
        if self.field is None or self.filling is ValueOrigin.NOTHING:
            return None
        if self.filling is ValueOrigin.CONSTANT:
            return FieldMapping("", self.field.name, constant=self._value("constant"))
        base, values = self._base(), self._values()
        from_file = self.filling is ValueOrigin.SOURCE
        return FieldMapping(
            base.source,
            base.target,
            expression=base.expression,
            if_missing=self._value("if_missing") if from_file else ABSENT,
            if_empty=self._value("if_empty"),
            values=values,
            other_values=self.other_values if values else OtherValues.KEEP,
            format=build_text_form(
                self.conversion, {x: getattr(self, x) for x in _FORM_TRAITS}
            ),
            lookup=self.lookup,
        )

    def map_value(self, source: str, target: str | None) -> None:
        """Let *source* become *target*, as typed; without one it is not mapped."""
        if self.field is None:
            return
        known = dict(self._before.values) if self._before else {}
        before = known.get(source, ABSENT)
        made = ABSENT if target is None else parse_input(target, self.field, before)
        self._table = {**self._table, source: made}
        self._list_values()

    def apply_suggestions(self) -> None:
        """Map every value that is not mapped to what is suggested for it."""
        free = [line for line in self.lines if line.target is ABSENT and line.guess]
        self._table = self._table | {x.source: x.guess.key for x in free}
        self._list_values()

    def _base(self) -> FieldMapping:
        """Return where the value comes from, before anything is made of it."""
        target = self.field.name if self.field else ""
        if self.filling is ValueOrigin.SOURCE:
            if not self.source:
                reason = "Choose a field of the file."
                raise InvalidPlan(reason)
            return FieldMapping(self.source, target)
        text = self.expression.strip()
        if not text:
            reason = "Write an expression, or choose another way to fill the field."
            raise InvalidPlan(reason)
        return FieldMapping("", target, expression=text)

    def _values(self) -> tuple[tuple[str, Any], ...]:
        if self.conversion is not Conversion.TABLE:
            return ()
        found = [(x, made) for x, made in self._table.items() if made is not ABSENT]
        if not found:
            reason = "Map at least one value, or take the values as they are."
            raise InvalidPlan(reason)
        return tuple(found)

    def _value(self, name: str) -> Any:
        kind = getattr(self, _DEFAULT_KIND_TRAITS[name])
        if kind is DefaultKind.NONE or self.field is None:
            return ABSENT
        if kind is DefaultKind.NULL:
            return None
        before = getattr(self._before, name, ABSENT)
        return parse_input(getattr(self, name), self.field, before)

    def _load(self, pair: FieldMapping | None) -> None:
        self._loading, self._before = True, pair
        self._table = dict(pair.values) if pair else {}
        self.filling = infer_origin(pair)
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
        self._look()

    @observe("filling", "source", "expression", "conversion")
    def _follow(self, change: Any) -> None:
        if self._loading or self.field is None:
            return
        if change["name"] == "source" and self.source:
            self.filling = ValueOrigin.SOURCE
        self._look()
        if change["name"] == "conversion":
            self._begin()

    def _begin(self) -> None:
        """Offer what suits the file, as a beginning that the person sees."""
        if self.conversion is Conversion.TABLE and not self._table:
            self.apply_suggestions()
        if self.conversion in DATE_CONVERSIONS and not self.pattern and self.patterns:
            self.pattern = self.patterns[0][0]
        if self.conversion is Conversion.BOOLEAN and not (self.true or self.false):
            self.true, self.false = DEFAULT_SPELLINGS

    def _look(self) -> None:
        """Take in what the sampled records hold."""
        self._counted = self._count()
        self.examples = tuple(x for x, _ in self._counted.most_common(_SHOWN_EXAMPLES))
        with_time = self.conversion is Conversion.DATETIME
        dates = self._counted if self.conversion in DATE_CONVERSIONS else ()
        self.patterns = rank_date_patterns(dates, with_time=with_time)
        self._list_values()

    def _count(self) -> Counter[str]:
        if self.field is None or self._sampled is None:
            return Counter()
        if self.filling not in {ValueOrigin.SOURCE, ValueOrigin.EXPRESSION}:
            return Counter()
        try:
            step = compile_field_mapping(self._base(), self._sampled.entity_type)
        except InvalidPlan:
            return Counter()
        split = self.field.type == MULTISELECT
        return count_values(self._sampled.records, step, split=split)

    def _list_values(self) -> None:
        if self.field is None:
            return
        guesses = self.value_suggester(self.field, tuple(self._counted))
        self.lines = value_lines(self._counted, self._table, guesses)
        self.unmapped = format_unmapped(self.lines, len(self._counted))
        self._derive(None)

    @observe(*_INPUT_TRAITS)
    def _derive(self, _change: Any) -> None:
        if self._loading or self.field is None or self._sampled is None:
            return
        try:
            pair = self.pair()
            made = _preview_records(pair, self._sampled) if pair else ()
        except InvalidPlan as exc:
            self.fault, self.preview, self.summary = str(exc), (), ""
            return
        self.failed = any(each.problem for each in made)
        self.fault, self.summary = "", _format_summary(made, self.lookup)
        self.preview = made[:_SHOWN_RECORDS]


def _preview_records(
    pair: FieldMapping, sampled: MappingSample
) -> tuple[FieldPreviewRow, ...]:
    step = compile_field_mapping(pair, sampled.entity_type)
    field = next(
        x
        for x in (*sampled.entity_type.fields, Field(name=pair.target))
        if x.name == pair.target
    )
    check = None if pair.lookup else get_value_check(field)
    return tuple(
        _build_preview_row(
            number, record, pair, _apply_value_check(step(record), check)
        )
        for number, record in enumerate(sampled.records, 1)
    )


def _apply_value_check(made: Any, check: Callable[[Any], Any] | None) -> Any:
    """Return the problem that a made value has in its field, or the value."""
    if check is None or made is ABSENT or made is None or isinstance(made, Problem):
        return made
    kept = check(made)
    return kept if isinstance(kept, Problem) else made


def _build_preview_row(
    number: int, record: Record, pair: FieldMapping, made: Any
) -> FieldPreviewRow:
    read = compile_source(pair.source)(record) if pair.source else ABSENT
    before = "" if read is ABSENT else format_json(read)
    if isinstance(made, Problem):
        return FieldPreviewRow(number, before, "", made.message)
    after = "" if made is ABSENT else format_json(made)
    if after and pair.lookup and not is_empty(made):  # else it names no parent
        after = f"{pair.lookup} = {after}"
    return FieldPreviewRow(number, before, after, "")


def _format_summary(made: Sequence[FieldPreviewRow], lookup: str) -> str:
    failed = [each for each in made if each.problem]
    if not made:
        return ""
    if not failed and lookup:
        return (
            f"The parent is found by its {lookup}. Whether there is one, the preview "
            "before the import tells."
        )
    if not failed:
        return f"The mapping can use all {len(made)} records that were looked at."
    first = failed[0]
    return (
        f"The mapping cannot use {len(failed)} of the {len(made)} records that were "
        f"looked at. Record {first.number}: {first.problem}"
    )
