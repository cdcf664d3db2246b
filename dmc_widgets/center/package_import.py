"""Import a package: one task for each of its files, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from ..errors import FileError, InvalidPlan, RequestError, UnknownName
from ..formats.source import open_source
from ..model.coercion import parse_optional_choice
from ..model.entity_type import EntityType
from ..model.match_keys import MatchKeys, find_key
from ..model.merge_choices import ACCEPT_ALL, MergeChoices
from ..model.outcome import OutcomeKind
from ..model.plan import ImportPlan
from ..model.strategies import UpdateStrategy
from ..model.task import Task, TaskStatus
from ..objects.entries.system_properties import has_site_scope
from ..ports import Installation
from ..tasks.imports.file_head import FileHead, read_head
from ..tasks.imports.preflight import (
    is_supported_class,
    plan_from_file,
    unsupported_class,
)
from ..tasks.installation_access import find_entity_type, open_connection
from ..tasks.packages.missing_documents import MissingDocuments
from ..tasks.packages.reader import PackageUnit, package_units
from ..tasks.packages.report import PackageReport, PackageStep
from ..workspace import Workspace
from .known_files import find_earlier_import
from .resuming import is_resumable
from .source_files import SourceFile, open_package

if TYPE_CHECKING:  # they import this module
    from .tasks import Tasks

__all__ = [
    "AS_STATED",
    "OpenedUnit",
    "PackageChoices",
    "PackageImport",
    "PackageReport",
    "PackageStep",
    "choose_update_strategy",
    "open_unit",
]

_EXPLAINED_FAILURES: Final = 100
_NOT_STORED: Final = frozenset({OutcomeKind.FAILED, OutcomeKind.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageChoices:
    """What is chosen for all files of a package.

    Attributes:
        site: The site of all entries that belong to sites; empty for that of each file.
        new_sites: Add sites that are named and that the target does not have.
        lazy_references: Entries may name entries of later files.
        update_strategy: The strategy in place of that of each file; None for theirs.
        merge: The differences that a merge accepts. A path may name a difference of
            any of the files.
        match: The fields that identify an item, by entity type, in place of its code.
        allow_deletions: Parts that only the target has may go with their values.
        resume: Files that are in stay, and the task of one that stopped goes on.
        dry_run: Report what would become of each record, and write nothing.

    Raises:
        InvalidPlan: A dry run is to be resumed, which begins anew.
    """

    site: str = ""
    new_sites: bool = False
    lazy_references: bool = False
    update_strategy: UpdateStrategy | None = None
    merge: MergeChoices = ACCEPT_ALL
    match: MatchKeys = ()
    allow_deletions: bool = False
    resume: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        if self.resume and self.dry_run:
            reason = (
                "A dry run begins anew, because it shows its target as it is at one "
                "moment. Leave one of the two choices out: resume or dry run."
            )
            raise InvalidPlan(reason)


AS_STATED: Final = PackageChoices()
"""Every file is imported as it states."""


def choose_update_strategy(
    strategy: UpdateStrategy | str | None, merge: MergeChoices
) -> UpdateStrategy | None:
    """Return the strategy for all files; a choice of differences needs a merge.

    Raises:
        UnknownChoice: A word names no strategy.
    """
    if merge and strategy is None:
        return UpdateStrategy.MERGE
    return parse_optional_choice(UpdateStrategy, strategy, "update strategy")


class OpenedUnit(NamedTuple):
    """A file of a package whose items move.

    Attributes:
        step: What is known of it before it is imported.
        path: The file.
        name: Its own name.
        head: Its first records.
    """

    step: PackageStep
    path: Path
    name: str
    head: FileHead


def open_unit(unit: PackageUnit) -> OpenedUnit | PackageStep:
    """Return a file with its head, or its step if nothing of it can be imported."""
    if unit.path is None:
        return PackageStep(unit.name, reason=unit.problem, failed=True)
    name = PurePosixPath(unit.name).name
    try:
        head = read_head(unit.path, name)
    except FileError as exc:
        return PackageStep(unit.name, reason=str(exc), failed=True)
    class_name = head.configuration.class_name if head.configuration else ""
    step = PackageStep(unit.name, class_name=class_name)
    if class_name and not is_supported_class(class_name):
        reason = str(unsupported_class(class_name))
        items = _count_items(unit.path, name)
        return replace(step, reason=reason, left_out=True, items=items)
    if head.is_empty:
        return replace(step, reason=f"{head.name} holds no record.")
    return OpenedUnit(step, unit.path, name, head)


class PackageImport:
    """The import of one package.

    Args:
        tasks: Starts the tasks.
        workspace: Keeps them.
        installation: The name of the target.
        choices: What is chosen for all files.
        on_change: Called with the task of a file whenever it has progressed.
    """

    def __init__(
        self,
        tasks: Tasks,
        workspace: Workspace,
        installation: str,
        choices: PackageChoices,
        on_change: Callable[[Task], None] | None = None,
    ) -> None:
        self._tasks = tasks
        self._workspace = workspace
        self._installation = installation
        self._choices = choices
        self._on_change = on_change
        self._missing = MissingDocuments()
        self._matching: list[int] = []
        self._unused_keys = {name for name, _ in choices.match}

    def steps(self, package: Path | str | SourceFile) -> Iterator[PackageStep]:
        """Import each file when its step is asked for.

        Args:
            package: The folder or the zip, or the address of a zip.

        Raises:
            FileUnreadable: It is neither folder nor zip, or holds other files only.
            UnknownName: No installation has that name.
        """
        self._workspace.connections.get(self._installation)
        with (
            open_package(self._workspace, package) as path,
            package_units(path, self._workspace.path) as units,
        ):
            for unit in units:
                yield self._import_unit(unit)
        yield from self._refuse_unused_keys()

    def _refuse_unused_keys(self) -> Iterator[PackageStep]:
        """Yield a step for each key of an entity type that no file of a package has."""
        for name in sorted(self._unused_keys):
            reason = "No file of the package holds such items, so none was matched."
            yield PackageStep(name, reason=reason, failed=True)

    def _import_unit(self, unit: PackageUnit) -> PackageStep:
        opened = open_unit(unit)
        if isinstance(opened, PackageStep):
            return opened
        earlier = self._find_earlier(opened.path)
        step = opened.step
        if earlier is not None and earlier.status is TaskStatus.COMPLETED:
            self._remember_matches(earlier)
            self._missing.add_imported(opened.path, step.file, step.class_name)
            return self._complete(step, earlier, (_in_already(earlier),))
        try:
            task = self._go_on(earlier) or self._start(opened)
            self._remember_matches(task)
        except (RequestError, FileError) as exc:
            return self._refuse(opened, exc)
        return self._follow(step, opened.path, task)

    def _remember_matches(self, task: Task) -> None:
        """Let later files name items of a task as their records do."""
        plan = task.plan
        if isinstance(plan, ImportPlan) and plan.mapping.match:
            self._matching.append(task.id)

    def _refuse(self, unit: OpenedUnit, error: RequestError | FileError) -> PackageStep:
        """Return the step of a file for which no task could be started."""
        step = unit.step
        self._missing.add_file(step.file, unit.path, step.class_name, None)
        return replace(step, reason=self._explain(error), failed=True)

    def _find_earlier(self, path: Path) -> Task | None:
        """Return the task that has imported a file before, if the package goes on."""
        if not self._choices.resume:
            return None
        return find_earlier_import(self._workspace, self._installation, path)

    def _go_on(self, earlier: Task | None) -> Task | None:
        """Return the task of a file that is at work or goes on, or None."""
        if earlier is None or not earlier.status.is_final:
            return earlier
        return self._tasks.resume(earlier) if is_resumable(earlier) else None

    def _start(self, unit: OpenedUnit) -> Task:
        with closing(self._open()) as opened:
            plan = self._make_plan(opened.entity_types(), unit.head)
        return self._tasks.start_import(
            self._installation,
            plan,
            unit.path,
            file_name=unit.name,
            is_one_of_many=True,
        )

    def _open(self) -> Installation:
        return open_connection(self._workspace.connections.get(self._installation))

    def _make_plan(self, types: Sequence[EntityType], head: FileHead) -> ImportPlan:
        plan = plan_from_file(types, head, None)
        choices, site = self._choices, self._choices.site
        policy = replace(plan.policy, lazy_references=choices.lazy_references)
        if choices.update_strategy is not None:
            policy = policy.with_update_strategy(choices.update_strategy)
        policy = replace(policy, merge=choices.merge)
        entity_type = find_entity_type(types, plan.entity_type)
        if site and has_site_scope(entity_type):
            plan = replace(plan, scope=site)
        self._unused_keys -= {x for x in self._unused_keys if entity_type.is_named(x)}
        key = find_key(choices.match, entity_type)
        return replace(
            plan,
            mapping=replace(plan.mapping, match=key),
            matched_in=tuple(self._matching),
            new_sites=choices.new_sites,
            allow_deletions=choices.allow_deletions,
            policy=policy,
            dry_run=choices.dry_run,
        )

    def _follow(self, step: PackageStep, path: Path, started: Task) -> PackageStep:
        """Wait for the task of a file, and explain what it lacks."""
        try:
            task = self._tasks.wait(started.id, on_change=self._on_change)
        except KeyboardInterrupt:  # the caller sees no task that could be cancelled
            self._tasks.cancel(started.id)
            raise
        messages = self._failure_messages(task)
        notes = self._missing.explain([*messages.values(), *task.notes, task.error])
        self._missing.add_imported(path, step.file, step.class_name)
        if messages or task.counts.skipped or not task.status.is_final:
            reasons = self._unstored(task, messages)
            self._missing.add_file(step.file, path, step.class_name, reasons)
        elif task.error and not task.counts.total:
            self._missing.add_file(step.file, path, step.class_name, None)
        return self._complete(step, task, notes)

    def _complete(
        self, step: PackageStep, task: Task, notes: tuple[str, ...]
    ) -> PackageStep:
        report = self._tasks.verification(task)
        found = None if report is None else report.result
        return replace(step, task=task, notes=notes, verification=found)

    def _failure_messages(self, task: Task) -> dict[int, str]:
        """Return the messages of the first failed records, by their numbers."""
        failures = self._tasks.failures(task.id, 0, _EXPLAINED_FAILURES)
        return {failure.index: failure.problem.message for failure in failures}

    def _unstored(self, task: Task, messages: dict[int, str]) -> dict[int, str]:
        """Return why records were not stored, by their numbers."""
        reasons: dict[int, str] = {}
        for batch in self._workspace.outcomes.read(task.id):
            for number, outcome in enumerate(batch.outcomes, start=batch.first_index):
                if outcome.kind in _NOT_STORED:
                    reasons[number] = messages.get(number, "it was not tried")
        return reasons

    def _explain(self, error: RequestError | FileError) -> str:
        """Return why a file cannot be imported; a file before it may be to blame."""
        if isinstance(error, UnknownName) and error.kind == "entity type":
            known = self._missing.explain_unknown(error.name)
            if known:
                return known
        return " ".join((str(error), *self._missing.explain([str(error)])))


def _in_already(task: Task) -> str:
    return f"This file was imported before, by task {task.id}, and stays as it is."


def _count_items(path: Path, name: str) -> int:
    """Count the items of a file, up to a damaged place."""
    number = 0
    try:
        with open_source(path, name=name) as source:
            for _record in source.records():
                number += 1
    except FileError:
        pass
    return number
