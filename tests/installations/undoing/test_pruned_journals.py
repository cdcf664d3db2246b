"""Pruning takes marks, and what only their journals name, and leaves the rest."""

from __future__ import annotations

from typing import Any

from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.strategies import Policy, UpdateStrategy
from dmc_widgets.ports import Batch, Query, Undoer
from dmc_widgets.tasks.installation_access import find_entity_type
from tests.tasks.gallery import ERC

_LATER_MS = 2**52


def test_a_file_goes_with_the_last_journal_that_names_it(gallery: Undoer) -> None:
    opened: Any = gallery
    picture = find_entity_type(gallery.entity_types(), "Picture")
    policy = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)
    file = {"fileBase64": "aGVsbG8=", "name": "b.png", ERC: "F-7"}

    def batch(task: str, scan: Any, *, journal: bool) -> Batch:
        items = [{ERC: "P-2", "scan": scan}]
        return Batch(task=task, number=1, items=items, policy=policy, journal=journal)

    (given,) = gallery.write(picture, batch("s", file, journal=False))
    removal = batch("t", None, journal=True)
    (taken,) = gallery.write(picture, removal)
    assert given.kind is taken.kind is OutcomeKind.UPDATED

    every = ["s", "t", *(f"write {number}" for number in range(1, 3000))]

    assert opened.prune([], _LATER_MS, dry_run=False)[:2] == (0, 0)
    expected = opened.prune(every, _LATER_MS, dry_run=True)
    assert opened.prune(every, _LATER_MS, dry_run=False) == expected

    assert expected.marks > 2
    assert expected.attachments == 1
    assert opened.recall(picture, removal) is None
    titles = [item["title"] for item in gallery.read(picture, Query())]
    assert titles == ["Sea", "Sky"]
