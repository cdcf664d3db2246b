r"""Imports into PostgreSQL beside `\copy` of psql and a merge.

Both write into databases of one private server, which syncs what it commits. The other
side stores the same documents under their codes, in a table whose keys are indexed as
ours are: it checks nothing, and keeps neither a journal nor marks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import orjson
import psutil
import psycopg

import dmc_widgets as dmc
from dmc_widgets.model.run_options import RunOptions
from tests.bench.measure import Measure
from tests.bench.measuring import cpu_s, run_in_process, say, wait
from tests.bench.moving.shapes import CODE, Shape, definition_of
from tests.bench.moving.sides import EXPORT, Ours, Work
from tests.bench.moving.table import Server, bench_moving
from tests.bench.moving.turns import Turns
from tests.postgresql import PrivateServer

_SETTINGS: Final = "fsync = on\nfull_page_writes = on\nmax_wal_size = 4GB\n"

_TABLE: Final = """
CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    erc text NOT NULL UNIQUE, body json NOT NULL)
"""
_COPY: Final = """
CREATE TEMPORARY TABLE staged (body json);
\\copy staged from '{file}' (format csv, quote e'\\x01', delimiter e'\\x02')
INSERT INTO entry (erc, body) SELECT body ->> '{code}', body FROM staged
ON CONFLICT (erc) DO UPDATE SET body = excluded.body{condition}
"""
_CHANGED: Final = " WHERE entry.body::text <> excluded.body::text"


@contextmanager
def durable_server() -> Iterator[PrivateServer]:
    """Start a private server that syncs what it commits; it ends with the block."""
    place = Path(tempfile.mkdtemp(prefix="dmc-pg-", dir="/tmp"))
    place.chmod(0o755)
    server = PrivateServer(place)
    server.initialize()
    with (place / "data" / "postgresql.conf").open("a") as settings:
        settings.write(_SETTINGS)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)


def server_cpu_s(server: PrivateServer) -> float:
    """Return the processor seconds of a server and its processes, also ended ones."""
    process = psutil.Process(server.pid)
    while True:
        times = process.cpu_times()
        ended = times.children_user + times.children_system
        try:
            return cpu_s(process) + ended + sum(map(cpu_s, process.children()))
        except psutil.NoSuchProcess:  # one ended meanwhile, so its times are elsewhere
            process.status()  # which raises the same error if it is the server itself


def bench_postgresql(
    folder: Path, *, count: int, turns: int, output: Path | None
) -> list[Measure]:
    """Print a table of rich entries, and return how ours compares with psql.

    *output* gets the table as JSON.
    """
    if shutil.which("psql") is None:
        say("postgresql: there is no psql here")
        return []
    with durable_server() as server:
        with psycopg.connect(server.url) as connection:
            version = connection.info.parameter_status("server_version")
        settings = ", ".join(_SETTINGS.split("\n")[:-1])
        moved = bench_moving(
            folder,
            count=count,
            turns=turns,
            shapes=["rich"],
            sides=[
                OursInPostgres(server),
                OursUnverified(server),
                Psql(server),
                PsqlOfChanges(server),
            ],
            output=output,
            server=Server(
                f"PostgreSQL {version}, {settings}", lambda: server_cpu_s(server)
            ),
        )
    return [
        _compare(step, sides[OursUnverified.name], sides[Psql.name], count)
        for step, sides in moved["rich"].items()
        if Psql.name in sides
    ]


def _compare(step: str, ours: Turns, psql: Turns, count: int) -> Measure:
    what = (
        f"{step} of {count:,} rich entries into PostgreSQL, "
        f"processor time beside {Psql.name}"
    )
    spread = max(ours.spread, psql.spread)
    return Measure(what, 1.5, ours.total_s / psql.total_s, "x", spread)


class OursInPostgres(Ours):
    """A task whose target is a database of the server."""

    database = "ours"
    options = RunOptions()

    def __init__(self, server: PrivateServer) -> None:
        self._server = server

    def can(self, shape: Shape, step: str) -> bool:
        del shape
        return step != EXPORT

    def load(self) -> None:
        super().load()
        from dmc_widgets.installations.sql.database import postgres  # noqa: F401

        _settle(self._server)

    def prepare(self, work: Work) -> None:
        _make_database(self._server, self.database)
        path = work.folder / "definition.jsonl"
        path.write_bytes(orjson.dumps(definition_of(work.shape)) + b"\n")
        plan = dmc.ImportPlan(entity_type="ObjectDefinition")
        url = self._server.database_url(self.database)
        with dmc.open_center(work.folder / "workspace") as center:
            center.installations.add("Bench", url)
            wait(center, center.tasks.start_import("Bench", plan, path))

    def carry_out(self, work: Work, step: str) -> None:
        plan = dmc.ImportPlan(entity_type="C_Entry", name=step)
        plan = replace(plan, options=self.options)
        run_in_process(work.folder / "workspace", "Bench", plan, work.files[step])


class OursUnverified(OursInPostgres):
    """The same without the verification at the end."""

    name = "dmc_widgets, unverified"
    database = "unverified"
    options = RunOptions(verify=False)


class Psql:
    r"""One transaction of psql: `\copy` into a temporary table, and a merge."""

    name = r"psql \copy, merge"
    database = "copied"
    condition = ""

    def __init__(self, server: PrivateServer) -> None:
        self._server = server

    def can(self, shape: Shape, step: str) -> bool:
        return shape.extension == "jsonl" and step != EXPORT

    def load(self) -> None:
        """Let the server settle; nothing has to be loaded."""
        _settle(self._server)

    def prepare(self, work: Work) -> None:
        del work
        _make_database(self._server, self.database)
        url = self._server.database_url(self.database)
        with psycopg.connect(url) as connection:
            connection.execute(_TABLE.encode())

    def carry_out(self, work: Work, step: str) -> None:
        script = _COPY.format(
            file=work.files[step], code=CODE, condition=self.condition
        )
        url = self._server.database_url(self.database)
        options = ("-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", "-", "-d", url)
        subprocess.run(
            ["psql", *options], input=script.encode(), check=True, env=_environment()
        )


class PsqlOfChanges(Psql):
    """The same, which leaves alone what is equal already."""

    name = r"psql \copy, changes"
    database = "changed"
    condition = _CHANGED


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name[:2] != "PG"}


def _make_database(server: PrivateServer, name: str) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())


def _settle(server: PrivateServer) -> None:
    """Write what others have left, so that no side waits for it."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
