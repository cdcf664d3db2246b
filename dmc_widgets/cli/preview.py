"""The command that previews an import; it writes nothing to an installation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import typer

from ..center.choices import WriteChoices, choose_policy
from ..formats.json.values import to_json
from ..model.outcome import OutcomeKind
from ..model.preview import Preview, PreviewedRecord, SamplingMethod
from ..model.reading_options import ReadingOptions
from ..model.representation import printable
from .command_context import DONE, SOME_FAILED, open_command_center
from .file_options import with_reading_options
from .import_plans import (
    build_import_plan,
    plan_with_mapping,
    print_detected_options,
    site_changes,
)
from .merging import ChoicesFile, LeavePaths, OnlyPaths, with_merge_choices
from .options import (
    Entity,
    File,
    ImportStrategyOption,
    Json,
    LazyReferences,
    MappingFile,
    MatchFields,
    Name,
    NewSites,
    Pairs,
    Parent,
    Rows,
    SiteKey,
    Spread,
    TemplateName,
    UpdateStrategyOption,
)
from .output import failures_to_json, print_json, print_table, print_warnings
from .source_files import look_at_file

if TYPE_CHECKING:
    from ..tasks.imports.file_head import FileHead

_CELL_CHARS = 60


@with_reading_options
def preview_records(
    ctx: typer.Context,
    name: Name,
    entity: Entity,
    file: File,
    *,
    reading: ReadingOptions,
    rows: Rows = 20,
    sample: Spread = False,
    pairs: Pairs = None,
    mapping_file: MappingFile = None,
    match: MatchFields = None,
    import_strategy: ImportStrategyOption = None,
    update_strategy: UpdateStrategyOption = None,
    lazy_references: LazyReferences = None,
    only: OnlyPaths = None,
    leave: LeavePaths = None,
    differences: ChoicesFile = None,
    site: SiteKey = None,
    new_sites: NewSites = False,
    parent: Parent = None,
    template: TemplateName = None,
    as_json: Json = False,
) -> None:
    """Show what an import would make of some records, and write nothing.

    Exit status 3 says that some of them would fail.
    """
    center = open_command_center(ctx)
    choices = _strategies(import_strategy, update_strategy, lazy_references)
    choices = with_merge_choices(choices, only, leave, differences)
    with look_at_file(center, file) as opened:
        plan, head = build_import_plan(
            center, name, opened, entity=entity, template=template, reading=reading
        )
        plan = plan_with_mapping(center, plan, pairs, mapping_file, parent, match=match)
        plan = replace(plan, policy=choose_policy(plan.policy, choices))
        plan = replace(plan, **site_changes(plan, site, new_sites=new_sites))
        source = head or opened
        preview = center.files.preview_records(name, plan, source, rows, sample=sample)
    _print_result(preview, head, as_json=as_json)
    raise typer.Exit(SOME_FAILED if preview.counts[OutcomeKind.FAILED] else DONE)


def _strategies(
    import_strategy: ImportStrategyOption,
    update_strategy: UpdateStrategyOption,
    lazy_references: LazyReferences,
) -> WriteChoices:
    return WriteChoices(
        import_strategy=import_strategy,
        update_strategy=update_strategy,
        lazy_references=lazy_references,
    )


def _print_result(preview: Preview, head: FileHead | None, *, as_json: bool) -> None:
    print_warnings(preview.warnings)
    if as_json:
        for note in preview.notes:
            typer.echo(f"Note: {printable(note)}", err=True)
        print_json([_record_to_json(record, preview) for record in preview.records])
    else:
        print_detected_options(head)
        _print_preview(preview)


def _print_preview(preview: Preview) -> None:
    typer.echo(preview.sentence)
    for note in preview.notes:
        typer.echo(printable(note))
    print_table(
        (_number_unit(preview).title(), "Expected", *preview.types, "Problems"),
        (_record_row(record, preview.types) for record in preview.records),
    )
    counted = (f"{count:,} {kind}" for kind, count in preview.counts.items())
    typer.echo(f"Expected: {', '.join(counted)}." if preview.counts else "")


def _record_row(record: PreviewedRecord, names: Iterable[str]) -> tuple[object, ...]:
    values = (_format_cell(record.target.get(name, "")) for name in names)
    problems = "; ".join(fault.text for fault in record.faults)
    return (record.number, record.expected, *values, problems)


def _format_cell(value: Any) -> str:
    text = value if isinstance(value, str) else to_json(value).decode()
    return text if len(text) <= _CELL_CHARS else f"{text[:_CELL_CHARS]}…"


def _record_to_json(record: PreviewedRecord, preview: Preview) -> dict[str, Any]:
    problems = ((record.number, fault.problem) for fault in record.faults)
    return {
        _number_unit(preview): record.number,
        "expected": record.expected,
        "source": _json_fragment(record.source),
        "target": _json_fragment(dict(record.target)),
        "problems": failures_to_json(problems),
    }


def _json_fragment(value: Any) -> orjson.Fragment:
    """Return *value* as JSON with all digits of its numbers."""
    return orjson.Fragment(to_json(value))


def _number_unit(preview: Preview) -> str:
    by_place = preview.extent.sampling is SamplingMethod.BY_POSITION
    return "byte" if by_place else "record"
