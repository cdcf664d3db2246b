"""The steps and the samples of a task are bounded, and go with its records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.model.task import Counts, Progress, Task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.course.store import MAX_SAMPLES, MAX_STEPS


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with closing(Workspace(tmp_path / "workspace")) as opened:
        yield opened


@pytest.fixture
def task(workspace: Workspace) -> Task:
    plan = ExportPlan(entity_type="C_Ticket", name="March")
    task = workspace.tasks.add("staging", plan)
    workspace.tasks.start(task.id, 1_000.0)
    return task


def test_samples_are_halved_and_keep_first_and_last(
    workspace: Workspace, task: Task
) -> None:
    for second in range(1, 1_000):
        progress = Progress(second, 1_000, 1_000.0, 1_000.0 + second)
        counts = Counts(created=second)
        workspace.tasks.report(task.id, counts, progress, sample=True)

    samples = workspace.course.samples(task.id)
    assert len(samples) < MAX_SAMPLES
    assert (samples[0].second, samples[-1].second) == (1.0, 999.0)
    assert all(sample.counts.created == sample.second for sample in samples)


def test_report_without_a_sample_keeps_none(workspace: Workspace, task: Task) -> None:
    progress = Progress(5, 10, 1_000.0, 1_005.0)

    assert workspace.tasks.report(task.id, Counts(created=5), progress) == 0
    assert workspace.course.samples(task.id) == []
    assert workspace.tasks.get(task.id).counts == Counts(created=5)


def test_steps_lose_those_in_the_middle(workspace: Workspace, task: Task) -> None:
    for number in range(1, 1_203):
        workspace.course.add_step(task.id, "progress", f"Step {number}.")

    numbers = [step.number for step in workspace.course.steps(task.id)]
    assert numbers[:100] == list(range(1, 101))
    assert numbers[-400:] == list(range(803, 1_203))
    assert len(numbers) <= MAX_STEPS + 50


def test_steps_and_samples_of_a_removed_task_are_gone(
    workspace: Workspace, task: Task
) -> None:
    workspace.course.add_step(task.id, "start", "It began.")
    workspace.tasks.discard(task.id)
    workspace.course.add_step(task.id, "progress", "It goes on.")

    assert workspace.course.steps(task.id) == []
