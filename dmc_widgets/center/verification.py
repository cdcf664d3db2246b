"""Verifications: started, and read as reports to hand on."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidPlan
from ..model.coercion import parse_optional_choice
from ..model.match_keys import MatchKeys
from ..model.plan import ImportPlan, MigrationPlan, Selection, VerificationPlan
from ..model.task import Task
from ..model.verification import Mismatch, MismatchKind, Verification
from ..tasks.installation_access import find_entity_type
from ..tasks.matching.entry_matches import require_match_keys
from ..tasks.migration.selection import resolve_selection
from ..tasks.verification.report_files import (
    MISMATCH_COLUMNS,
    format_verified_value,
    iter_html_report,
    iter_json_report,
    iter_mismatch_rows,
)
from ..workspace import Workspace
from .base import CenterPart, task_id_of
from .choices import WorkerChoices, cluster_address
from .target_files import find_target, write_file

__all__ = [
    "VerificationReport",
    "Verifications",
    "build_task_verification",
    "build_verification_plan",
    "complete_verification_plan",
    "format_verified_value",
    "require_report_name",
]

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd


class VerificationReport:
    """What a verification has found: counts, and each item that is not as expected.

    >>> report = task.verification()
    >>> report.is_equal, report.summary
    >>> report.mismatches()
    >>> report.save("report.html")

    Args:
        workspace: Holds the mismatches.
        maker: The id of the task that made the verification.
        result: The counts.
    """

    def __init__(self, workspace: Workspace, maker: int, result: Verification) -> None:
        self._workspace = workspace
        self.maker = maker
        self.result = result

    @property
    def is_equal(self) -> bool:
        """True if the target holds everything as expected."""
        return self.result.is_equal

    @property
    def summary(self) -> str:
        """The result in a sentence."""
        return self.result.summary

    def iter_mismatches(self) -> Iterator[Mismatch]:
        """Yield the items that are not as expected, whatever their number."""
        return self._workspace.verifications.iter_mismatches(self.maker)

    def page(
        self, offset: int, limit: int, kind: MismatchKind | str | None = None
    ) -> list[Mismatch]:
        """Return some of the items that are not as expected.

        Args:
            offset: How many to pass over.
            limit: How many to return at most.
            kind: Only ``different``, ``missing`` or ``surplus`` ones; None for all.
        """
        chosen = parse_optional_choice(MismatchKind, kind, "mismatch")
        return self._workspace.verifications.mismatches(
            self.maker, kind=chosen, offset=offset, limit=limit
        )

    def count(self, kind: MismatchKind | str | None = None) -> int:
        """Return how many items that are not as expected are listed."""
        chosen = parse_optional_choice(MismatchKind, kind, "mismatch")
        return self._workspace.verifications.count_mismatches(self.maker, chosen)

    def mismatches(self) -> pd.DataFrame:
        """Return the items that are not as expected, a line a field that differs.

        Returns:
            The columns entityType, itemIndex, externalReferenceCode, scopeKey,
            mismatch (different, missing or surplus), field, expected, actual and note.
        """
        import pandas as pd

        rows = list(iter_mismatch_rows(self.iter_mismatches()))
        return pd.DataFrame(rows, columns=list(MISMATCH_COLUMNS))

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as plain data, as the JSON report has them."""
        return self.result.as_dict()

    def html_chunks(self) -> Iterator[bytes]:
        """Yield the report as a page of HTML, in pieces."""
        return iter_html_report(self.result, self.iter_mismatches())

    def json_chunks(self) -> Iterator[bytes]:
        """Yield the report as JSON, in pieces."""
        return iter_json_report(self.result, self.iter_mismatches())

    def save(self, path: Path | str) -> None:
        """Write the report to a file or an address, as HTML or as JSON.

        Raises:
            InvalidPlan: The name of the file ends neither in .html nor in .json, or
                nothing can be written to the address.
        """
        is_json = require_report_name(path) == ".json"
        chunks = self.json_chunks() if is_json else self.html_chunks()
        write_file(self._workspace, path, chunks)

    def __repr__(self) -> str:
        return repr(self.result)

    def _repr_html_(self) -> str:
        return self.result._repr_html_()


