"""Suggest mappings of fields, and of values to keys of a picklist.

The rules go from certain to doubtful: what an earlier import used, the same name, the
label, either of them apart from case and punctuation, and finally a similar spelling. A
wrong suggestion that goes unnoticed does more harm than a missing one, so the last rule
is strict, and its suggestions are marked as doubtful.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as SourceMapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from ...model.entity_type import EntityType, Field
from ...model.mapping import FieldMapping, Mapping
from ...model.reason import Reason
from ...model.record import is_part
from ...model.representation import ValueDisplay

USED_BEFORE = "used before"
SAME_NAME = "same name"
SAME_LABEL = "same as the label"
SAME_BUT_FOR_CASE = "same name but for case and punctuation"
OTHER_LANGUAGE: Final = "same as the label in another language"
OTHER_WORDS: Final = "same words but for the name of the entity type"
SWAPPED_LETTERS: Final = "two letters are swapped in the name"
SAME_KEY: Final = "same as the key"
SAME_CHOICE_NAME: Final = "same as the name"
SAME_CHOICE_FOLDED: Final = "same but for case and punctuation"
SIMILAR_TO_NAME: Final = "{percent} % similar to the name"
SIMILAR_TO_LABEL: Final = "{percent} % similar to the label"
SIMILAR: Final = "{percent} % similar"

_LABEL_SCORE, _FOLDED_NAME_SCORE, _FOLDED_LABEL_SCORE = 0.95, 0.93, 0.92

# Below 0.9, because each of these asks a person to check it.
_OTHER_LANGUAGE_SCORE: Final = 0.89
_OTHER_WORDS_SCORE: Final = 0.8
_SWAPPED_SCORE: Final = 0.7
_MIN_SWAPPED_LENGTH: Final = 5

# One wrong letter in nine, or two in seventeen. At 0.87 a contact becomes a contract
# and what is active becomes inactive.
_NAME_CUTOFF = 0.88
# Within longer names no single word may differ by more: an order date is not order
# data.
_WORD_CUTOFF = 0.8
# Keeps the best similar spelling below the least of the exact rules.
_SIMILARITY_WEIGHT = 0.9
_MIN_NAME_LENGTH = 4
_VALUE_CUTOFF: Final = 0.75
_MIN_VALUE_LENGTH: Final = 4

_NESTED = re.compile(r"[^\s.]+(\.[^\s.]+)+")
_KEY = re.compile(r"id|externalReferenceCode|r_.*(ERC|Id)")
_WORD_START = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=[^\WA-Z])(?=[A-Z])|[\W_]+")
_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "æ": "ae", "ø": "oe"})


@dataclass(frozen=True, slots=True, repr=False)
class Suggestion(ValueDisplay):
    """A suggested pair of a field of a file and a field of an entity type.

    Attributes:
        source: The field of the file.
        target: The field of the entity type.
        score: How certain it is: 1.0 for the same name or an earlier choice, 0.95 for
            the label, above 0.9 without case and punctuation, below 0.9 for a
            similar spelling.
        reason: The reason in a few words, for people.
        used: The pair of an earlier import, if it did more than copy the value.
    """

    source: str
    target: str
    score: float
    reason: str
    used: FieldMapping | None = None

    @property
    def pair(self) -> FieldMapping:
        """The pair of the mapping that follows the suggestion."""
        return self.used or FieldMapping(self.source, self.target)

    @property
    def doubtful(self) -> bool:
        """True if only the spelling is similar, so that a person should check it."""
        return self.score < _SIMILARITY_WEIGHT


def suggest_mapping(
    entity_type: EntityType,
    fields: Sequence[str],
    remembered: Iterable[FieldMapping] = (),
) -> tuple[Suggestion, ...]:
    """Suggest which of *fields* fill the fields of an entity type.

    Fields that the installation sets itself are left out. Fields that an open entity
    type does not list keep their name, so that no part of a definition is lost. Parts
    of a nested value, such as ``address.city``, are not suggested by their spelling.

    Args:
        entity_type: The entity type in the target.
        fields: The fields of the file.
        remembered: The pairs of earlier imports into the entity type, the latest first.
            They win over every other rule.

    Returns:
        At most one suggestion for each target and for each source, in the order of
        *fields*. Of two with the same score the first by name is taken.
    """
    refused = {field.name for field in entity_type.fields if field.read_only}
    targets = {field.name: field for field in entity_type.import_fields}
    present = set(fields)
    if entity_type.open:
        unlisted = present - refused - targets.keys()
        unlisted = {name for name in unlisted if not is_part(name, present)}
        targets |= {name: Field(name=name) for name in sorted(unlisted)}
    chosen = _ChosenSuggestions()
    for pair in remembered:
        if pair.source in present and pair.target in targets:
            same = pair.is_plain and pair.source == pair.target
            reason = SAME_NAME if same else USED_BEFORE
            used = None if pair.is_plain else pair
            chosen.take(Suggestion(pair.source, pair.target, 1.0, reason, used))
    for name in sorted(present & targets.keys()):
        chosen.take(Suggestion(name, name, 1.0, SAME_NAME))
    sources = [name for name in sorted(present) if not _NESTED.fullmatch(name)]
    labels = _distinct_labels(targets.values())
    parts = [name for name in sorted(present) if is_part(name, present)]
    for rule, some in ((_by_label, sources), (_by_folding, sources + parts)):
        chosen.take_best(rule(chosen.free(some), chosen.without(targets), labels))
    for by_meaning in (_by_other_language, _by_words):
        left = chosen.without(targets)
        found = by_meaning(chosen.free(sources), left, targets, entity_type)
        chosen.take_best(found)
    known = {key for name in refused for key in fold_name(name)}
    unknown = [name for name in chosen.free(sources) if not fold_name(name) & known]
    chosen.take_best(_by_spelling(unknown, chosen.without(targets), labels))
    unknown = chosen.free(unknown)
    chosen.take_best(_by_swapped_letters(unknown, chosen.without(targets)))
    place = {name: number for number, name in enumerate(fields)}
    return tuple(sorted(chosen.all, key=lambda suggestion: place[suggestion.source]))


def mapping_from_suggestions(suggestions: Iterable[Suggestion]) -> Mapping:
    """Return the mapping that follows all of *suggestions*."""
    return Mapping(tuple(suggestion.pair for suggestion in suggestions))


def fold_name(text: str) -> frozenset[str]:
    """Return *text* without case, accents and punctuation, in one or two spellings.

    Names of fields are plain ASCII, so ``Größe`` may have become ``groesse`` or
    ``grosse``; it is equal to both.
    """
    lower = unicodedata.normalize("NFC", text).casefold()
    spellings = {
        _strip_to_letters(lower),
        _strip_to_letters(lower.translate(_TRANSCRIBED)),
    }
    return frozenset(spellings - {""})


def _similar(text: str, similarity: float) -> Reason:
    return Reason(text, percent=int(similarity * 100))


class _ChosenSuggestions:
    """The suggestions so far; no target and no source is in two of them."""

    def __init__(self) -> None:
        self.all: list[Suggestion] = []
        self._sources: set[str] = set()
        self._targets: set[str] = set()

    def take(self, new: Suggestion) -> None:
        if new.source not in self._sources and new.target not in self._targets:
            self.all.append(new)
            self._sources.add(new.source)
            self._targets.add(new.target)

    def take_best(self, new: Iterable[Suggestion]) -> None:
        for suggestion in sorted(new, key=lambda x: (-x.score, x.source, x.target)):
            self.take(suggestion)

    def free(self, sources: Iterable[str]) -> list[str]:
        return [source for source in sources if source not in self._sources]

    def without(self, targets: dict[str, Field]) -> list[str]:
        return [target for target in targets if target not in self._targets]


def _distinct_labels(targets: Iterable[Field]) -> dict[str, str]:
    """Return labels by name, without those that several fields share."""
    labels = {
        target.name: target.label.strip() for target in targets if target.label.strip()
    }
    count = Counter(labels.values())
    return {name: label for name, label in labels.items() if count[label] == 1}


def _by_label(
    sources: list[str], targets: list[str], labels: dict[str, str]
) -> Iterator[Suggestion]:
    by_label = {labels[target]: target for target in targets if target in labels}
    for source in sources:
        target = by_label.get(source.strip())
        if target is not None:
            yield Suggestion(source, target, _LABEL_SCORE, SAME_LABEL)


def _by_folding(
    sources: list[str], targets: list[str], labels: dict[str, str]
) -> Iterator[Suggestion]:
    names = {target: target for target in targets}
    for score, texts in ((_FOLDED_NAME_SCORE, names), (_FOLDED_LABEL_SCORE, labels)):
        by_key: dict[str, list[str]] = {}
        for target in targets:
            for key in fold_name(texts.get(target, "")):
                by_key.setdefault(key, []).append(target)
        for source in sources:
            for key in fold_name(source):
                for target in by_key.get(key, ()):
                    yield Suggestion(source, target, score, SAME_BUT_FOR_CASE)


def _by_other_language(
    sources: list[str],
    targets: list[str],
    fields: SourceMapping[str, Field],
    _entity_type: EntityType,
) -> Iterator[Suggestion]:
    """Yield labels in other languages that no two fields share."""
    by_key: dict[str, set[str]] = {}
    for target in targets:
        for _, label in fields[target].other_labels:
            for key in fold_name(label):
                by_key.setdefault(key, set()).add(target)
    for source in sources:
        found = {x for key in fold_name(source) for x in by_key.get(key, ())}
        if len(found) == 1:
            yield Suggestion(source, found.pop(), _OTHER_LANGUAGE_SCORE, OTHER_LANGUAGE)


def _by_words(
    sources: list[str],
    targets: list[str],
    fields: SourceMapping[str, Field],
    entity_type: EntityType,
) -> Iterator[Suggestion]:
    """Yield names that say the entity type, too: ``Customer Name`` is its name."""
    extra = set(split_words(entity_type.short_name))
    candidates = [target for target in targets if not _KEY.fullmatch(target)]
    by_words: dict[frozenset[str], set[str]] = {}
    for target in candidates:
        field = fields[target]
        for text in (target, *field.all_labels):
            words = frozenset(split_words(text))
            for key in (words, words - extra):
                by_words.setdefault(key, set()).add(target)
    by_words.pop(frozenset(), None)
    for source in sources:
        words = frozenset(split_words(source))
        found = by_words.get(words, set()) | by_words.get(words - extra, set())
        if len(found) == 1:
            yield Suggestion(source, found.pop(), _OTHER_WORDS_SCORE, OTHER_WORDS)


def _by_swapped_letters(sources: list[str], targets: list[str]) -> Iterator[Suggestion]:
    """Yield names that differ by two neighbouring letters: ``emial`` is an email."""
    candidates = [target for target in targets if not _KEY.fullmatch(target)]
    for source in sources:
        for target in candidates:
            pairs = product(fold_name(source), fold_name(target))
            if any(_has_swapped_letters(one, other) for one, other in pairs):
                yield Suggestion(source, target, _SWAPPED_SCORE, SWAPPED_LETTERS)


def _has_swapped_letters(one: str, other: str) -> bool:
    if len(one) != len(other) or len(one) < _MIN_SWAPPED_LENGTH:
        return False
    places = [
        number
        for number, pair in enumerate(zip(one, other, strict=True))
        if pair[0] != pair[1]
    ]
    if len(places) != 2 or places[1] != places[0] + 1:
        return False
    first, second = places
    return one[first] == other[second] and one[second] == other[first]


def _by_spelling(
    sources: list[str], targets: list[str], labels: dict[str, str]
) -> Iterator[Suggestion]:
    """Yield names of similar spelling; never for keys, which decide what is changed."""
    candidates = [target for target in targets if not _KEY.fullmatch(target)]
    if not sources or not candidates:
        return
    from rapidfuzz.distance import OSA  # most files do not need it
    from rapidfuzz.process import extract

    texts = [(name, SIMILAR_TO_NAME, name) for name in candidates]
    labelled = [name for name in candidates if name in labels]
    texts += [(name, SIMILAR_TO_LABEL, labels[name]) for name in labelled]
    choices = [(key, *text) for text in texts for key in sorted(fold_name(text[-1]))]
    keys = [choice[0] for choice in choices]
    for source in sources:
        for folded in sorted(fold_name(source)):
            for key, similarity, number in extract(
                folded,
                keys,
                scorer=OSA.normalized_similarity,
                score_cutoff=_NAME_CUTOFF,
                limit=None,
            ):
                _, target, why, text = choices[number]
                if _may_match(folded, key) and _words_are_alike(source, text):
                    reason = _similar(why, similarity)
                    yield Suggestion(
                        source, target, similarity * _SIMILARITY_WEIGHT, reason
                    )


def _may_match(one: str, other: str) -> bool:
    shortest = min(len(one), len(other))
    return shortest >= _MIN_NAME_LENGTH and _digits(one) == _digits(other)


def _words_are_alike(one: str, other: str) -> bool:
    from rapidfuzz.distance import OSA

    left, right = split_words(one), split_words(other)
    return len(left) != len(right) or all(
        OSA.normalized_similarity(a, b) >= _WORD_CUTOFF
        for a, b in zip(left, right, strict=True)
    )


def split_words(text: str) -> list[str]:
    """Return the words of a name without case and accents: ``OrderDate`` has two."""
    parts = (_strip_to_letters(x.casefold()) for x in _WORD_START.split(text))
    return [part for part in parts if part]


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _strip_to_letters(text: str) -> str:
    """Return the letters and digits of a text, without accents."""
    return "".join(
        char for char in unicodedata.normalize("NFKD", text) if char.isalnum()
    )


@dataclass(frozen=True, slots=True, repr=False)
class ValueSuggestion(ValueDisplay):
    """A suggested key of a picklist for a value of a file.

    Attributes:
        source: The value, as a text.
        key: The key of the picklist entry.
        reason: The reason in a few words, for people.
        doubtful: True if only the spelling is similar, so that a person should check
            it.
    """

    source: str
    key: str
    reason: str
    doubtful: bool = False


def suggest_values(field: Field, values: Iterable[str]) -> tuple[ValueSuggestion, ...]:
    """Suggest which of the field's choices *values* mean.

    Several values may mean one key. A value that matches two keys equally gets none.

    Args:
        field: A picklist field; other fields have no choices and get no suggestions.
        values: The values of the file.
    """
    suggestions = (_suggest_value(field, value) for value in dict.fromkeys(values))
    return tuple(x for x in suggestions if x is not None)


def _suggest_value(field: Field, value: str) -> ValueSuggestion | None:
    text = value.strip()
    keys = [key for key, _ in field.choices]
    if text in keys:
        return ValueSuggestion(value, text, SAME_KEY)
    named = {key for key, name in field.choices if name == text}
    if len(named) == 1:
        return ValueSuggestion(value, named.pop(), SAME_CHOICE_NAME)
    folded = fold_name(text)
    alike = {key for key, name in _choice_texts(field) if fold_name(name) & folded}
    if alike:
        key = min(alike)
        return (
            ValueSuggestion(value, key, SAME_CHOICE_FOLDED) if len(alike) == 1 else None
        )
    return _suggest_similar_value(field, value, folded)


def _suggest_similar_value(
    field: Field, value: str, folded: frozenset[str]
) -> ValueSuggestion | None:
    from rapidfuzz.distance import OSA  # most tables do not need it

    best: dict[str, float] = {}
    for key, name in _choice_texts(field):
        for one in folded:
            for other in fold_name(name):
                score = OSA.normalized_similarity(one, other)
                is_short = min(len(one), len(other)) < _MIN_VALUE_LENGTH
                if score >= _VALUE_CUTOFF and not is_short:
                    best[key] = max(score, best.get(key, 0))
    if not best:
        return None
    top = max(best.values())
    keys = [key for key, score in best.items() if score == top]
    if len(keys) > 1:
        return None
    return ValueSuggestion(value, keys[0], _similar(SIMILAR, top), doubtful=True)


def _choice_texts(field: Field) -> Iterator[tuple[str, str]]:
    for key, name in field.choices:
        yield key, key
        if name != key:
            yield key, name
