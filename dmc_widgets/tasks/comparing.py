"""The definitions of two installations, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..model.entity import LIST_TYPE_DEFINITION, OBJECT_DEFINITION, OBJECT_FOLDER
from ..objects.comparing import Difference, differences
from ..objects.namesakes import codes_by_name
from ..ports import Installation, Item, Query
from .entities import resolve

if TYPE_CHECKING:  # pandas loads in a second; only those who ask for a frame wait
    import pandas as pd

_KINDS = (OBJECT_FOLDER, LIST_TYPE_DEFINITION, OBJECT_DEFINITION)
_COLUMNS = (
    "type",
    "name",
    "externalReferenceCode",
    "change",
    "path",
    "source",
    "target",
    "kept",
)


def documents_of(
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
    kinds = [resolve(types, key) for key in _KINDS]
    query = Query(fields=fields)
    return {kind.name: list(installation.read(kind, query)) for kind in kinds}


def compare(source: Installation, target: Installation) -> list[Difference]:
    """Return where folders, picklists and definitions of two installations differ.

    Raises:
        InstallationError: One of them does not answer.
    """
    there, here = documents_of(source), documents_of(target)
    codes = codes_by_name(there, here)
    return [
        difference
        for kind in there
        for difference in differences(kind, there[kind], here[kind], codes)
    ]


def differences_frame(found: Iterable[Difference]) -> pd.DataFrame:
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
            value_text(each.source),
            value_text(each.target),
            each.kept or "",
        )
        for each in found
    ]
    return pd.DataFrame(lines, columns=list(_COLUMNS), dtype="string")


def value_text(value: object) -> str:
    """Write a value of a definition as JSON; nothing for None."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
