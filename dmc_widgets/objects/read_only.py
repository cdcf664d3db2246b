"""Fields that a definition calls read-only: they keep the value that they have.

Liferay refuses a new value (objects facts, 3.3), and takes the one that is there,
so that what was exported can be imported again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orjson import loads

from ..model.outcome import Problem
from .entries import EntryRules
from .entry_faults import read_only
from .entry_state import StoredEntry
from .secrets import Sealer, Secret


def new_value(
    rules: EntryRules,
    sealer: Sealer,
    values: Mapping[str, Any],
    old: StoredEntry | None,
) -> Problem | None:
    """Report a read-only field that would change; None if there is none.

    Args:
        rules: Of the definition.
        sealer: Tells whether a secret is the one that is kept.
        values: Those that the entry is to have.
        old: The entry until now; None for a new one.
    """
    own_id = 0 if old is None else old.id
    before = _as_made(rules, values) if old is None else loads(old.body)
    for key, name in rules.read_only:
        value = values.get(key)
        if not sealer.is_same(value, own_id, name, before.get(key)):
            return read_only(name, None if isinstance(value, Secret) else value)
    return None


def _as_made(rules: EntryRules, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a new entry has by itself: defaults, and numbers of any kind."""
    made = dict(rules.defaults)
    for localized in rules.localized:
        localized.settle(made)
    return made | {
        numbering.name: values.get(numbering.name) for numbering in rules.numberings
    }
