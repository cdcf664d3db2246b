"""``.venv/bin/python -m tests.kills --workers 2 --kills 100 [--dask | --postgresql]``.

Kills during imports by several workers, at points that follow from the seed: a worker,
or the process that coordinates them; with ``--dask`` a process of a Dask cluster, with
``--postgresql`` the server, too. Tasks that stand still are resumed. It prints whether
counts, outcomes, failures, changes and the target equal those of an undisturbed import.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from dmc_widgets.model.task import Task
from dmc_widgets.workspace import Workspace
from tests.kills.jobs import PartitionsJob
from tests.kills.killing import (
    Ended,
    Moment,
    draw,
    draw_moment,
    killing_worker,
    run_worker,
)
from tests.kills.postgres_kills import PostgresResumption, Victim, private_server
from tests.kills.resuming import (
    PartitionResumption,
    Resumption,
    has_lost_worker,
    resume_to_the_end,
)
from tests.postgresql import PrivateServer

_COORDINATOR_POINTS = ("before-outcomes", "after-outcomes", "before-report")


class PostgresPartitionResumption(PostgresResumption):
    """Kills workers that write to PostgreSQL, their coordinator, or the server."""

    def _kill(self, workspace: Workspace, name: str, moment: Moment) -> Ended:
        if self.victim is not Victim.WORKER:
            return super()._kill(workspace, name, moment)
        task = self._job.add(workspace, name)
        ended = run_worker(workspace, task, killing_worker(moment))
        if moment.point != "partition-worker":
            return ended
        return ended._replace(was_killed=has_lost_worker(workspace, task))

    def _resume(self, workspace: Workspace, task: Task) -> Task:
        if self.victim is Victim.WORKER:
            return resume_to_the_end(workspace, task)
        return super()._resume(workspace, task)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=int, default=2_000, help="of each file")
    parser.add_argument("--moments", type=int, default=8, help="of each file")
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--dask", action="store_true")
    target.add_argument("--postgresql", action="store_true")
    return parser.parse_args()


@contextmanager
def _open_server(chosen: argparse.Namespace) -> Iterator[PrivateServer | None]:
    if not chosen.postgresql:
        yield None
        return
    with private_server() as server:
        yield server


def _next_moment(
    chosen: argparse.Namespace,
    dice: random.Random,
    job: PartitionsJob,
    resumption: Resumption,
) -> tuple[str, Moment]:
    """Draw what is killed, and when; return both, the first as a text."""
    batches = job.batches
    if isinstance(resumption, PostgresPartitionResumption):
        resumption.victim = dice.choice(tuple(Victim))
        if resumption.victim is not Victim.WORKER:
            number = dice.randint(1, batches - 2)
            moment = Moment("before-outcomes", number, dice.choice((0, 0, 20)))
            return resumption.victim.value, moment
    if chosen.dask and dice.random() < 0.7:
        delay_ms = dice.choice((0, 0, 5, 30))
        return "Dask worker", Moment("dask-worker", dice.randint(1, batches), delay_ms)
    moment = draw_moment(dice, batches, is_divided=True)
    while chosen.dask and moment.point not in _COORDINATOR_POINTS:
        moment = draw_moment(dice, batches, is_divided=True)
    is_worker = moment.point == "partition-worker"
    return "worker" if is_worker else "coordinator", moment


def main() -> int:
    """Kill as often as the command line says; return 1 if anything differs."""
    chosen = _parse_arguments()
    dice = random.Random(chosen.seed)
    killed: Counter[str] = Counter()
    wrong, began = 0, time.monotonic()
    with _open_server(chosen) as server:
        for number in count():
            if killed.total() >= chosen.kills:
                break
            with tempfile.TemporaryDirectory() as folder:
                kill = draw(dice, number, records=chosen.records)
                cluster = "local" if chosen.dask else ""
                job = PartitionsJob(Path(folder), kill, chosen.workers, cluster)
                resumption: Resumption = (
                    PostgresPartitionResumption(job, server)
                    if server
                    else PartitionResumption(job)
                )
                wrong += _kill_some(chosen, dice, job, resumption, killed)
    sys.stdout.write(
        f"{killed.total()} kills, {wrong} tasks are not as they have to be "
        f"({dict(killed)}, seed {chosen.seed}, {time.monotonic() - began:.0f} s)\n"
    )
    return int(wrong > 0)


def _kill_some(
    chosen: argparse.Namespace,
    dice: random.Random,
    job: PartitionsJob,
    resumption: Resumption,
    killed: Counter[str],
) -> int:
    """Kill at several moments of one job; return how many tasks differ."""
    wrong = 0
    for _ in range(chosen.moments):
        if killed.total() >= chosen.kills:
            break
        victim, moment = _next_moment(chosen, dice, job, resumption)
        tried = resumption.try_kill(moment)
        if tried is None:
            continue
        killed[victim] += tried.kills
        wrong += bool(tried.differences)
        found = "; ".join(tried.differences) or "equal"
        sys.stdout.write(f"{killed.total():3} {job} {victim} {moment}: {found}\n")
        sys.stdout.flush()
    return wrong
