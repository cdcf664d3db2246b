"""Write the mismatches of a verification to the workspace while they are found."""

from __future__ import annotations

from typing import Final

from ...model.verification import Mismatch
from ...workspace import Workspace

MAX_LISTED: Final = 100_000
"""The mismatches that are listed in detail; all are counted."""

_PAGE_SIZE: Final = 500


class MismatchLog:
    """The list of what is not as expected.

    Args:
        workspace: Stores the mismatches.
        maker: The id of the task that makes the verification.

    Attributes:
        listed: The number of mismatches that were listed so far.
    """

    def __init__(self, workspace: Workspace, maker: int) -> None:
        self._store = workspace.verifications
        self._maker = maker
        self._unsaved: list[Mismatch] = []
        self.listed = 0
        self._store.begin(maker)

    def add(self, mismatch: Mismatch) -> None:
        """List a mismatch, unless there are too many of them."""
        if self.listed >= MAX_LISTED:
            return
        self.listed += 1
        self._unsaved.append(mismatch)
        if len(self._unsaved) >= _PAGE_SIZE:
            self.save()

    def save(self) -> None:
        """Store what is not stored yet."""
        first = self.listed - len(self._unsaved) + 1
        self._store.add_mismatches(self._maker, first, self._unsaved)
        self._unsaved.clear()
