"""Expressions of mappings, in the Common Expression Language (CEL).

The record is the variable ``record``; a field whose name is an identifier is a
variable, too. A number with more digits than CEL can hold is passed as a text, so that
no digit is lost; ``double(x)`` converts it to a number of limited precision.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Set
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ...errors import InvalidPlan, NotSupported
from ...model.field_mapping import Values
from ...model.outcome import Problem
from ...model.record import LargeText
from ...model.value_conversion import MAPPING_ERROR_CODE

if TYPE_CHECKING:
    from cel import Program


RECORD = "record"
"""The name of the variable that holds the whole record."""

# Raised by a program for values that it cannot compute with.
_EVALUATION_ERRORS = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
_INT64_LIMIT = 2**63
_MAX_EXPRESSION_CHARS = 8000  # the compiler recurses, and a full stack ends the process
_EXPECTED_TOKENS = re.compile(r" expecting (\{.*|<EOF>)")
"""The parser's list of the tokens that it expects, which is left out of messages."""

_ERROR_POSITION = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?(.*)")


_TOKEN: Final = re.compile(
    r"""[rR]?(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"|(?P<word>[^\W\d]\w*)|(?P<sign>\S)"
)
_CEL_NAMES: Final = frozenset(
    [
        "bool",
        "bytes",
        "double",
        "dyn",
        "int",
        "list",
        "map",
        "null_type",
        "optional",
        "string",
        "type",
        "uint",
    ]
)
"""Types and namespaces of the language, as in ``type(x) == int``."""

_MACROS: Final = frozenset({"all", "exists", "exists_one", "filter", "map"})


def compile_expression(text: str, target: str) -> Callable[[Values], Any]:
    """Compile the expression that fills the field *target*.

    Returns:
        A function of a record that returns the value, or a :class:`Problem`.

    Raises:
        InvalidPlan: The expression is malformed; the error names target, line and
            column.
    """
    program = parse_expression(text, target)
    names = frozenset(program.variables())

    def compute(values: Values) -> Any:
        large = [n for n in names if isinstance(values.get(n), LargeText)]
        if large:
            return _expression_problem(
                target, f"The field {large[0]!r} holds too large a text."
            )
        try:
            value = program.execute(_variables(names, values))
            is_storable = _is_storable(value)
        except RecursionError:
            return _expression_problem(target, "The record is nested too deeply.")
        except _EVALUATION_ERRORS as exc:
            return _expression_problem(target, _format_error(exc, names, values))
        if is_storable:
            return value
        kind = type(value).__name__
        return _expression_problem(
            target, f"It gives a {kind}, which no field holds. Use string(…)."
        )

    return compute


def parse_expression(text: str, target: str) -> Program:
    """Parse the expression that fills the field *target*.

    Raises:
        InvalidPlan: The expression is malformed; the error names target, line and
            column.
        NotSupported: The library of the language is not installed.
    """
    if len(text) > _MAX_EXPRESSION_CHARS:
        reason = (
            f"The expression of the field {target!r} has {len(text):,} characters; "
            f"{_MAX_EXPRESSION_CHARS:,} are allowed."
        )
        raise InvalidPlan(reason)
    try:
        import cel  # most imports have no expression
    except ModuleNotFoundError as exc:
        what = f"The field {target!r} has an expression, and their library is missing."
        instead = 'Install it: pip install "dmc-widgets[expressions]".'
        raise NotSupported(what, instead) from exc
    try:
        return cel.compile(text)
    except ValueError as exc:
        raise InvalidPlan(_format_syntax_error(text, target, str(exc))) from exc


def _variables(names: Set[str], values: Values) -> dict[str, Any]:
    """Return those of a record's values that an expression names."""
    variables = {name: _to_cel_value(values[name]) for name in names if name in values}
    if RECORD in names:
        variables[RECORD] = _to_cel_value(values)
    return variables


def _to_cel_value(value: Any) -> Any:
    """Return exact numbers as texts, because CEL would round them silently.

    Large texts within objects are left out, because all of them would be loaded.
    """
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, int) and not -_INT64_LIMIT <= value < _INT64_LIMIT:
        return str(value)
    if isinstance(value, dict):
        return {
            key: _to_cel_value(inner)
            for key, inner in value.items()
            if not isinstance(inner, LargeText)
        }
    if isinstance(value, list):
        return [_to_cel_value(inner) for inner in value]
    return value


