"""``.venv/bin/python -m tests.kills --count 60 --server 12 --seed 1``.

Kills the workers of imports at points that follow from the seed, into embedded
databases and into a sandbox, resumes them, and prints whether counts, outcomes, changes
and the target equal those of an undisturbed import. With ``--recover`` they are not
resumed: counts and outcomes have to equal what the target holds.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from itertools import count
from pathlib import Path

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.workspace import Workspace
from tests.kills.killed_groups import CommandResumption
from tests.kills.killed_server import resume_after_server_kill
from tests.kills.killing import (
    Kill,
    carry_out,
    draw,
    draw_moment,
    faults,
    make_target,
    read_truth,
)
from tests.kills.resuming import Resumption
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
        """Kill *total* times; an import that was killed more than once counts so."""
        for number in count():
            if self.strategies.total() >= total:
                return
            records = self._chosen.records
            kill = draw(self._dice, number, on_server=self._on_server, records=records)
            kill = self._draw_moment(kill)
            with tempfile.TemporaryDirectory() as folder:
                self._kill_import(kill, Path(folder), total)

    def _kill_import(self, kill: Kill, folder: Path, total: int) -> None:
        if self._chosen.recover or self._chosen.kill_server:
            self._note(kill, 1, self._kill_once(kill, folder))
            return
        kind = CommandResumption if self._chosen.group else Resumption
        resumption = kind(kill, folder, is_server=self._on_server)
        for _ in range(self._chosen.moments):
            more_kills = self._dice.choice((0, 0, 1, 2))
            tried = resumption.try_kill(kill, more_kills)
            if tried is not None:
                self._note(kill, *tried)
            if self.strategies.total() >= total:
                return
            kill = self._draw_moment(kill)

    def _draw_moment(self, kill: Kill) -> Kill:
        if self._chosen.group:
            longest_ms = kill.records * (600 if self._on_server else 120) // 1000
            delay_ms = self._dice.randrange(1_000 + longest_ms)
            return replace(kill, point="group", count=1, delay_ms=delay_ms)
        return draw_moment(self._dice, kill, on_server=self._on_server)

    def _kill_once(self, kill: Kill, folder: Path) -> list[str] | None:
        if self._chosen.recover:
            return (kill_served if self._on_server else kill_embedded)(kill, folder)
        return resume_after_server_kill(kill, folder, self._dice.randrange(1 << 30))

    def _note(self, kill: Kill, kills: int, found: list[str] | None) -> None:
        if found is None:
            return  # it had ended before the delay was over
        self.strategies[kill.strategy.value] += kills
        self.wrong += bool(found)
        told = "; ".join(found) or "true"
        line = f"{self.strategies.total():3} {self._place:7} {kill}, {kills} x: {told}"
        sys.stdout.write(f"{line}\n")
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
        f"{strategies.total()} kills, {wrong} imports are not as they have to be "
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
        "--moments", type=int, default=4, help="at which each import is killed"
    )
    parser.add_argument(
        "--kill-server", action="store_true", help="kill the sandbox, not the worker"
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
    sys.exit(main())
