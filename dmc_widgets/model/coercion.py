"""Checks that public values run at birth: words become choices, a name a tuple.

A value that passed them holds what its annotations say and nothing else, whether it was
made by a form, the command line, a template or a person in a notebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, StrEnum
from typing import Any, TypeVar

from ..errors import InvalidPlan, UnknownChoice

Choice = TypeVar("Choice", bound=StrEnum)


def parse_choice(
    kind: type[Choice], value: object, what: str, aliases: Mapping[str, Choice] = {}
) -> Choice:
    """Return the member of *kind* that *value* is, or whose word it is.

    A member of another enumeration is refused though it may have the same word.

    >>> parse_choice(ImportStrategy, "INSERT", "import strategy")
    <ImportStrategy.INSERT: 'INSERT'>

    Args:
        kind: The enumeration of the choices.
        value: A member, or the word of one.
        what: What is chosen, as messages call it: ``import strategy``.
        aliases: Further words, such as those of the command line.

    Raises:
        UnknownChoice: It is neither. The error lists the words.
    """
    if isinstance(value, kind):
        return value
    if isinstance(value, str) and not isinstance(value, Enum):
        if value in aliases:
            return aliases[value]
        for member in kind:
            if member.value == value:
                return member
    known = (*(member.value for member in kind), *aliases)
    raise UnknownChoice(what, repr(value), known)


def parse_optional_choice(
    kind: type[Choice], value: object, what: str
) -> Choice | None:
    """Do the same; None and the empty text mean that nothing is chosen."""
    if value is None or value == "":
        return None
    return parse_choice(kind, value, what)


def name_tuple(value: object, what: str) -> tuple[str, ...]:
    """Return *value* as a tuple of names; a single name is a tuple of one.

    Raises:
        InvalidPlan: It is neither a text nor a collection of texts.
    """
    if isinstance(value, str):
        return (value,)
    names = tuple(value) if isinstance(value, Iterable) else (value,)
    for name in names:
        if not isinstance(name, str):
            reason = f"{what} holds {name!r:.80}. Give names, such as 'title'."
            raise InvalidPlan(reason)
    return names


def pair_tuple(value: object, what: str) -> tuple[tuple[Any, Any], ...]:
    """Return a mapping, or a collection of pairs, as a tuple of pairs.

    Raises:
        InvalidPlan: It is neither.
    """
    pairs = value.items() if isinstance(value, Mapping) else value
    if isinstance(pairs, str) or not isinstance(pairs, Iterable):
        reason = f"{what} is {value!r:.80}. Give a dict, or pairs."
        raise InvalidPlan(reason)
    made = tuple(tuple(pair) if _is_pair(pair) else pair for pair in pairs)
    for pair in made:
        if not _is_pair(pair):
            reason = f"{what} holds {pair!r:.80}. Give a dict, or pairs."
            raise InvalidPlan(reason)
    return made


def _is_pair(value: object) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == 2


def require_text(value: object, what: str) -> str:
    """Return *value* if it is a text; None is an empty one.

    Raises:
        InvalidPlan: It is something else.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    reason = f"{what} is {value!r:.80}. Give a text."
    raise InvalidPlan(reason)


def require_flag(value: object, what: str) -> bool:
    """Return *value* if it is True or False: the text ``"no"`` would count as yes.

    Raises:
        InvalidPlan: It is something else.
    """
    if isinstance(value, bool):
        return value
    reason = f"{what} is {value!r:.80}. Give True or False."
    raise InvalidPlan(reason)


def require_whole_number(value: object, what: str) -> None:
    """Refuse a *value* that is not an int.

    Raises:
        InvalidPlan: It is something else.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        reason = f"{what} is {value!r:.80}. Give a whole number."
        raise InvalidPlan(reason)


def require_instance(value: object, kind: type, what: str) -> None:
    """Refuse a *value* of another class than *kind*.

    Raises:
        InvalidPlan: It is of another class.
    """
    if not isinstance(value, kind):
        reason = f"{what} is {value!r:.80}. Give a {kind.__name__}."
        raise InvalidPlan(reason)


def set_texts(instance: object, *names: str) -> None:
    """Check the text fields called *names* of a frozen value."""
    for name in names:
        text = require_text(getattr(instance, name), name)
        object.__setattr__(instance, name, text)


def require_flags(instance: object, *names: str) -> None:
    """Check the boolean fields called *names* of a value."""
    for name in names:
        require_flag(getattr(instance, name), name)
