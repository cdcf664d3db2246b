"""The paths of entries, also of objects that a database has had for long."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx2
import orjson

from tests.installations.older_databases import set_back
from tests.sandbox.conftest import DEFINITIONS, Define, definition, run_sandbox


def test_entries_are_at_liferays_plural_of_the_name(
    client: httpx2.Client, define: Define
) -> None:
    branch = define("Branch")

    assert branch["restContextPath"] == "/o/c/branches"
    assert client.post("/o/c/branches", json={"title": "Oak"}).status_code == 200
    assert client.get("/o/c/branchs").status_code == 404
    assert "/c/branches" in client.get("/o/openapi").json()


def test_objects_of_an_older_database_move_to_liferays_paths(tmp_path: Path) -> None:
    """Whatever path an older version has stored with a definition or shown for it."""
    path = tmp_path / "old.db"
    with run_sandbox(path) as server, server.client() as client:
        client.post(DEFINITIONS, json=definition("Quiz")).raise_for_status()
        client.post("/o/c/quizes", json={"title": "First"}).raise_for_status()
    set_back(path, "0005")
    with closing(sqlite3.connect(path)) as connection, connection:
        ((number, body),) = connection.execute(
            "SELECT id, body FROM document WHERE kind = 'ObjectDefinition'"
        )
        stored = orjson.loads(body) | {"restContextPath": "/o/c/quizs"}
        connection.execute(
            "UPDATE document SET body = ? WHERE id = ?",
            (orjson.dumps(stored), number),
        )

    with run_sandbox(path) as server, server.client() as client:
        listed = client.get(DEFINITIONS).json()["items"]
        entries = client.get("/o/c/quizes").json()["items"]
        former = client.get("/o/c/quizs").status_code

    assert [item["restContextPath"] for item in listed] == ["/o/c/quizes"]
    assert [entry["title"] for entry in entries] == ["First"]
    assert former == 404
