"""Two installations with different pasts, as they meet on a Friday evening."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from dmc_widgets.installations import connect
from dmc_widgets.objects.comparison.differences import Difference
from dmc_widgets.ports import Item
from dmc_widgets.tasks.installation_comparison import compare_installations
from dmc_widgets.testing.samples import field, read, write
from tests.cli.driver import ERC
from tests.factories import definition

_ENTRIES: Final = ("C_Client", "C_Order")
_GENERATED: Final = frozenset(
    {"actions", "creator", "dateCreated", "dateModified", "id", "links"}
)


def client(number: int, **more: Any) -> Item:
    return {
        ERC: f"C{number}",
        "email": f"c{number}@example.com",
        "name": f"Client {number}",
        "level": "gold",
        **more,
    }


def order(number: int, clients: int) -> Item:
    code = f"C{number % clients + 1}"
    return {ERC: f"O{number}", "title": f"Order {number}", "r_orders_c_clientERC": code}


def fill_staging(path: Path, number: int) -> None:
    """Store *number* entries: clients, three in four, and orders of theirs."""
    clients = number * 3 // 4
    _fill(
        path,
        ["gold", "vip"],
        field("phone", "Text"),
        [client(n, phone=f"+49 {n}") for n in range(1, clients + 1)],
        [order(n, clients) for n in range(number - clients)],
    )


def fill_production(path: Path) -> None:
    """Store what only production knows: VAT numbers, a key, and an e-mail address.

    The address is that of C7 in staging, and belongs to another client here.
    """
    own = {ERC: "OWN", "email": "c7@example.com", "name": "Ours", "level": "legacy"}
    vat = [client(n, vatNumber=f"VAT{n}", name="Old") for n in range(100, 200)]
    _fill(path, ["gold", "legacy"], field("vatNumber", "Text"), [*vat, own], [])


def _fill(
    path: Path, keys: list[str], extra: Item, clients: list[Item], orders: list[Item]
) -> None:
    levels = {
        ERC: "LEVELS",
        "name": "Levels",
        "name_i18n": {"en-US": "Levels"},
        "listTypeEntries": [{"key": x, "name_i18n": {"en-US": x}} for x in keys],
    }
    fields = (
        field("email", "Text", settings={"uniqueValues": True}),
        field("name", "Text"),
        field("level", "Picklist", listTypeDefinitionExternalReferenceCode="LEVELS"),
        extra,
    )
    relationship = {
        ERC: "CLIENT_ORDERS",
        "name": "orders",
        "label": {"en_US": "Orders"},
        "type": "oneToMany",
        "deletionType": "disassociate",
        "objectDefinitionExternalReferenceCode2": "ORDER",
    }
    objects = [
        definition("Order", field("title", "Text")),
        definition("Client", *fields, objectRelationships=[relationship]),
    ]
    with closing(connect(f"sqlite:///{path}")) as installation:
        write(installation, "ListTypeDefinition", levels)
        write(installation, "ObjectDefinition", *objects)
        for name, entries in (("C_Client", clients), ("C_Order", orders)):
            for start in range(0, len(entries), 1000):
                write(installation, name, *entries[start : start + 1000])


def held(path: Path) -> dict[str, dict[str, Any]]:
    """Return the entries of an installation by type and code; no ids, no dates."""
    with closing(connect(f"sqlite:///{path}")) as installation:
        return {
            name: {item[ERC]: _plain(item) for item in read(installation, name)}
            for name in _ENTRIES
        }


def document_differences(path: Path, other: Path) -> list[Difference]:
    """Return where the definitions and picklists of two installations differ."""
    with (
        closing(connect(f"sqlite:///{path}")) as first,
        closing(connect(f"sqlite:///{other}")) as second,
    ):
        return compare_installations(first, second)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        names = (x for x in value if x not in _GENERATED and not _is_parent_id(x))
        return {name: _plain(value[name]) for name in names}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _is_parent_id(name: str) -> bool:
    return name.startswith("r_") and name.endswith("Id")


def count_entries(path: Path) -> int:
    """Return the number of entries that a database holds at this moment."""
    with closing(sqlite3.connect(path)) as database:
        number: int = database.execute("SELECT count(*) FROM entry").fetchone()[0]
    return number
