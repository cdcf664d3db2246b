"""The cost model's arithmetic, and the document that is made with it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.bench.scale.document import DOCUMENT, FIGURES, tables_of, with_tables
from tests.bench.scale.measure import Cost, demands_of
from tests.bench.scale.model import Demands, Machines, machines_within, predict

SERVED = Demands(
    way="a server",
    start_s=2.0,
    worker_s=20e-6,
    target_s=30e-6,
    waiting_s=50e-6,
    requests=0.01,
    file_bytes=500,
    sent_bytes=1_000,
    stored_bytes=1_000,
    kept_bytes=100,
)
MACHINES = Machines(
    cores=10,
    network_bytes_s=1e9,
    disk_bytes_s=1e9,
    written_times=2,
    core_hour=0.36,
    gigabyte_month=0.5,
)


def test_one_worker_takes_its_own_time_and_the_waiting_for_each_record() -> None:
    prediction = predict(SERVED, MACHINES, 1_000_000)

    assert prediction.seconds == pytest.approx(2 + 100)  # 100 µs a record
    assert prediction.bottleneck == "workers"
    assert prediction.stored_bytes == 1e9
    # 20 cores for 102 s at 0.0001 a second, and 1 GB
    assert prediction.money == pytest.approx(20 * 102 * 0.0001 + 0.5)


@pytest.mark.parametrize(
    ("demands", "bottleneck", "rate"),
    [
        (SERVED, "target's processors", 10 / 30e-6),
        (replace(SERVED, sent_bytes=100_000), "network", 10_000),
        (replace(SERVED, stored_bytes=50_000), "target's disks", 10_000),
        (replace(SERVED, most_workers=1), "workers", 10_000),
    ],
)
def test_many_workers_are_limited_by_the_largest_demand(
    demands: Demands, bottleneck: str, rate: float
) -> None:
    prediction = predict(demands, replace(MACHINES, workers=100), 1_000_000)

    assert prediction.bottleneck == bottleneck
    assert prediction.rate == pytest.approx(rate)


def test_enough_machines_are_the_fewest_that_are_in_time() -> None:
    machines = machines_within(SERVED, 1_000_000_000, 1_002, MACHINES)

    assert machines.workers == 100  # a million a second, 100 µs each
    assert machines.targets == 3  # 30 processors
    assert predict(SERVED, machines, 1_000_000_000).seconds <= 1_002
    fewer = replace(machines, targets=2)
    assert predict(SERVED, fewer, 1_000_000_000).seconds > 1_002


def test_demands_are_what_a_large_import_costs_more_than_a_small_one() -> None:
    small = Cost(
        records=1_000,
        wall_s=1.1,
        worker_s=0.5,
        target_s=0.1,
        requests=20,
        sent_bytes=1_000_000,
        file_bytes=500_000,
        stored_bytes=800_000,
        kept_bytes=100_000,
    )
    large = Cost(
        records=11_000,
        wall_s=2.1,
        worker_s=0.9,
        target_s=0.4,
        requests=120,
        sent_bytes=11_000_000,
        file_bytes=5_500_000,
        stored_bytes=8_800_000,
        kept_bytes=1_100_000,
    )

    demands = demands_of("a server", [small, large])

    assert demands.start_s == pytest.approx(1.0)
    assert demands.worker_s == pytest.approx(40e-6)
    assert demands.target_s == pytest.approx(30e-6)
    assert demands.waiting_s == pytest.approx(30e-6)
    assert demands.requests == pytest.approx(0.01)
    assert demands.stored_bytes == pytest.approx(800)


def test_document_has_the_tables_of_the_measured_figures() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    tables = tables_of(json.loads(FIGURES.read_text(encoding="utf-8")))

    assert with_tables(text, tables) == text
    for table in tables.values():
        assert table in text
