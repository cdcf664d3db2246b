"""The center that a command works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .. import open_center

if TYPE_CHECKING:  # it brings a database along, which `dmc --help` has no use for
    from ..center import Center


def center_of(ctx: typer.Context) -> Center:
    """Open the center of the chosen workspace; it closes with the command.

    Raises:
        WorkspaceError: The folder cannot be used.
    """
    center = open_center(ctx.obj)
    ctx.call_on_close(center.close)
    return center
