"""The options of how a task runs, shared by the commands that write."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from ..model.error_limit import ErrorLimit
from ..model.run_options import RunChoices
from ..model.strategies import ErrorStrategy
from .options import ErrorStrategyWord

ErrorLimitOption = Annotated[
    str | None,
    typer.Option(
        "--error-limit",
        metavar="LIMIT",
        help="Continue on errors, and stop after so many failed records (50), or "
        "after more than a share of all, from the hundredth record on (2%), or after "
        "whichever comes first (50,2%). Checked after every hundred records.",
    ),
]


def with_run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of how a task runs to a command.

    Args:
        command: Takes what was chosen as one dict, the keyword argument *run*: the
            fields of :class:`~dmc_widgets.model.run_options.RunOptions` to change.
    """
    added = inspect.signature(_build_run_options, eval_str=True).parameters
    own = inspect.signature(command, eval_str=True)
    remaining = [
        parameter for parameter in own.parameters.values() if parameter.name != "run"
    ]

    @wraps(command)
    def wrapper(*args: Any, **chosen: Any) -> None:
        options = {name: chosen.pop(name) for name in added}
        command(*args, run=_build_run_options(**options), **chosen)

    wrapper.__signature__ = own.replace(  # type: ignore[attr-defined]
        parameters=[*remaining, *added.values()]
    )
    return wrapper


def error_strategy_of(
    word: ErrorStrategyWord | None, run: RunChoices
) -> ErrorStrategy | None:
    """Return the error strategy of a command; an error limit alone says *continue*."""
    if word is not None:
        return word.strategy
    return ErrorStrategy.CONTINUE if "error_limit" in run else None


def _build_run_options(*, error_limit: ErrorLimitOption = None) -> RunChoices:
    """Return the fields of the run options that were chosen."""
    if error_limit is None:
        return {}
    return {"error_limit": ErrorLimit.parse(error_limit)}
