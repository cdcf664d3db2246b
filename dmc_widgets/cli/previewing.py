"""The command that looks ahead: nothing here writes to an installation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import typer

from ..formats.json_values import to_json
from ..model.outcome import OutcomeKind
from ..model.preview import Preview, Previewed, Sampling
from ..model.reading import ReadingOptions
from .options import (
    Entity,
    File,
    Json,
    MappingFile,
    Name,
    NewSites,
    OnExisting,
    OnUpdate,
    Pairs,
    Rows,
    SiteKey,
    Spread,
    TemplateName,
)
from .plans import (
    chosen_mapping,
    chosen_sites,
    import_plan,
    policy_over,
    print_reading,
)
from .printing import print_json, print_table, print_warnings, printable
from .reading_options import takes_reading_options
from .session import center_of
from .shapes import failure_shapes
from .status import DONE, SOME_FAILED

if TYPE_CHECKING:
    from ..tasks.head import FileHead

_CELL_CHARS = 60


@takes_reading_options
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
    import_strategy: OnExisting = None,
    update_strategy: OnUpdate = None,
    site: SiteKey = None,
    new_sites: NewSites = False,
    template: TemplateName = None,
    as_json: Json = False,
) -> None:
    """Show what an import would make of some records, and write nothing.

    Exit status 3 says that some of them would fail.
    """
    center = center_of(ctx)
    plan, head = import_plan(
        center, name, file, entity=entity, template=template, reading=reading
    )
    plan = replace(
        plan,
        mapping=chosen_mapping(center, pairs, mapping_file) or plan.mapping,
        policy=policy_over(plan.policy, import_strategy, update_strategy, None),
        **chosen_sites(plan, site, new_sites=new_sites),
    )
    preview = center.look_ahead(name, plan, head or file, rows, sample=sample)
    _print(preview, head, as_json=as_json)
    raise typer.Exit(SOME_FAILED if preview.counts[OutcomeKind.FAILED] else DONE)


def _print(preview: Preview, head: FileHead | None, *, as_json: bool) -> None:
    print_warnings(preview.warnings)
    if as_json:
        for note in preview.notes:
            typer.echo(f"Note: {printable(note)}", err=True)
        print_json([_shape(record, preview) for record in preview.records])
    else:
        print_reading(head)
        _print_preview(preview)


def _print_preview(preview: Preview) -> None:
    typer.echo(preview.sentence)
    for note in preview.notes:
        typer.echo(printable(note))
    print_table(
        (_unit(preview).title(), "Expected", *preview.types, "Problems"),
        (_line(record, preview.types) for record in preview.records),
    )
    counted = (f"{count:,} {kind}" for kind, count in preview.counts.items())
    typer.echo(f"Expected: {', '.join(counted)}." if preview.counts else "")


def _line(record: Previewed, names: Iterable[str]) -> tuple[object, ...]:
    values = (_text(record.target.get(name, "")) for name in names)
    told = "; ".join(fault.text for fault in record.faults)
    return (record.number, record.expected, *values, told)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else to_json(value).decode()
    return text if len(text) <= _CELL_CHARS else f"{text[:_CELL_CHARS]}…"


def _shape(record: Previewed, preview: Preview) -> dict[str, Any]:
    problems = ((record.number, fault.problem) for fault in record.faults)
    return {
        _unit(preview): record.number,
        "expected": record.expected,
        "source": _exact(record.source),
        "target": _exact(dict(record.target)),
        "problems": failure_shapes(problems),
    }


def _exact(value: Any) -> orjson.Fragment:
    """Write numbers with all their digits, and no text that JSON cannot hold."""
    return orjson.Fragment(to_json(value))


def _unit(preview: Preview) -> str:
    by_place = preview.extent.sampling is Sampling.BY_PLACE
    return "byte" if by_place else "record"
