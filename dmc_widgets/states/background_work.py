"""Work that takes longer than a page may wait, one piece at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from traitlets import Bool, HasTraits

from ..errors import NotSupported

_Result = TypeVar("_Result")


class BackgroundWork(HasTraits):
    """Does work on a thread of its own; the poller of the page takes the result.

    So states change on the thread of the page alone. A page that is closed meanwhile
    loses the result, and nothing else: the work is carried to its end.

    Attributes:
        is_busy: Work is under way, or its result has not been taken yet.
    """

    is_busy = Bool(False)

    def __init__(self) -> None:
        super().__init__()
        self._executor = ThreadPoolExecutor(max_workers=1)
        self._future: Future[Any] | None = None
        self._use: Callable[[Any], object] = lambda _result: None

    def start(
        self, work: Callable[[], _Result], use: Callable[[_Result], object]
    ) -> None:
        """Begin some work.

        Args:
            work: Does it, and returns the result; it changes no state.
            use: Gets the result when it is taken.

        Raises:
            NotSupported: Other work is under way.
        """
        if self.is_busy:
            raise NotSupported(
                what="The page is still busy with what was asked for before.",
                instead="Wait until that is done.",
            )
        self.is_busy, self._use = True, use
        self._future = self._executor.submit(work)

    def take(self) -> None:
        """Use the result of work that is done; do nothing while it is under way.

        Raises:
            Exception: What the work has raised.
        """
        future = self._future
        if future is None or not future.done():
            return
        self._future, self.is_busy = None, False
        self._use(future.result())
