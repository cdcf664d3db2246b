"""What is killed and resumed: imports, which other modules add more kinds to."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import OBJECT_DEFINITION
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, ImportStrategy, Policy
from dmc_widgets.model.task import Task
from dmc_widgets.ports import Batch, Item, Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.kills.killing import ERC, Kill, make_target, start_import
from tests.tasks.imports.test_later_parents import BOSS, WORKER

_SERVER_SET: Final = {"id", "creator", "dateCreated", "dateModified", "status"}


class Job:
    """A task that can be done any number of times, always with the same result.

    Args:
        folder: For its files; empty.

    Attributes:
        batches: About how many batches it writes.
        has_codes: Its records have external reference codes.
    """

    batches = 1
    has_codes = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make_target(self, url: str) -> None:
        """Make the embedded database that the task begins with."""
        raise NotImplementedError

    @contextmanager
    def open(self, workspace: Workspace) -> Iterator[None]:
        """Have ready what the task needs besides its target."""
        assert workspace is not None
        yield

    def add(self, workspace: Workspace, name: str) -> Task:
        """Queue the task on the installation with a name; nothing runs."""
        raise NotImplementedError

    def read(self, url: str) -> list[Item]:
        """Return everything that a target holds, without what it sets itself."""
        with closing(connect(url)) as target:
            return [
                plain(item)
                for entity_type in target.entity_types()
                for item in sorted(
                    target.read(entity_type, Query()), key=lambda x: str(x.get(ERC))
                )
            ]


class ImportJob(Job):
    """The import of a file of tickets.

    Args:
        folder: For the file.
        kill: The import; its moment counts for nothing here.
    """

    def __init__(self, folder: Path, kill: Kill) -> None:
        super().__init__(folder)
        self.kill = kill
        self.batches = kill.batches
        self.has_codes = kill.has_codes

    def __str__(self) -> str:
        codes = "codes" if self.has_codes else "no codes"
        ends = "stop" if self.kill.stops else "continue"
        return f"{self.kill.strategy.value:6} {codes:8} {ends:8}"

    def make_target(self, url: str) -> None:
        make_target(url, self.kill)

    def add(self, workspace: Workspace, name: str) -> Task:
        return start_import(workspace, name, self.kill, self.folder / "tickets.jsonl")

    def read(self, url: str) -> list[Item]:
        with closing(connect(url)) as target:
            tickets = find_entity_type(target.entity_types(), "Ticket")
            names = (ERC, "priority", "title")
            found = list(target.read(tickets, Query(fields=names)))
        codes = [item[ERC] for item in found]
        assert len(set(codes)) == len(codes), "a code is there twice"
        return sorted(found, key=lambda item: (item["priority"], item[ERC]))


class PartitionsJob(ImportJob):
    """The import of a file of tickets by several workers, in batches of 100 records.

    Args:
        folder: For the file.
        kill: The import; its moment counts for nothing here.
        workers: How many workers there are.
        cluster: The address of a Dask scheduler, or ``local``; empty for processes.
    """

    def __init__(
        self, folder: Path, kill: Kill, workers: int = 2, cluster: str = ""
    ) -> None:
        super().__init__(folder, replace(kill, stops=False))
        self.batches = -(-kill.records // 100)
        self._workers = workers
        self._cluster = cluster

    def add(self, workspace: Workspace, name: str) -> Task:
        options = RunOptions(
            workers=self._workers, cluster=self._cluster, error_limit="1000000"
        )
        file = self.folder / "tickets.jsonl"
        return start_import(workspace, name, self.kill, file, options)


class ParentsJob(Job):
    """The import of a file whose records name parents that may come later.

    Args:
        folder: For the file.
        dice: Decides the order, and which parents are nowhere.
        records: How many.
    """

    def __init__(self, folder: Path, dice: random.Random, records: int) -> None:
        super().__init__(folder)
        self._strategy = dice.choice((ImportStrategy.INSERT, ImportStrategy.UPSERT))
        self._records = [_worker(dice, number) for number in range(records)]
        dice.shuffle(self._records)
        self.batches = 2 * -(-records // 1000)

    def __str__(self) -> str:
        return f"{self._strategy.value:6} parents  continue"

    def make_target(self, url: str) -> None:
        with closing(connect(url)) as target:
            definitions = find_entity_type(target.entity_types(), OBJECT_DEFINITION)
            batch = Batch(task="setup", number=1, items=[WORKER], policy=Policy())
            target.write(definitions, batch)

    def add(self, workspace: Workspace, name: str) -> Task:
        file = self.folder / "workers.jsonl"
        file.write_text("".join(json.dumps(x) + "\n" for x in self._records))
        key = Center(workspace).installations.entity_type(name, "Worker").key
        policy = Policy(
            import_strategy=self._strategy, error_strategy=ErrorStrategy.CONTINUE
        )
        plan = ImportPlan(entity_type=key, name="kill", policy=policy)
        task = workspace.tasks.add(name, plan, file.name)
        copy_into_workspace(file, original_path(workspace, task), consume=False)
        workspace.emergency_record(task.id).reserve()
        return task


def _worker(dice: random.Random, number: int) -> dict[str, Any]:
    boss = f"W{number // 3}" if dice.random() < 0.99 else "nobody"
    own = {ERC: f"W{number}", "name": f"Worker {number}"}
    return {**own, BOSS: boss} if number else own


def plain(value: Any) -> Any:
    """Return an item without what its installation sets itself."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in _SERVER_SET}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
