"""Nobody means to migrate an installation onto itself.

The same database has one file, however its path is written. A server has many names,
and nothing that tells it from a copy of itself; but what it holds bears ids and dates,
which another server gives otherwise. So two names of one machine for the same ids are
refused, and the same ids anywhere else are told: one may be restored from the other.
"""

from __future__ import annotations

from typing import Any

from ..errors import InvalidPlan
from ..installations.addresses import is_server
from ..installations.sameness import same_place
from ..objects.documents import Body
from ..objects.entry_faults import ERC
from ..objects.namesakes import Documents
from ..workspace import Connection


def require_two(
    source: Connection, target: Connection, there: Documents, here: Documents
) -> None:
    """Refuse two names for one installation.

    Args:
        source: What is called the source.
        target: What is called the target.
        there: What the source holds.
        here: What the target holds.

    Raises:
        InvalidPlan: It names both.
    """
    same = same_place(source.url, target.url)
    if same and is_server(source.url) and source.url != target.url:
        same = _are_alike(there, here)
    if same:
        reason = (
            f"{source.name} ({source.url}) and {target.name} ({target.url}) are one "
            "and the same installation. Choose another one."
        )
        raise InvalidPlan(reason)


def told_alike(
    source: Connection, target: Connection, there: Documents, here: Documents
) -> tuple[str, ...]:
    """Say so if two servers may be one; see :func:`require_two`."""
    if not (is_server(source.url) and is_server(target.url)):
        return ()
    if not _are_alike(there, here):
        return ()
    return (
        "Source and target hold the same definitions, with the same ids and dates: "
        "either one is a copy of the other, or both are one and the same server.",
    )


def _are_alike(there: Documents, here: Documents) -> bool:
    """Say whether what both hold was made, and changed, once only."""
    first, second = _marks(there), _marks(here)
    both = first.keys() & second.keys()
    return bool(both) and all(first[each] == second[each] for each in both)


def _marks(documents: Documents) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {
        (kind, str(body[ERC])): _mark(body)
        for kind, bodies in documents.items()
        for body in bodies
    }


def _mark(body: Body) -> tuple[Any, ...]:
    return tuple(body.get(name) for name in ("id", "dateCreated", "dateModified"))
