"""The history that an embedded installation keeps of entries."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc_widgets.installations.sql import SandboxInstallation, SqlInstallation
from dmc_widgets.installations.sql.database.engine import Database
from dmc_widgets.installations.sql.database.sqlite import Sqlite
from dmc_widgets.ports import Item
from dmc_widgets.testing.samples import field, type_named, write
from tests.installations.older_databases import set_back

DEED: Item = {
    "externalReferenceCode": "DEED",
    "name": "Deed",
    "label": {"en_US": "Deed"},
    "pluralLabel": {"en_US": "Deeds"},
    "scope": "company",
    "status": {"code": 0},
    "enableObjectEntryHistory": True,
    "objectFields": [field("title", "Text"), field("pin", "Encrypted")],
}


def open_installation(path: Path) -> SandboxInstallation:
    database = Database("deeds", Sqlite(path))
    return SandboxInstallation(database, now_ms=lambda: 1_709_618_828_000)


def read_changes(
    installation: SandboxInstallation,
) -> list[tuple[str, Item | list[Item]]]:
    (item,) = installation.fetch(type_named(installation, "C_Deed"), ["D"]).values()
    events = installation.events([item["id"]])[item["id"]]
    return [(event.kind, event.changes) for event in events]


def test_database_of_an_older_version_keeps_history_from_now_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Encrypted values stay out of it."""
    monkeypatch.setenv("DMC_ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODw==")
    path = tmp_path / "deeds.db"
    installation = open_installation(path)
    write(installation, "ObjectDefinition", DEED)
    write(installation, "C_Deed", {"externalReferenceCode": "D", "title": "a"})
    installation.close()
    set_back(path, "0006")

    again = open_installation(path)
    before = read_changes(again)
    write(again, "C_Deed", {"externalReferenceCode": "D", "title": "b"})

    assert before == []
    assert read_changes(again) == [
        ("UPDATE", [{"name": "title", "newValue": "b", "oldValue": "a"}])
    ]
    assert again.permissions([1]) == {}
    again.close()


def test_entries_that_are_written_together_have_their_history(tmp_path: Path) -> None:
    """As an import into the database writes them, which a sandbox serves later."""
    fields = [field("title", "Text")]
    path = tmp_path / "deeds.db"
    installation = SqlInstallation(Database("deeds", Sqlite(path)))
    write(installation, "ObjectDefinition", {**DEED, "objectFields": fields})
    for titles in ("abc", "abd"):
        deeds = [
            {"externalReferenceCode": f"D{number}", "title": title}
            for number, title in enumerate(titles)
        ]
        write(installation, "C_Deed", *deeds, task=titles)
    installation.close()

    served = open_installation(path)
    items = served.fetch(type_named(served, "C_Deed"), ["D0", "D1", "D2"])
    events = [served.events([item["id"]])[item["id"]] for item in items.values()]
    served.close()

    assert [[(event.kind, event.changes) for event in one] for one in events] == [
        [("ADD", [{"name": "title", "newValue": "a"}])],
        [("ADD", [{"name": "title", "newValue": "b"}])],
        [
            ("UPDATE", [{"name": "title", "newValue": "d", "oldValue": "c"}]),
            ("ADD", [{"name": "title", "newValue": "c"}]),
        ],
    ]
