"""The fields of a record that an expression cannot be computed without."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from .expressions import RECORD, parse_expression

_TOKEN: Final = re.compile(
    r"""[rR]?(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"|(?P<word>[^\W\d]\w*)|(?P<sign>\S)"
)
_OWN_NAMES: Final = frozenset(
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


class _Token(NamedTuple):
    kind: str
    text: str


def expression_fields(text: str, target: str) -> frozenset[str]:
    """Return the fields that an expression names without asking for them first.

    A name that the expression asks for, with ``"x" in record`` or ``has(record.x)``,
    may be absent, and so is left out.

    Raises:
        InvalidPlan: The expression is malformed.
    """
    variables = set(parse_expression(text, target).variables())
    tokens = [*_tokens(text), *[_Token("", "")] * 5]
    windows = [tokens[place : place + 6] for place in range(len(tokens) - 5)]
    bound = {x[3].text for x in windows if _is_macro(x)}
    asked = {name for x in windows if (name := _asked(x))}
    named = {name for x in windows if (name := _named(x))}
    return frozenset((named | variables - bound - _OWN_NAMES - {RECORD}) - asked)


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        value = found[kind]
        yield _Token(kind, _literal(value) if kind == "text" else value)


def _literal(text: str) -> str:
    try:
        return str(ast.literal_eval(text))
    except (SyntaxError, ValueError):  # an escape that only CEL knows
        return text[1:-1]


def _is_macro(window: list[_Token]) -> bool:
    """Return True for ``.map(x,``, which gives *x* a value of its own."""
    dot, name, opening, _, comma = (each.text for each in window[:5])
    return dot == "." and name in _MACROS and opening == "(" and comma == ","


def _asked(window: list[_Token]) -> str:
    """Return the field in ``has(record.x`` or ``"x" in record``."""
    texts = [each.text for each in window]
    if texts[:4] == ["has", "(", RECORD, "."]:
        return texts[4]
    if window[0].kind == "text" and texts[1:3] == ["in", RECORD]:
        return texts[0]
    return ""


def _named(window: list[_Token]) -> str:
    """Return the field in ``record.x`` or ``record["x"]``."""
    texts = [each.text for each in window]
    if texts[0] != RECORD or window[0].kind != "word":
        return ""
    if texts[1] == "." and texts[3] != "(":
        return texts[2]
    is_index = texts[1] == "[" and window[2].kind == "text" and texts[3] == "]"
    return texts[2] if is_index else ""
