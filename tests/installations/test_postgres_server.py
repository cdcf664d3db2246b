"""The PostgreSQL server of the tests: one for all, with a database for each."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.postgresql import SERVER, create_database, server_url


def test_each_database_is_its_own() -> None:
    one, other = create_database(), create_database()
    with psycopg.connect(one) as connection:
        connection.execute("CREATE TABLE here (id int)")

    with psycopg.connect(other) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'here'"
        assert connection.execute(tables).fetchone() == (0,)


@pytest.mark.skipif(SERVER in os.environ, reason="The server is somebody's own.")
def test_the_server_runs_as_another_user_than_root() -> None:
    """PostgreSQL refuses root, which CI is."""
    with psycopg.connect(server_url()) as connection:
        row = connection.execute("SHOW data_directory").fetchone()

    assert row is not None
    pid = int(Path(row[0], "postmaster.pid").read_text().split()[0])
    assert psutil.Process(pid).uids().effective != 0
