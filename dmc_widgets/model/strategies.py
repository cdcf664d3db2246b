"""What an import does with records that exist and with records that fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidPlan
from .coercion import parse_choice, require_flags, require_instance
from .merge_choices import ACCEPT_ALL, MergeChoices, merge_choices_from_dict
from .representation import html_pairs


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

    *UPDATE* empties them, *PARTIAL_UPDATE* keeps their values. *MERGE* is our own: of
    definitions, picklists and folders both sides keep their fields, relationships and
    keys, and single differences may be left; of entries no stored value is replaced by
    nothing.
    """

    PARTIAL_UPDATE = "PARTIAL_UPDATE"
    UPDATE = "UPDATE"
    MERGE = "MERGE"

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


LIFERAY_UPDATE_STRATEGIES: Final = (
    UpdateStrategy.PARTIAL_UPDATE,
    UpdateStrategy.UPDATE,
)
"""Those that Liferay's batch engine and its files know."""

# One table each: members of different enums are equal where their words are.
_IMPORT_LABELS = {
    ImportStrategy.INSERT: "Only Add New Records",
    ImportStrategy.UPDATE: "Only Update Records",
    ImportStrategy.UPSERT: "Add or Update Records",
}
_UPDATE_LABELS = {
    UpdateStrategy.PARTIAL_UPDATE: "Update Changed Record Fields",
    UpdateStrategy.UPDATE: "Overwrite Records",
    UpdateStrategy.MERGE: "Merge Records",
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
        merge: The differences that *MERGE* accepts; all that the source states unless
            something is chosen.

    Raises:
        InvalidPlan: *lazy_references* is not a bool, or differences are chosen for
            another update strategy than *MERGE*.
        UnknownChoice: A word names no strategy. The error lists the words.
    """

    import_strategy: ImportStrategy = ImportStrategy.UPSERT
    update_strategy: UpdateStrategy = UpdateStrategy.UPDATE
    error_strategy: ErrorStrategy = ErrorStrategy.STOP
    lazy_references: bool = False
    merge: MergeChoices = ACCEPT_ALL

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(
            self,
            *,
            import_strategy: ImportStrategy | str = ...,
            update_strategy: UpdateStrategy | str = ...,
            error_strategy: ErrorStrategy | str = ...,
            lazy_references: bool = ...,
            merge: MergeChoices = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        require_flags(self, "lazy_references")
        require_instance(self.merge, MergeChoices, "merge")
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
        if self.merge and not self.merges:
            reason = (
                "Single differences are accepted or left only by the update strategy "
                f"MERGE, and this one is {self.update_strategy.value}."
            )
            raise InvalidPlan(reason)

    @property
    def merges(self) -> bool:
        """True if documents are merged, and no value of an entry is emptied."""
        return self.update_strategy is UpdateStrategy.MERGE

    def with_update_strategy(self, strategy: UpdateStrategy) -> Policy:
        """Return the policy with another update strategy, without choices for this."""
        return replace(self, update_strategy=strategy, merge=ACCEPT_ALL)

    def for_links(self) -> Policy:
        """Return the policy with which links are added to entries that are stored.

        Everything else that the target holds stays, and a merge removes no link.
        """
        linking = self
        if not self.merges:
            linking = self.with_update_strategy(UpdateStrategy.PARTIAL_UPDATE)
        return replace(linking, import_strategy=ImportStrategy.UPDATE)

    def __repr__(self) -> str:
        parts = [self.import_strategy, self.update_strategy, self.error_strategy]
        more = ["lazy_references=True"] if self.lazy_references else []
        more += [f"merge={self.merge!r}"] if self.merge else []
        return f"Policy({', '.join([*parts, *more])})"

    def _repr_html_(self) -> str:
        pairs = [
            ("Import strategy", self.import_strategy.label),
            ("Update strategy", self.update_strategy.label),
            ("Error strategy", self.error_strategy.label),
            ("Lazy references", self.lazy_references),
            ("Only", ", ".join(self.merge.only)),
            ("Leave", ", ".join(self.merge.leave)),
        ]
        return html_pairs("Strategies", pairs)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`policy_from_dict` reads back."""
        plain = {**self.strategies, "lazyReferences": self.lazy_references}
        return {**plain, "merge": self.merge.as_dict()} if self.merge else plain

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
        merge=merge_choices_from_dict(data.get("merge")),
    )
