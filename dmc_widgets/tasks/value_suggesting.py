"""Which key of a picklist a value of a file probably means, and why.

As for names of fields the rules go from certain to doubtful, and a spelling that is
only similar asks to be checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ..model.entity import Field
from .suggesting import folded

IS_KEY: Final = "same as the key"
IS_NAME: Final = "same as the name"
IS_FOLDED: Final = "same but for case and punctuation"

_CUTOFF: Final = 0.75
_SHORTEST: Final = 4


@dataclass(frozen=True, slots=True)
class ValueSuggestion:
    """One value of a file for one key of a picklist.

    Attributes:
        source: The value, as text.
        key: Of the picklist.
        reason: In a few words, for people.
        doubtful: It rests on a similar spelling only, and a person should look at it.
    """

    source: str
    key: str
    reason: str
    doubtful: bool = False


def suggest_values(field: Field, values: Iterable[str]) -> tuple[ValueSuggestion, ...]:
    """Suggest which of the field's choices *values* mean.

    Several values may mean one key. A value that two keys suit equally gets none.

    Args:
        field: A picklist; another field has no choices, and nothing is suggested.
        values: Of the file.
    """
    found = (_suggestion(field, value) for value in dict.fromkeys(values))
    return tuple(each for each in found if each is not None)


def _suggestion(field: Field, value: str) -> ValueSuggestion | None:
    text = value.strip()
    keys = [key for key, _ in field.choices]
    if text in keys:
        return ValueSuggestion(value, text, IS_KEY)
    named = {key for key, name in field.choices if name == text}
    if len(named) == 1:
        return ValueSuggestion(value, named.pop(), IS_NAME)
    wanted = folded(text)
    alike = {key for key, told in _texts(field) if folded(told) & wanted}
    if alike:
        key = min(alike)
        return ValueSuggestion(value, key, IS_FOLDED) if len(alike) == 1 else None
    return _similar(field, value, wanted)


def _similar(
    field: Field, value: str, wanted: frozenset[str]
) -> ValueSuggestion | None:
    from rapidfuzz.distance import OSA  # most tables do without

    best: dict[str, float] = {}
    for key, told in _texts(field):
        for one in wanted:
            for other in folded(told):
                score = OSA.normalized_similarity(one, other)
                short = min(len(one), len(other)) < _SHORTEST
                if score >= _CUTOFF and not short:
                    best[key] = max(score, best.get(key, 0))
    if not best:
        return None
    top = max(best.values())
    keys = [key for key, score in best.items() if score == top]
    if len(keys) > 1:
        return None
    return ValueSuggestion(value, keys[0], f"{int(top * 100)} % similar", doubtful=True)


def _texts(field: Field) -> Iterator[tuple[str, str]]:
    for key, name in field.choices:
        yield key, key
        if name != key:
            yield key, name
