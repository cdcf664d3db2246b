"""What a PostgreSQL server may do to an import, and how the import goes on.

Each failure comes from the server itself, in the transaction of the third batch, when
its entries are stored and its mark is not. Nothing of that batch stays, the task says
in one sentence why it stopped, and resumed it ends as if nothing had happened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

from dmc_widgets.center import Center, resuming
from dmc_widgets.installations import connect
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.testing.samples import write
from dmc_widgets.workspace import Workspace
from tests.installations.databases import ServerPlace
from tests.kills.postgres_kills import private_server
from tests.postgresql import PrivateServer, lent_installation
from tests.tasks.conftest import TICKET, RunImport

SIZE = 100
"""The records of a batch of an import with an error limit."""

RECORDS = [
    {"externalReferenceCode": f"T-{n}", "title": f"T {n}"} for n in range(1, 451)
]
MARK = "INSERT INTO batch_mark"
CREATED = Counts(created=len(RECORDS))

Fail = Callable[[psycopg.Connection[Any], ServerPlace], object]


@pytest.fixture
def place() -> Iterator[ServerPlace]:
    with lent_installation() as url:
        yield ServerPlace(url)


@pytest.fixture
def target(workspace: Workspace, place: ServerPlace) -> str:
    """The name of an installation in PostgreSQL that holds the empty object Ticket."""
    with closing(connect(place.url)) as installation:
        write(installation, "ObjectDefinition", TICKET)
    workspace.connections.put("target", place.url)
    return "target"


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let resumed tasks run in this process."""

    def launch(workspace: Workspace, task: Task) -> None:
        run_task(workspace, task.id)

    monkeypatch.setattr(resuming, "launch_worker", launch)


@contextmanager
def at_third_mark(fail: Callable[[psycopg.Connection[Any]], object]) -> Iterator[None]:
    """Let something fail once, before the third mark is stored."""
    marks = 0

    def execute(_: Any, cursor: psycopg.Cursor[Any], statement: str, *__: Any) -> None:
        nonlocal marks
        if statement.startswith(MARK):
            marks += 1
            if marks == 3:
                fail(cursor.connection)

    event.listen(Engine, "before_cursor_execute", execute)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", execute)


def terminate(connection: psycopg.Connection[Any], place: ServerPlace) -> None:
    place.rows("SELECT pg_terminate_backend(?, 5000)", connection.info.backend_pid)


def wait_too_long(connection: psycopg.Connection[Any], _: ServerPlace) -> None:
    connection.execute("SET idle_in_transaction_session_timeout = '50ms'")
    time.sleep(0.5)


def take_too_long(connection: psycopg.Connection[Any], _: ServerPlace) -> None:
    connection.execute("SET LOCAL statement_timeout = '50ms'")
    connection.execute("SELECT pg_sleep(10)")


def become_standby(connection: psycopg.Connection[Any], _: ServerPlace) -> None:
    connection.execute("SET TRANSACTION READ ONLY")


def lose_privilege(connection: psycopg.Connection[Any], place: ServerPlace) -> None:
    place.rows("DROP ROLE IF EXISTS reader")
    place.rows("CREATE ROLE reader")
    connection.execute("SET LOCAL ROLE reader")


def run_full(_: psycopg.Connection[Any], place: ServerPlace) -> None:
    place.rows("""
        CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'no space left on device' USING ERRCODE = 'disk_full'; END $$
    """)
    place.rows(
        "CREATE TRIGGER fill BEFORE INSERT ON batch_mark EXECUTE FUNCTION fill()"
    )


def make_room(place: ServerPlace) -> None:
    place.rows("DROP FUNCTION IF EXISTS fill() CASCADE")


@pytest.mark.parametrize(
    "failure",
    [
        (
            terminate,
            "The database server ended the connection: it is shutting down, or an "
            "administrator ended it. Try again later.",
        ),
        (
            wait_too_long,
            "The database server ended a transaction in which it waited for this "
            "program for too long (idle_in_transaction_session_timeout). "
            "Try again later.",
        ),
        (
            take_too_long,
            "The database server cancelled a statement that took too long. "
            "Try again later.",
        ),
        (
            become_standby,
            "The database is read-only, as a standby is. "
            "Use the address of the primary.",
        ),
        (
            lose_privilege,
            "The user may not do this in the database (batch_mark). Its owner has to "
            "grant it SELECT, INSERT, UPDATE and DELETE on all tables, USAGE on all "
            "sequences, and CREATE on the schema; or the tables have to belong to it.",
        ),
        (
            run_full,
            "The disk of the database server is full. Make room and start again.",
        ),
    ],
    ids=["ended", "idle", "slow", "standby", "privilege", "full"],
)
def test_what_the_server_refuses_leaves_nothing_and_is_resumed(
    failure: tuple[Fail, str],
    workspace: Workspace,
    center: Center,
    run_import: RunImport,
    place: ServerPlace,
) -> None:
    """Two batches are there, none of the third; then each record once."""
    fail, error = failure
    with at_third_mark(lambda connection: fail(connection, place)):
        stopped = run_import(RECORDS, _plan(center))

    assert stopped.status is TaskStatus.FAILED
    assert stopped.error.partition(": ")[2] == error
    assert (stopped.counts.created, stopped.counts.failed) == (2 * SIZE, 0)
    assert _stored(place) == 2 * SIZE

    make_room(place)
    ended = center.tasks.get(center.tasks.resume(stopped.id).id)

    assert (ended.status, ended.error) == (TaskStatus.COMPLETED, "")
    assert ended.counts == CREATED
    assert _stored(place) == len(RECORDS)
    keys = [
        outcome.key
        for batch in workspace.outcomes.read(ended.id)
        for outcome in batch.outcomes
    ]
    assert keys == [record["externalReferenceCode"] for record in RECORDS]


def test_a_server_that_restarts_between_two_batches_is_not_noticed(
    workspace: Workspace, center: Center, run_import: RunImport
) -> None:
    """The connections of the pool are dead, and each is replaced as it is wanted."""
    with private_server() as server:
        place = ServerPlace(server.url)
        with closing(connect(place.url)) as installation:
            write(installation, "ObjectDefinition", TICKET)
        workspace.connections.put("target", place.url)
        with between_batches(server):
            task = run_import(RECORDS, _plan(center))
        stored = _stored(place)

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert task.counts == CREATED
    assert stored == len(RECORDS)


@contextmanager
def between_batches(server: PrivateServer) -> Iterator[None]:
    """Restart a server once the second batch is committed."""
    marks: list[str] = []

    def execute(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith(MARK):
            marks.append("stored")

    def checkin(*_: Any) -> None:
        if len(marks) == 2:
            marks.append("restarted")
            server.kill()
            server.start()

    event.listen(Engine, "before_cursor_execute", execute)
    event.listen(Pool, "checkin", checkin)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", execute)
        event.remove(Pool, "checkin", checkin)
    assert "restarted" in marks


def _plan(center: Center) -> ImportPlan:
    key = center.installations.entity_type("target", "Ticket").key
    policy = Policy(error_strategy=ErrorStrategy.CONTINUE)
    options = RunOptions(error_limit=5)
    return ImportPlan(entity_type=key, name="test", policy=policy, options=options)


def _stored(place: ServerPlace) -> int:
    (row,) = place.rows("SELECT count(*) FROM entry")
    return int(row[0])
