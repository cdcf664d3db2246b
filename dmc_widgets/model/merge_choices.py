"""Which differences a merge accepts, and which it leaves as the target has them.

A difference is named by a *path*: a document, and below it a property, as ``dmc
compare`` lists them. The document is named by its name or by its external reference
code, with its kind before it where that helps:

``Customer``
    everything of the document, and the document itself if the target lacks it
``Customer.objectFields.vatNumber``
    one field, with everything below it
``ListTypeDefinition:COLOURS.listTypeEntries.blue.name``
    one property of one picklist entry
``*.label``, ``objectFields.*.required``
    the same property of every document; ``*`` stands for one part of a path
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidPlan
from .coercion import name_tuple
from .representation import ValueDisplay

_ANY_PART: Final = r"[^.]+"
_MAX_PATTERNS: Final = 4096


@dataclass(frozen=True, slots=True, repr=False)
class MergeChoices(ValueDisplay):
    """The differences that a merge accepts.

    Without a choice everything that the source states is accepted, and nothing that
    only the target has goes. A part that only the target has goes only if a path in
    *only* names the very part.

    >>> MergeChoices(only="Customer.objectFields.vatNumber")
    >>> MergeChoices(leave=["Customer.label", "COLOURS.listTypeEntries.blue"])

    Attributes:
        only: The paths of the differences to accept; empty for all of them.
        leave: The paths of the differences to leave, also below one of *only*.

    Raises:
        InvalidPlan: A path is empty or not a text.
    """

    only: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(
            self, only: str | Iterable[str] = ..., leave: str | Iterable[str] = ...
        ) -> None: ...

    def __post_init__(self) -> None:
        for name in ("only", "leave"):
            paths = name_tuple(getattr(self, name), name)
            stripped = tuple(dict.fromkeys(path.strip() for path in paths))
            if not all(stripped):
                reason = (
                    f"{name} holds an empty path. Name a difference as dmc compare "
                    "lists it, such as 'Customer.objectFields.vatNumber'."
                )
                raise InvalidPlan(reason)
            object.__setattr__(self, name, stripped)

    def __bool__(self) -> bool:
        """Return True if anything is chosen."""
        return bool(self.only or self.leave)

    def accepts(
        self, document: DocumentNames, path: Sequence[str], *, is_removal: bool = False
    ) -> bool:
        """Return True if the value of the source takes the place of the target's.

        Args:
            document: The document that differs.
            path: The property; empty for the document as a whole.
            is_removal: Only the target has a value there.
        """
        if self.leaves(document, path):
            return False
        if is_removal:
            return any(document.is_path(text, path) for text in self.only)
        return not self.only or any(
            document.is_at_or_below(text, path) for text in self.only
        )

    def leaves(self, document: DocumentNames, path: Sequence[str]) -> bool:
        """Return True if a path of *leave* names the property, or one above it."""
        return any(document.is_at_or_below(text, path) for text in self.leave)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`merge_choices_from_dict` reads back."""
        return {"only": list(self.only), "leave": list(self.leave)}


ACCEPT_ALL: Final = MergeChoices()
"""Accept everything that the source states."""


def merge_choices_from_dict(data: Mapping[str, Any] | None) -> MergeChoices:
    """Build the choices that *as_dict* wrote; None for those of an older plan."""
    if data is None:
        return ACCEPT_ALL
    return MergeChoices(data.get("only") or (), data.get("leave") or ())


@dataclass(frozen=True, slots=True)
class DocumentNames:
    """The names by which a path may name a document.

    Attributes:
        kind: The name of its kind: ``ObjectDefinition``.
        names: Its name and its external reference code.
    """

    kind: str
    names: tuple[str, ...]

    def is_path(self, text: str, path: Sequence[str]) -> bool:
        """Return True if *text* names this very property."""
        return any(
            _is_match(rest, path, exactly=True) for rest in self._rests(text, path)
        )

    def is_at_or_below(self, text: str, path: Sequence[str]) -> bool:
        """Return True if *text* names this property, or one above it."""
        return any(
            _is_match(rest, path, exactly=False) for rest in self._rests(text, path)
        )

    def _rests(self, text: str, path: Sequence[str]) -> Iterable[str]:
        """Yield what *text* may say of a property, without the document."""
        names = [name for name in (*self.names, "*") if name]
        for head in (*names, *(f"{self.kind}:{name}" for name in names)):
            if text == head:
                yield ""
            elif text.startswith(f"{head}."):
                yield text[len(head) + 1 :]
        if path:  # a property alone means that of every document
            yield text


def _is_match(rest: str, path: Sequence[str], *, exactly: bool) -> bool:
    if not rest:
        return not (exactly and path)
    return _compile(rest, exactly).fullmatch(".".join(path)) is not None


@lru_cache(_MAX_PATTERNS)
def _compile(rest: str, exactly: bool) -> re.Pattern[str]:
    pattern = _ANY_PART.join(map(re.escape, rest.split("*")))
    return re.compile(pattern if exactly else rf"{pattern}(\..*)?", re.DOTALL)
