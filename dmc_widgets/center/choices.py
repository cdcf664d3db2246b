"""The choices of an import or a migration, as keywords of the façade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypedDict

from ..errors import InvalidPlan
from ..model.coercion import parse_choice
from ..model.error_limit import LimitAction
from ..model.merge_choices import MergeChoices
from ..model.run_options import RunChoices, RunOptions
from ..model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy

_POLICY_FIELDS = {
    "import_strategy": "import_strategy",
    "update_strategy": "update_strategy",
    "on_error": "error_strategy",
    "lazy_references": "lazy_references",
}
_MERGE_FIELDS = frozenset({"only", "leave"})


Paths = str | Iterable[str]
"""The path of a difference, or several."""


class WorkerChoices(TypedDict, total=False):
    """Who carries on an import that several workers have begun, or verifies a task.

    Attributes:
        workers: How many processes import the file, or read the target, at once.
        cluster: The address of a Dask scheduler, a client of it, ``local``, or empty
            for processes of this machine.
    """

    workers: int
    cluster: object


class WriteChoices(RunChoices, total=False):
    """The strategies of a plan and the options of its run; None is not chosen.

    Attributes:
        import_strategy: ``UPSERT`` (the default), ``INSERT`` or ``UPDATE``.
        update_strategy: ``UPDATE`` (the default), ``PARTIAL_UPDATE`` or
            ``MERGE``.
        on_error: ``stop`` (the default) or ``continue``.
        cluster: The address of a Dask scheduler, a client of it, or ``local``.
        at_limit: ``keep`` (the default) or ``undo``: what becomes of what was written
            when the error limit is reached.
        lazy_references: Records may name entries that do not exist yet: an empty one
            is added for each, to be filled when its record comes.
        only: Paths of differences, such as ``Ticket.objectFields.state``: merge the
            definitions, picklists or folders, and accept these alone.
        leave: Paths of differences: merge, and leave these as the target has them.
    """

    import_strategy: ImportStrategy | str | None
    update_strategy: UpdateStrategy | str | None
    on_error: ErrorStrategy | str | None
    lazy_references: bool | None
    only: Paths
    leave: Paths
    at_limit: LimitAction | str


def choose_policy(base: Policy, choices: WriteChoices) -> Policy:
    """Return *base* with the strategies that were chosen instead of its own.

    An error limit alone says that the task continues on errors, and a choice of
    differences alone that documents are merged.

    Raises:
        InvalidPlan: A value is of another kind, or differences are chosen for another
            update strategy than *MERGE*.
        UnknownChoice: A word names no strategy.
    """
    given: dict[str, Any] = dict(choices)
    changes = {
        field: given[name]
        for name, field in _POLICY_FIELDS.items()
        if given.get(name) is not None
    }
    if given.get("error_limit") is not None:
        changes.setdefault("error_strategy", ErrorStrategy.CONTINUE)
    accepted = MergeChoices(given.get("only", ()), given.get("leave", ()))
    if accepted:
        changes.setdefault("update_strategy", UpdateStrategy.MERGE)
    if "update_strategy" in changes:
        changes["merge"] = accepted
    return replace(base, **changes)


def choose_options(
    base: RunOptions, choices: WriteChoices, *, dry_run: bool = False
) -> RunOptions:
    """Return *base* with the options that were chosen instead of its own.

    Args:
        base: The options of a template, or the default ones.
        choices: What was chosen.
        dry_run: The options are those of a dry run, for which several workers cannot
            be chosen. A template that has several is carried out by one.

    Raises:
        InvalidPlan: A value is of another kind, or several workers are chosen for a
            dry run.
        TypeError: A name is neither that of a strategy nor of an option.
    """
    run: dict[str, Any] = {
        name: value
        for name, value in choices.items()
        if name not in _POLICY_FIELDS and name not in _MERGE_FIELDS
    }
    if "cluster" in run:
        run["cluster"] = cluster_address(run["cluster"])
    at_limit = parse_choice(LimitAction, run.pop("at_limit", "keep"), "limit action")
    options = replace(base, **run)
    if dry_run and run.keys() & {"workers", "cluster"} and options.is_divided:
        reason = (
            "A dry run has one worker, because it shows what earlier records leave to "
            "later ones. Leave workers and cluster out."
        )
        raise InvalidPlan(reason)
    if at_limit is LimitAction.KEEP:
        return options
    if options.error_limit is None:
        reason = (
            "What was written is to be undone at the error limit, but there is none. "
            "Give one, such as 50 or 2%."
        )
        raise InvalidPlan(reason)
    return replace(options, error_limit=replace(options.error_limit, undo=True))


def cluster_address(cluster: object) -> object:
    """Return the address of the scheduler of a Dask client, or what else is given."""
    scheduler = getattr(cluster, "scheduler", None)
    return getattr(scheduler, "address", cluster)
