"""What an import does with records that exist and with records that fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from .coercion import parse_choice, require_flags


class ImportStrategy(StrEnum):
    """Whether an import adds or changes items, or both: Liferay's createStrategy."""

    INSERT = "INSERT"
    UPDATE = "UPDATE"
    UPSERT = "UPSERT"

    @property
    def label(self) -> str:
        """The label that Liferay's form gives to the choice."""
        return _IMPORT_LABELS[self]


class UpdateStrategy(StrEnum):
    """What happens to stored fields that a record leaves out: Liferay's updateStrategy.

    *UPDATE* empties them, *PARTIAL_UPDATE* keeps their values.
    """

    PARTIAL_UPDATE = "PARTIAL_UPDATE"
    UPDATE = "UPDATE"

    @property
    def label(self) -> str:
        """The label that Liferay's form gives to the choice."""
        return _UPDATE_LABELS[self]


class ErrorStrategy(StrEnum):
    """What follows the first record that fails: Liferay's importStrategy."""

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


_ERROR_WORDS = {"stop": ErrorStrategy.STOP, "continue": ErrorStrategy.CONTINUE}
"""The words of the command line, which :class:`Policy` takes as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What an import does with each record. The defaults are those of Liferay's form.

    Each is given as a member of its enumeration or as a word:

    >>> Policy(import_strategy="INSERT", error_strategy="continue")
    Policy(INSERT, UPDATE, ON_ERROR_CONTINUE)

    Attributes:
        import_strategy: Consulted with every record.
        update_strategy: Consulted where a record meets a stored item.
        error_strategy: Consulted when a record fails; also ``stop`` or ``continue``. A
            failing installation or a broken file always stops the task.
        lazy_references: Entries may name entries that do not exist yet: an empty one is
            added for each, and filled when its record comes.

    Raises:
        InvalidPlan: *lazy_references* is not a bool.
        UnknownChoice: A word names no strategy. The error lists the words.
    """

    import_strategy: ImportStrategy = ImportStrategy.UPSERT
    update_strategy: UpdateStrategy = UpdateStrategy.UPDATE
    error_strategy: ErrorStrategy = ErrorStrategy.STOP
    lazy_references: bool = False

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(
            self,
            *,
            import_strategy: ImportStrategy | str = ...,
            update_strategy: UpdateStrategy | str = ...,
            error_strategy: ErrorStrategy | str = ...,
            lazy_references: bool = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        require_flags(self, "lazy_references")
        values = {
            "import_strategy": parse_choice(
                ImportStrategy, self.import_strategy, "import strategy"
            ),
            "update_strategy": parse_choice(
                UpdateStrategy, self.update_strategy, "update strategy"
            ),
            "error_strategy": parse_choice(
                ErrorStrategy, self.error_strategy, "error strategy", _ERROR_WORDS
            ),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        parts = [self.import_strategy, self.update_strategy, self.error_strategy]
        lazy = ["lazy_references=True"] if self.lazy_references else []
        return f"Policy({', '.join([*parts, *lazy])})"

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`policy_from_dict` reads back."""
        return {**self.strategies, "lazyReferences": self.lazy_references}

    @property
    def strategies(self) -> dict[str, str]:
        """The strategies under the batch engine's names.

        There the import strategy is createStrategy and the error strategy is
        importStrategy.
        """
        return {
            "createStrategy": self.import_strategy.value,
            "updateStrategy": self.update_strategy.value,
            "importStrategy": self.error_strategy.value,
        }


def policy_from_dict(data: Mapping[str, Any]) -> Policy:
    """Build the policy that :meth:`Policy.as_dict` wrote.

    Raises:
        UnknownChoice: A word names no strategy.
    """
    return Policy(
        import_strategy=data["createStrategy"],
        update_strategy=data["updateStrategy"],
        error_strategy=data["importStrategy"],
        lazy_references=data.get("lazyReferences", False),
    )
