"""Workers without the coordinator's folder fetch their partitions alone."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from distributed import Client, LocalCluster

from dmc_widgets.center import Center
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.tasks.cluster import dask_workers
from dmc_widgets.tasks.cluster.dask_workers import DaskWorkers
from dmc_widgets.tasks.partitions.messages import BatchWritten, Message
from tests.counting_servers import (
    CountingProxy,
    FileServer,
    run_counting_proxy,
    run_file_server,
)
from tests.inline_tasks import tasks_in_this_process
from tests.object_store import ObjectStore
from tests.sandbox.conftest import SETTINGS, run_sandbox

ERC = "externalReferenceCode"
RECORDS = 800
FAILING = 700


def records() -> list[dict[str, Any]]:
    """Make tickets of about 5 kB, of which one fails."""
    return [
        {
            ERC: f"T{n}",
            "title": f"Große Tür {n}",
            "priority": "high" if n == FAILING else n,
            "unused": "x" * 5_000,
        }
        for n in range(RECORDS)
    ]


def as_lines() -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records())


def as_array() -> bytes:
    return b"[" + b", ".join(map(orjson.dumps, records())) + b"]"


def as_csv() -> bytes:
    rows = [f"{ERC};title;priority;unused"]
    rows += [";".join(map(str, record.values())) for record in records()]
    return "\n".join(rows).encode("cp1252")


def as_parquet() -> bytes:
    rows = [{**record, "priority": str(record["priority"])} for record in records()]
    stream = io.BytesIO()
    table = pa.Table.from_pylist(rows)
    pq.write_table(
        table, stream, compression="none", use_dictionary=False, row_group_size=100
    )
    return stream.getvalue()


def as_gzip() -> bytes:
    return gzip.compress(as_lines(), compresslevel=0)


@pytest.fixture(scope="module")
def proxy(object_store: ObjectStore) -> Iterator[CountingProxy]:
    """What the workers get of the store goes through the proxy."""
    port = urlsplit(object_store.url).port
    assert port
    with run_counting_proxy(port) as running:
        yield running


@pytest.fixture(scope="module")
def client(proxy: CountingProxy) -> Iterator[Client]:
    """A cluster of two processes that do not have the coordinator's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PASSWORD, SETTINGS.password)
        with (
            LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # any port
            ) as cluster,
            Client(cluster) as opened,
        ):
            found = {"AWS_ENDPOINT_URL": proxy.url}
            opened.run(lambda: os.environ.update(found))  # a lambda goes by its code
            missing = Path("not of this machine")
            patch.setattr(dask_workers, "original_path", lambda *_: missing)
            yield opened


@pytest.fixture
def import_file(center: Center, tmp_path: Path) -> Iterator[Callable[..., TaskHandle]]:
    """Import a file into a server, in this process and with its workers."""
    with run_sandbox(tmp_path / "target.db") as server, tasks_in_this_process():
        center.installations.add("server", server.url, Access(user=SETTINGS.user))

        def start(file: str | Path, **options: Any) -> TaskHandle:
            return center.import_file(
                "server", "Ticket", file, error_limit="90%", **options
            )

        yield start


def outcomes_of(center: Center, task: TaskHandle) -> list[tuple[Any, ...]]:
    batches = center._workspace.outcomes.read(task.id)
    return [
        (x.key, str(x.kind), x.problem) for batch in batches for x in batch.outcomes
    ]


@pytest.mark.parametrize(
    ("name", "make", "most"),
    [
        ("tickets.jsonl", as_lines, 1.5),
        ("tickets.csv", as_csv, 1.5),
        ("tickets.json", as_array, 1.5),
        ("tickets.parquet", as_parquet, 1.8),
        ("tickets.jsonl.gz", as_gzip, 2.1),
    ],
)
def test_workers_fetch_their_partitions(  # noqa: PLR0917
    object_store: ObjectStore,
    proxy: CountingProxy,
    client: Client,
    center: Center,
    import_file: Callable[..., TaskHandle],
    tmp_path: Path,
    name: str,
    make: Callable[[], bytes],
    most: float,
) -> None:
    """And the outcomes are those of one process; gzip is read from its start."""
    content = make()
    local = tmp_path / name
    local.write_bytes(content)
    address = object_store.put(f"incoming/{name}", content)
    proxy.sent = 0

    task = import_file(address, cluster=client)

    assert 0.9 * len(content) < proxy.sent < most * len(content)
    assert (task.status, task.error) == ("Partially Completed", "")
    alone = import_file(local, update_strategy="PARTIAL_UPDATE")
    assert (task.counts.created, task.counts.failed) == (RECORDS - 1, 1)
    assert (alone.counts.unchanged, alone.counts.failed) == (RECORDS - 1, 1)
    failed = [x[0] for x in outcomes_of(center, task) if x[1] == "failed"]
    assert failed == [x[0] for x in outcomes_of(center, alone) if x[1] == "failed"]


def test_file_that_is_replaced_meanwhile_is_refused(
    object_store: ObjectStore,
    client: Client,
    import_file: Callable[..., TaskHandle],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With one sentence; the task goes on with the coordinator's copy."""
    address = object_store.put("incoming/changing.jsonl", as_lines())
    original = DaskWorkers.receive
    replaced: list[str] = []

    def receive(self: DaskWorkers, timeout_s: float) -> Iterator[tuple[str, Message]]:
        for name, message in original(self, timeout_s):
            yield name, message
            if isinstance(message, BatchWritten) and not replaced:
                replaced.append(object_store.put("incoming/changing.jsonl", as_array()))

    monkeypatch.setattr(DaskWorkers, "receive", receive)

    task = import_file(address, cluster=client)

    assert task.status == "Failed"
    assert task.error == (
        "changing.jsonl: it was changed after the task had been started, and a worker "
        "of the cluster reads it at its address. Start a new task with it as it is now."
    )
    assert 0 < task.counts.created < RECORDS - 1
    task.resume(workers=1, cluster="")
    assert (task.counts.created, task.counts.failed) == (RECORDS - 1, 1)


def test_worker_copies_a_file_whose_version_is_not_stated(
    client: Client, import_file: Callable[..., TaskHandle]
) -> None:
    """Or stated by its time alone; and compares the bytes."""
    server: FileServer
    with run_file_server() as server:
        server.has_versions = False
        content = as_lines()

        task = import_file(server.put("/plain.jsonl", content), cluster=client)

        assert (task.counts.created, task.counts.failed) == (RECORDS - 1, 1)
        assert set(server.ranges) <= {(0, 1)}  # it asks whether there are ranges
        assert 2 * len(content) <= server.sent <= 3 * len(content) + 3
