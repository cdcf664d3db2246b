"""``.venv/bin/python -m tests.kills --count 60 --server 12 --seed 1``.

Kills the workers of imports at points that follow from the seed, into embedded
databases and into a sandbox, and prints whether counts and outcomes equal what the
target holds.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.workspace import Workspace
from tests.kills.killing import Kill, carry_out, draw, faults, make_target, read_truth
from tests.sandbox.conftest import SETTINGS, served


def kill_embedded(kill: Kill, folder: Path) -> list[str]:
    """Kill an import into an embedded database; return what is not true afterwards."""
    url = f"sqlite:///{folder / 'target.db'}"
    make_target(url, kill)
    workspace = Workspace(folder / "workspace")
    try:
        workspace.keep_setting("furnished", "yes")
        workspace.connections.put("target", url)
        task = carry_out(workspace, "target", kill, folder / "tickets.jsonl")
        Center(workspace).recover(task.id)
        return faults(kill, workspace, task, read_truth(url))
    finally:
        workspace.close()


def kill_served(kill: Kill, folder: Path) -> list[str]:
    """Kill an import into a server; return what is not true afterwards."""
    database = folder / "server.db"
    url = f"sqlite:///{database}"
    make_target(url, kill)
    os.environ[PASSWORD] = SETTINGS.password
    workspace = Workspace(folder / "workspace")
    try:
        workspace.keep_setting("furnished", "yes")
        with served(database) as server:
            Center(workspace).connect("target", server.url, Access(user=SETTINGS.user))
            task = carry_out(workspace, "target", kill, folder / "tickets.jsonl")
            Center(workspace).recover(task.id)
            return faults(kill, workspace, task, read_truth(url))
    finally:
        workspace.close()


def main() -> int:
    """Carry out the kills that the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills")
    parser.add_argument("--count", type=int, default=60, help="into SQLite")
    parser.add_argument("--server", type=int, default=12, help="into a sandbox")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    dice = random.Random(chosen.seed)
    began = time.monotonic()
    wrong, strategies = 0, Counter[str]()
    for number in range(chosen.count + chosen.server):
        on_server = number >= chosen.count
        kill = draw(dice, number, on_server=on_server)
        with tempfile.TemporaryDirectory() as folder:
            carry = kill_served if on_server else kill_embedded
            found = carry(kill, Path(folder))
        strategies[kill.strategy.value] += 1
        wrong += bool(found)
        place = "sandbox" if on_server else "SQLite"
        told = "; ".join(found) or "true"
        sys.stdout.write(f"{number + 1:3} {place:7} {kill}: {told}\n")
        sys.stdout.flush()
    total = chosen.count + chosen.server
    sys.stdout.write(
        f"{total - wrong} of {total} kills: counts and outcomes equal what the target "
        f"holds ({dict(strategies)}, seed {chosen.seed}, "
        f"{time.monotonic() - began:.0f} s)\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
