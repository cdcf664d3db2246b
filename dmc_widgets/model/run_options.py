"""How a task runs, whatever it moves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypedDict

from ..errors import InvalidPlan
from .coercion import require_flags, require_instance, require_whole_number, set_texts
from .error_limit import ErrorLimit, error_limit_from_dict
from .representation import ValueDisplay
from .strategies import ErrorStrategy, Policy

MAX_AT_ONCE: Final = 16
"""More would only wait for each other at most servers."""
MAX_WORKERS: Final = 256
_CLUSTER: Final = re.compile(r"local|(?:tcp|tls|ucx|ws|wss)://[^\s@/]+/?")


class HasWorkers(Protocol):
    """What may have several workers."""

    @property
    def workers(self) -> int:
        """How many processes there are at once."""
        ...

    @property
    def cluster(self) -> str:
        """The address of a Dask scheduler, or ``local``; empty for none."""
        ...


def require_workers(chosen: HasWorkers) -> None:
    """Refuse workers that cannot be.

    Raises:
        InvalidPlan: A value is of another kind, there are too many or too few workers,
            or the cluster is not an address.
    """
    require_whole_number(chosen.workers, "workers")
    if not 1 <= chosen.workers <= MAX_WORKERS:
        reason = (
            f"{chosen.workers} workers cannot carry out a task. Choose 1 to "
            f"{MAX_WORKERS}."
        )
        raise InvalidPlan(reason)
    set_texts(chosen, "cluster")
    if chosen.cluster and not _CLUSTER.fullmatch(chosen.cluster):
        reason = (
            f"{chosen.cluster!r} is not the address of a Dask scheduler. Give one "
            "such as tcp://10.0.0.5:8786, or local."
        )
        raise InvalidPlan(reason)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RunOptions(ValueDisplay):
    """Choices of imports and migrations that do not concern single fields.

    Attributes:
        journal: Keep what each record changes, with what it takes to undo the task.
        verify: Compare the target with what was sent, once everything is written.
        backup: Copy what the run may overwrite into the workspace, before it writes.
        error_limit: How many records may fail before the task stops, for a plan that
            continues on errors; a text such as ``50`` or ``2%`` is taken as well. None
            for any number.
        as_shown: The id of a dry run: stop as soon as a record would have another
            outcome, or change other values, than the dry run has shown. 0 for none.
        at_once: How many batches are sent to a server at the same time. A batch waits
            for one that has to do with it. 1 keeps the order of the records.
        workers: How many worker processes import partitions of the file at once. What
            one worker alone can do, such as a dry run, has one all the same.
        cluster: The address of a Dask scheduler whose workers do it, such as
            ``tcp://10.0.0.5:8786``, with as many as it has if *workers* is 1; or
            ``local`` for a cluster of processes of the task's own. Empty for none.

    Raises:
        InvalidPlan: A value is of another kind.
    """

    journal: bool = True
    verify: bool = True
    backup: bool = False
    error_limit: ErrorLimit | None = None
    as_shown: int = 0
    at_once: int = 1
    workers: int = 1
    cluster: str = ""

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(
            self,
            *,
            journal: bool = ...,
            verify: bool = ...,
            backup: bool = ...,
            error_limit: ErrorLimit | str | int | None = ...,
            as_shown: int = ...,
            at_once: int = ...,
            workers: int = ...,
            cluster: str = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        require_flags(self, "journal", "verify", "backup")
        require_whole_number(self.as_shown, "as_shown")
        require_whole_number(self.at_once, "at_once")
        if not 1 <= self.at_once <= MAX_AT_ONCE:
            reason = (
                f"{self.at_once} batches cannot be sent at once. Choose 1 to "
                f"{MAX_AT_ONCE}."
            )
            raise InvalidPlan(reason)
        require_workers(self)
        if isinstance(self.error_limit, (str, int)):
            limit = ErrorLimit.parse(self.error_limit)
            object.__setattr__(self, "error_limit", limit)
        elif self.error_limit is not None:
            require_instance(self.error_limit, ErrorLimit, "error_limit")
        if self.error_limit and self.error_limit.undo and not self.journal:
            reason = (
                "What was written is to be undone at the error limit, but no journal "
                "is kept. Keep one, or leave what was written."
            )
            raise InvalidPlan(reason)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`run_options_from_dict` reads back."""
        limit = self.error_limit
        return {
            "journal": self.journal,
            "verify": self.verify,
            "backup": self.backup,
            "errorLimit": limit.as_dict() if limit else None,
            "asShown": self.as_shown,
            "atOnce": self.at_once,
            "workers": self.workers,
            "cluster": self.cluster,
        }

    @property
    def is_divided(self) -> bool:
        """True if several workers import partitions of the file."""
        return self.workers > 1 or bool(self.cluster)

    def require_policy(self, policy: Policy) -> None:
        """Refuse options that contradict the strategies of their plan.

        Raises:
            InvalidPlan: An error limit, several batches at once or several workers,
                and a plan that stops at the first error.
        """
        if self.at_once > 1 and policy.error_strategy is ErrorStrategy.STOP:
            reason = (
                "Several batches at once are chosen, but the plan stops at the first "
                "error, and others may be written by then. Choose the error strategy "
                "'continue', or one batch at once."
            )
            raise InvalidPlan(reason)
        if self.error_limit and policy.error_strategy is ErrorStrategy.STOP:
            reason = (
                "An error limit is given, but the plan stops at the first error. "
                "Choose the error strategy 'continue', or leave the limit out."
            )
            raise InvalidPlan(reason)
        if self.is_divided and policy.error_strategy is ErrorStrategy.STOP:
            reason = (
                "Several workers are chosen, but the plan stops at the first error, "
                "and others may have written what comes after it. Choose the error "
                "strategy 'continue', or one worker."
            )
            raise InvalidPlan(reason)


class RunChoices(TypedDict, total=False):
    """The fields of :class:`RunOptions`, as functions take them for keywords."""

    journal: bool
    verify: bool
    backup: bool
    error_limit: ErrorLimit | str | int | None
    at_once: int
    workers: int
    cluster: Any


DEFAULT_OPTIONS: Final = RunOptions()


def run_options_from_dict(data: Mapping[str, Any]) -> RunOptions:
    """Build the options that *as_dict* wrote; older plans lack some of them."""
    return RunOptions(
        journal=data.get("journal", True),
        verify=data.get("verify", True),
        backup=data.get("backup", False),
        error_limit=error_limit_from_dict(data.get("errorLimit")),
        as_shown=data.get("asShown", 0),
        at_once=data.get("atOnce", 1),
        workers=data.get("workers", 1),
        cluster=data.get("cluster", ""),
    )
