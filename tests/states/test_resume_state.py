"""The choice of other workers for an import that was interrupted."""

from __future__ import annotations

from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.states.resume_state import ResumeState


def test_it_begins_with_the_workers_that_the_task_has_had() -> None:
    options = RunOptions(workers=3, cluster="tcp://10.0.0.5:8786")
    policy = Policy(error_strategy=ErrorStrategy.CONTINUE)
    plan = ImportPlan(entity_type="Ticket", policy=policy, options=options)
    state = ResumeState()

    state.load(plan)

    assert state.choices == {"workers": 3, "cluster": "tcp://10.0.0.5:8786"}
    assert state.problem == ""


def test_one_worker_without_a_cluster_is_a_choice() -> None:
    state = ResumeState(workers=1, cluster=" ")
    assert state.choices == {"workers": 1, "cluster": ""}
    assert state.problem == ""


def test_what_no_scheduler_can_have_is_named() -> None:
    state = ResumeState(cluster="https://example.com")
    assert "not the address of a Dask scheduler" in state.problem
