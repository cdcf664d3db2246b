"""Parser of filters: from a text to an expression.

It reads the part of OData that Liferay understands: comparisons, ``and``, ``or``,
``not``, parentheses, ``contains``, ``startswith``, ``endswith``, ``in`` and the lambda
``any``. A filter may come from an untrusted client, so its length, its depth and the
number of its conditions are limited.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from ...errors import InvalidQuery
from .filter_expression import (
    FUNCTIONS,
    And,
    AnyOf,
    Comparison,
    Expression,
    FieldPath,
    Literal,
    LiteralValue,
    Not,
    OneOf,
    Operator,
    Or,
)

MAX_FILTER_CHARS: Final = 100_000
"""The most characters of a filter. Servers take some thousand, in the request line."""

_TOKEN: Final = re.compile(
    r"""
      (?P<text>'(?:[^']|'')*+')
    | (?P<moment>[0-9]{4}-[0-9]{2}-[0-9]{2}
        (?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?
           (?:Z|[+-][0-9]{2}:[0-9]{2})?)?)(?![\w.:+-])
    | (?P<number>[+-]?(?:[0-9]{1,300}(?:\.[0-9]{1,300})?)(?:[eE][+-]?[0-9]{1,3})?)
        (?![\w.+-])
    | (?P<name>[^\W\d]\w*(?:/[^\W\d]\w*)*)
    | (?P<sign>[(),:])
    | (?P<end>$)
    """,
    re.VERBOSE,
)
_BLANK: Final = re.compile(r"\s*")
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


def invalid_filter(reason: str, position: int = 0) -> InvalidQuery:
    """Return the error of a filter; *position* counts characters from 1."""
    return InvalidQuery("filter", reason, position)


class Token(NamedTuple):
    """A token: its *kind* is text, moment, number, name, sign or end."""

    kind: str
    text: str
    position: int

    @property
    def is_constant(self) -> bool:
        """The token is one of the names that stand for a value."""
        return self.kind == "name" and self.text in _CONSTANTS

    @property
    def excerpt(self) -> str:
        """The token for messages, shortened."""
        if self.kind == "end":
            return "the end"
        cut = self.text if len(self.text) <= 30 else f"{self.text[:30]}…"
        return repr(cut)


def tokenize(text: str) -> list[Token]:
    """Split *text* into tokens, of which the last is its end.

    Raises:
        InvalidQuery: It is too long, or something in it is not a token.
    """
    if len(text) > MAX_FILTER_CHARS:
        reason = (
            f"it has {len(text):,} characters, and {MAX_FILTER_CHARS:,} are allowed."
        )
        raise invalid_filter(reason)
    tokens: list[Token] = []
    at = 0
    while not tokens or tokens[-1].kind != "end":
        start = at + len(_leading_blanks(text, at))
        match = _TOKEN.match(text, start)
        if match is None:
            raise _unexpected_text_error(text, start)
        tokens.append(Token(str(match.lastgroup), match.group(), start + 1))
        at = match.end()
    return tokens


def literal_value(token: Token) -> LiteralValue:
    """Return the value that a token stands for.

    Raises:
        InvalidQuery: It looks like a day or a moment that the calendar does not have.
    """
    if token.kind == "text":
        return token.text[1:-1].replace("''", "'")
    if token.kind == "number":
        whole = token.text.lstrip("+-").isdecimal()
        return int(token.text) if whole else Decimal(token.text)
    if token.kind == "name":
        return _CONSTANTS[token.text]
    try:
        if len(token.text) == 10:
            return date.fromisoformat(token.text)
        return datetime.fromisoformat(token.text)
    except ValueError as exc:
        reason = f"{token.text} is not in the calendar."
        raise invalid_filter(reason, token.position) from exc


def _leading_blanks(text: str, at: int) -> str:
    match = _BLANK.match(text, at)
    return match.group() if match else ""


def _unexpected_text_error(text: str, start: int) -> InvalidQuery:
    if text[start] == "'":
        reason = "the text that begins here has no closing quotation mark."
        return invalid_filter(reason, start + 1)
    excerpt = text[start : start + 20].split(maxsplit=1)[0]
    reason = (
        f"{excerpt!r} is not part of a filter. "
        "Texts stand in single quotation marks: 'x'."
    )
    return invalid_filter(reason, start + 1)


MAX_DEPTH: Final = 20
"""Parentheses within parentheses, and ``not``. People write three; SQLite's parser
fails a little above this."""

MAX_CONDITIONS: Final = 500
"""The most conditions of a filter; those of one list (``in``) count as one."""

_OPERATORS: Final = frozenset(Operator) - FUNCTIONS
_EXPECTED_VALUE: Final = "a value: 'text', 7, 2.5, true, null or 2024-01-05"
_EXPECTED_FIELD: Final = "the name of a field"
_EXPECTED_OPERATOR: Final = "eq, ne, gt, ge, lt, le or in"
_RESERVED_WORDS: Final = frozenset({*_OPERATORS, "and", "or", "not", "in"})


def parse_filter(text: str) -> Expression | None:
    """Parse a filter; return None for a blank one, which everything meets.

    Raises:
        InvalidQuery: It cannot be parsed. The error names the character.
    """
    return _Parser(tokenize(text)).parse() if text.strip() else None


class _Parser:
    """Reads tokens from left to right, with one method for each rule of the grammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._conditions = 0

    def parse(self) -> Expression:
        expression = self._disjunction()
        self._take("end", "", "and, or, or the end")
        return expression

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _disjunction(self) -> Expression:
        operands = self._operands("or", self._conjunction)
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def _conjunction(self) -> Expression:
        operands = self._operands("and", self._operand)
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _operands(self, word: str, read: Callable[[], Expression]) -> list[Expression]:
        operands = [read()]
        while self._accept("name", word):
            operands.append(read())
        return operands

    def _operand(self) -> Expression:
        if self._accept("name", "not"):
            return Not(self._nested(self._operand))
        if self._accept("sign", "("):
            expression = self._nested(self._disjunction)
            self._take("sign", ")", "and, or, or a closing parenthesis")
            return expression
        return self._condition()

    def _nested(self, read: Callable[[], Expression]) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            reason = f"more than {MAX_DEPTH} conditions stand within each other."
            raise invalid_filter(reason, self._next.position)
        expression = read()
        self._depth -= 1
        return expression

    def _condition(self) -> Expression:
        self._conditions += 1
        if self._conditions > MAX_CONDITIONS:
            reason = (
                f"it has more than {MAX_CONDITIONS} conditions. Lists count as one: "
                "field in ('a','b')."
            )
            raise invalid_filter(reason, self._next.position)
        path = self._path()
        if self._next[:2] == ("sign", "("):
            return self._call(path)
        if self._accept("name", "in"):
            return OneOf(path, self._literal_list())
        if self._next.kind != "name" or self._next.text not in _OPERATORS:
            raise self._expected(_EXPECTED_OPERATOR)
        operator = Operator(self._advance().text)
        return Comparison(path, operator, self._literal())

    def _call(self, path: FieldPath) -> Expression:
        name, slash, function = path.name.rpartition("/")
        if slash and function == "any":
            return self._any_of(FieldPath(name, path.position))
        if path.name not in FUNCTIONS:
            reason = (
                f"the function {path.name!r} is not known. "
                "Known: contains, startswith, endswith and, for lists, list/any."
            )
            raise invalid_filter(reason, path.position)
        self._advance()
        field = self._path()
        self._take("sign", ",", "a comma")
        literal = self._literal()
        self._take("sign", ")", "a closing parenthesis")
        return Comparison(field, Operator(path.name), literal)

    def _any_of(self, path: FieldPath) -> Expression:
        self._advance()
        variable = self._path()
        self._take("sign", ":", "a colon, as in list/any(x:x eq 'a')")
        condition = self._nested(self._disjunction)
        self._take("sign", ")", "and, or, or a closing parenthesis")
        return AnyOf(path, variable.name, condition)

    def _literal_list(self) -> tuple[Literal, ...]:
        self._take("sign", "(", "an opening parenthesis")
        literals = [self._literal()]
        while self._accept("sign", ","):
            literals.append(self._literal())
        self._take("sign", ")", "a comma or a closing parenthesis")
        return tuple(literals)

    def _path(self) -> FieldPath:
        token = self._next
        if token.kind != "name" or token.is_constant or token.text in _RESERVED_WORDS:
            raise self._expected(_EXPECTED_FIELD)
        self._at += 1
        return FieldPath(token.text, token.position)

    def _literal(self) -> Literal:
        token = self._next
        if token.kind in {"name", "sign", "end"} and not token.is_constant:
            raise self._expected(_EXPECTED_VALUE)
        self._at += 1
        return Literal(literal_value(token), token.position)

    def _advance(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _accept(self, kind: str, text: str) -> bool:
        if self._next[:2] != (kind, text):
            return False
        self._at += 1
        return True

    def _take(self, kind: str, text: str, expected: str) -> None:
        if not self._accept(kind, text):
            raise self._expected(expected)

    def _expected(self, what: str) -> InvalidQuery:
        reason = f"expected {what}; found {self._next.excerpt}."
        return invalid_filter(reason, self._next.position)
