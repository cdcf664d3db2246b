"""Opening the installations of a workspace, with what is known of them."""

from __future__ import annotations

from collections.abc import Callable

from ..installations import Caller, connect
from ..ports import Installation
from ..workspace import Connection


def open_connection(
    connection: Connection, still_wanted: Callable[[], bool] | None = None
) -> Installation:
    """Open a connection; its secret is looked for where it is kept.

    Args:
        connection: Of the workspace.
        still_wanted: Asked a few times a second during long waits; False ends them.
            A task hands this in, and waits for a busy database for as long as it is
            wanted. None is for a person who waits: a few seconds at most.

    Raises:
        NotSupported: There is no kind of installation for its address.
        InstallationError: It does not answer, or does not let us in.
    """
    caller = Caller(
        access=connection.access,
        name=connection.name,
        still_wanted=still_wanted or _always,
        waits_on=still_wanted is not None,
    )
    return connect(connection.url, caller)


def _always() -> bool:
    return True
