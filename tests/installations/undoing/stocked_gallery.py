"""An installation of rooms, pictures and desks, and shorthands to take writes back."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dmc_widgets.installations import connect
from dmc_widgets.model.outcome import Outcome
from dmc_widgets.model.record import LargeText
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.ports import Batch, Item, Query, UndoBatch, Undoer, WrittenItem
from dmc_widgets.tasks.installation_access import find_entity_type
from tests.postgresql import copy_database
from tests.tasks.gallery import ERC, PICKLIST, PICTURE, ROOM, field

SITED: Item = {
    "externalReferenceCode": "DESK",
    "label": {"en_US": "Desk"},
    "pluralLabel": {"en_US": "Desks"},
    "name": "Desk",
    "objectFields": [field("name", "Text")],
    "scope": "site",
    "status": {"code": 0},
}
DRAFTED: Item = PICTURE | {"enableObjectEntryDraft": True}
_STORED: list[tuple[str, list[Item]]] = [
    ("Room", [{ERC: "R-1", "name": "Hall"}, {ERC: "R-2"}]),
    (
        "Picture",
        [
            {
                ERC: "P-1",
                "title": "Sea",
                "code": "A",
                "rank": 7,
                "secret": "hush",
                "scan": {"fileBase64": "aGVsbG8=", "name": "a.png", ERC: "F-1"},
                "caption_i18n": {"de_DE": "Wellen", "en_US": "Waves"},
                "r_pictures_c_roomERC": "R-1",
                "shownIn": [{ERC: "R-1"}, {ERC: "R-2"}],
                "keywords": ["blue"],
            },
            {ERC: "P-2", "title": "Sky", "code": "B", "shown": True, "number": "12"},
        ],
    ),
    ("Desk", [{ERC: "D-1", "name": "Oak", "scopeKey": "Guest"}]),
]
_numbers = itertools.count(1)

ADDRESS = "address"
"""The file with the address of a database that is not in the folder."""


def stock(folder: Path) -> None:
    """Make the installation and fill it."""
    opened = open_gallery(folder)
    write(opened, "ListTypeDefinition", [PICKLIST])
    write(opened, "ObjectDefinition", [DRAFTED, ROOM, SITED])
    for name, items in _STORED:
        write(opened, name, items)
    opened.close()


def copy_stock(stocked: Path, folder: Path) -> Path:
    """Copy the installation into a folder that does not exist yet."""
    shutil.copytree(stocked, folder)
    address = folder / ADDRESS
    if address.exists():
        address.write_text(copy_database(address.read_text()))
    return folder


def open_gallery(folder: Path) -> Undoer:
    """Open the database that the folder names, else the one in it."""
    address = folder / ADDRESS
    named = address.read_text() if address.exists() else ""
    opened = connect(named or f"sqlite:///{folder / 'gallery.db'}")
    assert isinstance(opened, Undoer)
    return opened


def write(
    gallery: Undoer, name: str, items: Sequence[Item], policy: Policy | None = None
) -> Sequence[Outcome]:
    entity_type = find_entity_type(gallery.entity_types(), name)
    batch = Batch(
        task=f"write {next(_numbers)}",
        number=1,
        items=items,
        policy=policy or Policy(error_strategy=ErrorStrategy.CONTINUE),
        journal=True,
    )
    outcomes = gallery.write(entity_type, batch)
    assert gallery.write(entity_type, batch) == outcomes
    return outcomes


def undo(gallery: Undoer, name: str, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """Take back what outcomes state, the last first."""
    items = [
        WrittenItem(each.kind, each.key, each.change)
        for each in reversed(outcomes)
        if each.change is not None
    ]
    entity_type = find_entity_type(gallery.entity_types(), name)
    task = f"undo {next(_numbers)}"
    batch = UndoBatch(task=task, number=1, items=items)
    undone = gallery.undo(entity_type, batch)
    assert gallery.undo(entity_type, batch) == undone
    return undone


def state(gallery: Undoer) -> list[Any]:
    """Everything that an export of the whole installation holds."""
    return [
        [_plain(item) for item in gallery.read(entity_type, Query())]
        for entity_type in gallery.entity_types()
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return value.whole() if isinstance(value, LargeText) else value


def by_code(gallery: Undoer, name: str) -> dict[str, Item]:
    entity_type = find_entity_type(gallery.entity_types(), name)
    return {item[ERC]: item for item in gallery.read(entity_type, Query())}
