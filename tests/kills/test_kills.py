"""What a task says after its worker was killed is what the target holds.

``python -m tests.kills`` kills many more, and into a sandbox, too.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dmc_widgets.model.strategies import ImportStrategy
from tests.kills.__main__ import kill_embedded, kill_served
from tests.kills.killing import Kill, draw

INSERT, UPSERT, UPDATE = (
    ImportStrategy.INSERT,
    ImportStrategy.UPSERT,
    ImportStrategy.UPDATE,
)


def kill(strategy: ImportStrategy, point: str, **others: object) -> Kill:
    """Make a kill with 2,500 records, of which the target has every second."""
    chosen: dict[str, object] = {
        "strategy": strategy,
        "has_codes": True,
        "stops": False,
        "records": 2_500,
        "bad": frozenset({7, 1_400, 2_499}),
        "stored": frozenset(range(1, 2_500, 2)),
        "point": point,
        "count": 2,
        "delay_ms": 0,
        **others,
    }
    return Kill(**chosen)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "killed",
    [
        kill(INSERT, "after-write"),
        kill(UPSERT, "after-write", has_codes=False, stored=frozenset()),
        kill(UPDATE, "before-outcomes"),
        kill(UPSERT, "before-mark", stops=True, bad=frozenset({2_100})),
        kill(UPSERT, "before-finish", count=1),
    ],
    ids=str,
)
def test_killed_import_reports_what_the_target_holds(
    killed: Kill, tmp_path: Path
) -> None:
    assert kill_embedded(killed, tmp_path) == []


@pytest.mark.parametrize(
    "killed",
    [
        kill(UPSERT, "after-post", has_codes=False, stored=frozenset()),
        kill(UPDATE, "before-outcomes"),
    ],
    ids=str,
)
def test_killed_import_reports_what_the_server_holds(
    killed: Kill, tmp_path: Path
) -> None:
    assert kill_served(killed, tmp_path) == []


def test_same_seed_draws_the_same_kills() -> None:
    drawn = [[draw(random.Random(5), number) for number in range(6)] for _ in range(2)]

    assert drawn[0] == drawn[1]
    assert {each.strategy for each in drawn[0]} == set(ImportStrategy)
