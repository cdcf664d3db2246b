"""An import that was killed and resumed equals one that nothing has disturbed.

``python -m tests.kills`` kills and resumes many more.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dmc_widgets.model.strategies import ImportStrategy
from tests.kills.jobs import ImportJob, PartitionsJob
from tests.kills.killed_groups import FIRST_BATCH, CommandResumption
from tests.kills.killing import Kill, Moment
from tests.kills.migration_job import MigrationJob
from tests.kills.repair_job import RepairJob, RepairResumption
from tests.kills.resuming import (
    PartitionResumption,
    Resumption,
    resume_embedded,
    resume_served,
)
from tests.kills.test_kills import INSERT, UPDATE, UPSERT, kill


@pytest.mark.parametrize(
    ("killed", "more_kills"),
    [
        (kill(INSERT, "after-write"), 0),
        (kill(UPSERT, "before-mark", has_codes=False, stored=frozenset()), 1),
        (kill(UPDATE, "before-finish", count=1, stops=True), 0),
    ],
    ids=str,
)
def test_resumed_import_equals_an_undisturbed_one(
    killed: Kill, more_kills: int, tmp_path: Path
) -> None:
    assert resume_embedded(killed, tmp_path, more_kills) == []


def test_killed_import_of_several_workers_equals_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    """Whether one of them is killed, or the process that coordinates them."""
    job = PartitionsJob(tmp_path, kill(UPSERT, "", records=1_500))
    resumption = PartitionResumption(job)
    moments = (Moment("partition-worker", 3, 2), Moment("after-outcomes", 4, 0))

    tried = [resumption.try_kill(moment) for moment in moments]

    assert [x.differences if x else "not killed" for x in tried] == [[], []]


def test_killed_repair_goes_on_with_the_next_retry(tmp_path: Path) -> None:
    """With the same batches, so that no record is written twice."""
    killed = kill(UPSERT, "after-write", records=700, stored=frozenset({7, 8}))
    job = RepairJob(tmp_path, killed, random.Random(5))

    tried = RepairResumption(job).try_kill(killed.moment)

    assert tried is not None
    assert tried.differences == []


def test_import_of_a_killed_process_group_is_resumed_by_the_command_line(
    tmp_path: Path,
) -> None:
    """Command and worker are killed; `dmc resume` ends as if nothing had happened."""
    job = ImportJob(
        tmp_path, kill(INSERT, "", records=9_000, stored=frozenset({8_000}))
    )
    tried = CommandResumption(job).try_kill(Moment(FIRST_BATCH, 1, 0))

    assert tried is not None
    assert tried.differences == []


def test_killed_migration_between_servers_equals_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    """With definitions, parents, circles and links."""
    job = MigrationJob(tmp_path, random.Random(8), 120, is_server=True)
    tried = Resumption(job, is_server=True).try_kill(Moment("after-post", 3, 0))

    assert tried is not None
    assert tried.differences == []


def test_resumed_import_into_a_server_equals_an_undisturbed_one(tmp_path: Path) -> None:
    killed = kill(ImportStrategy.INSERT, "after-post")
    assert resume_served(killed, tmp_path) == []
