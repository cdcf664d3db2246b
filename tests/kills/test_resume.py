"""An import that was killed and resumed equals one that nothing has disturbed.

``python -m tests.kills`` kills and resumes many more.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dmc_widgets.model.strategies import ImportStrategy
from tests.kills.killing import Kill
from tests.kills.repair_job import RepairJob, RepairResumption
from tests.kills.resuming import resume_embedded, resume_served
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


def test_killed_repair_goes_on_with_the_next_retry(tmp_path: Path) -> None:
    """With the same batches, so that no record is written twice."""
    killed = kill(UPSERT, "after-write", records=700, stored=frozenset({7, 8}))
    job = RepairJob(tmp_path, killed, random.Random(5))

    tried = RepairResumption(job).try_kill(killed.moment)

    assert tried is not None
    assert tried.differences == []


def test_resumed_import_into_a_server_equals_an_undisturbed_one(tmp_path: Path) -> None:
    killed = kill(ImportStrategy.INSERT, "after-post")
    assert resume_served(killed, tmp_path) == []
