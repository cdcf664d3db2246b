"""What a form does as the method of the center that does it, with its arguments.

Both renderings are made of this: the keywords are those of the façade, and only choices
that differ from their defaults are among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ...errors import NotSupported
from ...model.compression import Compression
from ...model.entity_type import simple_name
from ...model.mapping import Mapping as FieldMappings
from ...model.match_keys import MatchKeys
from ...model.plan import (
    BackupPlan,
    ExportPlan,
    ImportPlan,
    MigrationPlan,
    PackagePlan,
    Plan,
    Selection,
    UndoPlan,
    VerificationPlan,
)
from ...model.reading_options import DETECT_ALL
from ...model.run_options import RunOptions
from ...model.strategies import ErrorStrategy, Policy
from ..package_import import PackageChoices

CURRENT_FOLDER: Final = "."
"""Where an export writes a file that it names by itself: ``Ticket-2026-11-28.zip``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCall:
    """A method and its arguments.

    Attributes:
        method: Such as ``import_file``; ``run`` of a task is ``task.run``.
        task: The number of the task whose method it is; 0 for one of the center.
        arguments: The positional arguments.
        keywords: The keyword arguments that are not defaults.
    """

    method: str
    task: int = 0
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)


def plan_call(
    plan: Plan,
    installation: str,
    file: Path | str | None = None,
    *,
    states_plan: bool = False,
) -> PlanCall:
    """Return the call that starts a task with a plan.

    Args:
        plan: The plan.
        installation: The name of the installation that is exported, or written to.
        file: The file that is imported, or that an export writes; None for a file in
            the current folder that an export names by what it holds.
        states_plan: The file states strategies and a mapping, as a
            ``*.batch-engine-data.json`` does; those of the plan are then all written.

    Raises:
        NotSupported: No single call starts such a task.
    """
    match plan:
        case ExportPlan():
            call = _export_call(plan, installation, file)
        case ImportPlan():
            call = _import_call(plan, installation, file, states_plan=states_plan)
        case MigrationPlan():
            call = _migration_call(plan, installation)
        case PackagePlan():
            call = _package_call(plan, installation, file)
        case UndoPlan():
            keywords = _chosen(dry_run=plan.dry_run)
            call = PlanCall(method="undo", task=plan.task, keywords=keywords)
        case VerificationPlan(task=number) if number:
            workers = plan.workers if plan.workers > 1 else 0
            keywords = _chosen(workers=workers, cluster=plan.cluster)
            call = PlanCall(method="verify", task=number, keywords=keywords)
        case VerificationPlan():
            arguments = (plan.source, installation, *_names(plan.selection))
            call = _selection_call("verify", plan, arguments)
        case BackupPlan():
            arguments = (installation, *_names(plan.selection))
            call = _selection_call("backup", plan, arguments)
    return call


def package_import_call(
    installation: str, package: Path | str, choices: PackageChoices
) -> PlanCall:
    """Return the call that imports every file of a package.

    Args:
        installation: The name of the target.
        package: The folder or the zip.
        choices: What is chosen for all files.
    """
    strategy = choices.update_strategy
    keywords = _chosen(
        site=choices.site,
        new_sites=choices.new_sites,
        lazy_references=choices.lazy_references,
        update_strategy=strategy.value if strategy else "",
        only=choices.merge.only,
        leave=choices.merge.leave,
        match=_match_dict(choices.match),
        allow_deletions=choices.allow_deletions,
        resume=choices.resume,
        dry_run=choices.dry_run,
    )
    return PlanCall(
        method="import_package",
        arguments=(installation, str(package)),
        keywords=keywords,
    )


def retry_call(
    task: int,
    replace: Mapping[str, Mapping[str, Any]],
    add_keys: Mapping[str, Sequence[str]],
) -> PlanCall:
    """Return the call that tries the failed records of a task again.

    Args:
        task: The number of the task.
        replace: New values by the rejected ones, by the field at fault.
        add_keys: Rejected values that become keys of picklists, by the field at fault.
    """
    keywords: dict[str, Any] = {}
    if replace:
        keywords["replace"] = {name: dict(values) for name, values in replace.items()}
    if add_keys:
        keywords["add_keys"] = {name: list(keys) for name, keys in add_keys.items()}
    return PlanCall(method="retry", task=task, keywords=keywords)


def _selection_call(
    method: str, plan: VerificationPlan | BackupPlan, arguments: tuple[str, ...]
) -> PlanCall:
    match = plan.match if isinstance(plan, VerificationPlan) else ()
    keywords = _selection_keywords(plan.selection) | _chosen(
        match=_match_dict(match), name=plan.name
    )
    return PlanCall(method=method, arguments=arguments, keywords=keywords)


def _export_call(
    plan: ExportPlan, installation: str, file: Path | str | None
) -> PlanCall:
    entity = simple_name(plan.entity_type)
    path = CURRENT_FOLDER if file is None else str(file)
    keywords = _chosen(
        format=plan.format,
        fields=plan.fields,
        filter=plan.filter,
        sort=plan.sort,
        search=plan.search,
        scope=plan.scope,
        for_version=plan.for_version,
        name=plan.name,
    )
    if not plan.include_headers:
        keywords["include_headers"] = False
    if not plan.guard_formulas:
        keywords["guard_formulas"] = False
    if plan.compression is not Compression.ZSTD:
        keywords["compression"] = plan.compression.value
    return PlanCall(
        method="export_file",
        arguments=(installation, entity, path),
        keywords=keywords,
    )


