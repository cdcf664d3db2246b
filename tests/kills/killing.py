"""Imports whose workers are killed, and what is true of them afterwards.

Each record has its own number in the field *priority*, so what the target holds says
exactly which records were written, whatever the task says.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import OBJECT_DEFINITION
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, ImportStrategy, Policy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.ports import Batch, Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.kills.worker import PARTITION_POINTS, POINTS, SERVER_POINTS
from tests.tasks.conftest import TICKET

ERC: Final = "externalReferenceCode"
NEW: Final = "new"
OLD: Final = "old"
ROOT: Final = Path(__file__).parents[2]

_SHARES: Final = {
    ImportStrategy.INSERT: 0.1,
    ImportStrategy.UPSERT: 0.5,
    ImportStrategy.UPDATE: 0.9,
}
"""How many of the records the target has before."""

Truth = dict[int, str]
"""The titles in the target, by the number of the record."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One import and the moment at which its worker is killed.

    Attributes:
        strategy: Of the import.
        has_codes: Records have external reference codes.
        stops: The first record that fails ends the import.
        records: How many.
        bad: Numbers of records without the required title.
        stored: Numbers of records that the target has before.
        point: See :data:`.worker.POINTS`.
        count: How often the point is reached before it counts.
        delay_ms: From then to the kill.
    """

    strategy: ImportStrategy
    has_codes: bool
    stops: bool
    records: int
    bad: frozenset[int]
    stored: frozenset[int]
    point: str
    count: int
    delay_ms: int

    def __str__(self) -> str:
        codes = "codes" if self.has_codes else "no codes"
        ends = "stop" if self.stops else "continue"
        return f"{self.strategy.value:6} {codes:8} {ends:8} {self.moment}"

    @property
    def moment(self) -> Moment:
        """When its worker is killed."""
        return Moment(self.point, self.count, self.delay_ms)

    @property
    def batches(self) -> int:
        """How many batches it writes, if nothing stops it."""
        return -(-self.records // 1000)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a worker is killed.

    Attributes:
        point: See :data:`.worker.POINTS`.
        count: How often the point is reached before it counts.
        delay_ms: From then to the kill.
    """

    point: str
    count: int
    delay_ms: int

    def __str__(self) -> str:
        return f"{self.point} {self.count} + {self.delay_ms} ms"


class Ended(NamedTuple):
    """An import whose worker has ended, and whether it was killed."""

    task: Task
    was_killed: bool


def draw(
    dice: random.Random, number: int, *, on_server: bool = False, records: int = 0
) -> Kill:
    """Draw the kill with a number; strategies and codes take turns.

    Args:
        dice: Decides everything else.
        number: Of the kill, from 0.
        on_server: The target is a server.
        records: How many records the file has; 0 draws that, too.
    """
    strategy = tuple(ImportStrategy)[number % 3]
    has_codes = strategy is ImportStrategy.UPDATE or number % 2 == 0
    drawn = dice.randrange(*((1_500, 4_000) if on_server else (3_000, 9_000)))
    records = records or drawn
    everyone = range(1, records + 1)
    stops = dice.random() < 0.3
    bad = [] if stops and dice.random() < 0.7 else dice.sample(everyone, 20)
    share = _SHARES[strategy]
    if stops and share != 0.5:
        share = round(share)  # nothing fails for being there, or for not being there
    stored = dice.sample(everyone, int(records * share)) if has_codes else []
    kill = Kill(
        strategy,
        has_codes,
        stops,
        records,
        frozenset(bad),
        frozenset(stored),
        point="",
        count=0,
        delay_ms=0,
    )
    moment = draw_moment(dice, kill.batches, on_server=on_server)
    return replace(kill, **asdict(moment))


def draw_moment(
    dice: random.Random,
    batches: int,
    *,
    on_server: bool = False,
    is_divided: bool = False,
) -> Moment:
    """Draw the moment at which the worker of a task is killed.

    Args:
        dice: Decides it.
        batches: How many the task writes.
        on_server: The target is a server.
        is_divided: The task has several workers.
    """
    points = SERVER_POINTS if on_server else POINTS
    point = dice.choice(PARTITION_POINTS if is_divided else points)
    most = {"at-any-time": 1, "before-finish": 1, "before-report": 2}
    delay_ms = dice.choice((0, 0, 1, 3, 10, 30))
    if point == "at-any-time":
        delay_ms = dice.randrange(0, batches * (600 if on_server else 60))
    return Moment(point, dice.randint(1, most.get(point, batches)), delay_ms)


def lines(kill: Kill) -> bytes:
    """Write the file of an import."""
    return b"".join(
        json.dumps(_record(kill, number)).encode() + b"\n"
        for number in range(1, kill.records + 1)
    )


def _record(kill: Kill, number: int) -> dict[str, Any]:
    code = {ERC: f"T-{number}"} if kill.has_codes else {}
    title = {} if number in kill.bad else {"title": NEW}
    return {**code, **title, "priority": number}


def make_target(url: str, kill: Kill) -> None:
    """Make an embedded database that holds what is there before the import."""
    target = connect(url)
    try:
        definitions = find_entity_type(target.entity_types(), OBJECT_DEFINITION)
        batch = Batch(task="setup", number=1, items=[TICKET], policy=Policy())
        target.write(definitions, batch)
        tickets = find_entity_type(target.entity_types(), "Ticket")
        items = [
            {ERC: f"T-{number}", "title": OLD, "priority": number}
            for number in sorted(kill.stored)
        ]
        target.write(
            tickets, Batch(task="setup", number=2, items=items, policy=Policy())
        )
    finally:
        target.close()


