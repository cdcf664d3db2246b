"""The outcomes of batches that an installation is still writing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from ..errors import DmcError
from .outcome import Outcome


@runtime_checkable
class BatchResults(Protocol):
    """The outcomes of batches, which are being written meanwhile."""

    def __iter__(self) -> Iterator[list[Outcome]]:
        """Return itself."""
        ...

    def __next__(self) -> list[Outcome]:
        """Return the outcomes of the next batch, in the order of the batches.

        Raises:
            DmcError: Nothing of this batch is stored; or an error of the batches
                themselves, after the outcomes of all that were written.
        """
        ...

    def finish_begun(self) -> list[list[Outcome] | DmcError]:
        """Wait for the batches that have begun; no other one begins any more.

        Returns:
            The outcomes of each that has not been returned yet, in order, or the error
            that means that nothing of it is stored.
        """
        ...
