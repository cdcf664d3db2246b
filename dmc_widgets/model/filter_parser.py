"""From the text of a filter to its expression.

The part of OData that Liferay understands: comparisons, ``and``, ``or``, ``not``,
parentheses, ``contains``, ``startswith``, ``endswith``, ``in`` and the lambda ``any``.
A filter may come from a stranger, so its length, its depth and the number of its
conditions are bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..errors import InvalidQuery
from .filter_expression import (
    FUNCTIONS,
    And,
    AnyOf,
    Comparison,
    Expression,
    Literal,
    Not,
    OneOf,
    Operator,
    Or,
    Path,
)
from .filter_tokens import Token, invalid_filter, tokens_of, value_of

DEEPEST: Final = 20
"""Parentheses within parentheses, and ``not``. People write three; SQLite's parser
gives up somewhat behind this."""

MOST: Final = 500
"""Conditions of a filter; those of one list (``in``) count as one."""

_OPERATORS: Final = frozenset(Operator) - FUNCTIONS
_VALUES: Final = "a value: 'text', 7, 2.5, true, null or 2024-01-05"
_FIELD: Final = "the name of a field"
_COMPARISONS: Final = "eq, ne, gt, ge, lt, le or in"
_WORDS: Final = frozenset({*_OPERATORS, "and", "or", "not", "in"})


def parse_filter(text: str) -> Expression | None:
    """Read a filter; None for a blank one, which everything passes.

    Raises:
        InvalidQuery: It cannot be read. The error names the character.
    """
    return _Parser(tokens_of(text)).whole() if text.strip() else None


class _Parser:
    """Reads words from left to right, one method a rule of the grammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._conditions = 0

    def whole(self) -> Expression:
        found = self._either()
        self._take("end", "", "and, or, or the end")
        return found

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _either(self) -> Expression:
        found = self._joined("or", self._both)
        return found[0] if len(found) == 1 else Or(tuple(found))

    def _both(self) -> Expression:
        found = self._joined("and", self._one)
        return found[0] if len(found) == 1 else And(tuple(found))

    def _joined(self, word: str, read: Callable[[], Expression]) -> list[Expression]:
        found = [read()]
        while self._took("name", word):
            found.append(read())
        return found

    def _one(self) -> Expression:
        if self._took("name", "not"):
            return Not(self._nested(self._one))
        if self._took("sign", "("):
            found = self._nested(self._either)
            self._take("sign", ")", "and, or, or a closing parenthesis")
            return found
        return self._condition()

    def _nested(self, read: Callable[[], Expression]) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            reason = f"more than {DEEPEST} conditions stand within each other."
            raise invalid_filter(reason, self._next.position)
        found = read()
        self._depth -= 1
        return found

    def _condition(self) -> Expression:
        self._conditions += 1
        if self._conditions > MOST:
            reason = (
                f"it has more than {MOST} conditions. Lists count as one: "
                "field in ('a','b')."
            )
            raise invalid_filter(reason, self._next.position)
        path = self._path()
        if self._next[:2] == ("sign", "("):
            return self._call(path)
        if self._took("name", "in"):
            return OneOf(path, self._list())
        if self._next.kind != "name" or self._next.text not in _OPERATORS:
            raise self._expected(_COMPARISONS)
        operator = Operator(self._take_next().text)
        return Comparison(path, operator, self._literal())

    def _call(self, path: Path) -> Expression:
        name, slash, function = path.name.rpartition("/")
        if slash and function == "any":
            return self._any_of(Path(name, path.position))
        if path.name not in FUNCTIONS:
            reason = (
                f"there is no function {path.name!r}. "
                "There are contains, startswith, endswith and, for lists, list/any."
            )
            raise invalid_filter(reason, path.position)
        self._take_next()
        field = self._path()
        self._take("sign", ",", "a comma")
        literal = self._literal()
        self._take("sign", ")", "a closing parenthesis")
        return Comparison(field, Operator(path.name), literal)

    def _any_of(self, path: Path) -> Expression:
        self._take_next()
        variable = self._path()
        self._take("sign", ":", "a colon, as in list/any(x:x eq 'a')")
        condition = self._nested(self._either)
        self._take("sign", ")", "and, or, or a closing parenthesis")
        return AnyOf(path, variable.name, condition)

    def _list(self) -> tuple[Literal, ...]:
        self._take("sign", "(", "an opening parenthesis")
        found = [self._literal()]
        while self._took("sign", ","):
            found.append(self._literal())
        self._take("sign", ")", "a comma or a closing parenthesis")
        return tuple(found)

    def _path(self) -> Path:
        token = self._next
        if token.kind != "name" or token.is_constant or token.text in _WORDS:
            raise self._expected(_FIELD)
        self._at += 1
        return Path(token.text, token.position)

    def _literal(self) -> Literal:
        token = self._next
        if token.kind in {"name", "sign", "end"} and not token.is_constant:
            raise self._expected(_VALUES)
        self._at += 1
        return Literal(value_of(token), token.position)

    def _take_next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _took(self, kind: str, text: str) -> bool:
        if self._next[:2] != (kind, text):
            return False
        self._at += 1
        return True

    def _take(self, kind: str, text: str, expected: str) -> None:
        if not self._took(kind, text):
            raise self._expected(expected)

    def _expected(self, what: str) -> InvalidQuery:
        reason = f"expected {what}; found {self._next.shown}."
        return invalid_filter(reason, self._next.position)
