"""Asks installations whether they answer, several at once; the page takes the results.

They do not wait for the background work of the page: a server that does not answer
must not keep people from anything else.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from traitlets import Dict, HasTraits

from ...center import Center
from ...center.browsing import InstallationState, InstallationUse, find_use
from ...errors import DmcError
from ...languages import gettext as _
from ..browsing.object_facts import describe_objects

_AT_ONCE: Final = 4
_KEPT_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class InstallationCheck:
    """Whether an installation answers.

    Attributes:
        status: What is known.
        state: What it has answered; None unless it did.
        reason: Why it did not, as a sentence.
        at: When it was asked; ISO 8601 in UTC, empty while it is being asked.
    """

    status: Literal["asking", "answers", "failed"]
    state: InstallationState | None = None
    reason: str = ""
    at: str = ""

    @property
    def text(self) -> str:
        """The check in a few words."""
        if self.state is None:
            return (
                _("Being asked…") if self.status == "asking" else _("Does not answer")
            )
        version = f"Liferay {self.state.version}" if self.state.version else ""
        objects = describe_objects(self.state.objects)
        return " · ".join(filter(None, [version, objects]))


class InstallationChecks(HasTraits):
    """What is known of the installations of a center.

    Args:
        center: The center.

    Attributes:
        checks: A check by the name of each installation that was asked.
        uses: The tasks that name an installation, by its name.
    """

    checks = Dict()
    uses = Dict()

    def __init__(self, center: Center) -> None:
        super().__init__()
        self._center = center
        self._executor = ThreadPoolExecutor(max_workers=_AT_ONCE)
        self._asked: dict[str, Future[InstallationState]] = {}
        self._answered: dict[str, float] = {}
        self._finding: Future[dict[str, InstallationUse]] | None = None

    def ask(self, names: Iterable[str]) -> None:
        """Ask installations whether they answer, and look for the tasks that name them.

        One that is being asked is not asked again.
        """
        for name in names:
            self._keep(name, InstallationCheck("asking"))
            self._ask(name)
        if self._finding is None:
            self._finding = self._executor.submit(self._find_uses)

    def ask_again(self, names: Iterable[str]) -> None:
        """Ask those installations whose answer is older than five minutes, or missing.

        What was answered before stays until there is another answer.
        """
        oldest = time.monotonic() - _KEPT_S
        for name in names:
            if self._answered.get(name, -math.inf) < oldest:
                self._ask(name)

    def _ask(self, name: str) -> None:
        if name in self._asked:
            return
        test = self._center.installations.test
        self._asked[name] = self._executor.submit(test, name)
        if name not in self.checks:
            self._keep(name, InstallationCheck("asking"))

    def take(self) -> None:
        """Take over the answers that are there; the poller of the page calls it."""
        for name, future in [*self._asked.items()]:
            if future.done():
                del self._asked[name]
                self._answered[name] = time.monotonic()
                self._keep(name, _read_check(future))
        if self._finding is not None and self._finding.done():
            self.uses = _result_of(self._finding, self.uses)
            self._finding = None

    def forget(self, name: str) -> None:
        """Forget an installation that was removed or changed."""
        self._asked.pop(name, None)
        self._answered.pop(name, None)
        self.checks = {x: y for x, y in self.checks.items() if x != name}

    def _find_uses(self) -> dict[str, InstallationUse]:
        tasks = self._center.tasks.list()
        names = [x.name for x in self._center.installations.list()]
        return {name: find_use(name, tasks) for name in names}

    def _keep(self, name: str, check: InstallationCheck) -> None:
        self.checks = {**self.checks, name: check}


def _read_check(future: Future[InstallationState]) -> InstallationCheck:
    at = datetime.now(UTC).isoformat()
    try:
        return InstallationCheck("answers", future.result(), at=at)
    except DmcError as exc:
        return InstallationCheck("failed", reason=str(exc), at=at)


def _result_of(future: Future[Any], before: dict[str, Any]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = future.result()
    except DmcError:  # the list of tasks says what is wrong with the workspace
        return before
    return found
