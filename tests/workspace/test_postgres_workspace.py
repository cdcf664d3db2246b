"""A workspace whose database is one of a PostgreSQL server."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dmc_widgets.errors import InvalidPlan, WorkspaceUnusable
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.storage.postgres import PostgresDatabase
from dmc_widgets.storage.postgres.statements import (
    StatementTranslator,
    TableLayout,
    adapt_values,
    with_placeholders,
)
from dmc_widgets.storage.sqlite_lock import LockWait
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.database_choice import DatabaseChoice, save_choice

EXPORT = ExportPlan(entity_type="C_Ticket", name="Tickets")

pytestmark = pytest.mark.own_file  # these tests choose the database themselves


@pytest.fixture
def choice(postgresql_url: str, request: pytest.FixtureRequest) -> DatabaseChoice:
    return DatabaseChoice(postgresql_url, f"s_{abs(hash(request.node.name)):x}")


@pytest.fixture
def folder(tmp_path: Path, choice: DatabaseChoice) -> Path:
    folder = tmp_path / "team"
    folder.mkdir()
    save_choice(folder, choice)
    return folder


def test_two_machines_see_the_same_tasks(folder: Path) -> None:
    with closing(Workspace(folder)) as one, closing(Workspace(folder)) as other:
        task = one.tasks.add("Production", EXPORT)

        assert other.tasks.get(task.id) == task
        assert [event.event for event in other.history.read()] == ["Queued"]


def test_tables_have_the_columns_of_those_in_a_file(
    folder: Path, choice: DatabaseChoice, tmp_path: Path
) -> None:
    with closing(Workspace(folder)), psycopg.connect(choice.url) as connection:
        found = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = %s AND column_name <> 'rowid' "
            "AND table_name <> 'schema_version'",
            [choice.schema],
        ).fetchall()
    Workspace(tmp_path / "own").close()
    with closing(sqlite3.connect(tmp_path / "own" / "workspace.db")) as file:
        expected = file.execute(
            "SELECT m.name, c.name FROM sqlite_master m "
            "JOIN pragma_table_xinfo(m.name) c "
            "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        ).fetchall()

    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET author = 'x'",
        "UPDATE history SET installation = 'Elsewhere'",
        "DELETE FROM history",
        "TRUNCATE history",
    ],
)
def test_history_cannot_be_changed(
    folder: Path, choice: DatabaseChoice, statement: str
) -> None:
    with closing(Workspace(folder)) as workspace:
        workspace.tasks.add("Production", EXPORT)
        with psycopg.connect(choice.url) as connection:
            connection.execute(f"SET search_path = {choice.schema}".encode())
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(statement.encode())
        assert [event.event for event in workspace.history.read()] == ["Queued"]


def test_connection_that_the_server_ends_is_opened_again(
    folder: Path, choice: DatabaseChoice
) -> None:
    with closing(Workspace(folder)) as workspace:
        task = workspace.tasks.add("Production", EXPORT)
        with psycopg.connect(choice.url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'dmc_widgets workspace' "
                "AND datname = current_database()"
            )

        assert workspace.tasks.get(task.id) == task
        workspace.tasks.request_cancel(task.id)


def test_writers_take_turns_and_wait_no_longer_than_they_may(
    choice: DatabaseChoice,
) -> None:
    def open_database(limit_s: float | None) -> PostgresDatabase:
        return PostgresDatabase(
            choice.url,
            choice.schema,
            [["CREATE TABLE counter (value bigint)", "INSERT INTO counter VALUES (0)"]],
            waiting=LockWait(limit_s=limit_s),
            translate=lambda error: error,
        )

    def count(database: PostgresDatabase) -> None:
        for _ in range(20):
            with database.transaction() as transaction:
                (row,) = transaction.execute("SELECT value FROM counter").fetchall()
                transaction.execute("UPDATE counter SET value = ?", [row["value"] + 1])

    databases = [open_database(None) for _ in range(3)]
    threads = [threading.Thread(target=count, args=[each]) for each in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tuple(databases[0].row("SELECT value FROM counter")) == (60,)

    hurried = open_database(0.0)
    with (
        databases[0].transaction(),
        pytest.raises(psycopg.errors.LockNotAvailable),
        hurried.transaction(),
    ):
        pass
    for database in [*databases, hurried]:
        database.close()


def test_newer_workspace_is_refused(folder: Path, choice: DatabaseChoice) -> None:
    with psycopg.connect(choice.url) as connection:
        table = f"{choice.schema}.schema_version"
        connection.execute(f"UPDATE {table} SET steps = 99".encode())

    with pytest.raises(WorkspaceUnusable, match=r"newer version \(step 99"):
        Workspace(folder)


def test_server_that_does_not_answer_is_named_without_a_guess(tmp_path: Path) -> None:
    nowhere = DatabaseChoice("postgresql://dmc@127.0.0.1:9/dmc")

    with pytest.raises(WorkspaceUnusable, match="database server does not answer"):
        save_choice(tmp_path, nowhere)
    assert list(tmp_path.iterdir()) == []


def test_folder_with_a_workspace_keeps_its_database(
    tmp_path: Path, choice: DatabaseChoice
) -> None:
    Workspace(tmp_path).close()

    with pytest.raises(WorkspaceUnusable, match="already holds a workspace"):
        save_choice(tmp_path, choice)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://dmc:secret@db/dmc", "holds no password"),
        ("postgresql://dmc@db/dmc?password=secret", "holds no password"),
        ("sqlite:///a.db", "not one that begins with 'sqlite'"),
    ],
)
def test_address_is_refused_without_repeating_a_secret(url: str, message: str) -> None:
    with pytest.raises(InvalidPlan, match=message) as caught:
        DatabaseChoice(url)
    assert "secret" not in str(caught.value)


def test_schema_is_a_plain_name() -> None:
    with pytest.raises(InvalidPlan, match="small letters, digits and underscores"):
        DatabaseChoice("postgresql://db/dmc", 'x"; DROP TABLE task; --')


LAYOUT = TableLayout(("id", "name", "text"), ("id",), "")
NUMBERED = TableLayout(("id", "name"), ("id",), "id")


@pytest.mark.parametrize(
    ("statement", "translated"),
    [
        ("SELECT 'a?b%' FROM t WHERE x = ?", "SELECT 'a?b%%' FROM t WHERE x = %s"),
        ("SELECT :new, x::text FROM t", "SELECT %(new)s, x::text FROM t"),
        (
            "INSERT OR REPLACE INTO t VALUES (?, ?, ?)",
            "INSERT INTO t (id, name, text) VALUES (%s, %s, %s) ON CONFLICT (id) "
            "DO UPDATE SET name = excluded.name, text = excluded.text",
        ),
        (
            "INSERT OR IGNORE INTO t (id) VALUES (?)",
            "INSERT INTO t (id) VALUES (%s) ON CONFLICT DO NOTHING",
        ),
        (
            "INSERT INTO numbered (name) VALUES (?)",
            "INSERT INTO numbered (name) VALUES (%s) RETURNING id",
        ),
    ],
)
def test_statements_are_written_for_the_server(statement: str, translated: str) -> None:
    translator = StatementTranslator(
        lambda name: NUMBERED if name == "numbered" else LAYOUT
    )
    assert translator.translate(statement) == translated


@pytest.mark.parametrize(
    ("value", "adapted"),
    [(True, 1), ("a\0b", "a␀b"), (b"\0", b"\0"), (None, None), (1.5, 1.5)],
)
def test_values_are_what_the_server_takes(value: Any, adapted: Any) -> None:
    assert adapt_values([value]) == [adapted]
    assert adapt_values({"x": value}) == {"x": adapted}


def test_percent_signs_are_doubled_everywhere() -> None:
    assert with_placeholders("SELECT 7 % ?") == "SELECT 7 %% %s"
