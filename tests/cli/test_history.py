"""`dmc history`: who did what, when and with which file."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.center.history import parse_time
from dmc_widgets.errors import InvalidPlan
from tests.cli.driver import Driver, customer, jsonl

NOW = datetime(2026, 11, 28, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-27", "2026-11-27T00:00:00.000Z"),
        ("2026-11-27T10:30", "2026-11-27T10:30:00.000Z"),
        ("2026-11-27T10:30+02:00", "2026-11-27T08:30:00.000Z"),
        ("7d", "2026-11-21T18:00:00.000Z"),
        ("90 m", "2026-11-28T16:30:00.000Z"),
        ("2w", "2026-11-14T18:00:00.000Z"),
        ("999999999999d", "0001-01-01T00:00:00.000Z"),
    ],
)
def test_times_and_ages_become_times_in_utc(text: str, time: str) -> None:
    assert parse_time(text, NOW) == time


@pytest.mark.parametrize("text", ["yesterday", "7 years", "2026-13-01", "-3d"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(InvalidPlan) as caught:
        parse_time(text, NOW)
    assert str(caught.value) == (
        f"{text!r} is neither a time nor an age. Give a day such as 2026-11-28, a time "
        "such as 2026-11-28T18:00, or an age such as 90d, 12h or 30m."
    )


def test_history_shows_each_step_of_a_task_and_is_filtered(
    run: Driver, center: Center, target: str, tmp_path: Path
) -> None:
    file = jsonl(tmp_path / "history-file.jsonl", customer(8801), customer(8802))
    assert run("import", target, "Customer", file).exit_code == 0
    events = run.listing("history", "--find", "history-file")

    assert [(e["event"], e["created"]) for e in events] == [
        ("Completed", 2),
        ("Running", 0),
        ("File", 0),
        ("Queued", 0),
    ]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert events[2]["detail"] == f"SHA-256 {digest}"
    assert events[3]["plan"]["action"] == "Import"
    task_id = events[0]["taskId"]
    assert run.listing("history", task_id) == events
    assert run.listing("history", task_id, "--event", "Failed") == []
    assert run.listing("history", task_id, "--until", "1h") == []
    assert len(run.listing("history", "--limit", 2)) == 2

    table = run("history", task_id).output.splitlines()
    assert table[0].split() == [
        *("Time", "Task", "Event", "Author", "Action", "Type", "File", "Records")
    ]
    assert "history-file.jsonl" in table[1]
    assert table[1].rstrip().endswith("2 created")
    frame = center.history.to_pandas(task_id)
    assert frame["event"].tolist() == ["Completed", "Running", "File", "Queued"]
    assert frame["created"].tolist() == [2, 0, 0, 0]


def test_tasks_are_found_by_status_installation_user_time_and_text(
    run: Driver, target: str, tmp_path: Path
) -> None:
    bad = jsonl(tmp_path / "bad.jsonl", customer(8810, email=None))
    assert run("import", target, "Customer", bad, "--name", "Filters").exit_code == 1
    (task,) = run.listing("task", "list", "--find", "filters")

    def found(*filters: str) -> list[int]:
        tasks = run.listing("task", "list", "--find", "Filters", *filters)
        return [each["id"] for each in tasks]

    assert found("--status", "Failed", "--installation", target) == [task["id"]]
    assert found("--author", task["author"], "--action", "Import") == [task["id"]]
    assert found("--since", "1h", "--until", "2999-01-01") == [task["id"]]
    assert found("--status", "Completed") == []
    assert found("--installation", "Sample source") == []
    assert found("--author", "nobody") == []
    assert found("--until", "1h") == []
