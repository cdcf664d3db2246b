"""The strategies: the common part of the import form and the migration form."""

from __future__ import annotations

from collections.abc import Collection

from traitlets import Bool, HasTraits, Instance, Int, Unicode, UseEnum

from ..errors import InvalidPlan
from ..languages import lazy
from ..model.error_limit import ErrorLimit
from ..model.merge_choices import ACCEPT_ALL, MergeChoices
from ..model.run_options import RunOptions
from ..model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ..objects.comparison.difference_paths import accepted_paths, choose_paths

ALIKE = lazy("Folders, picklists and definitions are alike.")
POLICY_TRAITS = (
    "stop_on_error",
    "import_strategy",
    "update_strategy",
    "lazy_references",
    "merge_choices",
    "back_up",
    "verify",
    "error_limit",
    "undo_at_limit",
    "at_once",
    "workers",
    "cluster",
)


class PolicyState(HasTraits):
    """The strategies that a person selects.

    Attributes:
        stop_on_error: The error strategy, as a form asks for it.
        import_strategy: Whether records are added, updated, or both.
        update_strategy: What happens to stored fields that a record leaves out.
        lazy_references: Entries may name entries that do not exist yet.
        merge_choices: The differences that *Merge Records* accepts; all that the
            source states at first.
        differences: The differences of source and target; None until compared.
        allow_deletions: Overwriting a definition may delete what only the target has.
        back_up: Copy what may be overwritten into the workspace before the run.
        verify: Compare the target with what was sent, at the end of the run.
        error_limit: After how many failures the run stops: ``50``, ``2%``; empty for
            any number. It counts only where the run continues on errors.
        undo_at_limit: What was written is taken back when the limit is reached.
        at_once: How many batches are sent to a server at the same time. It counts only
            where the run continues on errors.
        workers: How many processes import the file at once. It counts only where the
            run continues on errors.
        cluster: The address of a Dask scheduler whose workers do it, or ``local``;
            empty for none. It counts only where the run continues on errors.
    """

    stop_on_error = Bool(True)
    import_strategy = UseEnum(ImportStrategy, default_value=ImportStrategy.UPSERT)
    update_strategy = UseEnum(UpdateStrategy, default_value=UpdateStrategy.UPDATE)
    lazy_references = Bool(False)
    merge_choices = Instance(MergeChoices, args=())
    differences = Instance(tuple, allow_none=True)
    allow_deletions = Bool(False)
    back_up = Bool(False)
    verify = Bool(True)
    error_limit = Unicode()
    undo_at_limit = Bool(False)
    at_once = Int(1)
    workers = Int(1)
    cluster = Unicode()

    @property
    def merges(self) -> bool:
        """True if differences can be accepted or left."""
        return (
            self.update_strategy is UpdateStrategy.MERGE
            and self.import_strategy is not ImportStrategy.INSERT
        )

    @property
    def accepted(self) -> tuple[str, ...]:
        """The paths of the differences that a merge accepts."""
        return accepted_paths(self.merge_choices, self.differences or ())

    def accept(self, paths: Collection[str]) -> None:
        """Accept the differences with these paths, and leave all others."""
        if self.differences is not None:
            self.merge_choices = choose_paths(self.differences, paths)

    @property
    def options(self) -> RunOptions:
        """The options of the run as a value.

        Raises:
            InvalidPlan: The error limit is of another form.
        """
        limit = None
        if self.error_limit.strip() and not self.stop_on_error:
            limit = ErrorLimit.parse(self.error_limit, undo=self.undo_at_limit)
        return RunOptions(
            backup=self.back_up,
            verify=self.verify,
            error_limit=limit,
            at_once=1 if self.stop_on_error else self.at_once,
            workers=1 if self.stop_on_error else self.workers,
            cluster="" if self.stop_on_error else self.cluster.strip(),
        )

    @property
    def cluster_problem(self) -> str:
        """Why the address of the cluster cannot be used; empty if it can."""
        try:
            RunOptions(cluster="" if self.stop_on_error else self.cluster.strip())
        except InvalidPlan as exc:
            return str(exc)
        return ""

    @property
    def limit_problem(self) -> str:
        """Why the options cannot be used, the error limit mostly; empty if they can."""
        try:
            _ = self.options
        except InvalidPlan as exc:
            return str(exc)
        return ""

    def load_options(self, options: RunOptions) -> None:
        """Select the options of a run."""
        self.back_up, self.verify = options.backup, options.verify
        limit = options.error_limit
        self.error_limit = str(limit) if limit else ""
        self.undo_at_limit = limit is not None and limit.undo
        self.at_once = options.at_once
        self.workers, self.cluster = options.workers, options.cluster

    @property
    def policy(self) -> Policy:
        """The strategies as a value."""
        return Policy(
            import_strategy=self.import_strategy,
            update_strategy=self.update_strategy,
            error_strategy=ErrorStrategy.STOP
            if self.stop_on_error
            else ErrorStrategy.CONTINUE,
            lazy_references=self.lazy_references,
            merge=self.merge_choices if self.merges else ACCEPT_ALL,
        )

    def load_policy(self, policy: Policy) -> None:
        """Select the strategies of *policy*."""
        self.stop_on_error = policy.error_strategy is ErrorStrategy.STOP
        self.import_strategy = policy.import_strategy
        self.update_strategy = policy.update_strategy
        self.lazy_references = policy.lazy_references
        self.merge_choices = policy.merge
