"""A run does exactly what its dry run has shown, or stops before it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc_widgets.center import Center, TaskHandle
from dmc_widgets.errors import InvalidPlan, TargetChanged
from dmc_widgets.model.change import FieldChange, ItemChange
from dmc_widgets.model.outcome import GENERATED_KEY, Outcome, OutcomeKind
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.tasks.dry_runs.shown_outcomes import ShownOutcomes
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.outcomes import OutcomeBatch
from tests.factories import write_json

pytestmark = pytest.mark.each_database

ERC = "externalReferenceCode"
RECORDS = [
    {ERC: "T-1", "title": "Leak"},
    {ERC: "T-2", "title": "Fire", "priority": 3},
    {"title": "Without a code"},
]


@pytest.fixture
def shown(center: Center, tmp_path: Path) -> TaskHandle:
    """A dry run over a target that holds the second record with another title."""
    stored = write_json(tmp_path / "stored.json", [{ERC: "T-2", "title": "Smoke"}])
    center.import_file("target", "Ticket", stored)
    path = write_json(tmp_path / "tickets.json", RECORDS)
    return center.import_file(
        "target", "Ticket", path, dry_run=True, on_error="continue", name="March"
    )


def stored_titles(center: Center) -> list[object]:
    with center.installations.connect("target") as opened:
        return [item["title"] for item in opened.read("Ticket")]


def test_run_does_what_was_shown(center: Center, shown: TaskHandle) -> None:
    run = shown.run()

    assert (run.name, run.status) == ("March", TaskStatus.COMPLETED)
    assert run.counts == shown.counts == Counts(created=2, updated=1)
    assert stored_titles(center) == ["Fire", "Leak", "Without a code"]


def test_run_stops_where_the_target_has_changed(
    center: Center, shown: TaskHandle, tmp_path: Path
) -> None:
    """Nothing of the batch is written, not even what would be as shown."""
    path = write_json(tmp_path / "other.json", [{ERC: "T-1", "title": "Theirs"}])
    center.import_file("target", "Ticket", path)

    run = shown.run()

    assert run.status is TaskStatus.FAILED
    assert run.error == (
        f"target: Record 1 is not as the dry run (task {shown.id}) has shown. It would "
        "be updated now; the dry run showed created. Nothing was written from its "
        "batch on. Do the dry run again."
    )
    assert run.counts == Counts(skipped=3)
    assert stored_titles(center) == ["Smoke", "Theirs"]


def test_only_a_dry_run_that_came_to_its_end_is_run(
    center: Center, shown: TaskHandle, tmp_path: Path
) -> None:
    run = shown.run()
    with pytest.raises(InvalidPlan, match="is not a dry run"):
        run.run()
    path = write_json(tmp_path / "bad.json", [{ERC: "T-9", "title": None}])
    stopped = center.import_file("target", "Ticket", path, dry_run=True)
    with pytest.raises(InvalidPlan, match="did not come to its end"):
        stopped.run()


STATE = FieldChange("state", {"key": "open"}, {"key": "closed"})


def updated(*fields: FieldChange) -> Outcome:
    return Outcome(OutcomeKind.UPDATED, "A", change=ItemChange(fields))


@pytest.mark.parametrize(
    ("now", "difference"),
    [
        (updated(STATE), ""),
        (
            updated(STATE._replace(old={"key": "new"})),
            'state holds \'{"key":"new"}\' now; in the dry run it held '
            '\'{"key":"open"}\'.',
        ),
        (
            updated(STATE._replace(new=None)),
            "state would become '' now; in the dry run it would have become "
            '\'{"key":"closed"}\'.',
        ),
        (
            updated(STATE, FieldChange("vat", "DE1", None)),
            "It would change vat now; the dry run did not.",
        ),
        (updated(), "It would not change state any more; the dry run did."),
        (
            Outcome(OutcomeKind.UNCHANGED, "A"),
            "It would be unchanged now; the dry run showed updated.",
        ),
        (
            updated(STATE)._replace(key="B"),
            "Its code is 'B' now; the dry run showed 'A'.",
        ),
    ],
)
def test_a_difference_is_named(tmp_path: Path, now: Outcome, difference: str) -> None:
    """Every value that is shown counts: the outcome, the code, old and new values."""
    workspace = Workspace(tmp_path / "w")
    task = workspace.tasks.add("Shop", ImportPlan(entity_type="C_Ticket", name="x"))
    generated = Outcome(OutcomeKind.CREATED, "one", None, GENERATED_KEY, ItemChange())
    for first in (1, 3):
        batch = OutcomeBatch(first, [generated, updated(STATE)])
        workspace.outcomes.add(task.id, batch, [])
    shown = ShownOutcomes(workspace, task.id, "Shop")

    shown.require(enumerate([generated._replace(key="other"), updated(STATE)], start=1))
    if not difference:
        shown.require(enumerate([now], start=4))
        return
    with pytest.raises(TargetChanged) as caught:
        shown.require(enumerate([now], start=4))
    assert (caught.value.reason, caught.value.record) == (difference, 4)


def test_a_record_that_was_not_shown_is_refused(tmp_path: Path) -> None:
    """The source of a migration may have more entries by now."""
    workspace = Workspace(tmp_path / "w")
    task = workspace.tasks.add("Shop", ImportPlan(entity_type="C_Ticket", name="x"))
    workspace.outcomes.add(task.id, OutcomeBatch(1, [updated(STATE)]), [])
    shown = ShownOutcomes(workspace, task.id, "Shop")

    with pytest.raises(TargetChanged, match="The dry run did not meet it"):
        shown.require(enumerate([updated(STATE), updated(STATE)], start=1))
