"""The strategies: the common part of the import form and the migration form."""

from __future__ import annotations

from traitlets import Bool, HasTraits, UseEnum

from ..model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy

POLICY_TRAITS = (
    "stop_on_error",
    "import_strategy",
    "update_strategy",
    "lazy_references",
)


class PolicyState(HasTraits):
    """The strategies that a person selects.

    Attributes:
        stop_on_error: The error strategy, as a form asks for it.
        import_strategy: Whether records are added, updated, or both.
        update_strategy: What happens to stored fields that a record leaves out.
        lazy_references: Entries may name entries that do not exist yet.
    """

    stop_on_error = Bool(True)
    import_strategy = UseEnum(ImportStrategy, default_value=ImportStrategy.UPSERT)
    update_strategy = UseEnum(UpdateStrategy, default_value=UpdateStrategy.UPDATE)
    lazy_references = Bool(False)

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
        )

    def load_policy(self, policy: Policy) -> None:
        """Select the strategies of *policy*."""
        self.stop_on_error = policy.error_strategy is ErrorStrategy.STOP
        self.import_strategy = policy.import_strategy
        self.update_strategy = policy.update_strategy
        self.lazy_references = policy.lazy_references
