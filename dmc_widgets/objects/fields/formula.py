"""Formula fields: arithmetic over the numbers of an entry, computed when it is read.

Supported are numbers, names of number fields, ``+ - * /``, unary minus and parentheses.
Liferay's expressions have more (functions, comparisons, texts); a script with those is
a :class:`Problem` here and reads as null.

A script is compiled into steps for a stack machine, so that no input, however nested,
recurses. No part of a script is ever executed as Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from ...model.outcome import Problem
from ..errors.entry_problem_types import EntryProblemType
from .number import format_decimal, parse_decimal

NUMBERS: Final = frozenset({"Decimal", "Integer", "LongInteger", "PrecisionDecimal"})
"""Business types that a formula or an aggregation can compute with."""

_LONGEST: Final = 10_000
"""The largest number of characters of a script; far more than people write."""

_DEEPEST: Final = 100
"""The largest number of operations and parentheses that are open at once."""

_EXACT: Final = Context(prec=600, Emin=-9999, Emax=9999, traps=[])
"""Enough digits for exact sums and products of stored numbers."""

_QUOTIENTS: Final = Context(prec=34, Emin=-9999, Emax=9999, traps=[])
"""Most quotients have endless digits; 34 are those of Java's DECIMAL128."""

_LARGEST: Final = 2**63

_TOKEN: Final = re.compile(
    r"\s*(?:([0-9]+(?:\.[0-9]+)?)|([A-Za-z_][A-Za-z0-9_]*)|([-+*/()]))"
)
_NEGATE: Final = "~"  # no script can hold it: the tokens have no such sign
_BINDING: Final = {"(": 0, "+": 1, "-": 1, "*": 2, "/": 2, _NEGATE: 3}


def divide(left: Decimal, right: Decimal) -> Decimal:
    """Divide to 34 digits; NaN or infinity for a division by zero."""
    return _QUOTIENTS.divide(left, right)


def add(left: Decimal, right: Decimal) -> Decimal:
    """Add exactly, within the digits of stored numbers."""
    return _EXACT.add(left, right)


_BINARY: Final[Mapping[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": add,
    "-": _EXACT.subtract,
    "*": _EXACT.multiply,
    "/": divide,
}


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled script.

    Attributes:
        steps: Constants, names of fields and operations, in postfix order.
    """

    steps: tuple[Decimal | str, ...]

    def value(self, stored: Mapping[str, Any]) -> Decimal | None:
        """Compute the formula for an entry.

        Args:
            stored: The stored values of the entry by field.

        Returns:
            The exact result, with quotients of 34 digits. None where an operand has no
            value, for a division by zero, and beyond 300 digits.
        """
        stack: list[Decimal] = []
        for step in self.steps:
            if isinstance(step, Decimal):
                stack.append(step)
            elif step == _NEGATE:
                stack.append(_EXACT.minus(stack.pop()))
            elif step in _BINARY:
                right = stack.pop()
                result = _BINARY[step](stack.pop(), right)
                if not result.is_finite():
                    return None
                stack.append(result)
            else:
                operand = parse_decimal(stored.get(step))
                if operand is None:
                    return None
                stack.append(operand)
        return parse_decimal(stack.pop())


def compile_formula(script: str, names: Collection[str]) -> Formula | Problem:
    """Compile a script.

    Args:
        script: The setting ``script`` of a Formula field.
        names: The fields that it may use.

    Returns:
        The formula, or a problem that names the part that is not supported. The text
        is ours, because Liferay's is not documented.
    """
    if len(script) > _LONGEST:
        return _fault(f"It has {len(script)} characters; {_LONGEST} are the most.")
    compiler = _Compiler(names)
    for token in _tokens(script):
        problem = compiler.take(token)
        if problem:
            return _fault(problem)
    problem = compiler.finish()
    return _fault(problem) if problem else Formula(tuple(compiler.steps))


def build_formula_reader(
    settings: Mapping[str, Any], names: Collection[str]
) -> Callable[[Mapping[str, Any]], int | Decimal | None]:
    """Build a function that computes a Formula field of an entry.

    How Liferay rounds for the output Integer is not documented; here a half is
    rounded away from zero.

    Args:
        settings: The settings of the field: ``script``, and ``output`` (``Integer`` or
            ``Decimal``, the default).
        names: The number fields of the definition.
    """
    script = settings.get("script")
    formula = compile_formula(script if isinstance(script, str) else "", names)
    whole = settings.get("output") == "Integer"

    def read(stored: Mapping[str, Any]) -> int | Decimal | None:
        result = None if isinstance(formula, Problem) else formula.value(stored)
        return None if result is None else format_number(result, whole=whole)

    return read


def format_number(exact: Decimal, *, whole: bool) -> int | Decimal:
    """Return a computed number as an int, or as a Decimal without trailing zeros.

    An integer of more than 64 bits stays a Decimal: JSON writers refuse such ints, and
    write the same digits for a Decimal.
    """
    if not whole:
        return Decimal(format_decimal(exact))
    rounded = exact.to_integral_value(rounding=ROUND_HALF_UP)
    return int(rounded) if abs(rounded) < _LARGEST else Decimal(format_decimal(rounded))


class _Compiler:
    """Converts a script to postfix order (the shunting-yard algorithm)."""

    def __init__(self, names: Collection[str]) -> None:
        self.steps: list[Decimal | str] = []
        self._names = names
        self._waiting: list[str] = []
        self._needs_operand = True

    def take(self, word: str) -> str:
        """Add the next word; return what is wrong with it, empty for nothing."""
        if len(self._waiting) > _DEEPEST:
            return f"It is nested more than {_DEEPEST} deep."
        if word == ")":
            return self._close()
        if word in _BINDING:
            return self._operation(word)
        return self._operand(word)

    def finish(self) -> str:
        """End the script; return what is missing, empty for nothing."""
        if self._needs_operand:
            return "It ends where a number or a field is due."
        self._settle(1)
        return 'A "(" is never closed.' if self._waiting else ""

    def _operand(self, word: str) -> str:
        if not self._needs_operand:
            return f'An operation is due before "{word}".'
        self._needs_operand = False
        if word[0].isdecimal() and word.isascii():
            number = parse_decimal(word)
            if number is None:
                return f"A number of {len(word)} digits is too long."
            self.steps.append(number)
            return ""
        if word not in self._names:
            return f'"{word}" is neither a number field nor an operation it may use.'
        self.steps.append(word)
        return ""

    def _operation(self, word: str) -> str:
        if self._needs_operand:
            if word not in {"-", "("}:
                return f'A number or a field is due before "{word}".'
            self._waiting.append(_NEGATE if word == "-" else word)
            return ""
        if word == "(":
            return 'An operation is due before "(".'
        self._settle(_BINDING[word])
        self._waiting.append(word)
        self._needs_operand = True
        return ""

    def _close(self) -> str:
        if self._needs_operand:
            return 'A number or a field is due before ")".'
        self._settle(1)
        if not self._waiting:
            return 'A ")" was never opened.'
        self._waiting.pop()
        return ""

    def _settle(self, binding: int) -> None:
        """Emit the open operations that bind at least as tightly."""
        while self._waiting and _BINDING[self._waiting[-1]] >= binding:
            self.steps.append(self._waiting.pop())


def _tokens(script: str) -> Iterator[str]:
    """Yield the tokens; an unknown character is yielded unchanged, to be refused."""
    text = script.strip()
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            yield text[at:].lstrip()[0]
            return
        yield match[match.lastindex or 0]
        at = match.end()


def _fault(reason: str) -> Problem:
    return EntryProblemType.FORMULA.problem("objectFieldSettings.script", reason=reason)
