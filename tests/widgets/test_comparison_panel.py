"""A task is compared with another one on its page."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import NotSupported
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.states.background_work import BackgroundWork
from dmc_widgets.states.comparing.task_comparison_state import (
    format_choice,
    name_choice,
)
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.task_panels.comparison import ComparisonPanel


def _until(page: Dashboard, is_done: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not is_done() and time.monotonic() < end:
        page.tick()
        time.sleep(0.02)
    assert is_done()


def test_two_tasks_are_compared(
    page: Dashboard, center: Center, tmp_path: Path
) -> None:
    """The latest similar task is selected; hostile messages are data."""
    file = tmp_path / "folders.jsonl"
    file.write_text(
        '{"externalReferenceCode": "F-1", "name": "F", "label": {"en_US": "F"}}\n'
    )
    runs = [
        center.import_file("Sample target", "ObjectFolder", file, import_strategy=word)
        for word in ("UPSERT", "INSERT")
    ]
    page.session.open_task(runs[1].id)
    panel = page.task_panels.panels[ComparisonPanel]
    assert isinstance(panel, ComparisonPanel)
    assert panel.layout.display is None
    assert panel.other.selected == runs[0].id
    assert panel.choices.layout.display == "none"

    panel.compare.click()
    assert panel.compare.disabled
    _until(page, lambda: not panel.compare.disabled)

    rows = {
        row["label"]: (row["first"], row["second"])
        for row in panel.choices.page["rows"]
    }
    assert rows["Status"] == ("Failed", "Completed")
    assert rows["Records"] == ("1 failed", "1 created")
    assert rows["Import Strategy"] == ("Only Add New Records", "Add or Update Records")
    (record,) = panel.table.page["rows"]
    assert (record["record"], record["first"], record["second"]) == (
        "1",
        "failed",
        "created",
    )
    assert "1 record has another outcome: 1 failed → created." in panel.summary.value
    assert ("failed → created (1)", 1) in panel.transition.options

    page.session.open_task(runs[0].id)
    assert panel.choices.layout.display == "none"
    assert panel.other.selected == runs[1].id


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("updateStrategy", "MERGE", ("Update Strategy", "Merge Records")),
        ("importStrategy", "ON_ERROR_CONTINUE", ("On Error", "Continue on Error")),
        ("reading.skipLines", 2, ("Skip Lines", "2")),
        ("options.verify", False, ("Verify at the End", "No")),
        ("options.errorLimit", None, ("Error Limit", "")),
        ("chosen.filters", {"C_A": "a gt 1"}, ("Filters", "C_A: a gt 1")),
        ("match", ["email"], ("Match Records By", "email")),
    ],
)
def test_choices_have_the_words_of_the_forms(
    path: str, value: Any, shown: tuple[str, str]
) -> None:
    assert (name_choice(path), format_choice(path, value)) == shown


def test_every_choice_of_an_import_has_a_name() -> None:
    assert [name_choice(path) for path in ImportPlan(entity_type="T").as_dict()] == [
        "Action",
        "Entity Type",
        "Mapping",
        "Same Names",
        "Match Records By",
        "Import Strategy",
        "Update Strategy",
        "On Error",
        "Lazy References",
        "Reading",
        "Site",
        "New Sites",
        "Options",
        "Allow Deletions",
        "Name",
        "Dry Run",
    ]


def test_background_work_does_one_thing_at_a_time() -> None:
    """An error is raised where the result would have been used."""
    work = BackgroundWork()
    used: list[int] = []
    work.start(lambda: 1, used.append)
    with pytest.raises(NotSupported):
        work.start(lambda: 2, used.append)
    _take(work)
    assert (used, work.is_busy) == ([1], False)

    work.start(lambda: 1 // 0, used.append)
    with pytest.raises(ZeroDivisionError):
        _take(work)
    assert (used, work.is_busy) == ([1], False)


def _take(work: BackgroundWork) -> None:
    end = time.monotonic() + 10
    while work.is_busy and time.monotonic() < end:
        work.take()