def _import_call(
    plan: ImportPlan,
    installation: str,
    file: Path | str | None,
    *,
    states_plan: bool,
) -> PlanCall:
    if plan.options.as_shown:
        return _run_call(plan.options.as_shown, allows=plan.allow_deletions)
    if plan.matched_in:
        raise NotSupported(
            what="The import belongs to a package, and follows keys of other files.",
            instead="Import the package again.",
        )
    mapping, is_default = plan.mapping, plan.mapping == FieldMappings(same_names=True)
    is_match_alone = FieldMappings(same_names=True, match=mapping.match) == mapping
    keywords: dict[str, Any] = {}
    if not is_default and is_match_alone and not states_plan:
        keywords["match"] = mapping.match
    elif not is_default or states_plan:
        keywords["mapping"] = mapping
    if plan.reading != DETECT_ALL:
        keywords["reading"] = plan.reading
    keywords |= _chosen(
        scope=plan.scope,
        new_sites=plan.new_sites,
        allow_deletions=plan.allow_deletions,
        dry_run=plan.dry_run,
        name=plan.name,
    )
    keywords |= _write_keywords(plan.policy, plan.options, are_stated=states_plan)
    entity = simple_name(plan.entity_type)
    path = f"{entity}.csv" if file is None else str(file)
    return PlanCall(
        method="import_file",
        arguments=(installation, entity, path),
        keywords=keywords,
    )


def _migration_call(plan: MigrationPlan, target: str) -> PlanCall:
    if plan.options.as_shown:
        return _run_call(plan.options.as_shown, allows=plan.allow_deletions)
    selection = plan.selection
    names = [list(_names(selection))] if selection.entity_types else []
    keywords = (
        _chosen(with_needed=selection.with_needed)
        | _selection_keywords(selection)
        | _chosen(
            match_names=plan.match_names,
            match=_match_dict(plan.match),
            allow_deletions=plan.allow_deletions,
            dry_run=plan.dry_run,
            name=plan.name,
        )
        | _write_keywords(plan.policy, plan.options)
    )
    return PlanCall(
        method="migrate", arguments=(plan.source, target, *names), keywords=keywords
    )


def _package_call(
    plan: PackagePlan, installation: str, file: Path | str | None
) -> PlanCall:
    path = CURRENT_FOLDER if file is None else str(file)
    return PlanCall(
        method="export_package",
        arguments=(installation, plan),
        keywords={"path": path},
    )


def _run_call(dry_run: int, *, allows: bool) -> PlanCall:
    return PlanCall(
        method="run", task=dry_run, keywords=_chosen(allow_deletions=allows)
    )


def _write_keywords(
    policy: Policy, options: RunOptions, *, are_stated: bool = False
) -> dict[str, Any]:
    default, is_stop = Policy(), policy.error_strategy is ErrorStrategy.STOP
    keywords: dict[str, Any] = {}
    if are_stated or policy.import_strategy is not default.import_strategy:
        keywords["import_strategy"] = policy.import_strategy.value
    if are_stated or policy.update_strategy is not default.update_strategy:
        keywords["update_strategy"] = policy.update_strategy.value
    if are_stated or not is_stop:
        keywords["on_error"] = "stop" if is_stop else "continue"
    keywords |= _chosen(
        lazy_references=policy.lazy_references,
        only=policy.merge.only,
        leave=policy.merge.leave,
        backup=options.backup,
        at_once=options.at_once if options.at_once > 1 else 0,
        workers=options.workers if options.workers > 1 else 0,
        cluster=options.cluster,
    )
    for name in ("journal", "verify"):
        if not getattr(options, name):
            keywords[name] = False
    if options.error_limit:
        keywords["error_limit"] = _limit_text(options)
        keywords |= _chosen(at_limit="undo" if options.error_limit.undo else "")
    return keywords


def _limit_text(options: RunOptions) -> str:
    limit = options.error_limit
    if limit is None:
        return ""
    parts = [str(limit.records)] if limit.records else []
    if limit.percent:
        parts.append(f"{limit.percent:.12f}".rstrip("0").rstrip(".") + "%")
    return ",".join(parts)


def _selection_keywords(selection: Selection) -> dict[str, Any]:
    filters = {simple_name(key): text for key, text in selection.filters}
    return _chosen(filters=filters, sites=selection.sites)


def _names(selection: Selection) -> Iterable[str]:
    return map(simple_name, selection.entity_types)


def _match_dict(match: MatchKeys) -> dict[str, Any]:
    return {
        simple_name(name): fields[0] if len(fields) == 1 else list(fields)
        for name, fields in match
    }


def _chosen(**choices: Any) -> dict[str, Any]:
    """Return the choices that are not empty; a tuple becomes a list."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in choices.items()
        if value
    }
