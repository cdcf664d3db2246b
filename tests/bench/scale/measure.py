"""Measure what imports of some sizes cost, on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import psycopg

import dmc_widgets as dmc
from dmc_widgets.model.access import Access
from tests.bench.measuring import cpu_s, run_in_process, wait
from tests.bench.moving.shapes import SHAPES, definition_of
from tests.bench.moving.turns import take_turn
from tests.bench.network import USER, serve_sandbox
from tests.bench.postgresql import durable_server, server_cpu_s
from tests.bench.scale.model import Demands

SHAPE = SHAPES["rich"]


@dataclass(frozen=True, slots=True)
class Target:
    """A target that imports are measured with.

    Attributes:
        url: Where it is.
        server_cpu_s: The processor seconds that its server has taken so far.
        traffic: The requests to the server, and the bytes of their bodies, so far.
        size: The bytes that it holds.
    """

    url: str
    server_cpu_s: Callable[[], float]
    traffic: Callable[[], tuple[int, int]]
    size: Callable[[], int]


Way = Callable[[Path], AbstractContextManager[Target]]
"""Makes an empty target in a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one import has cost.

    Attributes:
        records: The number of records.
        wall_s: Seconds by the clock.
        worker_s: Processor seconds of the worker.
        target_s: Processor seconds of the server.
        requests: Requests to the server.
        sent_bytes: Bytes of bodies to the server and back.
        file_bytes: Bytes of the file.
        stored_bytes: Bytes that the target holds more than before.
        kept_bytes: Bytes that the workspace holds more than before.
    """

    records: int
    wall_s: float
    worker_s: float
    target_s: float
    requests: int
    sent_bytes: int
    file_bytes: int
    stored_bytes: int
    kept_bytes: int


@contextmanager
def sqlite_target(folder: Path) -> Iterator[Target]:
    """A database file, which the worker itself writes."""
    path = folder / "target.db"
    yield Target(
        f"sqlite:///{path}",
        server_cpu_s=lambda: 0.0,
        traffic=lambda: (0, 0),
        size=lambda: _size_of(folder, "target.db*"),
    )


@contextmanager
def sandbox_target(folder: Path) -> Iterator[Target]:
    """A sandbox, spoken to over HTTP as a Liferay is."""
    with serve_sandbox(folder, "target") as sandbox:
        yield Target(
            sandbox.url,
            server_cpu_s=lambda: cpu_s(sandbox.process),
            traffic=sandbox.traffic,
            size=lambda: _size_of(folder, "target.db*"),
        )


@contextmanager
def postgres_target(folder: Path) -> Iterator[Target]:
    """A database of a private PostgreSQL server, which syncs what it commits."""
    del folder  # another user than root runs the server, and may not enter it
    with durable_server() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        url = server.database_url("bench")
        yield Target(
            url,
            server_cpu_s=lambda: server_cpu_s(server),
            traffic=lambda: (0, 0),
            size=lambda: _database_size(url),
        )


WAYS: dict[str, Way] = {
    "SQLite": sqlite_target,
    "PostgreSQL": postgres_target,
    "Liferay": sandbox_target,
}


def measure_import(folder: Path, way: Way, count: int) -> Cost:
    """Import *count* rich entries into a new target, and return what it cost."""
    folder.mkdir(parents=True)
    file = SHAPE.write(folder / "entries.jsonl", count)
    with way(folder) as target:
        prepare_target(folder, target)
        plan = dmc.ImportPlan(entity_type="C_Entry", name="scale")
        workspace = folder / "workspace"
        before = (target.server_cpu_s(), *target.traffic(), target.size())
        kept = _size_of(workspace, "*.db*")
        turn = take_turn(lambda: run_in_process(workspace, "Bench", plan, file), _load)
        after = (target.server_cpu_s(), *target.traffic(), target.size())
        target_s, requests, sent, stored = (
            now - then for now, then in zip(after, before, strict=True)
        )
        cost = Cost(
            records=count,
            wall_s=turn.wall_s,
            worker_s=turn.cpu_s,
            target_s=target_s,
            requests=int(requests),
            sent_bytes=int(sent),
            file_bytes=file.stat().st_size,
            stored_bytes=int(stored),
            kept_bytes=_size_of(workspace, "*.db*") - kept,
        )
    shutil.rmtree(folder)
    return cost


def demands_of(name: str, costs: Sequence[Cost]) -> Demands:
    """Return the demands of a record from imports of at least two sizes.

    What the smallest and the largest import differ by is due to their records; what is
    left of the smallest is the start. Their processor seconds overlap where worker and
    server work at once, so the waiting is never less than nothing.
    """
    small, large = costs[0], costs[-1]
    number = large.records - small.records

    def each(name: str) -> float:
        return float((getattr(large, name) - getattr(small, name)) / number)

    wall_s, worker_s, target_s = map(each, ("wall_s", "worker_s", "target_s"))
    return Demands(
        way=name,
        start_s=max(small.wall_s - small.records * wall_s, 0.0),
        worker_s=worker_s,
        target_s=target_s,
        waiting_s=max(wall_s - worker_s - target_s, 0.0),
        requests=each("requests"),
        file_bytes=each("file_bytes"),
        sent_bytes=each("sent_bytes"),
        stored_bytes=each("stored_bytes"),
        kept_bytes=each("kept_bytes"),
        most_workers=1 if name == "SQLite" else None,
    )


def prepare_target(folder: Path, target: Target) -> None:
    """Register a target in a workspace, and define its object there."""
    path = folder / "definition.jsonl"
    path.write_bytes(orjson.dumps(definition_of(SHAPE)) + b"\n")
    plan = dmc.ImportPlan(entity_type="ObjectDefinition")
    access = Access(user=USER) if target.url.startswith("http") else Access()
    with dmc.open_center(folder / "workspace") as center:
        center.installations.add("Bench", target.url, access)
        wait(center, center.tasks.start_import("Bench", plan, path))


def _load() -> None:
    from dmc_widgets.installations import liferay, sql  # noqa: F401
    from dmc_widgets.tasks.worker import runner  # noqa: F401


def _database_size(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT pg_database_size(current_database())")
        return int(next(row)[0])


def _size_of(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern))
