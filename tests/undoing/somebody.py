"""Changes that somebody else makes after a task, as the dice decide."""

from __future__ import annotations

import random
from typing import Any, Final

from dmc_widgets.installations.sql import SandboxInstallation
from dmc_widgets.model.strategies import Policy
from dmc_widgets.ports import Batch, Item, Query
from dmc_widgets.tasks.installation_access import find_entity_type
from tests.undoing.shop import CUSTOMER, ERC, TYPES, put

_STEPS: Final = (
    "edit",
    "edit",
    "delete",
    "add",
    "fill",
    "link",
    "add_key",
    "rename_definition",
    "rename_folder",
    "move_definition",
)


class Somebody:
    """Somebody who works with a target, too.

    Args:
        dice: Decides what is done.
        target: The installation.
    """

    def __init__(self, dice: random.Random, target: SandboxInstallation) -> None:
        self._dice = dice
        self._target = target
        self._numbers = iter(range(1000))

    def work(self, steps: int) -> list[str]:
        """Make some changes; return what was done."""
        chosen = [self._dice.choice(_STEPS) for _ in range(steps)]
        return [f"{step} {getattr(self, f'_{step}')()}" for step in chosen]

    def _pick(self, name: str) -> Item | None:
        types = self._target.entity_types()
        if name in TYPES and not any(x.short_name == name for x in types):
            return None
        items = [*self._target.read(find_entity_type(types, name), Query())]
        return self._dice.choice(items) if items else None

    def _put(self, name: str, item: Item | None) -> str:
        refused = put(self._target, name, [item]) if item is not None else ["nothing"]
        return f"{name} {item and item.get(ERC)} {refused or ''}"

    def _edit(self) -> str:
        name = self._dice.choice(TYPES)
        item = self._pick(name)
        return self._put(name, item and self._patch(item, title="Mine"))

    def _patch(self, item: Item, **values: Any) -> Item:
        site = {"scopeKey": item["scopeKey"]} if item.get("scopeKey") else {}
        return {ERC: item[ERC], **site, **values}

    def _delete(self) -> str:
        name = self._dice.choice(TYPES)
        item = self._pick(name)
        if item is None:
            return f"{name} nothing"
        entity_type = find_entity_type(self._target.entity_types(), name)
        batch = Batch(
            task=f"delete {self._dice.random()}",
            number=1,
            items=[self._patch(item)],
            policy=Policy(),
        )
        (outcome,) = self._target.delete(entity_type, batch)
        return f"{name} {item[ERC]} {outcome.problem or ''}"

    def _add(self) -> str:
        name = self._dice.choice(("Order", "Product", "Tag"))
        item: Item = {ERC: f"X-{next(self._numbers)}", "title": "New"}
        customer, tag = self._pick("Customer"), self._pick("Tag")
        if name == "Order" and customer is not None:
            item[CUSTOMER] = customer[ERC]
        if name == "Product" and tag is not None:
            item["tags"] = [{ERC: tag[ERC]}]
        is_known = any(x.short_name == name for x in self._target.entity_types())
        return self._put(name, item if is_known else None)

    def _fill(self) -> str:
        name, value = self._dice.choice(
            (
                ("Product", {"size": "large"}),
                ("Product", {"tones": ["green"]}),
                ("Customer", {"since": "2030-01-01"}),
            )
        )
        item = self._pick(name)
        return self._put(name, item and self._patch(item, **value))

    def _link(self) -> str:
        product, tag = self._pick("Product"), self._pick("Tag")
        if product is None or tag is None:
            return "nothing"
        tags = [*(product.get("tags") or ()), {ERC: tag[ERC]}]
        codes = [{ERC: code} for code in dict.fromkeys(x[ERC] for x in tags)]
        return self._put("Product", self._patch(product, tags=codes))

    def _add_key(self) -> str:
        picklist = self._pick("ListTypeDefinition")
        if picklist is None:
            return "nothing"
        added = {"key": "mine", "name": "Mine"}
        entries = [*picklist["listTypeEntries"], added]
        return self._put("ListTypeDefinition", picklist | {"listTypeEntries": entries})

    def _rename_definition(self) -> str:
        item = self._pick("ObjectDefinition")
        return self._put(
            "ObjectDefinition", item and item | {"label": {"en_US": "Mine"}}
        )

    def _rename_folder(self) -> str:
        item = self._pick("ObjectFolder")
        return self._put("ObjectFolder", item and item | {"label": {"en_US": "Mine"}})

    def _move_definition(self) -> str:
        item, folder = self._pick("ObjectDefinition"), self._pick("ObjectFolder")
        if item is None or folder is None:
            return "nothing"
        moved = item | {"objectFolderExternalReferenceCode": folder[ERC]}
        return f"{self._put('ObjectDefinition', moved)} to {folder[ERC]}"
