"""Items as an undo will leave them, over what is stored.

No I/O: what is read is handed in, and given back as it will be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...model.entity_type import EntityType
from ...model.item_reads import ItemPlace
from ...objects.fields.many_to_many import is_link_list
from ...objects.names import ERC
from ...ports import Item
from .decisions import Decision
from .item_images import Images

_Moves = dict[str, bool]
"""Codes of linked entries: True for links that are added, False for those that go."""


class PlannedItems:
    """The items of which an undo has decided what becomes of them.

    A link stands on both of its sides, so that what becomes of one entry shows in the
    entries that it is linked to.

    Args:
        earlier: What was decided before, which counts as stored.
    """

    def __init__(self, earlier: PlannedItems | None = None) -> None:
        self._earlier = earlier
        self._images: dict[tuple[str, ItemPlace], Item | None] = {}
        self._links: dict[tuple[str, str, str], _Moves] = {}

    def add(
        self, entity_type: EntityType, decisions: Iterable[Decision], now: Images
    ) -> None:
        """Note what becomes of items that are stored as *now*."""
        for decision in decisions:
            if decision.step is None:
                continue
            place = decision.place
            self._images[entity_type.key, place] = decision.image
            sides = now.get(place) or {}, decision.image or {}
            self._move_links(entity_type, place[1], sides)

    def view(
        self, entity_type: EntityType, place: ItemPlace, stored: Item | None
    ) -> Item | None:
        """Return a stored item as it will be; None if it will not be there."""
        if self._earlier is not None:
            stored = self._earlier.view(entity_type, place, stored)
        item = self._images.get((entity_type.key, place), stored)
        if item is None or not self._links:
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
                for other in before ^ after:
                    at = field.linked, field.name, other
                    self._links.setdefault(at, {})[code] = other in after

    def _moved_lists(
        self, entity_type: EntityType, code: str, item: Item
    ) -> dict[str, list[Item]]:
        lists: dict[str, list[Item]] = {}
        for field in entity_type.fields:
            moves = self._links.get((entity_type.key, field.name, code))
            if moves and field.name in item:
                codes = _codes(item[field.name])
                codes -= {other for other, is_added in moves.items() if not is_added}
                codes |= {other for other, is_added in moves.items() if is_added}
                lists[field.name] = [{ERC: other} for other in sorted(codes)]
        return lists


def _codes(links: object) -> set[str]:
    if not isinstance(links, list):
        return set()
    return {str(link[ERC]) for link in links if isinstance(link, dict) and ERC in link}
