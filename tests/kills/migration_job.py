"""A migration with parents, circles and many-to-many links, to be killed."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import MigrationPlan, Selection
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.model.task import Task
from dmc_widgets.ports import Batch
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.workspace import Workspace
from tests.kills.jobs import Job
from tests.kills.killing import ERC, choose_options
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.migration.test_migration_task import (
    BOSS,
    DEFINITIONS,
    INSIDE,
    KINDS,
    TEAM,
)

_PARTIAL = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)


class MigrationJob(Job):
    """A migration of picklists, definitions and three objects with a circle.

    Args:
        folder: For the source.
        dice: Decides the strategies, and what the target has before.
        records: How many people move; teams and skills are fewer.
        is_server: The source is served by a sandbox.
    """

    def __init__(
        self, folder: Path, dice: random.Random, records: int, *, is_server: bool
    ) -> None:
        super().__init__(folder)
        self._people = records
        self._teams = records // 3
        self._is_server = is_server
        self._source = folder / "source.db"
        self._policy = Policy(
            import_strategy=dice.choice((ImportStrategy.INSERT, ImportStrategy.UPSERT)),
            update_strategy=dice.choice(
                (UpdateStrategy.UPDATE, _PARTIAL.update_strategy)
            ),
            error_strategy=dice.choice(tuple(ErrorStrategy)),
        )
        stops = self._policy.error_strategy is ErrorStrategy.STOP
        inserts = self._policy.import_strategy is ImportStrategy.INSERT
        number = 0 if stops and inserts else dice.choice((0, records // 4))
        self._stored = dice.sample(range(records), number)
        self._selection = dice.choice(
            (Selection(), Selection(entity_types=("Team",), with_needed=True))
        )
        self.batches = 2 * -(-(self._people + self._teams) // 1000)
        self._make_source()

    def __str__(self) -> str:
        needed = "needed" if self._selection.with_needed else "all"
        policy = self._policy
        ends = "stop" if policy.error_strategy is ErrorStrategy.STOP else "continue"
        return f"{policy.import_strategy.value:6} {needed:8} {ends:8}"

    def make_target(self, url: str) -> None:
        if not self._stored:
            connect(url).close()
            return
        _write(url, "ListTypeDefinition", [KINDS])
        _write(url, "ObjectDefinition", DEFINITIONS, Policy())
        people = [{ERC: f"P{n}", "title": "Old"} for n in self._stored]
        _write(url, "C_Person", people)

    @contextmanager
    def open(self, workspace: Workspace) -> Iterator[None]:
        if not self._is_server:
            workspace.connections.put("source", f"sqlite:///{self._source}")
            yield
            return
        os.environ[PASSWORD] = SETTINGS.password
        with run_sandbox(self._source) as server:
            access = Access(user=SETTINGS.user)
            Center(workspace).installations.add("source", server.url, access)
            yield

    def add(self, workspace: Workspace, name: str) -> Task:
        plan = MigrationPlan(
            source="source",
            selection=self._selection,
            policy=self._policy,
            options=choose_options(self._policy),
            name="kill",
        )
        task = workspace.tasks.add(name, plan)
        workspace.emergency_record(task.id).reserve()
        return task

    def _make_source(self) -> None:
        url = f"sqlite:///{self._source}"
        _write(url, "ListTypeDefinition", [KINDS])
        _write(url, "ObjectDefinition", DEFINITIONS, Policy())
        _write(
            url, "C_Skill", [{ERC: f"S{n}", "title": f"Skill {n}"} for n in range(9)]
        )
        _write(
            url, "C_Team", [{ERC: f"T{n}", "title": "T"} for n in range(self._teams)]
        )
        _write(url, "C_Person", [self._person(n) for n in range(self._people)])
        _write(url, "C_Team", [self._team(n) for n in range(self._teams)])

    def _person(self, number: int) -> dict[str, Any]:
        skills = [{ERC: f"S{number % 9}"}] if number % 5 == 0 else []
        return {
            ERC: f"P{number}",
            "title": f"Person {number}",
            TEAM: f"T{number % self._teams}",
            "kind": "a",
            "skills": skills,
        }

    def _team(self, number: int) -> dict[str, Any]:
        return {
            ERC: f"T{number}",
            BOSS: f"P{number * 2}",
            INSIDE: f"T{number * 7 % self._teams}",
        }


def _write(
    url: str, entity: str, items: list[dict[str, Any]], policy: Policy = _PARTIAL
) -> None:
    with closing(connect(url)) as opened:
        entity_type = find_entity_type(opened.entity_types(), entity)
        key = f"{entity} {sorted(items[0])}"
        batch = Batch(task=key, number=1, items=items, policy=policy)
        outcomes = opened.write(entity_type, batch)
    assert {outcome.problem for outcome in outcomes} == {None}
