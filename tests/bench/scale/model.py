"""A cost model: seconds, machines and money for any number of entries.

Each way into a target is described by what one record costs each resource (its
*demands*), measured on one machine. Workers that run side by side share the resources,
so the rate is limited by two lines, and by whichever is lower: what the workers would
reach if nothing were shared, and what the resource with the largest demand can give.
These are the asymptotic bounds of operational analysis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

HOUR_S: Final = 3600.0
DAY_S: Final = 24 * HOUR_S
MONTH_S: Final = 30 * DAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What one record of an import costs, measured.

    Attributes:
        way: The name of the way, such as ``PostgreSQL``.
        start_s: The seconds of a task before its first record and after its last.
        worker_s: The processor seconds of our worker, a record.
        target_s: The processor seconds of the target's server, a record; zero where the
            target is a file that the worker itself writes.
        waiting_s: The seconds that a worker waits for a server, a record, without the
            server's processor time.
        requests: The requests to a server, a record.
        file_bytes: The bytes of a record in the file.
        sent_bytes: The bytes of a record to the server and back.
        stored_bytes: The bytes of a record in the target, indexes included.
        kept_bytes: The bytes of a record in the workspace, its before-image included.
        most_workers: How many workers the target admits at once; None if any number.
    """

    way: str
    start_s: float
    worker_s: float
    target_s: float = 0.0
    waiting_s: float = 0.0
    requests: float = 0.0
    file_bytes: float
    sent_bytes: float = 0.0
    stored_bytes: float
    kept_bytes: float
    most_workers: int | None = None

    @property
    def record_s(self) -> float:
        """The seconds that one worker alone takes for a record."""
        return self.worker_s + self.target_s + self.waiting_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """What an import may use, and what it is paid with.

    Attributes:
        cores: The cores of one machine.
        workers: The number of workers, each on a core of its own.
        targets: The number of the target's machines; entries are spread over them.
        network_bytes_s: The bytes a second between the workers and one target machine.
        disk_bytes_s: The bytes a second that one target machine writes.
        disk_bytes: The bytes that one target machine holds.
        written_times: How often a stored byte is written: row, log, checkpoint.
        core_hour: The price of one core for an hour.
        gigabyte_month: The price of storage.
    """

    cores: int = 16
    workers: int = 1
    targets: int = 1
    network_bytes_s: float = 1.25e9
    disk_bytes_s: float = 1e9
    disk_bytes: float = 8e12
    written_times: float = 3.0
    core_hour: float = 0.05
    gigabyte_month: float = 0.10


@dataclass(frozen=True, slots=True)
class Prediction:
    """What an import is predicted to take.

    Attributes:
        records: The number of records.
        seconds: The time from start to end.
        rate: Records a second while it runs.
        bottleneck: The resource that limits the rate.
        workers: The machines of the workers.
        targets: The machines of the target.
        money: The price of all cores for the time, and of the storage for a month.
        stored_bytes: What the target holds then.
        kept_bytes: What the workspace holds then.
    """

    records: int
    seconds: float
    rate: float
    bottleneck: str
    workers: int
    targets: int
    money: float
    stored_bytes: float
    kept_bytes: float


def limits(demands: Demands, machines: Machines) -> dict[str, float]:
    """Return the records a second that each resource admits.

    Resources that a record does not use are left out.
    """
    workers = machines.workers
    if demands.most_workers is not None:
        workers = min(workers, demands.most_workers)
    cores = machines.targets * machines.cores
    network = machines.targets * machines.network_bytes_s
    disk = machines.targets * machines.disk_bytes_s
    written = demands.stored_bytes * machines.written_times
    shares = {
        "workers": workers / demands.record_s,
        "target's processors": _per_second(cores, demands.target_s),
        "network": _per_second(network, demands.sent_bytes),
        "target's disks": _per_second(disk, written),
    }
    return {name: rate for name, rate in shares.items() if rate is not None}


def predict(demands: Demands, machines: Machines, records: int) -> Prediction:
    """Predict an import of *records* records."""
    rates = limits(demands, machines)
    bottleneck = min(rates, key=rates.__getitem__)
    rate = rates[bottleneck]
    seconds = demands.start_s + records / rate
    stored = records * demands.stored_bytes
    worker_machines = ceil(machines.workers / machines.cores)
    cores = (worker_machines + machines.targets) * machines.cores
    price = cores * machines.core_hour * seconds / HOUR_S
    price += stored / 1e9 * machines.gigabyte_month
    return Prediction(
        records=records,
        seconds=seconds,
        rate=rate,
        bottleneck=bottleneck,
        workers=worker_machines,
        targets=machines.targets,
        money=price,
        stored_bytes=stored,
        kept_bytes=records * demands.kept_bytes,
    )


def machines_within(
    demands: Demands, records: int, seconds: float, machine: Machines
) -> Machines:
    """Return the fewest machines that bring in *records* within *seconds*.

    The target's machines are as many as its processors, network, disks and their room
    need; the workers as many as keep them busy. Where the target admits no more
    workers, the import takes longer than asked.
    """
    rate = records / max(seconds - demands.start_s, 1.0)
    uses: Mapping[str, float] = {
        "processors": demands.target_s / machine.cores,
        "network": demands.sent_bytes / machine.network_bytes_s,
        "disks": demands.stored_bytes * machine.written_times / machine.disk_bytes_s,
    }
    targets = max(
        1,
        *(ceil(rate * use) for use in uses.values()),
        ceil(records * demands.stored_bytes / machine.disk_bytes),
    )
    workers = max(1, ceil(rate * demands.record_s))
    if demands.most_workers is not None:
        workers = min(workers, demands.most_workers)
    return Machines(
        cores=machine.cores,
        workers=workers,
        targets=targets,
        network_bytes_s=machine.network_bytes_s,
        disk_bytes_s=machine.disk_bytes_s,
        disk_bytes=machine.disk_bytes,
        written_times=machine.written_times,
        core_hour=machine.core_hour,
        gigabyte_month=machine.gigabyte_month,
    )


def _per_second(capacity: float, use: float) -> float | None:
    return capacity / use if use > 0 else None
