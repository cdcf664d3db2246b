"""Failed records of an import are mended and tried again within the same task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.center.repair import MendedRecords
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.mend import Mend
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.tasks.repair.mending import failed_records

pytestmark = pytest.mark.each_database

HEAD = "externalReferenceCode,title,priority"
LINES = (HEAD, "T-1,Leak,1", "T-2,,2", "T-3,Smoke,much", "T-4,Noise,007")


def import_lines(
    center: Center,
    folder: Path,
    *lines: str,
    on_error: str = "continue",
    **options: Any,
) -> TaskHandle:
    path = folder / "tickets.csv"
    path.write_text("\n".join(lines) + "\n")
    return center.import_file("target", "Ticket", path, on_error=on_error, **options)


def stored(center: Center) -> dict[str, tuple[str, int | None]]:
    with center.installations.connect("target") as opened:
        return {
            item["externalReferenceCode"]: (item["title"], item["priority"])
            for item in opened.read("Ticket")
        }


def test_a_mended_frame_comes_in_within_the_same_task(
    center: Center, tmp_path: Path
) -> None:
    task = import_lines(center, tmp_path, *LINES)
    assert task.counts == Counts(created=2, failed=2)
    frame = task.failures()
    assert frame.to_dict("records") == [
        {
            "externalReferenceCode": "T-2",
            "title": None,
            "priority": "2",
            "errorRecord": 2,
            "errorCode": "required",
            "errorField": "title",
            "errorValue": None,
            "errorMessage": 'No value was provided for required object field "title"',
        },
        {
            "externalReferenceCode": "T-3",
            "title": "Smoke",
            "priority": "much",
            "errorRecord": 3,
            "errorCode": "exceeds-integer-size",
            "errorField": "priority",
            "errorValue": "much",
            "errorMessage": (
                '"much" in the field "priority" is not a whole number. Object entry '
                "value exceeds integer field allowed size"
            ),
        },
    ]
    frame.loc[0, "title"] = "Flood"
    frame.loc[1, "priority"] = "9"

    task.retry(frame)

    assert task.status is TaskStatus.COMPLETED
    assert task.counts == Counts(created=4)
    assert len(task.failures()) == 0
    assert stored(center)["T-2"] == ("Flood", 2)
    assert stored(center)["T-3"] == ("Smoke", 9)
    assert [x.kind.value for x in task.outcomes()] == ["created"] * 4
    assert task.notes[-1] == (
        "Repair 1: 2 records came in, 0 records of the task still failed."
    )


def test_what_is_still_wrong_stays_failed_with_its_new_problem(
    center: Center, tmp_path: Path
) -> None:
    """Earlier mends stay, so that only what is still wrong is mended again."""
    task = import_lines(center, tmp_path, HEAD, "T-1,,much", "T-2,Leak,1")
    frame = task.failures()
    frame.loc[0, "title"] = "Flood"

    task.retry(frame)

    assert task.counts == Counts(created=1, failed=1)
    assert task.status is TaskStatus.PARTIALLY_COMPLETED
    frame = task.failures()
    assert (frame["title"][0], frame["errorField"][0]) == ("Flood", "priority")
    frame.loc[0, "priority"] = 4
    assert task.retry(frame).counts == Counts(created=2)
    assert stored(center)["T-1"] == ("Flood", 4)


def test_all_problems_are_told_before_anything_is_written(
    center: Center, tmp_path: Path
) -> None:
    """Of all mended records, and of each all of them; nothing is written."""
    task = import_lines(center, tmp_path, *LINES, "T-5,,many", "T-6,,6")
    frame = task.failures()
    frame.loc[0, "title"] = "Flood"
    frame.loc[1, "priority"] = "lots"

    check = task.retry(frame, dry_run=True)

    assert check.counts == Counts(created=1, failed=3)
    assert [(x.index, x.problem.field, x.problem.value) for x in check.problems] == [
        (3, "priority", '"lots"'),
        (5, "priority", '"many"'),
        (5, "title", "null"),
        (6, "title", "null"),
    ]
    assert str(check.problems[0].position) == "Record 3"
    assert sorted(stored(center)) == ["T-1", "T-4"]
    assert task.refresh().counts == Counts(created=2, failed=4)
    assert len(task.failures()) == 4
    assert task.retry(frame).counts == Counts(created=3, failed=3)


def test_records_that_are_in_are_not_written_again(
    center: Center, tmp_path: Path
) -> None:
    """The frame of before the repair is given a second time."""
    task = import_lines(center, tmp_path, *LINES, import_strategy="INSERT")
    frame = task.failures()
    frame.loc[0, "title"] = "Flood"
    task.retry(frame)
    frame.loc[1, "priority"] = 3

    task.retry(frame)

    assert task.counts == Counts(created=4)
    with pytest.raises(InvalidPlan, match=f"Task {task.id} has no failed records"):
        task.retry()


def test_a_stopped_import_goes_on_after_its_mended_record(
    center: Center, tmp_path: Path
) -> None:
    task = import_lines(
        center, tmp_path, *LINES, "T-5,Late,5", on_error="ON_ERROR_FAIL"
    )
    assert task.counts == Counts(created=1, failed=1, skipped=3)
    frame = task.failures()
    frame.loc[0, "title"] = "Flood"

    task.retry(frame)

    assert task.status is TaskStatus.FAILED
    assert task.counts == Counts(created=2, failed=1, skipped=2)
    assert task.error.startswith("Record 3: ")
    frame = task.failures()
    frame.loc[0, "priority"] = 9
    repaired = task.retry(frame)
    assert (repaired.counts, repaired.status) == (Counts(created=5), "Completed")
    assert sorted(stored(center)) == ["T-1", "T-2", "T-3", "T-4", "T-5"]


def test_mends_of_a_record_that_has_come_in_meanwhile_are_left_out(
    center: Center, tmp_path: Path
) -> None:
    """Somebody else retried it while it was mended in a form."""
    task = import_lines(center, tmp_path, *LINES)
    stale = center.repair.read(task.id, task.failures())
    task.retry(task.failures().loc[[0]].assign(title="Flood"))

    center.repair.start(task.id, stale)

    assert task.refresh().counts == Counts(created=3, failed=1)
    assert stored(center)["T-2"] == ("Flood", 2)
    again = MendedRecords({2: Mend({("title",): "Drought"})})
    with pytest.raises(InvalidPlan, match="None of the records given has failed"):
        center.repair.start(task.id, again)
    assert stored(center)["T-2"] == ("Flood", 2)


def test_failed_records_are_read_in_pages_with_their_earlier_mends(
    center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failed_records, "_PAGE", 2)
    lines = [f"T-{number},,many" for number in range(1, 6)]
    task = import_lines(center, tmp_path, HEAD, *lines)
    titles = [f"Title {number}" for number in range(1, 6)]
    task.retry(task.failures().assign(title=titles))

    frame = task.failures()

    assert [*frame["errorRecord"]] == [1, 2, 3, 4, 5]
    assert [*frame["title"]] == titles
