"""The definitions of two installations, side by side.

Nobody means to migrate an installation onto itself.

The same database has one file, however its path is written. A server has many names,
and nothing that tells it from a copy of itself; but what it holds bears ids and dates,
which another server gives otherwise. So two names of one machine for the same ids are
refused, and the same ids anywhere else are told: one may be restored from the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import InvalidPlan
from ..installations.addresses import is_same_place, is_server
from ..objects.comparison.differences import Difference, find_differences
from ..objects.comparison.erc_matching import Documents, match_by_name
from ..objects.documents.change_set import Body
from ..objects.documents.kinds import KINDS_BY_CLASS
from ..objects.names import ERC
from ..ports import Installation, Item, Query
from ..workspace import Connection
from .installation_access import find_entity_type

if TYPE_CHECKING:
    import pandas as pd


_COMPARISON_COLUMNS = (
    "type",
    "name",
    "externalReferenceCode",
    "change",
    "path",
    "source",
    "target",
    "kept",
)


def read_documents(
    installation: Installation, fields: tuple[str, ...] | None = None
) -> dict[str, list[Item]]:
    """Return folders, picklists and definitions by kind; hundreds, not millions.

    Args:
        installation: The installation to read.
        fields: The properties to read; None for all.

    Raises:
        InstallationError: The installation does not answer.
    """
    types = installation.entity_types()
    kinds = [find_entity_type(types, key) for key in KINDS_BY_CLASS]
    query = Query(fields=fields)
    return {kind.name: list(installation.read(kind, query)) for kind in kinds}


def compare_installations(
    source: Installation, target: Installation
) -> list[Difference]:
    """Return where folders, picklists and definitions of two installations differ.

    Raises:
        InstallationError: One of them does not answer.
    """
    there, here = read_documents(source), read_documents(target)
    codes = match_by_name(there, here)
    return [
        difference
        for kind in there
        for difference in find_differences(kind, there[kind], here[kind], codes)
    ]


def differences_to_frame(found: Iterable[Difference]) -> pd.DataFrame:
    """Return one line a difference; values are JSON text, empty where there is none.

    Returns:
        The columns type, name, externalReferenceCode, change (added, removed or
        changed, as seen from the target), path, source, target and kept: why an
        import leaves the difference as it is; empty where it does not.
    """
    import pandas as pd

    lines = [
        (
            each.kind,
            each.name,
            each.key,
            each.change.value,
            each.path,
            format_value(each.source),
            format_value(each.target),
            each.kept or "",
        )
        for each in found
    ]
    return pd.DataFrame(lines, columns=list(_COMPARISON_COLUMNS), dtype="string")


def format_value(value: object) -> str:
    """Write a value of a definition as JSON; nothing for None."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def require_distinct(
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
    same = is_same_place(source.url, target.url)
    if same and is_server(source.url) and source.url != target.url:
        same = _have_same_documents(there, here)
    if same:
        reason = (
            f"{source.name} ({source.url}) and {target.name} ({target.url}) are one "
            "and the same installation. Choose another one."
        )
        raise InvalidPlan(reason)


def same_server_warnings(
    source: Connection, target: Connection, there: Documents, here: Documents
) -> tuple[str, ...]:
    """Say so if two servers may be one; see :func:`require_distinct`."""
    if not (is_server(source.url) and is_server(target.url)):
        return ()
    if not _have_same_documents(there, here):
        return ()
    return (
        "Source and target hold the same definitions, with the same ids and dates: "
        "either one is a copy of the other, or both are one and the same server.",
    )


def _have_same_documents(there: Documents, here: Documents) -> bool:
    """Say whether what both hold was made, and changed, once only."""
    first, second = _fingerprints(there), _fingerprints(here)
    both = first.keys() & second.keys()
    return bool(both) and all(first[each] == second[each] for each in both)


def _fingerprints(documents: Documents) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {
        (kind, str(body[ERC])): _fingerprint(body)
        for kind, bodies in documents.items()
        for body in bodies
    }


def _fingerprint(body: Body) -> tuple[Any, ...]:
    return tuple(body.get(name) for name in ("id", "dateCreated", "dateModified"))
