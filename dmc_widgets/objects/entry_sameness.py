"""When an entry that comes in is the one that is stored.

Equal entries are equal bytes, but for Booleans: one without a value is given out as
false, so an entry that comes back as it was exported has false where nothing was ever
given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from orjson import loads

_FALSE: Final = b"false"


def is_same_entry(
    values: Mapping[str, Any], body: bytes, before: bytes, booleans: Collection[str]
) -> bool:
    """Return True if what comes in says the same as what is stored.

    Args:
        values: The values that come in.
        body: The same as bytes.
        before: The stored ones as bytes.
        booleans: The names of the Boolean fields.
    """
    if body == before:
        return True
    if not booleans or (_FALSE not in body and _FALSE not in before):
        return False
    return _without_false(loads(before), booleans) == _without_false(values, booleans)


def _without_false(
    values: Mapping[str, Any], booleans: Collection[str]
) -> dict[str, Any]:
    return {
        name: value
        for name, value in values.items()
        if value is not False or name not in booleans
    }
