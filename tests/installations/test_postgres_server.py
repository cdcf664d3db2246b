"""The PostgreSQL server of the tests: one for all, with a database for each."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from dmc_widgets.testing.samples import (
    CREATED,
    DEFINITIONS,
    FAILED,
    PICKLIST,
    kinds,
    ticket,
    write,
)
from tests.installations.databases import ServerPlace, open_at
from tests.postgresql import (
    SERVER,
    create_database,
    create_installation,
    lent_installation,
    remove_dead_folders,
    server_url,
)


def test_each_database_is_its_own() -> None:
    one, other = create_database(), create_database()
    with psycopg.connect(one) as connection:
        connection.execute("CREATE TABLE here (id int)")

    with psycopg.connect(other) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'here'"
        assert connection.execute(tables).fetchone() == (0,)


def test_a_database_is_lent_as_it_was_created() -> None:
    """Whoever had it before; or else a test would depend on those before it."""
    created = content_of(create_installation())
    for _ in range(2):
        with lent_installation() as url:
            assert content_of(url) == created
            with closing(open_at(ServerPlace(url), "lent")) as desk:
                write(desk, "ListTypeDefinition", PICKLIST)
                write(desk, "ObjectDefinition", *DEFINITIONS)
                people = [{"externalReferenceCode": "P"}, {"fullName": "x"}]
                assert kinds(write(desk, "C_Person", *people)) == [FAILED, CREATED]
                write(desk, "C_Ticket", ticket("T-1", token="t"))
                desk.add_site("elsewhere")


def content_of(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of all tables, and where sequences are."""
    place = ServerPlace(url)
    tables = place.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    content = {name: sorted(place.rows(f"SELECT * FROM {name}")) for (name,) in tables}
    return content | {"": place.rows("SELECT * FROM entry_id_seq")}


@pytest.mark.skipif(SERVER in os.environ, reason="The server is somebody's own.")
def test_the_server_runs_as_another_user_than_root() -> None:
    """PostgreSQL refuses root, which CI is."""
    with psycopg.connect(server_url()) as connection:
        row = connection.execute("SHOW data_directory").fetchone()

    assert row is not None
    pid = int(Path(row[0], "postmaster.pid").read_text().split()[0])
    assert psutil.Process(pid).uids().effective != 0


@pytest.mark.skipif(os.name != "posix", reason="Sessions hold a named pipe.")
def test_folders_of_killed_sessions_go_and_others_stay(tmp_path: Path) -> None:
    """A killed session leaves its folder, and so does a killed server."""
    dead_pid = 2**22 + 1  # more than any process has
    folders = {
        name: tmp_path / f"dmc-pg-{name}"
        for name in ("killed", "crashed", "held", "serving", "new")
    }
    for folder in folders.values():
        (folder / "data").mkdir(parents=True)
    for name in ("killed", "held", "new"):
        os.mkfifo(folders[name] / "session")
    for name, pid in (("crashed", dead_pid), ("serving", os.getpid())):
        (folders[name] / "data" / "postmaster.pid").write_text(f"{pid}\n/data\n")
    for name in ("killed", "crashed", "held", "serving"):
        os.utime(folders[name], (0, 0))
    handle = os.open(folders["held"] / "session", os.O_RDWR)

    remove_dead_folders(tmp_path)

    os.close(handle)
    left = [name for name, folder in folders.items() if folder.exists()]
    assert left == ["held", "serving", "new"]
