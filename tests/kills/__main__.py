"""``.venv/bin/python -m tests.kills --count 60 --server 12 --seed 1``.

Kills the workers of imports at points that follow from the seed, into embedded
databases and into a sandbox, resumes them, and prints whether counts, outcomes, changes
and the target equal those of an undisturbed import. With ``--workers`` they are those
of several workers; see :mod:`.partition_kills`. With ``--recover`` no task is resumed:
counts and outcomes have to equal what the target holds.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from itertools import count
from pathlib import Path

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.workspace import Workspace
from tests.kills.jobs import ImportJob, Job, ParentsJob, PartitionsJob
from tests.kills.killed_groups import CommandResumption
from tests.kills.killed_server import resume_after_server_kill
from tests.kills.killing import (
    Kill,
    Moment,
    carry_out,
    draw,
    draw_moment,
    faults,
    make_target,
    read_truth,
)
from tests.kills.migration_job import MigrationJob
from tests.kills.repair_job import RepairJob, RepairResumption
from tests.kills.resuming import PartitionResumption, Resumption, Tried
from tests.kills.server_kill_resumption import ServerKillResumption
from tests.kills.stopping import StopResumption
from tests.sandbox.conftest import SETTINGS, run_sandbox


def kill_embedded(kill: Kill, folder: Path) -> list[str] | None:
    """Kill an import into an embedded database.

    Returns:
        What is not true afterwards; None if it ended before it could be killed.
    """
    url = f"sqlite:///{folder / 'target.db'}"
    make_target(url, kill)
    workspace = Workspace(folder / "workspace")
    try:
        workspace.save_setting("furnished", "yes")
        workspace.connections.put("target", url)
        file = folder / "tickets.jsonl"
        task, was_killed = carry_out(workspace, "target", kill, file)
        if not was_killed:
            return None
        Center(workspace).tasks.recover(task.id)
        return faults(kill, workspace, task, read_truth(url))
    finally:
        workspace.close()


def kill_served(kill: Kill, folder: Path) -> list[str] | None:
    """Kill an import into a server; see :func:`kill_embedded`."""
    database = folder / "server.db"
    url = f"sqlite:///{database}"
    make_target(url, kill)
    os.environ[PASSWORD] = SETTINGS.password
    workspace = Workspace(folder / "workspace")
    try:
        workspace.save_setting("furnished", "yes")
        with run_sandbox(database) as server:
            Center(workspace).installations.add(
                "target", server.url, Access(user=SETTINGS.user)
            )
            file = folder / "tickets.jsonl"
            task, was_killed = carry_out(workspace, "target", kill, file)
            if not was_killed:
                return None
            Center(workspace).tasks.recover(task.id)
            return faults(kill, workspace, task, read_truth(url))
    finally:
        workspace.close()


class _Harness:
    """Carries out the kills of one kind of target, and counts them.

    Args:
        chosen: What the command line asks for.
        dice: Decides everything.
        on_server: The targets are served by sandboxes.
    """

    def __init__(
        self, chosen: argparse.Namespace, dice: random.Random, *, on_server: bool
    ) -> None:
        self._chosen = chosen
        self._dice = dice
        self._on_server = on_server
        self._place = "sandbox" if on_server else "SQLite"
        self.strategies: Counter[str] = Counter()
        self.wrong = 0

    def carry_out(self, total: int) -> None:
        """Kill *total* times; a task that was killed more than once counts so."""
        for number in count():
            if self.strategies.total() >= total:
                return
            with tempfile.TemporaryDirectory() as folder:
                self._kill_job(number, Path(folder), total)

    def _kill_job(self, number: int, folder: Path, total: int) -> None:
        chosen, on_server = self._chosen, self._on_server
        if chosen.recover or (chosen.kill_server and chosen.job == "import"):
            kill = draw(self._dice, number, on_server=on_server, records=chosen.records)
            found = self._kill_once(kill, folder)
            if found is not None:
                self._note(kill.strategy.value, str(kill), Tried(1, found))
            return
        resumption, job = self._make_resumption(number, folder)
        for _ in range(chosen.moments):
            moment = self._draw_moment(job)
            tried = resumption.try_kill(moment, self._dice.choice((0, 0, 1, 2)))
            if tried is not None:
                self._note(str(job).split()[0], f"{job} {moment}", tried)
            if self.strategies.total() >= total:
                return

    def _make_resumption(self, number: int, folder: Path) -> tuple[Resumption, Job]:
        chosen, dice, on_server = self._chosen, self._dice, self._on_server
        records = chosen.records
        kind: type[Resumption] = StopResumption if chosen.stop else Resumption
        if chosen.job == "migration":
            job: Job = MigrationJob(folder, dice, records or 3_000, is_server=on_server)
            if chosen.kill_server:
                return ServerKillResumption(job), job
            return kind(job, is_server=on_server), job
        if chosen.job == "parents":
            job = ParentsJob(folder, dice, records or 3_000)
            return kind(job, is_server=on_server), job
        kill = draw(dice, number, on_server=on_server, records=records)
        if chosen.job == "repair":
            job = RepairJob(folder, kill, dice)
            kind = RepairResumption
        elif chosen.job == "partitions":
            job = PartitionsJob(folder, kill)
            kind = PartitionResumption
        else:
            job = ImportJob(folder, kill)
            kind = CommandResumption if chosen.group else kind
        return kind(job, is_server=on_server), job

    def _draw_moment(self, job: Job) -> Moment:
        chosen, dice = self._chosen, self._dice
        longest_ms = job.batches * (600 if self._on_server else 60)
        if chosen.group:  # the worker starts within that time
            return Moment("group", 1, dice.randrange(1_000 + 2 * longest_ms))
        if chosen.kill_server:
            return Moment("server", 1, dice.randrange(longest_ms))
        if chosen.stop:
            stop = dice.choice(("pause", "cancel"))
            return Moment(stop, 1, dice.randrange(longest_ms))
        is_divided = chosen.job == "partitions"
        return draw_moment(
            self._dice, job.batches, on_server=self._on_server, is_divided=is_divided
        )

    def _kill_once(self, kill: Kill, folder: Path) -> list[str] | None:
        if self._chosen.recover:
            return (kill_served if self._on_server else kill_embedded)(kill, folder)
        return resume_after_server_kill(kill, folder, self._dice.randrange(1 << 30))

    def _note(self, strategy: str, what: str, tried: Tried) -> None:
        self.strategies[strategy] += tried.kills
        self.wrong += bool(tried.differences)
        told = "; ".join(tried.differences) or "true"
        line = f"{self.strategies.total():3} {self._place:7} {what}, {tried.kills} x"
        sys.stdout.write(f"{line}: {told}\n")
        sys.stdout.flush()


def main() -> int:
    """Carry out the kills that the command line asks for; return the exit status."""
    chosen = _parse_arguments()
    dice = random.Random(chosen.seed)
    began = time.monotonic()
    embedded = _Harness(chosen, dice, on_server=False)
    served = _Harness(chosen, dice, on_server=True)
    embedded.carry_out(chosen.count)
    served.carry_out(chosen.server)
    strategies = embedded.strategies + served.strategies
    wrong = embedded.wrong + served.wrong
    sys.stdout.write(
        f"{strategies.total()} kills, {wrong} tasks are not as they have to be "
        f"({dict(strategies)}, seed {chosen.seed}, "
        f"{time.monotonic() - began:.0f} s)\n"
    )
    return 1 if wrong else 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.kills")
    parser.add_argument("--count", type=int, default=60, help="kills into SQLite")
    parser.add_argument("--server", type=int, default=12, help="into a sandbox")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--records", type=int, default=0, help="of each file; some thousands without"
    )
    parser.add_argument(
        "--job",
        choices=("import", "parents", "migration", "partitions", "repair"),
        default="import",
    )
    parser.add_argument(
        "--moments", type=int, default=4, help="at which each task is killed"
    )
    parser.add_argument(
        "--kill-server", action="store_true", help="kill the sandbox, not the worker"
    )
    parser.add_argument(
        "--stop", action="store_true", help="pause or cancel the task, do not kill it"
    )
    parser.add_argument(
        "--group",
        action="store_true",
        help="kill the process groups of `dmc import` and of its worker, and go on "
        "with `dmc resume`",
    )
    parser.add_argument("--recover", action="store_true", help="do not resume")
    return parser.parse_args()


if __name__ == "__main__":
    if any(word.startswith("--workers") for word in sys.argv):
        from tests.kills.partition_kills import main as kill_several

        sys.exit(kill_several())
    sys.exit(main())
