"""Suggest which entity type the records of a file belong to, and say why.

A column counts the more the fewer entity types know it: every entry has an external
reference code, and only customers have a credit limit. Nothing is decided where two
entity types are about as likely; a person chooses among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from ...formats import FORMATS
from ...model.entity_type import EntityType
from ...model.reason import Reason
from ...model.representation import ValueDisplay
from .file_head import FileHead
from .mapping_suggestions import fold_name, split_words

_CLEAR_SCORE: Final = 0.5
_CLEAR_LEAD: Final = 0.15
_LEAST_OF_BEST: Final = 0.4
_NAME_SCORE: Final = 0.2
_EARLIER_SCORE: Final = 0.4
# Of two entity types that know all columns the one with fewer others comes first. That
# alone decides nothing.
_COVERAGE_SCORE: Final = 0.1

STATED: Final = "the file states it"
NAMED_AFTER: Final = "the file is named after it"
KNOWN_COLUMNS: Final = "{number} of {total} columns are its fields"
KNOWN_NAMES: Final = "{number} of {total} names in the file are its fields"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EntityTypeSuggestion(ValueDisplay):
    """An entity type that the records of a file may belong to.

    Attributes:
        entity_type: The key of the entity type.
        name: Its short name.
        known: The number of columns that are fields of it.
        columns: The number of columns of the file.
        score: How much speaks for it; 1.0 where its columns say so alone, more where
            the name of the file or an earlier import does, too.
        reasons: What speaks for it, the strongest first, without full stops.
        clear: True if nothing else is about as likely. Only the first suggestion of
            a file can be.
    """

    entity_type: str
    name: str
    known: int
    columns: int
    score: float
    reasons: tuple[str, ...]
    clear: bool = False

    @property
    def sentence(self) -> str:
        """The suggestion with its reasons: ``Customer: 7 of 8 columns are …``."""
        return f"{self.name}: {'; '.join(self.reasons)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierUse:
    """What a workspace knows of earlier imports.

    Attributes:
        columns: The columns that were imported into entity types, by their keys.
        files: Why the file is known, by the key of the entity type that it, or one of
            its name, was imported into.
    """

    columns: Mapping[str, Collection[str]]
    files: Mapping[str, str]


NO_EARLIER_USE: Final = EarlierUse(columns={}, files={})


def suggest_entity_types(
    entity_types: Sequence[EntityType],
    head: FileHead,
    earlier: EarlierUse = NO_EARLIER_USE,
) -> tuple[EntityTypeSuggestion, ...]:
    """Return the entity types that the records of a file may belong to.

    Args:
        entity_types: The entity types of the target.
        head: The head of the file.
        earlier: What is known of earlier imports.

    Returns:
        The likeliest first. Only what the file states is suggested where it states an
        entity type that the target has; where the target lacks it, nothing is clear.
    """
    configuration = head.configuration
    has_class = configuration is not None and configuration.class_name
    stated = configuration.key if configuration and has_class else ""
    for entity_type in entity_types:
        if entity_type.key == stated:
            return (_suggest_stated(entity_type, head),)
    named = _named_types(entity_types, head)
    known = {x.key: _known_columns(x, head, earlier) for x in entity_types}
    shared = Counter(column for columns in known.values() for column in columns)
    found = [
        _Evidence(
            entity_type,
            known=known[entity_type.key],
            share=_weighted_share(head.fields, known[entity_type.key], shared),
            is_named=entity_type.key in named,
            earlier=earlier.files.get(entity_type.key, ""),
        )
        for entity_type in entity_types
    ]
    ranked = sorted((x for x in found if x.speaks_for_it), key=_Evidence.sort_key)
    best = max((x.score for x in ranked), default=0.0)
    ranked = [x for x in ranked if x.score >= best * _LEAST_OF_BEST]
    is_clear = not stated and _is_clear(ranked)
    return tuple(
        evidence.suggestion(head, clear=is_clear and evidence is ranked[0])
        for evidence in ranked
    )


class _Evidence:
    """What speaks for one entity type."""

    def __init__(
        self,
        entity_type: EntityType,
        *,
        known: Collection[str],
        share: float,
        is_named: bool,
        earlier: str,
    ) -> None:
        self.entity_type, self.known = entity_type, known
        self.is_named, self.earlier = is_named, earlier
        own = [field for field in entity_type.fields if field.custom]
        coverage = min(1.0, len(known) / len(own)) if own else 0.0
        self.score = share + _NAME_SCORE * is_named + _EARLIER_SCORE * bool(earlier)
        self.order = self.score + _COVERAGE_SCORE * coverage

    @property
    def speaks_for_it(self) -> bool:
        return bool(self.known or self.is_named or self.earlier)

    @property
    def has_several_reasons(self) -> bool:
        """True unless a single column is all that speaks for it."""
        return len(self.known) + self.is_named + bool(self.earlier) > 1

    def sort_key(self) -> tuple[bool, float, str]:
        # A part of a definition comes last: its file almost always states its kind.
        return bool(self.entity_type.part_of), -self.order, self.entity_type.name

    def suggestion(self, head: FileHead, *, clear: bool) -> EntityTypeSuggestion:
        return EntityTypeSuggestion(
            entity_type=self.entity_type.key,
            name=self.entity_type.short_name,
            known=len(self.known),
            columns=len(head.fields),
            score=round(self.score, 3),
            reasons=tuple(self._list_reasons(head)),
            clear=clear,
        )

    def _list_reasons(self, head: FileHead) -> Iterator[str]:
        if self.earlier:
            yield self.earlier
        if self.known or not self.earlier:
            number, total = len(self.known), len(head.fields)
            is_table = FORMATS[head.format].info.is_table
            text = KNOWN_COLUMNS if is_table else KNOWN_NAMES
            yield Reason(text, number=number, total=total)
        if self.is_named:
            yield NAMED_AFTER


def _is_clear(ranked: Sequence[_Evidence]) -> bool:
    if not ranked:
        return False
    best = ranked[0]
    if best.entity_type.part_of and not best.earlier:
        return False  # names and codes alone do not make a key of a picklist
    second = max((x.score for x in ranked[1:]), default=0.0)
    return (
        best.has_several_reasons
        and best.score >= _CLEAR_SCORE
        and best.score - second >= _CLEAR_LEAD
    )


def _suggest_stated(entity_type: EntityType, head: FileHead) -> EntityTypeSuggestion:
    known = _known_columns(entity_type, head, NO_EARLIER_USE)
    return EntityTypeSuggestion(
        entity_type=entity_type.key,
        name=entity_type.short_name,
        known=len(known),
        columns=len(head.fields),
        score=1.0,
        reasons=(STATED,),
        clear=True,
    )


def _known_columns(
    entity_type: EntityType, head: FileHead, earlier: EarlierUse
) -> frozenset[str]:
    """Return the columns that are fields, by their names, labels or earlier use."""
    texts = (
        text
        for field in entity_type.fields
        if head.format not in field.unsupported_formats
        for text in (field.name, *field.all_labels)
    )
    folded = {key for text in texts for key in fold_name(text)}
    used = earlier.columns.get(entity_type.key, ())
    return frozenset(
        column for column in head.fields if column in used or fold_name(column) & folded
    )


def _weighted_share(
    columns: Iterable[str], known: Collection[str], shared: Counter[str]
) -> float:
    """Return which part of the columns is known; one that many know counts less."""
    weights = {column: 1 / max(1, shared[column]) for column in columns}
    total = sum(weights.values())
    return sum(weights[column] for column in known) / total if total else 0.0


def _named_types(entity_types: Iterable[EntityType], head: FileHead) -> frozenset[str]:
    """Return the keys of the entity types with the most words in the file's name.

    ``support-tickets.csv`` is named after a support ticket, and not after a ticket.
    """
    words = {
        _singular(word)
        for name in (head.name, head.file_name)
        for word in split_words(PurePath(name).stem.partition(".")[0])
    }
    found: dict[str, int] = {}
    for entity_type in entity_types:
        label = entity_type.label.partition(" (")[0]
        for text in (entity_type.short_name, label):
            wanted = {_singular(word) for word in split_words(text)}
            if wanted and wanted <= words:
                found[entity_type.key] = len(wanted)
    most = max(found.values(), default=0)
    return frozenset(key for key, number in found.items() if number == most)


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word.removesuffix("s")
