"""Expressions of mappings, in the Common Expression Language (CEL).

The record is the variable ``record``; a field whose name is an identifier is a
variable, too. A number with more digits than CEL can hold is offered as text, so
that no digit is lost; ``double(x)`` makes a number of it that is near enough.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Set
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..errors import InvalidPlan
from ..model.field_mapping import Values
from ..model.large_text import LargeText
from ..model.outcome import Problem
from ..model.table import CODE

if TYPE_CHECKING:
    from cel import Program

RECORD = "record"
"""The variable of an expression that holds the whole record."""

# What the program raises over values that it cannot compute with.
_FAULTS = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
_LONG = 2**63
_MOST_CHARS = 8000  # the compiler recurses, and a full stack ends the process
_EXPECTED = re.compile(r" expecting (\{.*|<EOF>)")  # a list of the parser's own words
_PLACE = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?(.*)")


def compile_expression(text: str, target: str) -> Callable[[Values], Any]:
    """Compile the expression that fills the field *target*.

    Returns:
        A function of a record that gives the value, or a :class:`Problem`.

    Raises:
        InvalidPlan: The expression cannot be read; names target, line and column.
    """
    program = parse_expression(text, target)
    names = frozenset(program.variables())

    def compute(values: Values) -> Any:
        large = [n for n in names if isinstance(values.get(n), LargeText)]
        if large:
            return _problem(target, f"The field {large[0]!r} holds too large a text.")
        try:
            value = program.execute(_variables(names, values))
            plain = _is_plain(value)
        except RecursionError:
            return _problem(target, "The record is nested too deeply.")
        except _FAULTS as exc:
            return _problem(target, _fault(exc, names, values))
        if plain:
            return value
        kind = type(value).__name__
        return _problem(
            target, f"It gives a {kind}, which no field holds. Use string(…)."
        )

    return compute


def parse_expression(text: str, target: str) -> Program:
    """Parse the expression that fills the field *target*.

    Raises:
        InvalidPlan: The expression is malformed; names target, line and column.
    """
    if len(text) > _MOST_CHARS:
        reason = (
            f"The expression of the field {target!r} has {len(text):,} characters; "
            f"{_MOST_CHARS:,} are allowed."
        )
        raise InvalidPlan(reason)
    import cel  # loads in a moment, but most imports have no expression

    try:
        return cel.compile(text)
    except ValueError as exc:
        raise InvalidPlan(_syntax_fault(text, target, str(exc))) from exc


def _variables(names: Set[str], values: Values) -> dict[str, Any]:
    """Return those of a record's values that an expression names."""
    offered = {name: _offered(values[name]) for name in names if name in values}
    if RECORD in names:
        offered[RECORD] = _offered(values)
    return offered


def _offered(value: Any) -> Any:
    """Make of exact numbers texts: CEL would round them without a word.

    Large texts within objects are left out, since all of them would be loaded.
    """
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, int) and not -_LONG <= value < _LONG:
        return str(value)
    if isinstance(value, dict):
        return {
            key: _offered(each)
            for key, each in value.items()
            if not isinstance(each, LargeText)
        }
    if isinstance(value, list):
        return [_offered(each) for each in value]
    return value


def _is_plain(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(_is_plain(each) for each in value)
    if isinstance(value, dict):
        return all(isinstance(k, str) and _is_plain(v) for k, v in value.items())
    return value is None or isinstance(value, (bool, int, str))


def _fault(exc: Exception, names: frozenset[str], values: Values) -> str:
    if isinstance(exc, KeyError) and exc.args:
        return _missing(str(exc.args[0]))
    unknown = re.match(r"Undefined variable or function: '(.*?)'", str(exc))
    if unknown is None:
        return " ".join(str(exc).split()).split(". ")[0].rstrip(".") + "."
    if unknown[1] in names and unknown[1] not in values:
        return _missing(unknown[1])
    return f"There is no function {unknown[1]!r}."


def _missing(name: str) -> str:
    return (
        f"The record has no field {name!r}. Where it may be missing, write "
        f'"{name}" in record ? record["{name}"] : "…".'
    )


def _problem(target: str, fault: str) -> Problem:
    message = f"The expression of the field {target!r} cannot be computed. {fault}"
    return Problem(CODE, message, target)


def _syntax_fault(text: str, target: str, told: str) -> str:
    found = _PLACE.search(told)
    where = told
    if found:
        fault = _EXPECTED.sub("", found[3]).replace("mismatched input", "unexpected")
        fault = fault.replace("unexpected '<EOF>'", "something is missing here")
        where = f"line {found[1]}, column {found[2]}: {fault}"
    return (
        f"The expression of the field {target!r} cannot be read: {text!r:.200}, "
        f"{where:.200}"
    )
