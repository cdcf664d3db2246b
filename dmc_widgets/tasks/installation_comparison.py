"""Compare two installations: their definitions, and whether they are one and the same.

A migration of an installation onto itself is refused. A database has one file, however
its path is written. A server has many names, and nothing distinguishes it from a copy
of itself; but its documents have ids and dates that another server would assign
differently. So two addresses on one machine with the same ids are refused, and the same
ids elsewhere give a warning: one server may have been restored from the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, Any

from ..errors import InvalidPlan
from ..installations.addresses import is_same_place, is_server
from ..objects.comparison.differences import Difference, find_differences
from ..objects.comparison.erc_matching import Documents, match_by_name
from ..objects.documents.change_set import Body
from ..objects.documents.kinds import KINDS_BY_CLASS, KINDS_BY_NAME
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
        InstallationError: One of the installations does not answer.
    """
    source_documents, target_documents = read_documents(source), read_documents(target)
    codes = match_by_name(source_documents, target_documents)
    return [
        difference
        for kind in source_documents
        for difference in find_differences(
            kind, source_documents[kind], target_documents[kind], codes
        )
    ]


def differences_to_frame(differences: Iterable[Difference]) -> pd.DataFrame:
    """Return a frame with one line a difference; values are JSON text.

    Returns:
        The columns type, name, externalReferenceCode, change (added, removed or
        changed, as seen from the target), path, source, target and kept: the reason
        why an import leaves the difference as it is, or an empty text.
    """
    import pandas as pd

    lines = [
        (
            difference.kind,
            difference.name,
            difference.key,
            difference.change.value,
            difference.path,
            format_value(difference.source),
            format_value(difference.target),
            difference.kept or "",
        )
        for difference in differences
    ]
    return pd.DataFrame(lines, columns=list(_COMPARISON_COLUMNS), dtype="string")


def format_value(value: object) -> str:
    """Return a value of a definition as JSON; an empty text for None."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def require_distinct(
    source: Connection,
    target: Connection,
    source_documents: Documents,
    target_documents: Documents,
) -> None:
    """Refuse a source and a target that are one installation.

    Args:
        source: The connection of the source.
        target: The connection of the target.
        source_documents: The definitions, picklists and folders of the source.
        target_documents: The same of the target.

    Raises:
        InvalidPlan: Both are the same; the error names their addresses.
    """
    is_same = is_same_place(source.url, target.url)
    if is_same and is_server(source.url) and source.url != target.url:
        is_same = _have_same_documents(source_documents, target_documents)
    if is_same:
        reason = (
            f"{source.name} ({source.url}) and {target.name} ({target.url}) are one "
            "and the same installation. Choose another one."
        )
        raise InvalidPlan(reason)


def same_server_warnings(
    source: Connection,
    target: Connection,
    source_documents: Documents,
    target_documents: Documents,
) -> tuple[str, ...]:
    """Return a warning if two servers may be one; see :func:`require_distinct`."""
    if not (is_server(source.url) and is_server(target.url)):
        return ()
    if not _have_same_documents(source_documents, target_documents):
        return ()
    return (
        "Source and target hold the same definitions, with the same ids and dates: "
        "either one is a copy of the other, or both are one and the same server.",
    )


def _have_same_documents(
    source_documents: Documents, target_documents: Documents
) -> bool:
    """Return True if the documents on both sides are the same, with ids and dates.

    Two servers that were set up by one script in the same second give out the same ids
    and dates, too; that they have grown apart since shows in the documents themselves.
    """
    source, target = _fingerprints(source_documents), _fingerprints(target_documents)
    both = source.keys() & target.keys()
    if not both or any(source[key] != target[key] for key in both):
        return False
    sides = (_pick(source_documents, both), _pick(target_documents, both))
    return not any(
        any(find_differences(kind, sides[0][kind], sides[1][kind])) for kind in sides[0]
    )


def _pick(documents: Documents, keys: Set[tuple[str, str]]) -> dict[str, list[Body]]:
    """Return the documents of some kinds and codes."""
    return {
        kind: [body for body in bodies if (kind, str(body[ERC])) in keys]
        for kind, bodies in documents.items()
    }


def _fingerprints(documents: Documents) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {
        (kind, str(body[ERC])): _fingerprint(body)
        for kind, bodies in documents.items()
        for body in bodies
        if body[ERC] not in KINDS_BY_NAME[kind].builtin_ercs
    }


def _fingerprint(body: Body) -> tuple[Any, ...]:
    return tuple(body.get(name) for name in ("id", "dateCreated", "dateModified"))
