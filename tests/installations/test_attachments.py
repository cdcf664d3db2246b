"""Attachments in a SQL database: there and back, and one bad file among good ones."""

from __future__ import annotations

from pathlib import Path

from dmc_widgets.installations.sql import open_sqlite
from dmc_widgets.ports import Item
from tests.installations.contract import (
    CREATED,
    FAILED,
    UNCHANGED,
    field,
    kinds,
    read,
    told,
    write,
)

LETTER: Item = {
    "externalReferenceCode": "LETTER",
    "name": "Letter",
    "label": {"en_US": "Letter"},
    "pluralLabel": {"en_US": "Letters"},
    "scope": "company",
    "status": {"code": 0},
    "objectFields": [
        field(
            "scan",
            "Attachment",
            settings={
                "acceptedFileExtensions": "pdf",
                "fileSource": "userComputer",
                "maximumFileSize": 1,
            },
        )
    ],
}


def test_files_come_back_as_they_went_and_a_bad_one_fails_alone(
    tmp_path: Path,
) -> None:
    installation = open_sqlite(tmp_path / "letters.db", "letters")
    assert kinds(write(installation, "ObjectDefinition", LETTER)) == [CREATED]
    brought = {"fileBase64": "eHh4", "name": "a.pdf"}
    scans: list[object] = [brought, {"externalReferenceCode": "F"}, 7, "garbage"]
    items = [
        {"externalReferenceCode": f"L-{number}", "scan": scan}
        for number, scan in enumerate(scans)
    ]

    outcomes = write(installation, "C_Letter", *items)
    stored = read(installation, "C_Letter", "externalReferenceCode", "scan")

    assert kinds(outcomes) == [CREATED, CREATED, CREATED, FAILED]
    assert told(outcomes[3])[0] == "invalid-value"
    assert [each["scan"] for each in stored] == [
        brought,
        {"externalReferenceCode": "F"},
        {"id": 7},
    ]
    assert kinds(write(installation, "C_Letter", *stored)) == [UNCHANGED] * 3
    installation.close()
