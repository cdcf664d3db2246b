"""Workers for the rest of an import that several have begun, or to verify it."""

from __future__ import annotations

from traitlets import HasTraits, Int, Unicode

from ..center.choices import WorkerChoices
from ..center.resuming import is_resumable
from ..errors import InvalidPlan
from ..model.plan import ImportPlan, Plan
from ..model.run_options import RunOptions
from ..model.task import Task
from .dashboard_session import DashboardSession
from .task_actions.verify import VERIFY


class ResumeState(HasTraits):
    """The workers that a person selects to go on, or to verify, with.

    Attributes:
        workers: How many processes there are.
        cluster: The address of a Dask scheduler whose workers do it, or ``local``;
            empty for none.
    """

    workers = Int(1)
    cluster = Unicode()

    def load(self, plan: Plan) -> None:
        """Select the workers that a task has had, if it is an import."""
        if isinstance(plan, ImportPlan):
            self.workers, self.cluster = plan.options.workers, plan.options.cluster

    @property
    def problem(self) -> str:
        """Why these workers cannot be; empty if they can."""
        try:
            RunOptions(workers=self.workers, cluster=self.cluster.strip())
        except InvalidPlan as exc:
            return str(exc)
        return ""

    @property
    def choices(self) -> WorkerChoices:
        """The workers, as keywords of the center."""
        return {"workers": self.workers, "cluster": self.cluster.strip()}


def can_change_workers(session: DashboardSession, task: Task) -> bool:
    """Return True for an import that several workers have begun and that stands still.

    It reads the workspace.
    """
    is_import = isinstance(task.plan, ImportPlan)
    return is_import and is_resumable(task) and bool(session.center.tasks.workers(task))


def can_verify_with_workers(task: Task) -> bool:
    """Return True for an import that has written something and has ended."""
    return isinstance(task.plan, ImportPlan) and VERIFY.is_offered(task)


def verify_with_workers(
    session: DashboardSession, task: Task, choices: WorkerChoices
) -> None:
    """Verify a task with workers of choice, and follow the verification.

    Raises:
        DmcError: The center refuses the verification.
    """
    session.follow_task(session.center.tasks.verify(task, **choices).id)
