"""A round: a task, what somebody else does, the undo, and what has to be there then."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dmc_widgets.center import Center
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.installations.sql import SandboxInstallation, open_for_server
from dmc_widgets.model.access import Access
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.undoing.exports import SERVER_SET, State, export_all, find_differences
from tests.undoing.shop import (
    NEW_DOCUMENTS,
    OLD_DOCUMENTS,
    TYPES,
    Entries,
    fill_documents,
    fill_entries,
)
from tests.undoing.somebody import Somebody

FORMATS: Final = ("json", "jsonl", "csv", "xlsx")
STRATEGIES: Final = ("INSERT", "UPDATE", "UPSERT")
_COUNT: Final = 6


@dataclass(slots=True)
class Stage:
    """A source and a target, open for tasks.

    Attributes:
        center: The center with the installations *source*, *target*, and *seen*: the
            database of the target.
        target: The target, as somebody else works with it.
        folder: A folder for files.
        is_served: The target is a server.
    """

    center: Center
    target: SandboxInstallation
    folder: Path
    is_served: bool

    def export(self) -> State:
        """Export everything that the target holds."""
        left_out = SERVER_SET if self.is_served else ()
        return export_all(self.center, self.folder, left_out)


def make_templates(folder: Path) -> None:
    """Make databases with the documents of the source and of the target."""
    fill_documents(folder / "new.db", NEW_DOCUMENTS)
    fill_documents(folder / "old.db", OLD_DOCUMENTS)


@contextmanager
def open_stage(
    templates: Path, folder: Path, dice: random.Random, *, is_old: bool, served: bool
) -> Iterator[Stage]:
    """Open a source and a target with entries that the dice decide.

    Args:
        templates: The folder of :func:`make_templates`.
        folder: An empty folder.
        dice: The dice.
        is_old: The target has the old documents; otherwise those of the source.
        served: The target is a server.
    """
    for name, document in (("source", "new"), ("target", "old" if is_old else "new")):
        shutil.copy(templates / f"{document}.db", folder / f"{name}.db")
        is_new = document == "new"
        entries = Entries(dice, _COUNT, is_new=is_new, has_fax=not served)
        fill_entries(folder / f"{name}.db", entries)
    os.environ[PASSWORD] = SETTINGS.password
    with ExitStack() as stack:
        workspace = stack.enter_context(closing(Workspace(folder / "workspace")))
        workspace.save_setting("furnished", "yes")
        center = Center(workspace)
        workspace.connections.put("source", f"sqlite:///{folder / 'source.db'}")
        workspace.connections.put("seen", f"sqlite:///{folder / 'target.db'}")
        if served:
            server = stack.enter_context(run_sandbox(folder / "target.db"))
            access = Access(user=SETTINGS.user)
            center.installations.add("target", server.url, access)
            target = server.context.store.installation
        else:
            workspace.connections.put("target", f"sqlite:///{folder / 'target.db'}")
            target = open_for_server(folder / "target.db", "target")
            stack.enter_context(closing(target))
        yield Stage(center, target, folder, served)


@dataclass(slots=True)
class Round:
    """One task and its undo.

    Args:
        stage: The installations.
        dice: The dice.
        steps: How many changes somebody else makes in between.
        is_thorough: The dry run is looked at, too, the third undo in a row, and on a
            server the second.
    """

    stage: Stage
    dice: random.Random
    steps: int = 0
    is_thorough: bool = False
    did: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def migrate(self) -> TaskHandle:
        """Migrate everything."""
        return self.stage.center.migrate(
            "source", "target", allow_deletions=True, on_error="continue"
        )

    def import_entries(self, format_name: str, strategy: str) -> TaskHandle:
        """Export an object of the source into a file, and import that."""
        center, name = self.stage.center, self.dice.choice(TYPES)
        path = self.stage.folder / f"entries.{format_name}"
        assert not center.export_file("source", name, path).error
        way = self.dice.choice(("UPDATE", "PARTIAL_UPDATE"))
        self.did.append(f"{name} as {format_name}, {strategy}, {way}")
        return center.import_file(
            "target",
            name,
            path,
            import_strategy=strategy,
            update_strategy=way,
            on_error="continue",
        )

    def check(self, before: State, task: TaskHandle) -> Iterator[str]:
        """Take a task back, and the undo as well; yield what is wrong afterwards."""
        self.did.append(f"{task!r}")
        if not task.counts.created + task.counts.updated:
            return
        after_task = self.stage.export()
        somebody = Somebody(self.dice, self.stage.target)
        self.did += somebody.work(self.steps)
        since = self.stage.export() if self.steps else after_task
        rehearsal = task.undo(dry_run=True)
        if self.is_thorough:
            yield from self._compare(since, "the dry run")
        undo = task.undo()
        if (undo.status, undo.error) != (TaskStatus.COMPLETED, ""):
            yield f"undo: {undo.status} {undo.error}, {[*undo.undone_records()]}"
        if undo.counts != rehearsal.counts:
            yield f"undo: {undo.counts}, its dry run: {rehearsal.counts}"
        after = self.stage.export()
        if self.steps:
            yield from find_faults(undo, (before, after_task, since, after))
        else:
            yield from (
                f"undo: {x}" for x in undo.undone_records() if x.bucket != "reversed"
            )
            yield from (f"undo: {x}" for x in find_differences(before, after))
        is_enough = self.stage.is_served and not self.is_thorough
        if is_enough or not undo.counts.created + undo.counts.updated:
            return
        again = undo.undo()
        yield from self._compare(since, "the undo of the undo")
        if self.is_thorough and not self.steps:
            again.undo()
            yield from self._compare(before, "the third undo")

    def _compare(self, expected: State, name: str) -> Iterator[str]:
        faults = find_differences(expected, self.stage.export())
        yield from (f"{name}: {fault}" for fault in faults)


def find_faults(
    undo: TaskHandle, states: tuple[State, State, State, State]
) -> Iterator[str]:
    """Yield the items that an undo has not left as its records say.

    Args:
        undo: The undo.
        states: The installation before the task, after it, after what somebody did
            since, and after the undo.
    """
    before, done, since, after = states
    buckets: dict[tuple[str, str], set[str]] = {}
    for record in undo.undone_records():
        part = (record.part or undo.state.entity_type).split(" ")[0]
        buckets.setdefault((part, record.key), set()).add(record.bucket)
        if record.bucket == "failed":
            yield f"failed: {record}"
    for place in sorted(before.items.keys() | since.items.keys() | after.items.keys()):
        bucket = buckets.get(place, set())
        was, left, own, found = (x.items.get(place) for x in states)
        expected = was if bucket == {"reversed"} else own
        is_mixed = len(bucket) > 1  # kept, after a later change of it was taken back
        if found != expected and not is_mixed:
            became = " ".join(bucket) or "not touched"
            yield f"{place} was {became}, but is {found!r} INSTEAD OF {expected!r}"
        if bucket == {"reversed"} and own not in {left, was}:
            yield f"{place} was reversed, but somebody had changed it to {own!r}"
    for link in sorted(before.links | done.links | since.links | after.links):
        ends = [x for x in buckets if x[1] in link[1:]]
        if any(buckets[x] != {"reversed"} for x in ends):
            continue
        was_there, is_left, is_own, is_found = (link in x.links for x in states)
        if is_found != (was_there if is_left == is_own else is_own):
            yield f"the link {link} is there: {is_found}"
