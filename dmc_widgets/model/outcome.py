"""Outcomes: what happened to each record of a task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import repeat
from typing import Final, NamedTuple

from .change import ItemChange
from .representation import ValueDisplay


class OutcomeKind(StrEnum):
    """What happened to one record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


STOPPING_KINDS: Final = frozenset({OutcomeKind.FAILED, OutcomeKind.SKIPPED})
"""The outcomes after which a batch with ``ON_ERROR_FAIL`` writes nothing more."""


@dataclass(frozen=True, slots=True, repr=False)
class Problem(ValueDisplay):
    """Why one record failed.

    Attributes:
        code: A stable word for programs: ``required``, ``list-type-entry``.
        message: A text for people: the cause that the record shows, followed by
            Liferay's text where Liferay has one.
        field: The field that caused it; empty where it concerns the whole record.
        value: The rejected value, as JSON text; None where there is none.
        liferay_text: Liferay's text alone, unchanged, where the message states a cause
            before it; otherwise empty.
    """

    code: str
    message: str
    field: str = ""
    value: str | None = None
    liferay_text: str = ""

    @property
    def as_liferay(self) -> str:
        """Liferay's own text, without the cause that we add."""
        return self.liferay_text or self.message

    @property
    def cause(self) -> str:
        """The sentences before Liferay's text; empty if there are none."""
        if not self.liferay_text:
            return ""
        return self.message.removesuffix(self.liferay_text).rstrip()

    def with_cause(self, cause: str) -> Problem:
        """Return the problem with *cause*, in whole sentences, before its text."""
        if not cause:
            return self
        text = f"{cause} {self.message}"
        return replace(self, message=text, liferay_text=self.as_liferay)


class Outcome(NamedTuple):
    """The outcome of one record. It is a tuple, because there is one for each record.

    Attributes:
        kind: What happened to the record.
        key: The external reference code, also a generated one; empty if the record has
            none.
        problem: Why it failed, or why it is unknown whether it did; None otherwise.
        note: A code of :data:`NOTES`, or empty: something that a person should know
            although the record did not fail.
        change: What the record did to the stored item; None where nothing changed, or
            where no journal is kept.
    """

    kind: OutcomeKind
    key: str = ""
    problem: Problem | None = None
    note: str = ""
    change: ItemChange | None = None


_create_outcome: Final = partial(tuple.__new__, Outcome)


def make_outcomes(
    kind: OutcomeKind,
    keys: Iterable[str],
    changes: Iterable[ItemChange | None] | None = None,
) -> list[Outcome]:
    """Return outcomes of one kind that have neither a problem nor a note.

    Args:
        kind: The kind of all.
        keys: The external reference code of each.
        changes: The change of each; None if there is none.
    """
    parts = zip(repeat(kind), keys, repeat(None), repeat(""), changes or repeat(None))
    return list(map(_create_outcome, parts))


CHANGED_SINCE = "changed-since"
DELETED = "deleted"
GENERATED_KEY = "generated-key"
IN_USE_SINCE = "in-use-since"
LAZY_CHOICE = "lazy-choice"
LAZY_REFERENCE = "lazy-reference"
LEFT_OUT = "left-out"
NESTED_KEPT = "nested-kept"
ONE_BY_ONE = "one-by-one"
OTHER_PARENT_ID = "other-parent-id"
OTHER_TRANSLATION = "other-translation"
PLACEHOLDER = "placeholder"
SECRETS_STAY = "secrets-stay"

KEPT_NOTES: Final = frozenset({CHANGED_SINCE, IN_USE_SINCE, SECRETS_STAY})
"""The notes of records that an undo leaves alone, mostly for what others did since."""

NOTES = {
    CHANGED_SINCE: (
        "{count} stayed as they are: somebody has changed or deleted the items since."
    ),
    DELETED: "{count} had created items; these were deleted.",
    IN_USE_SINCE: (
        "{count} had created items that others name or hold entries of since; these "
        "stayed."
    ),
    GENERATED_KEY: (
        "{count} had no external reference code and got a new one, so importing "
        "the same file again adds such records again."
    ),
    LAZY_CHOICE: (
        "{count} had keys that their picklists did not have; an entry was added for "
        "each, with its key as its name."
    ),
    LAZY_REFERENCE: (
        "{count} named entries that are not here yet; an empty one was made for each, "
        "to be filled when it comes."
    ),
    LEFT_OUT: (
        "{count} were left out by the choice of differences, so nothing of them was "
        "written."
    ),
    NESTED_KEPT: (
        "{count} already existed: 'Update Changed Record Fields' changes labels and "
        "simple properties of a definition, but leaves its fields, relationships, "
        "actions, layouts, views, rules and status alone, as in Liferay."
    ),
    ONE_BY_ONE: (
        "{count} went to the server one by one: it cannot do 'Add or Update Records' "
        "with 'Update Changed Record Fields' in batches."
    ),
    OTHER_TRANSLATION: (
        "{count} had a text in a localized field that none of its translations beside "
        "it has; the translations were followed. To change such a text, change it in "
        "both, or leave one of the two out."
    ),
    OTHER_PARENT_ID: (
        "{count} named a parent by its external reference code, and beside it by an id "
        "that another entry has here; the code was followed, since ids mean nothing in "
        "another installation."
    ),
    PLACEHOLDER: (
        "{count} named a definition, folder or picklist that is not here yet; an "
        "empty one was made, to be filled when it comes."
    ),
    SECRETS_STAY: (
        "{count} had changed Encrypted fields, or deleted items with them. Former "
        "values of these are not kept, so they stayed as they are, or are empty."
    ),
}
