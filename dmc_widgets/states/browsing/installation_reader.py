"""Reads an installation on a thread of its own; the page takes the results."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from ...center import OpenInstallation
from ...errors import DmcError, InstallationError

_Result = TypeVar("_Result")


class _Question(NamedTuple):
    future: Future[Any]
    use: Callable[[Any], object]
    fail: Callable[[DmcError], object]


class InstallationReader:
    """An open installation that answers questions one after the other.

    The installation is opened with the first question and stays open, so that a server
    is not asked again for what it defines. After an error of the installation the next
    question opens it anew.

    Args:
        connect: Opens the installation.
    """

    def __init__(self, connect: Callable[[], OpenInstallation]) -> None:
        self._connect = connect
        self._executor = ThreadPoolExecutor(max_workers=1)
        self._opened: OpenInstallation | None = None
        self._questions: dict[str, _Question] = {}

    @property
    def asked(self) -> frozenset[str]:
        """The kinds of the questions whose answers have not been taken."""
        return frozenset(self._questions)

    def ask(
        self,
        kind: str,
        work: Callable[[OpenInstallation], _Result],
        use: Callable[[_Result], object],
        fail: Callable[[DmcError], object],
    ) -> None:
        """Ask a question; the answer to an earlier one of its kind is ignored.

        Args:
            kind: What the question is about.
            work: Reads the installation; it changes no state.
            use: Gets the answer when it is taken.
            fail: Gets the error when it is taken.
        """
        earlier = self._questions.pop(kind, None)
        if earlier is not None:
            earlier.future.cancel()
        self._questions[kind] = _Question(
            self._executor.submit(self._run, work), use, fail
        )

    def take(self, wait_s: float = 0.0) -> None:
        """Use the answers that are there.

        Args:
            wait_s: How long to wait for those that are not; databases answer at once,
                and a page that is drawn once does not flicker.
        """
        if wait_s and self._questions:
            wait([question.future for question in self._questions.values()], wait_s)
        for kind, question in [*self._questions.items()]:
            is_current = self._questions.get(kind) is question
            if not is_current or not question.future.done():
                continue
            del self._questions[kind]
            try:
                answer = question.future.result()
            except DmcError as exc:
                question.fail(exc)
            else:
                question.use(answer)

    def close(self) -> None:
        """Close the installation when what is under way has ended."""
        self._questions.clear()
        self._executor.submit(self._close)
        self._executor.shutdown(wait=False)

    def _run(self, work: Callable[[OpenInstallation], _Result]) -> _Result:
        if self._opened is None:
            self._opened = self._connect()
        try:
            return work(self._opened)
        except InstallationError:
            self._close()
            raise

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            with suppress(DmcError):
                opened.close()
