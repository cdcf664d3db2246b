"""The options of a merge: which differences are accepted, and what may go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from ..center.choices import WriteChoices
from ..model.merge_choices import MergeChoices
from ..storage.remote_addresses import find_address
from ..tasks.difference_files import read_merge_choices
from ..workspace.source_policy import SourcePolicy
from .options import require_file

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
    str | None,
    typer.Option(
        "--choices",
        metavar="FILE",
        callback=require_file,
        help="Merge, and accept the differences that this YAML or JSON file, or the "
        "one at this address, accepts, as dmc compare --output writes it.",
    ),
]


def merge_choices(
    only: Sequence[str] | None, leave: Sequence[str] | None, file: str | None
) -> MergeChoices:
    """Return the choices of the options; they add to those of a file.

    Raises:
        InvalidPlan: A path is empty, or the file does not hold differences.
        FileUnreadable: The file cannot be read.
    """
    stated = MergeChoices() if file is None else _read_choices(file)
    return MergeChoices((*stated.only, *(only or ())), (*stated.leave, *(leave or ())))


def _read_choices(file: str) -> MergeChoices:
    policy = SourcePolicy.from_environment()
    return read_merge_choices(find_address(file), policy)


def with_merge_choices(
    choices: WriteChoices,
    only: Sequence[str] | None,
    leave: Sequence[str] | None,
    file: str | None,
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
