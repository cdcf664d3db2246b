"""Errors about bodies beyond the limits and about a damaged database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx2

from tests.sandbox.conftest import DEFINITIONS, Define, definition, run_sandbox


def test_damaged_entry_is_named_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    with run_sandbox(path) as sandbox, sandbox.client() as client:
        client.post(DEFINITIONS, json=definition("Vase"))
        entry = client.post(
            "/o/c/vases", json={"externalReferenceCode": "V-1", "title": "blue"}
        ).json()
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("update entry set body = x'7b22'")

        answers = [
            client.get("/o/c/vases"),
            client.get(f"/o/c/vases/{entry['id']}"),
            client.patch(f"/o/c/vases/{entry['id']}", json={"title": "red"}),
        ]

    named = (
        f"The stored bytes of the entry 'V-1' (id {entry['id']}) of Vase are damaged."
    )
    for response in answers:
        assert response.status_code == 400, response.text
        assert response.json()["title"].startswith(named)


def test_body_with_too_many_values_is_rejected_before_parsing(
    client: httpx2.Client, define: Define
) -> None:
    define("Bowl")
    body = b'{"title":[' + b"{}," * 1_100_000 + b"{}]}"

    response = client.post(
        "/o/c/bowls", content=body, headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 400
    assert response.json()["title"] == (
        "Unable to read the JSON body: It holds more than 1,000,000 values."
    )
