"""Items as an undo will leave them, over what is stored.

What is read is handed in, and given back as it will be. What is planned may not fit in
memory, so it is in a temporary file of SQLite's own, which goes when it is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import orjson

from ...model.entity_type import EntityType
from ...model.item_reads import ItemPlace
from ...objects.fields.many_to_many import is_link_list
from ...objects.names import ERC
from ...ports import Item
from ...storage.sqlite import open_temporary
from .decisions import Decision
from .item_images import Images, hide_secrets

_TABLES: Final = (
    "CREATE TABLE item (type TEXT, site TEXT, code TEXT, image BLOB, "
    "PRIMARY KEY (type, site, code)) WITHOUT ROWID",
    "CREATE TABLE link (type TEXT, name TEXT, code TEXT, other TEXT, added INTEGER, "
    "PRIMARY KEY (type, name, code, other)) WITHOUT ROWID",
)


class PlannedItems:
    """The items of which an undo has decided what becomes of them.

    A link stands on both of its sides, so that what becomes of one entry shows in the
    entries that it is linked to.

    Args:
        earlier: What was decided before, which counts as stored.
    """

    def __init__(self, earlier: PlannedItems | None = None) -> None:
        self._earlier = earlier
        self._has_links = False
        self._connection = open_temporary()
        for table in _TABLES:
            self._connection.execute(table)

    def close(self) -> None:
        """Remove the file."""
        self._connection.close()

    def add(
        self, entity_type: EntityType, decisions: Iterable[Decision], now: Images
    ) -> None:
        """Note what becomes of items that are stored as *now*."""
        for decision in decisions:
            if decision.step is None:
                continue
            place = decision.place
            image = decision.image
            packed = None if image is None else _pack(image)
            self._connection.execute(
                "INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?)",
                [entity_type.key, *place, packed],
            )
            sides = now.get(place) or {}, image or {}
            self._move_links(entity_type, place[1], sides)

    def view(
        self, entity_type: EntityType, place: ItemPlace, stored: Item | None
    ) -> Item | None:
        """Return a stored item as it will be; None if it will not be there."""
        if self._earlier is not None:
            stored = self._earlier.view(entity_type, place, stored)
        query = "SELECT image FROM item WHERE type = ? AND site = ? AND code = ?"
        row = self._connection.execute(query, [entity_type.key, *place]).fetchone()
        item = stored if row is None else _unpack(row[0])
        if item is None or not self._has_links:
            return item
        return {**item, **self._moved_lists(entity_type, place[1], item)}

    def view_all(
        self, entity_type: EntityType, places: Sequence[ItemPlace], stored: Images
    ) -> Images:
        """Return the images of stored items as they will be."""
        viewed = {x: self.view(entity_type, x, stored.get(x)) for x in places}
        return {place: item for place, item in viewed.items() if item is not None}

    def _move_links(
        self, entity_type: EntityType, code: str, sides: tuple[Item, Item]
    ) -> None:
        for field in entity_type.fields:
            if is_link_list(field) and field.linked != entity_type.key:
                before, after = (_codes(image.get(field.name)) for image in sides)
                moves = [
                    (field.linked, field.name, other, code, other in after)
                    for other in before ^ after
                ]
                self._has_links |= bool(moves)
                self._connection.executemany(
                    "INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?, ?)", moves
                )

    def _moved_lists(
        self, entity_type: EntityType, code: str, item: Item
    ) -> dict[str, list[Item]]:
        lists: dict[str, list[Item]] = {}
        query = "SELECT other, added FROM link WHERE type = ? AND name = ? AND code = ?"
        names = [x.name for x in entity_type.fields if is_link_list(x)]
        for name in (x for x in names if x in item):
            at = entity_type.key, name, code
            moves = self._connection.execute(query, at).fetchall()
            codes = _codes(item[name])
            for other, is_added in moves:
                (codes.add if is_added else codes.discard)(other)
            if moves:
                lists[name] = [{ERC: other} for other in sorted(codes)]
        return lists


def _pack(image: Item) -> bytes:
    return orjson.dumps(hide_secrets(image), default=str)


def _unpack(packed: bytes | None) -> Item | None:
    image: Item | None = None if packed is None else orjson.loads(packed)
    return image


def _codes(links: object) -> set[str]:
    if not isinstance(links, list):
        return set()
    return {str(link[ERC]) for link in links if isinstance(link, dict) and ERC in link}
