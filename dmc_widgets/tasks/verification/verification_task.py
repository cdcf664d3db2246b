"""The task that does nothing but verify: another task, or two installations."""

from __future__ import annotations

from contextlib import ExitStack, closing

from ...model.outcome import OutcomeKind
from ...model.task import TaskStatus
from ...model.verification import Verification
from ...model.verification_plan import VerificationPlan
from ...ports import Installation
from ..installation_access import open_connection, open_snapshot
from ..task_run import TaskRun
from .automatic import ShareReading
from .installation_verification import InstallationVerification
from .task_verification import TaskVerification, require_verifiable


def run_verification(
    run: TaskRun,
    plan: VerificationPlan,
    target: Installation,
    share_reading: ShareReading | None = None,
) -> None:
    """Carry out a verification task to its end.

    Its counts say how many items are as expected (*unchanged*) and how many are not
    (*failed*).

    Args:
        run: The running task.
        plan: Its plan.
        target: The installation to verify.
        share_reading: Has other processes read the target, where they can.

    Raises:
        DmcError: One of the installations does not answer.
        TaskCancelled: The task was cancelled.
    """

    def advance(number: int) -> None:
        run.done += number
        run.advance(run.done)

    with ExitStack() as stack:
        opened = stack.enter_context(open_snapshot(target))
        if plan.task:
            subject = run.workspace.tasks.get(plan.task)
            require_verifiable(subject)
            run.total = subject.counts.successful
            open_reader = share_reading(lambda: advance(0)) if share_reading else None
            found = TaskVerification(
                run.workspace, subject, opened, run.task.id, advance
            ).carry_out(open_reader=open_reader)
        else:
            connection = run.workspace.connections.get(plan.source)
            source = open_connection(connection, run.should_continue)
            stack.enter_context(closing(source))
            found = InstallationVerification(run, plan, advance).carry_out(
                stack.enter_context(open_snapshot(source)), opened
            )
    finish_verification(run, found)


def finish_verification(run: TaskRun, found: Verification) -> None:
    """Count what was found, and record the end of the task."""
    run.count_many(OutcomeKind.UNCHANGED, found.equal)
    run.count_many(OutcomeKind.FAILED, found.mismatches)
    run.count_many(OutcomeKind.UNKNOWN, found.unverified)
    run.notes += [found.summary, *found.notes]
    run.finish(
        TaskStatus.COMPLETED if found.is_equal else TaskStatus.PARTIALLY_COMPLETED
    )
