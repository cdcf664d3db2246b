"""``.venv/bin/python -m tests.undoing --rounds 100``.

Each round makes two installations, carries out one task, changes some things as
somebody else might, takes the task back, and prints what is not as it has to be.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.inline_tasks import tasks_in_this_process
from tests.undoing.rounds import (
    FORMATS,
    STRATEGIES,
    Round,
    make_templates,
    open_stage,
)


def _play(templates: Path, seed: int, chosen: argparse.Namespace) -> Round:
    dice = random.Random(seed)
    steps = dice.choice((0, 1, 3, 6))
    migrates = dice.random() < chosen.migrations
    with (
        tempfile.TemporaryDirectory() as path,
        open_stage(
            templates, Path(path), dice, is_old=migrates, served=chosen.server
        ) as stage,
    ):
        before = stage.export()
        played = Round(stage, dice, steps, is_thorough=True)
        if migrates:
            task = played.migrate()
        else:
            format_name, strategy = dice.choice(FORMATS), dice.choice(STRATEGIES)
            task = played.import_entries(format_name, strategy)
        played.faults = [*played.check(before, task)]
    return played


def main() -> int:
    """Carry out all rounds; return 1 if one of them left something wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.undoing")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--server", action="store_true", help="the target is a server")
    parser.add_argument("--migrations", type=float, default=0.5, help="their share")
    chosen = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as path, tasks_in_this_process():
        make_templates(Path(path))
        for seed in range(chosen.first, chosen.first + chosen.rounds):
            started = time.monotonic()
            played = _play(Path(path), seed, chosen)
            wrong += bool(played.faults)
            seconds = time.monotonic() - started
            lines = [f"round {seed}: {seconds:.1f} s, {len(played.faults)} faults"]
            if played.faults:
                lines += [f"  {x}" for x in (*played.did, *played.faults)]
            sys.stdout.write("\n".join(lines) + "\n")
            sys.stdout.flush()
    sys.stdout.write(f"{wrong} of {chosen.rounds} rounds with faults\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