def _is_storable(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(_is_storable(inner) for inner in value)
    if isinstance(value, dict):
        return all(isinstance(k, str) and _is_storable(v) for k, v in value.items())
    return value is None or isinstance(value, (bool, int, str))


def _format_error(exc: Exception, names: frozenset[str], values: Values) -> str:
    if isinstance(exc, KeyError) and exc.args:
        return _missing_field_message(str(exc.args[0]))
    unknown = re.match(r"Undefined variable or function: '(.*?)'", str(exc))
    if unknown is None:
        return " ".join(str(exc).split()).split(". ")[0].rstrip(".") + "."
    if unknown[1] in names and unknown[1] not in values:
        return _missing_field_message(unknown[1])
    return f"The function {unknown[1]!r} is not known."


def _missing_field_message(name: str) -> str:
    return (
        f"The record has no field {name!r}. Where it may be missing, write "
        f'"{name}" in record ? record["{name}"] : "…".'
    )


def _expression_problem(target: str, cause: str) -> Problem:
    message = f"The expression of the field {target!r} cannot be computed. {cause}"
    return Problem(MAPPING_ERROR_CODE, message, target)


def _format_syntax_error(text: str, target: str, error: str) -> str:
    match = _ERROR_POSITION.search(error)
    where = error
    if match:
        cause = _EXPECTED_TOKENS.sub("", match[3])
        cause = cause.replace("mismatched input", "unexpected")
        cause = cause.replace("unexpected '<EOF>'", "something is missing here")
        where = f"line {match[1]}, column {match[2]}: {cause}"
    return (
        f"The expression of the field {target!r} cannot be read: {text!r:.200}, "
        f"{where:.200}"
    )


class _Token(NamedTuple):
    kind: str
    text: str


def required_fields(text: str, target: str) -> frozenset[str]:
    """Return the fields without which an expression cannot be computed.

    A field that the expression tests for, with ``"x" in record`` or ``has(record.x)``,
    may be absent, so it is left out.

    Raises:
        InvalidPlan: The expression is malformed.
    """
    variables = set(parse_expression(text, target).variables())
    tokens = [*_tokens(text), *[_Token("", "")] * 5]
    windows = [tokens[place : place + 6] for place in range(len(tokens) - 5)]
    bound = {x[3].text for x in windows if _is_macro(x)}
    tested = {name for x in windows if (name := _tested_field(x))}
    accessed = {name for x in windows if (name := _accessed_field(x))}
    return frozenset((accessed | variables - bound - _CEL_NAMES - {RECORD}) - tested)


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        value = match[kind]
        yield _Token(kind, _parse_literal(value) if kind == "text" else value)


def _parse_literal(text: str) -> str:
    try:
        return str(ast.literal_eval(text))
    except (SyntaxError, ValueError):  # an escape that only CEL knows
        return text[1:-1]


def _is_macro(window: list[_Token]) -> bool:
    """Return True for ``.map(x,``, which makes *x* a local variable."""
    dot, name, opening, _, comma = (token.text for token in window[:5])
    return dot == "." and name in _MACROS and opening == "(" and comma == ","


def _tested_field(window: list[_Token]) -> str:
    """Return the field in ``has(record.x`` or ``"x" in record``."""
    texts = [token.text for token in window]
    if texts[:4] == ["has", "(", RECORD, "."]:
        return texts[4]
    if window[0].kind == "text" and texts[1:3] == ["in", RECORD]:
        return texts[0]
    return ""


def _accessed_field(window: list[_Token]) -> str:
    """Return the field in ``record.x`` or ``record["x"]``."""
    texts = [token.text for token in window]
    if texts[0] != RECORD or window[0].kind != "word":
        return ""
    if texts[1] == "." and texts[3] != "(":
        return texts[2]
    is_index = texts[1] == "[" and window[2].kind == "text" and texts[3] == "]"
    return texts[2] if is_index else ""
