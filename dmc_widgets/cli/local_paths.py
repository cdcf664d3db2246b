"""Paths of files that have to be on this machine."""

from __future__ import annotations

from pathlib import Path

import typer

from ..errors import InvalidPlan
from ..storage.remote_addresses import find_local_path


def parse_local_path(text: str) -> Path:
    """Return the path that a text states.

    Raises:
        typer.BadParameter: It is an address.
    """
    try:
        return find_local_path(text)
    except InvalidPlan as exc:
        raise typer.BadParameter(str(exc)) from exc
