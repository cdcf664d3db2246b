"""The options of a merge: which differences are accepted, and what may go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ..center.choices import WriteChoices
from ..model.merge_choices import MergeChoices
from ..tasks.difference_files import read_merge_choices

OnlyPaths = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="PATH",
        help="Merge, and accept only this difference of a definition, picklist or "
        "folder, as dmc compare lists it: Customer.objectFields.vatNumber. Repeat it.",
    ),
]
LeavePaths = Annotated[
    list[str] | None,
    typer.Option(
        "--leave",
        metavar="PATH",
        help="Merge, and leave this difference as the target has it. Repeat it.",
    ),
]
ChoicesFile = Annotated[
    Path | None,
    typer.Option(
        "--choices",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="Merge, and accept the differences that this YAML or JSON file accepts, "
        "as dmc compare --output writes it.",
    ),
]


def merge_choices(
    only: Sequence[str] | None, leave: Sequence[str] | None, file: Path | None
) -> MergeChoices:
    """Return the choices of the options; they add to those of a file.

    Raises:
        InvalidPlan: A path is empty, or the file does not hold differences.
        FileUnreadable: The file cannot be read.
    """
    stated = MergeChoices() if file is None else read_merge_choices(file)
    return MergeChoices((*stated.only, *(only or ())), (*stated.leave, *(leave or ())))


def with_merge_choices(
    choices: WriteChoices,
    only: Sequence[str] | None,
    leave: Sequence[str] | None,
    file: Path | None,
) -> WriteChoices:
    """Return *choices* with those of the options, if there are any.

    Raises:
        InvalidPlan: A path is empty, or the file does not hold differences.
        FileUnreadable: The file cannot be read.
    """
    accepted = merge_choices(only, leave, file)
    if not accepted:
        return choices
    return {**choices, "only": accepted.only, "leave": accepted.leave}
