"""The strategies and the options of a run, shared by the commands that write."""

from __future__ import annotations

from typing import Annotated

import typer

from ..center.choices import WriteChoices
from ..model.error_limit import ErrorLimit, LimitAction
from ..model.run_options import MAX_AT_ONCE
from .merging import ChoicesFile, LeavePaths, OnlyPaths, with_merge_choices
from .options import (
    ErrorStrategyOption,
    ImportStrategyOption,
    LazyReferences,
    UpdateStrategyOption,
)
from .shared_options import with_shared_options

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

VerifyOption = Annotated[
    bool | None,
    typer.Option(
        "--verify/--no-verify",
        help="Compare the target with what was sent, once everything is written. Done "
        "unless it is turned off.",
    ),
]

JournalOption = Annotated[
    bool | None,
    typer.Option(
        "--journal/--no-journal",
        help="Keep what is overwritten, so that dmc undo can take the task back. Done "
        "unless it is turned off.",
    ),
]

BackupOption = Annotated[
    bool,
    typer.Option(
        "--backup",
        help="First copy what may be overwritten into the workspace; dmc restore "
        "brings it back.",
    ),
]

AtOnceOption = Annotated[
    int | None,
    typer.Option(
        "--at-once",
        metavar="N",
        min=1,
        max=MAX_AT_ONCE,
        help="Send so many batches to a server at the same time (1). Needs "
        "--on-error continue. A record waits for parents and for records of its code "
        "in earlier batches; other records may be written in another order.",
    ),
]

AtLimitOption = Annotated[
    LimitAction,
    typer.Option(
        "--at-limit",
        help="keep: what was written stays when the error limit is reached (the "
        "default). undo: a task of its own takes it back.",
    ),
]


def _build_choices(
    *,
    import_strategy: ImportStrategyOption = None,
    update_strategy: UpdateStrategyOption = None,
    error_strategy: ErrorStrategyOption = None,
    lazy_references: LazyReferences = None,
    error_limit: ErrorLimitOption = None,
    at_limit: AtLimitOption = LimitAction.KEEP,
    verify: VerifyOption = None,
    backup: BackupOption = False,
    journal: JournalOption = None,
    at_once: AtOnceOption = None,
    only: OnlyPaths = None,
    leave: LeavePaths = None,
    differences: ChoicesFile = None,
) -> WriteChoices:
    """Return what was chosen: the options of a run are only there if they were."""
    choices = WriteChoices(
        import_strategy=import_strategy,
        update_strategy=update_strategy,
        on_error=error_strategy.strategy if error_strategy else None,
        lazy_references=lazy_references,
    )
    choices = with_merge_choices(choices, only, leave, differences)
    if error_limit is not None:
        choices["error_limit"] = ErrorLimit.parse(error_limit)
    if at_limit is LimitAction.UNDO:
        choices["at_limit"] = at_limit
    if verify is not None:
        choices["verify"] = verify
    if backup:
        choices["backup"] = True
    if journal is not None:
        choices["journal"] = journal
    if at_once is not None:
        choices["at_once"] = at_once
    return choices


with_write_choices = with_shared_options("choices", _build_choices)
"""Add the strategies and the options of a run to a command; see *choices* there."""