def read_truth(url: str) -> Truth:
    """Return what an embedded database holds."""
    target = connect(url)
    try:
        tickets = find_entity_type(target.entity_types(), "Ticket")
        found = list(target.read(tickets, Query(fields=("priority", "title"))))
    finally:
        target.close()
    truth = {int(each["priority"]): str(each["title"]) for each in found}
    assert len(truth) == len(found), "a record is there twice"
    return truth


def choose_options(policy: Policy) -> RunOptions:
    """Return the options of a run: several batches at once where order does not count.

    They go to a server; an embedded database takes one after the other.
    """
    stops = policy.error_strategy is ErrorStrategy.STOP
    return RunOptions(at_once=1 if stops else 3)


def start_import(
    workspace: Workspace,
    name: str,
    kill: Kill,
    file: Path,
    options: RunOptions | None = None,
) -> Task:
    """Queue the import of the file of *kill* into an installation; nothing runs."""
    file.write_bytes(lines(kill))
    center = Center(workspace)
    policy = Policy(
        import_strategy=kill.strategy,
        error_strategy=ErrorStrategy.STOP if kill.stops else ErrorStrategy.CONTINUE,
    )
    key = center.installations.entity_type(name, "Ticket").key
    options = options or choose_options(policy)
    plan = ImportPlan(entity_type=key, name="kill", policy=policy, options=options)
    task = workspace.tasks.add(name, plan, file.name)
    copy_into_workspace(file, original_path(workspace, task), consume=False)
    workspace.emergency_record(task.id).reserve()
    return task


def carry_out(
    workspace: Workspace,
    name: str,
    kill: Kill,
    file: Path,
    worker: Sequence[object] = (),
) -> Ended:
    """Import the file of *kill* into an installation; its worker dies on the way.

    Args:
        workspace: Where the task is recorded.
        name: Of the installation.
        kill: The import.
        file: Where its records are written to.
        worker: Another module that carries the task out, and its last arguments.
    """
    task = start_import(workspace, name, kill, file)
    return run_worker(workspace, task, worker or killing_worker(kill.moment))


def killing_worker(moment: Moment) -> tuple[object, ...]:
    """Return the worker that is killed at a moment, as :func:`run_worker` takes it."""
    return ("tests.kills.worker", *astuple(moment))


def run_worker(workspace: Workspace, task: Task, worker: Sequence[object]) -> Ended:
    """Carry out a queued task with a module, and its last arguments."""
    module, *others = worker
    order = (module, workspace.path, task.id, *others)
    done = subprocess.run(
        [sys.executable, "-m", *map(str, order)], cwd=ROOT, check=False, timeout=600
    )
    return Ended(task, done.returncode == -signal.SIGKILL)


def faults(
    kill: Kill, workspace: Workspace, task: Task, truth: Truth, *, whole: bool = True
) -> list[str]:
    """Compare what a task says with what the target holds, record by record.

    Args:
        kill: The import.
        workspace: Of the task.
        task: Has ended.
        truth: What the target holds.
        whole: Every record of the file must have an outcome, and none is unknown.
    """
    found = Center(workspace).tasks.get(task.id)
    told = [
        outcome.kind
        for recorded in workspace.outcomes.read(task.id)
        for outcome in recorded.outcomes
    ]
    failures = {failure.index for failure in workspace.outcomes.failures(task.id)}
    found_faults = list(_count_faults(found, told))
    if whole and len(told) != kill.records:
        found_faults.append(f"{len(told)} outcomes for {kill.records} records")
    if whole and found.counts.unknown:
        found_faults.append(f"{found.counts.unknown} are unknown")
    return [*found_faults, *_record_faults(kill, told, failures, truth)]


def _count_faults(task: Task, told: list[OutcomeKind]) -> Iterator[str]:
    counts = task.counts
    for kind in OutcomeKind:
        counted, kept = getattr(counts, kind.value), told.count(kind)
        if counted != kept:
            yield f"{counted} are counted as {kind}, and {kept} are recorded"
    if task.status is TaskStatus.INACTIVE:
        yield f"it is still inactive: {task.error}"


def _record_faults(
    kill: Kill, told: list[OutcomeKind], failures: set[int], truth: Truth
) -> Iterator[str]:
    untold = [number for number in truth if number > len(told)]
    if any(truth[number] == NEW for number in untold):
        yield f"{len(untold)} records behind the last outcome are in the target"
    for number, kind in enumerate(told, start=1):
        before = OLD if number in kill.stored else None
        now = truth.get(number)
        if kind is OutcomeKind.CREATED:
            is_true = before is None and now == NEW
        elif kind is OutcomeKind.UPDATED:
            is_true = before == OLD and now == NEW
        else:
            is_true = kind is OutcomeKind.UNKNOWN or now == before
        if kind is OutcomeKind.FAILED:
            is_true = is_true and number in failures and _may_fail(kill, number)
        if not is_true:
            yield f"record {number} is {kind}; it was {before} and is {now}"
            return


def _may_fail(kill: Kill, number: int) -> bool:
    if number in kill.bad:
        return True
    if kill.strategy is ImportStrategy.INSERT:
        return number in kill.stored
    return kill.strategy is ImportStrategy.UPDATE and number not in kill.stored
