"""Resume an import that was killed, and compare it with an undisturbed one.

Everything has to be equal: the status, counts, outcomes, failures and changes of the
task, and what the target holds.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.ports import Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.workspace import Workspace
from tests.kills.killing import Kill, carry_out, make_target
from tests.sandbox.conftest import SETTINGS, run_sandbox

UNDISTURBED: Final = ("dmc_widgets.tasks.worker",)
_FIELDS: Final = ("externalReferenceCode", "priority", "title")


@contextmanager
def open_workspace(folder: Path) -> Iterator[Workspace]:
    """Open the workspace of a test, without the sample data of a new one."""
    workspace = Workspace(folder / "workspace")
    try:
        workspace.save_setting("furnished", "yes")
        yield workspace
    finally:
        workspace.close()


def resume_embedded(kill: Kill, folder: Path, more_kills: int = 0) -> list[str] | None:
    """Kill an import into an embedded database, and resume it.

    Args:
        kill: The import, and the moment of its end.
        folder: An empty folder.
        more_kills: How often the resumed import is killed again.

    Returns:
        What differs from an undisturbed import; None if it ended before it could be
        killed.
    """
    url = f"sqlite:///{folder / 'target.db'}"
    other = f"sqlite:///{folder / 'undisturbed.db'}"
    make_target(url, kill)
    make_target(other, kill)
    with open_workspace(folder) as workspace:
        workspace.connections.put("target", url)
        workspace.connections.put("undisturbed", other)
        return _resume_and_compare(workspace, kill, folder, (url, other), more_kills)


def resume_served(kill: Kill, folder: Path) -> list[str] | None:
    """Kill an import into a server, and resume it; see :func:`resume_embedded`."""
    databases = folder / "server.db", folder / "undisturbed.db"
    make_target(f"sqlite:///{databases[0]}", kill)
    shutil.copyfile(databases[0], databases[1])
    os.environ[PASSWORD] = SETTINGS.password
    access = Access(user=SETTINGS.user)
    urls = tuple(f"sqlite:///{path}" for path in databases)
    with (
        open_workspace(folder) as workspace,
        run_sandbox(databases[0]) as server,
        run_sandbox(databases[1]) as other,
    ):
        installations = Center(workspace).installations
        installations.add("target", server.url, access)
        installations.add("undisturbed", other.url, access)
        return _resume_and_compare(workspace, kill, folder, (urls[0], urls[1]), 0)


def _resume_and_compare(
    workspace: Workspace,
    kill: Kill,
    folder: Path,
    urls: tuple[str, str],
    more_kills: int,
) -> list[str] | None:
    file = folder / "tickets.jsonl"
    ended = carry_out(workspace, "target", kill, file)
    if not ended.was_killed:
        return None
    tasks = Center(workspace).tasks
    dice = random.Random(str(kill))
    for _ in range(more_kills):
        kill_again(workspace, ended.task, dice)
    if dice.random() < 0.5:  # as a page does that shows the task
        tasks.recover(ended.task.id)
    resumed = resume_to_the_end(workspace, ended.task)
    other = carry_out(workspace, "undisturbed", kill, file, UNDISTURBED).task
    return list(differences(workspace, resumed, tasks.get(other.id), kill, urls))


def resume_to_the_end(workspace: Workspace, task: Task) -> Task:
    """Resume a task unless recovery has found that it was at its end."""
    tasks = Center(workspace).tasks
    stored = tasks.get(task.id)
    is_interrupted = stored.status is TaskStatus.INACTIVE or stored.error.startswith(
        "The worker process ended"
    )
    return tasks.wait(tasks.resume(task.id).id) if is_interrupted else stored


def kill_again(workspace: Workspace, task: Task, dice: random.Random) -> None:
    """Resume a task with a worker that is killed, too, unless it is faster."""
    tasks = Center(workspace).tasks
    if not resume_is_possible(workspace, task):
        return
    tasks.resume(task.id)
    time.sleep(dice.uniform(0.1, 1.5))
    worker = workspace.tasks.worker(task.id)
    if not tasks.get(task.id).status.is_final:
        os.kill(worker.pid, signal.SIGKILL)
        while not tasks.get(task.id).status.is_final:
            time.sleep(0.01)


def resume_is_possible(workspace: Workspace, task: Task) -> bool:
    """Return True if a task stands still because its worker died."""
    return Center(workspace).tasks.get(task.id).status is TaskStatus.INACTIVE


def differences(
    workspace: Workspace, task: Task, other: Task, kill: Kill, urls: tuple[str, str]
) -> Iterator[str]:
    """Yield in what two tasks of the same file differ, and their targets."""
    for name in ("status", "counts", "error", "notes"):
        values = getattr(task, name), getattr(other, name)
        if values[0] != values[1]:
            yield f"{name}: {values[0]!r}, undisturbed {values[1]!r}"
    for name, read in (
        ("outcomes", _outcomes),
        ("failures", _failures),
        ("changes", _changes),
    ):
        lists = read(workspace, task, kill), read(workspace, other, kill)
        if lists[0] != lists[1]:
            yield _first_difference(name, *lists)
    stored = _stored(urls[0], kill), _stored(urls[1], kill)
    if stored[0] != stored[1]:
        yield _first_difference("stored", *stored)


def _first_difference(name: str, own: list[Any], other: list[Any]) -> str:
    for number, (left, right) in enumerate(zip(own, other, strict=False), start=1):
        if left != right:
            return f"{name} {number}: {left!r}, undisturbed {right!r}"
    return f"{len(own)} {name}, undisturbed {len(other)}"


def _outcomes(workspace: Workspace, task: Task, kill: Kill) -> list[Any]:
    return [
        (outcome.kind.value, outcome.key if kill.has_codes else "", outcome.note)
        for batch in workspace.outcomes.read(task.id)
        for outcome in batch.outcomes
    ]


def _failures(workspace: Workspace, task: Task, _kill: Kill) -> list[Any]:
    return [
        (failure.index, failure.problem, failure.item)
        for failure in workspace.outcomes.failures(task.id)
    ]


def _changes(workspace: Workspace, task: Task, kill: Kill) -> list[Any]:
    return [
        (x.index, x.kind, x.key if kill.has_codes else "", x.change.fields)
        for x in workspace.changes.read(task.id)
    ]


def _stored(url: str, kill: Kill) -> list[str]:
    """Return what a target holds; every code is there once."""
    with closing(connect(url)) as target:
        tickets = find_entity_type(target.entity_types(), "Ticket")
        found = list(target.read(tickets, Query(fields=_FIELDS)))
    codes = [item["externalReferenceCode"] for item in found]
    assert len(set(codes)) == len(codes), "a code is there twice"
    if not kill.has_codes:  # they are made by the target
        found = [{**item, "externalReferenceCode": ""} for item in found]
    return sorted(json.dumps(item, sort_keys=True) for item in found)
