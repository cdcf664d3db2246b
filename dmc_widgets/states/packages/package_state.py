"""The state of the package panel: an uploaded package, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from traitlets import Bool, Instance, Tuple, Unicode, observe

from ...center.package_import import (
    PackageChoices,
    PackageReport,
    PackageStep,
    choose_update_strategy,
)
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.match_keys import match_keys
from ...model.merge_choices import ACCEPT_ALL
from ...model.task import Task
from ..match_keys_state import MatchKeysState

AS_STATED = ""
"""The update strategy of a package whose files keep their own."""


class PackageState(MatchKeysState):
    """The choices for all files of a package.

    Attributes:
        path: Where the uploaded package is; None without one.
        file_name: Its name in the browser.
        description: How many files it has, and which of them do not move.
        update_strategy: The strategy of all files; empty for that of each file.
        entity_types: The entity types of the target, whose entries may be matched.
        new_sites: Sites that are named and missing are added.
        lazy_references: Entries may name entries of later files.
        allow_deletions: Parts that only the target has may go with their values.
        steps: What has become of each file so far, once it was started.
        is_at_work: A file waits, or is being imported.
        summary: The results in one sentence, once all files have ended.
    """

    path = Instance(Path, allow_none=True)
    file_name = Unicode()
    description = Unicode()
    update_strategy = Unicode(AS_STATED)
    entity_types = Tuple()
    new_sites = Bool(False)
    lazy_references = Bool(False)
    allow_deletions = Bool(False)
    steps = Tuple()
    is_at_work = Bool(False)
    summary = Unicode()

    def show(self, path: Path, name: str, description: str) -> None:
        """Take an uploaded package; the results of another one go."""
        self.clear()
        self.path, self.file_name, self.description = path, name, description

    def clear(self) -> None:
        """Take the package out of the form, with what became of it."""
        self.path, self.file_name, self.description = None, "", ""
        self.steps, self.is_at_work, self.summary = (), False, ""

    def choices(self, *, dry_run: bool) -> PackageChoices:
        """Return what is chosen for all files."""
        strategy = choose_update_strategy(self.update_strategy or None, ACCEPT_ALL)
        return PackageChoices(
            new_sites=self.new_sites,
            lazy_references=self.lazy_references,
            update_strategy=strategy,
            match=match_keys(self.match_keys),
            allow_deletions=self.allow_deletions,
            dry_run=dry_run,
        )

    def matchable_types(self) -> list[EntityType]:
        """Return the entity types of the target that have entries."""
        return [x for x in self.entity_types if x.class_name == OBJECT_ENTRY]

    @observe("entity_types")
    def _forget_keys(self, _change: Any) -> None:
        """Forget the keys of entity types that another target does not have."""
        self.keep_match_keys(self.matchable_types())

    def follow(self, steps: tuple[PackageStep, ...]) -> None:
        """Show files that were queued."""
        self.steps, self.summary = steps, ""
        self.is_at_work = _is_at_work(steps)

    def refresh(self, get_task: Callable[[Task], Task]) -> None:
        """Read again what has become of the files that have not ended.

        Args:
            get_task: Returns a task as it is now.
        """
        if not self.is_at_work:
            return
        steps = tuple(_refreshed(step, get_task) for step in self.steps)
        self.is_at_work = _is_at_work(steps)
        self.summary = "" if self.is_at_work else PackageReport(steps).summary
        self.steps = steps


def _refreshed(step: PackageStep, get_task: Callable[[Task], Task]) -> PackageStep:
    if step.task is None or step.task.status.is_final:
        return step
    return replace(step, task=get_task(step.task))


def _is_at_work(steps: tuple[PackageStep, ...]) -> bool:
    return any(step.task and not step.task.status.is_final for step in steps)
