"""What the workspace keeps in English is shown in the language of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dmc_widgets.languages import using_language
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.model.verification import PartVerification, Verification
from dmc_widgets.states.stored_texts import translate_text
from dmc_widgets.tasks.dry_runs import DRY_RUN_NOTE
from dmc_widgets.tasks.stop_messages import stop_message
from dmc_widgets.workspace import Workspace

PLAN = ImportPlan(entity_type="Ticket", name="x")
DIVIDED = ImportPlan(
    entity_type="Ticket",
    name="x",
    policy=Policy(error_strategy=ErrorStrategy.CONTINUE),
    options=RunOptions(workers=2),
)


@pytest.fixture
def task(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Task]:
    with closing(Workspace(tmp_path / "workspace")) as workspace:
        yield workspace.tasks.add("target", request.param, "tickets.csv")


def _summary(equal: int, different: int = 0, missing: int = 0) -> str:
    part = PartVerification(
        entity_type="Ticket",
        expected=equal + different + missing,
        equal=equal,
        different=different,
        missing=missing,
    )
    return Verification(
        task=1,
        source="a.csv",
        target="Live",
        started="",
        ended="",
        author="",
        parts=(part,),
        listed=0,
    ).summary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Process 21725", "Prozess 21725"),
        ("tcp://10.0.0.5:4711 ab", "tcp://10.0.0.5:4711 ab"),
        (
            _summary(1_400),
            "1.400 Elemente sind in Live wie erwartet.",
        ),
        (
            _summary(1_393, 4, 3),
            "1.400 Elemente in Live erwartet: 4 abweichend, 3 fehlend.",
        ),
        (
            DRY_RUN_NOTE,
            "Dies war ein Probelauf: Nichts wurde geschrieben, und die Zahlen sagen, "
            "was aus den Datensätzen würde.",
        ),
        (
            "One worker has imported the file: records may add entries that others "
            "fill.",
            "Ein Worker hat die Datei importiert: Datensätze können Einträge "
            "hinzufügen, die andere füllen.",
        ),
        (
            "The task failed: 1,200 created, 1 failed. Cancelled. Nothing was written.",
            "Die Aufgabe ist fehlgeschlagen: 1.200 erstellt, 1 fehlgeschlagen. "
            "Abgebrochen. Nichts wurde geschrieben.",
        ),
        ("Customer began.", "Customer hat begonnen."),
        ("No such template {here}.", "No such template {here}."),
    ],
)
def test_a_stored_text_is_translated(text: str, expected: str) -> None:
    with using_language("de"):
        assert translate_text(text) == expected
    assert translate_text(text) == text


@pytest.mark.parametrize(
    ("task", "status", "expected"),
    [
        (
            PLAN,
            TaskStatus.CANCELLED,
            "Abgebrochen nach Datensatz 1.200. Was vorher geschrieben wurde, bleibt.",
        ),
        (
            DIVIDED,
            TaskStatus.PAUSED,
            "Pausiert nach 1.200 Datensätzen. Setzen Sie die Aufgabe fort, um mit dem "
            "nächsten Datensatz weiterzumachen.",
        ),
    ],
    indirect=["task"],
)
def test_why_a_task_stands_is_translated(
    task: Task, status: TaskStatus, expected: str
) -> None:
    text = stop_message(task, Counts(created=1_200), (), status)
    with using_language("de"):
        assert translate_text(text) == expected
