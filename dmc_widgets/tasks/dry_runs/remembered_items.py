"""The items that an import has sent to the target of its dry run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from ...model.entity_type import EntityType
from ...model.outcome import Outcome, OutcomeKind
from ...model.record import LargeText
from ...objects.names import SCOPE_KEY
from ...ports import Batch, Item
from ...storage.sqlite import open_temporary


class RememberedItems:
    """The last item of each code, in a temporary file; see :class:`.SentItems`.

    The contents of large texts, such as files in Base64, are not kept: no rule
    compares them.
    """

    def __init__(self) -> None:
        self._connection = open_temporary()
        self._connection.execute(
            "CREATE TABLE item (type TEXT, scope TEXT, erc TEXT, body BLOB, "
            "PRIMARY KEY (type, scope, erc)) WITHOUT ROWID"
        )

    def close(self) -> None:
        """Remove the file."""
        self._connection.close()

    def entity_type(self, _name: object) -> EntityType | None:
        """Return None: an import brings no entries for a definition that it brings."""
        return None

    def entries(
        self, entity_type: EntityType, keys: Sequence[str], scope: str
    ) -> dict[str, Item]:
        """Return the entries that were sent last under these codes."""
        query = "SELECT body FROM item WHERE type = ? AND scope = ? AND erc = ?"
        items: dict[str, Item] = {}
        for key in keys:
            row = self._connection.execute(query, [entity_type.key, scope, key])
            if found := row.fetchone():
                items[key] = orjson.loads(found[0])
        return items

    def remember(
        self, entity_type: EntityType, batch: Batch, outcomes: Sequence[Outcome]
    ) -> None:
        """Keep the items of a batch that would be created or updated.

        An item that would update another one lays its values over those kept before.
        """
        for item, outcome in zip(batch.items, outcomes, strict=True):
            if outcome.kind in {OutcomeKind.CREATED, OutcomeKind.UPDATED}:
                scope = batch.scope or item.get(SCOPE_KEY) or ""
                before = self.entries(entity_type, [outcome.key], scope)
                body = {**before.get(outcome.key, {}), **item}
                self._connection.execute(
                    "INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?)",
                    [entity_type.key, scope, outcome.key, _to_bytes(body)],
                )


def _to_bytes(item: Item) -> bytes:
    return orjson.dumps(item, default=_encode, option=orjson.OPT_NON_STR_KEYS)


def _encode(value: Any) -> Any:
    """Return a number with every digit; nothing of a large text but that it is one."""
    return "" if isinstance(value, LargeText) else orjson.Fragment(str(value).encode())