def require_report_name(path: Path | str) -> str:
    """Refuse the name of a report before the work begins; return its ending.

    Raises:
        InvalidPlan: It ends neither in .html nor in .json.
    """
    target = find_target(path)
    suffix = target.suffix.lower()
    if suffix not in {".html", ".htm", ".json"}:
        reason = f"{target.name} is neither .html nor .json. Name the report so."
        raise InvalidPlan(reason)
    return suffix


class Verifications(CenterPart):
    """The verifications of tasks; a part of ``center.tasks``."""

    def verification(self, task: Task | int) -> VerificationReport | None:
        """Return the latest verification of a task, or by it; None without any.

        An import and a migration verify themselves at their end, unless that is turned
        off.

        Raises:
            UnknownName: No task has that id.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        maker = self._workspace.verifications.find_maker(stored.id)
        result = None if maker is None else self._workspace.verifications.get(maker)
        if maker is None or result is None:
            return None
        return VerificationReport(self._workspace, maker, result)


def build_verification_plan(
    source: str,
    entities: str | Iterable[str] = (),
    *,
    filters: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    sites: str | Iterable[str] = (),
    match: Mapping[str, str | Iterable[str]] | MatchKeys = (),
    name: str = "",
) -> VerificationPlan:
    """Return the plan that compares the entity types of a source with a target.

    Raises:
        InvalidPlan: A value is of another kind.
    """
    selection = Selection(entity_types=entities, filters=filters, sites=sites)
    return VerificationPlan(source=source, selection=selection, match=match, name=name)


def build_task_verification(subject: Task, choices: WorkerChoices) -> VerificationPlan:
    """Return the plan that verifies a task.

    Args:
        subject: The task.
        choices: The workers that read its target; those of an import where there are
            none.

    Raises:
        InvalidPlan: There cannot be such workers.
    """
    plan = subject.plan
    selection = Selection(entity_types=subject.plan.entity_type)
    workers: dict[str, Any] = {}
    if isinstance(plan, MigrationPlan):
        selection = plan.selection
    elif isinstance(plan, ImportPlan):
        options = plan.options
        workers = {"workers": options.workers, "cluster": options.cluster}
    workers |= choices
    if "cluster" in choices:
        workers["cluster"] = cluster_address(choices["cluster"])
    return VerificationPlan(
        task=subject.id,
        source=plan.source if isinstance(plan, MigrationPlan) else "",
        selection=selection,
        name=f"Verification of task {subject.id}",
        **workers,
    )


def complete_verification_plan(
    part: CenterPart, plan: VerificationPlan, target: str
) -> VerificationPlan:
    """Return a plan with full keys and a name; refuse what cannot be carried out.

    Raises:
        InvalidPlan: Source and target are the same, or entries cannot be matched by a
            key.
        NotSupported: A key is for definitions, picklists or folders.
        UnknownName: The source has no such entity type.
        InstallationError: The source does not answer.
    """
    stamp = time.time_ns() // 1_000_000
    named = replace(plan, name=plan.name.strip() or f"Verification {stamp}")
    if plan.task:
        return named
    if plan.source == target:
        reason = f"{target} is source and target. Choose another installation."
        raise InvalidPlan(reason)
    with closing(part._open(plan.source)) as source:
        resolve_selection(source, plan.selection)
        types = source.entity_types()
    if plan.match:
        with closing(part._open(target)) as opened:
            require_match_keys(plan.match, types, opened.entity_types())
    chosen = plan.selection
    selection = replace(
        chosen,
        entity_types=tuple(find_entity_type(types, x).key for x in chosen.entity_types),
        filters=tuple(
            (find_entity_type(types, name).key, text) for name, text in chosen.filters
        ),
    )
    return replace(named, selection=selection)
