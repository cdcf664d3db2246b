"""What an import does with records that exist and with records that fail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..errors import InvalidPlan


class ImportStrategy(StrEnum):
    """May an import add records, change records, or both?

    It is createStrategy on the wire.
    """

    INSERT = "INSERT"
    UPDATE = "UPDATE"
    UPSERT = "UPSERT"

    @property
    def label(self) -> str:
        """Liferay's label of the choice."""
        return _IMPORT_LABELS[self]


class UpdateStrategy(StrEnum):
    """What becomes of stored fields that a record leaves out?

    It is updateStrategy on the wire.
    """

    PARTIAL_UPDATE = "PARTIAL_UPDATE"
    UPDATE = "UPDATE"

    @property
    def label(self) -> str:
        """Liferay's label of the choice."""
        return _UPDATE_LABELS[self]


class ErrorStrategy(StrEnum):
    """What follows the first record that fails? It is importStrategy on the wire."""

    STOP = "ON_ERROR_FAIL"
    CONTINUE = "ON_ERROR_CONTINUE"

    @property
    def label(self) -> str:
        """A label in the words of Liferay's form."""
        return _ERROR_LABELS[self]


# One table each: members of different enums are equal where their words are.
_IMPORT_LABELS = {
    ImportStrategy.INSERT: "Only Add New Records",
    ImportStrategy.UPDATE: "Only Update Records",
    ImportStrategy.UPSERT: "Add or Update Records",
}
_UPDATE_LABELS = {
    UpdateStrategy.PARTIAL_UPDATE: "Update Changed Record Fields",
    UpdateStrategy.UPDATE: "Overwrite Records",
}
_ERROR_LABELS = {
    ErrorStrategy.STOP: "Stop the Import on Error",
    ErrorStrategy.CONTINUE: "Continue on Error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The three choices that rule every record of an import.

    The defaults are those of Liferay's form.

    Attributes:
        on_existing: Consulted with every record.
        on_update: Consulted where a record meets a stored item.
        on_error: Consulted when a record fails. A failing installation or a
            broken file always stops the task.
    """

    import_strategy: ImportStrategy = ImportStrategy.UPSERT
    update_strategy: UpdateStrategy = UpdateStrategy.UPDATE
    error_strategy: ErrorStrategy = ErrorStrategy.STOP

    def __post_init__(self) -> None:
        """Take the words of the strategies for the strategies.

        Raises:
            InvalidPlan: A word names none.
        """
        for name, kind in (
            ("import_strategy", ImportStrategy),
            ("update_strategy", UpdateStrategy),
            ("error_strategy", ErrorStrategy),
        ):
            object.__setattr__(self, name, _parse_strategy(kind, getattr(self, name)))


def _parse_strategy(kind: type[StrEnum], word: str) -> StrEnum:
    """Return the strategy that is called *word*."""
    try:
        return kind(word)
    except ValueError as exc:
        known = ", ".join(repr(each.value) for each in kind)
        reason = f"{word!r} is not one of the strategies {known}. Choose one of them."
        raise InvalidPlan(reason) from exc
