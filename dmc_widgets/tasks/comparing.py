"""The definitions of two installations, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..model.entity import LIST_TYPE_DEFINITION, OBJECT_DEFINITION, OBJECT_FOLDER
from ..objects.comparing import Difference, differences
from ..ports import Installation, Query
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
)


def compare(source: Installation, target: Installation) -> list[Difference]:
    """Return where folders, picklists and definitions of two installations differ.

    Both sides' documents are held in memory; they are hundreds, not millions.

    Raises:
        InstallationError: One of them does not answer.
    """
    found: list[Difference] = []
    known, others = source.entity_types(), target.entity_types()
    for key in _KINDS:
        kind = resolve(known, key)
        found += differences(
            kind.name,
            source.read(kind, Query()),
            target.read(resolve(others, key), Query()),
        )
    return found


def differences_frame(found: Iterable[Difference]) -> pd.DataFrame:
    """Return one line a difference; values are JSON text, empty where there is none.

    Returns:
        The columns type, name, externalReferenceCode, change (added, removed or
        changed, as seen from the target), path, source and target.
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
        )
        for each in found
    ]
    return pd.DataFrame(lines, columns=list(_COLUMNS), dtype="string")


def value_text(value: object) -> str:
    """Write a value of a definition as JSON; nothing for None."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
