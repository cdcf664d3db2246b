"""A value that is wrong in many records the same way is mended once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.task import Counts
from tests.factories import write_json

ERC = "externalReferenceCode"


@pytest.fixture
def task(gallery: Center, tmp_path: Path) -> TaskHandle:
    """40 pictures in a colour that is not there, 3 in another, and a good one."""
    colours = ["Blau"] * 40 + ["green"] * 3 + ["red"]
    records = [
        {ERC: f"P-{number}", "title": f"No. {number}", "colour": colour}
        for number, colour in enumerate(colours, start=1)
    ]
    path = write_json(tmp_path / "pictures.json", records)
    return gallery.import_file("gallery", "Picture", path, on_error="continue")


def colours(center: Center) -> list[str]:
    with center.installations.connect("gallery") as opened:
        return sorted({item["colour"]["key"] for item in opened.read("Picture")})


def test_failures_are_grouped_by_value(gallery: Center, task: TaskHandle) -> None:
    groups = gallery.repair.groups(task.id)

    assert [(x.number, x.field, x.value) for x in groups] == [
        (40, "colour", '"Blau"'),
        (3, "colour", '"green"'),
    ]


def test_a_rejected_value_is_replaced_in_all_records(
    gallery: Center, task: TaskHandle
) -> None:
    task.retry(replace={"colour": {"Blau": "blue"}})

    assert task.counts == Counts(created=41, failed=3)
    assert colours(gallery) == ["blue", "red"]


def test_a_rejected_value_becomes_a_key_of_the_picklist(
    gallery: Center, task: TaskHandle
) -> None:
    mends: dict[str, Any] = {
        "replace": {"colour": {"Blau": "blue"}},
        "add_keys": {"colour": ["green"]},
    }
    check = task.retry(**mends, dry_run=True)
    assert (check.counts, check.problems) == (Counts(created=43), ())
    assert colours(gallery) == ["red"]

    task.retry(**mends)

    assert task.counts == Counts(created=44)
    assert colours(gallery) == ["blue", "green", "red"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        pytest.param(
            "colour", "Rot", "No record of task 1 failed for 'Rot'", id="value"
        ),
        pytest.param("title", "x", "No record of task 1 failed for 'x'", id="field"),
    ],
)
def test_a_value_for_which_nothing_failed_is_refused(
    task: TaskHandle, field: str, value: str, message: str
) -> None:
    with pytest.raises(InvalidPlan, match=message):
        task.retry(replace={field: {value: "blue"}})
