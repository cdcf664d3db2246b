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
from itertools import count
from pathlib import Path

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.workspace import Workspace
from tests.kills.killed_server import resume_after_server_kill
from tests.kills.killing import Kill, carry_out, draw, faults, make_target, read_truth
from tests.kills.resuming import resume_embedded, resume_served
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


def _kill(
    kill: Kill,
    folder: Path,
    chosen: argparse.Namespace,
    dice: random.Random,
    *,
    on_server: bool,
) -> list[str] | None:
    more_kills = dice.choice((0, 0, 1, 2))
    if chosen.recover:
        return (kill_served if on_server else kill_embedded)(kill, folder)
    if on_server and chosen.kill_server:
        return resume_after_server_kill(kill, folder, chosen.seed)
    if on_server:
        return resume_served(kill, folder)
    return resume_embedded(kill, folder, more_kills)


def main() -> int:
    """Carry out the kills that the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills")
    parser.add_argument("--count", type=int, default=60, help="into SQLite")
    parser.add_argument("--server", type=int, default=12, help="into a sandbox")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--kill-server", action="store_true", help="kill the sandbox, not the worker"
    )
    parser.add_argument("--recover", action="store_true", help="do not resume")
    chosen = parser.parse_args()
    dice = random.Random(chosen.seed)
    began = time.monotonic()
    total, wrong, strategies = 0, 0, Counter[str]()
    for number in count():
        on_server = total >= chosen.count
        if total == chosen.count + chosen.server:
            break
        kill = draw(dice, number, on_server=on_server)
        with tempfile.TemporaryDirectory() as folder:
            found = _kill(kill, Path(folder), chosen, dice, on_server=on_server)
        if found is None:
            continue  # it had ended before the delay was over
        total += 1
        strategies[kill.strategy.value] += 1
        wrong += bool(found)
        place = "sandbox" if on_server else "SQLite"
        told = "; ".join(found) or "true"
        sys.stdout.write(f"{total:3} {place:7} {kill}: {told}\n")
        sys.stdout.flush()
    sys.stdout.write(
        f"{total - wrong} of {total} kills: all is as it has to be "
        f"({dict(strategies)}, seed {chosen.seed}, "
        f"{time.monotonic() - began:.0f} s)\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
