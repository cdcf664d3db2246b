"""Tasks are taken back byte for byte, and what somebody did since stays.

``python -m tests.undoing`` does it with as many installations and changes as wished.
"""

from __future__ import annotations

import random
from itertools import cycle
from pathlib import Path

import pytest

from tests.undoing.rounds import (
    FORMATS,
    STRATEGIES,
    Round,
    make_templates,
    open_stage,
)

pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates")
    make_templates(folder)
    return folder


def test_a_migration_of_eight_entity_types_is_taken_back(
    templates: Path, tmp_path: Path
) -> None:
    """Its export is what it was before; that of the undone undo, what it was after."""
    dice = random.Random(0)
    with open_stage(templates, tmp_path, dice, is_old=True, served=False) as stage:
        before = stage.export()
        migration = Round(stage, dice)
        task = migration.migrate()

        parts = {x.title for x in task.state.parts}
        assert parts >= {"ObjectFolder", "ListTypeDefinition", "ObjectDefinition"}
        assert parts >= {"C_Branch", "C_Customer", "C_Order", "C_Product", "C_Tag"}
        assert [*migration.check(before, task)] == []


@pytest.mark.parametrize(("seed", "served"), [(10, False), (24, True)])
def test_what_somebody_did_after_a_migration_stays(
    templates: Path, tmp_path: Path, seed: int, *, served: bool
) -> None:
    """What was kept is named; everything else is as it was before."""
    dice = random.Random(seed)
    with open_stage(templates, tmp_path, dice, is_old=True, served=served) as stage:
        before = stage.export()
        migration = Round(stage, dice, steps=4)
        task = migration.migrate()

        assert [*migration.check(before, task)] == [], migration.did


def test_imports_are_taken_back(templates: Path, tmp_path: Path) -> None:
    """From each format, and with each strategy."""
    dice = random.Random(3)
    with open_stage(templates, tmp_path, dice, is_old=False, served=False) as stage:
        for format_name, strategy in zip(FORMATS, cycle(STRATEGIES), strict=False):
            before = stage.export()
            one = Round(stage, dice)
            task = one.import_entries(format_name, strategy)

            assert [*one.check(before, task)] == [], one.did
