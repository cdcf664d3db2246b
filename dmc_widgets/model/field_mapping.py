"""Field mappings: the source of one target field, and how its value is converted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as AbstractMapping
from copy import deepcopy
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidPlan
from .coercion import pair_tuple, parse_choice, require_instance, set_texts
from .outcome import Problem
from .representation import ValueDisplay
from .value_conversion import TextFormat, convert_listed_text, translate_value

Values = dict[str, Any]
Step = Callable[[Values], Any]
"""Returns a target's value, ``ABSENT`` to leave it out, or the record's problem."""

Expressions = Callable[[str, str], Step]
"""Compiles the text of an expression for a target, and raises
:class:`~dmc_widgets.errors.InvalidPlan` if it is not an expression."""


class Absent(Enum):
    """The type of :data:`ABSENT`, which is not null: null can be a chosen value."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class OtherValues(StrEnum):
    """What happens to a value that a value mapping does not list."""

    KEEP = "keep"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, repr=False)
class FieldMapping(ValueDisplay):
    """The source of one target field, and the conversion of its value.

    The value is that of the source field, of the expression, or the constant. A missing
    or empty value gets its default, which is final; any other value is converted by
    *values*, and by *format* if *values* does not list it.

    >>> FieldMapping("Status", "state", values={"offen": "open"}, other_values="refuse")

    Attributes:
        source: A field of the file, or a part of a nested one, ``address.city``;
            empty with a constant or an expression.
        target: A field of the entity type.
        constant: The value that the target always gets; None is null.
        if_missing: The value that the target gets where the record has no such field.
        if_empty: The same for null and for text of nothing but spaces.
        values: Pairs of a source value, as text, and its target value; a dict is taken
            as well. A list is converted element by element, and so is text with commas
            for a MultiselectPicklist.
        other_values: What happens to a value that neither *values* nor *format*
            converts.
        format: How texts become dates, numbers or truth values. Without it they
            pass as they are.
        expression: Computes the value from the record, in the Common Expression
            Language: ``record["first"] + " " + record["last"]``.
        lookup: The field of a relationship's parent that has the value. The
            target gets the parent whose field has the value that the steps above gave.

    Raises:
        InvalidPlan: Choices exclude each other, or a value is of another kind.
        UnknownChoice: *other_values* is not one of its words.
    """

    source: str
    target: str
    constant: Any = ABSENT
    if_missing: Any = ABSENT
    if_empty: Any = ABSENT
    values: tuple[tuple[str, Any], ...] = ()
    other_values: OtherValues = OtherValues.KEEP
    format: TextFormat | None = None
    expression: str = ""
    lookup: str = ""

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(  # noqa: PLR0917
            self,
            source: str,
            target: str,
            constant: Any = ...,
            if_missing: Any = ...,
            if_empty: Any = ...,
            values: AbstractMapping[str, Any] | Iterable[tuple[str, Any]] = ...,
            other_values: OtherValues | str = ...,
            format: TextFormat | None = ...,
            expression: str = ...,
            lookup: str = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        set_texts(self, "source", "target", "expression", "lookup")
        values = pair_tuple(self.values, "values")
        for key, _value in values:
            require_instance(key, str, "A source value")
        object.__setattr__(self, "values", values)
        choice = parse_choice(OtherValues, self.other_values, "choice of other values")
        object.__setattr__(self, "other_values", choice)
        if not isinstance(self.format, TextFormat | None):
            reason = f"format is {self.format!r:.80}. Give a DateFormat or the like."
            raise InvalidPlan(reason)
        conflict = self._conflict()
        if conflict:
            reason = f"The mapping of the field {self.target!r} {conflict}"
            raise InvalidPlan(reason)

    @classmethod
    def parse(cls, text: str) -> FieldMapping:
        """Read ``SOURCE=TARGET``, as the command line writes it.

        ``SOURCE=TARGET/FIELD`` looks up the parent whose field has the value.

        >>> FieldMapping.parse("Kunde=customer/email")

        Raises:
            InvalidPlan: One of the sides is missing.
        """
        source, equals, rest = text.rpartition("=")
        target, slash, lookup = rest.partition("/")
        if not (equals and source and target) or (slash and not lookup):
            reason = (
                f"{text!r} is not a mapping. Write SOURCE=TARGET, such as title=name."
            )
            raise InvalidPlan(reason)
        return cls(source, target, lookup=lookup)

    @property
    def is_plain(self) -> bool:
        """The value of the source field passes unchanged."""
        return self == FieldMapping(self.source, self.target)

    @property
    def is_renaming(self) -> bool:
        """The value of a whole field passes unchanged."""
        return self.is_plain and "." not in self.source

    @property
    def summary(self) -> str:
        """The pair in one line: ``'Titel' → 'title'``."""
        if self.constant is not ABSENT:
            return f"{self.constant!r} → {self.target!r} (constant)"
        if self.expression:
            return f"{self.expression} → {self.target!r}"
        more = "" if self.is_plain else " (converted)"
        return f"{self.source!r} → {self.target!r}{more}"

    @property
    def has_source(self) -> bool:
        """The value comes from a field of the file."""
        return self.constant is ABSENT and not self.expression

    def step(self, expressions: Expressions | None, *, split: bool) -> Step:
        """Build the function that computes the target's value from a record.

        Args:
            expressions: Compiles expressions; None where they are not supported.
            split: Treat texts as lists, separated by commas.

        Raises:
            InvalidPlan: The expression cannot be read, or is not supported here.
        """
        if self.constant is not ABSENT:
            constant = self.constant
            return lambda _values: deepcopy(constant)
        first = self._expression_step(expressions) or self._source_step()
        then = self._converter(split=split)
        default, read = self.if_empty, compile_source(self.source)
        if then is None and default is ABSENT:
            return first

        def step(values: Values) -> Any:
            value = first(values)
            if value is ABSENT or isinstance(value, Problem):
                return value
            if self.has_source and read(values) is ABSENT:
                return value  # if_missing is final
            if default is not ABSENT and is_empty(value):
                return deepcopy(default)
            return value if then is None else then(value)

        return step

    def _expression_step(self, expressions: Expressions | None) -> Step | None:
        if not self.expression:
            return None
        if expressions is None:
            reason = f"The expression of the field {self.target!r} has no compiler."
            raise InvalidPlan(reason)
        return expressions(self.expression, self.target)

    def _source_step(self) -> Step:
        read, missing = compile_source(self.source), self.if_missing
        if missing is ABSENT:
            return read

        def step(values: Values) -> Any:
            value = read(values)
            return deepcopy(missing) if value is ABSENT else value

        return step

    def _converter(self, *, split: bool) -> Callable[[Any], Any] | None:
        target, form = self.target, self.format
        table = dict(self.values)
        if form is not None:
            return lambda value: convert_listed_text(table, form, target, value)
        if not table:
            return None
        refuse = self.other_values is OtherValues.REFUSE
        return lambda value: translate_value(
            table, target, value, refuse=refuse, split=split
        )

    def _conflict(self) -> str:
        """Return which choices exclude each other, as the end of a sentence."""
        constant = self.constant is not ABSENT
        defaults = self.if_missing is not ABSENT or self.if_empty is not ABSENT
        changes = bool(self.values or self.lookup) or self.format is not None
        with_more = self.source or self.expression or changes or defaults
        keys = [key for key, _ in self.values]
        conflicts = {
            "has a constant and more. Keep the constant, or the rest.": constant
            and bool(with_more),
            "has a source and an expression. Keep one of them.": bool(
                self.expression and self.source
            ),
            "has an expression and if_missing. Ask with has(record.name).": (
                bool(self.expression) and self.if_missing is not ABSENT
            ),
            "has a format, and refuses values that it does not list. Keep one of "
            "them.": self.other_values is OtherValues.REFUSE
            and self.format is not None,
            "refuses other values but lists none. Give it values.": (
                self.other_values is OtherValues.REFUSE and not self.values
            ),
            "lists a value twice. Keep one of them.": len(keys) > len(set(keys)),
        }
        return next((text for text, applies in conflicts.items() if applies), "")


def compile_source(source: str) -> Step:
    """Build the function that reads a source field, or a part of one, from a record.

    A part that its object does not hold is absent; a part of null is null.
    """
    path = source.split(".")
    if len(path) == 1:
        return lambda values: values.get(source, ABSENT)

    def read(values: Values) -> Any:
        if source in values:
            return values[source]
        inner: Any = values
        for name in path:
            if inner is None:
                return None
            if not isinstance(inner, dict) or name not in inner:
                return ABSENT
            inner = inner[name]
        return inner

    return read


def is_empty(value: Any) -> bool:
    """Return True if *value* is null or a text of nothing but spaces."""
    return value is None or (isinstance(value, str) and not value.strip())
