"""Output of the commands: tables for people, and JSON for programs.

Programs rely on the names in the JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson
import typer

from ..model.entity_type import EntityType, Field, simple_name
from ..model.outcome import Problem
from ..model.plan import ExportPlan, Template
from ..model.representation import printable
from ..model.task import Task, TaskPart
from ..storage.remote_addresses import find_address

if TYPE_CHECKING:
    from rich.console import Console

_PIPED_WIDTH = 10_000  # a program that reads the table wants whole values


def print_json(value: object) -> None:
    """Print *value* as JSON in UTF-8, whatever the terminal's encoding is."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def print_table(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """Print *lines* under *columns*; numbers stand on the right."""
    rows = [list(line) for line in lines]
    if not rows:
        typer.echo("No items were found.")
        return
    # Few commands print tables, and rich takes a while to load.
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        number = all(isinstance(row[index], int) for row in rows)
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*(Text(_format_cell(value)) for value in row))
    console().print(table)


def print_pairs(pairs: Iterable[tuple[str, object]]) -> None:
    """Print one name and value a line; empty values are left out."""
    shown = [(name, value) for name, value in pairs if value not in {"", None}]
    width = max(len(name) for name, _ in shown)
    for name, value in shown:
        typer.echo(f"{name:<{width}}  {_format_cell(value)}")


def print_written(output: str, content: str = "") -> None:
    """Print where a file was written, and what it holds."""
    place = printable(str(find_address(output)))
    typer.echo(f"Wrote {place}: {content}." if content else f"Wrote {place}.")


def print_warnings(warnings: Iterable[str]) -> None:
    """Print one warning a line on standard error."""
    for warning in warnings:
        typer.echo(f"Warning: {printable(warning)}", err=True)


def console() -> Console:
    """Return a console on standard output, as it is at this moment."""
    from rich.console import Console

    output = Console(highlight=False, markup=False, emoji=False)
    if not output.is_terminal:
        output.width = _PIPED_WIDTH
    return output


def _format_cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, int):
        return f"{value:,}"
    return printable(str(value))


def entity_type_to_json(entity_type: EntityType) -> dict[str, Any]:
    """Return an entity type for JSON, without its fields."""
    return {
        "name": entity_type.name,
        "label": entity_type.label,
        "key": entity_type.key,
        "fields": len(entity_type.fields),
        "importStrategies": sorted(entity_type.import_strategies),
        "updateStrategies": sorted(entity_type.update_strategies),
    }


def field_to_json(field: Field) -> dict[str, Any]:
    """Return a field for JSON."""
    return {
        "name": field.name,
        "label": field.label or field.name,
        "type": field.type,
        "required": field.required,
        "readOnly": field.read_only,
        "writeOnly": field.write_only,
        "description": field.description,
        "anyOfGroup": field.any_of_group,
        "unsupportedFormats": sorted(field.unsupported_formats),
    }


def task_to_json(task: Task) -> dict[str, Any]:
    """Return a task for JSON, as lists show it."""
    counts = task.counts
    return {
        "id": task.id,
        "name": task.name,
        "action": task.action.value,
        "entityType": task.entity_type,
        "installation": task.installation,
        "status": task.status.value,
        "successful": counts.successful,
        "failed": counts.failed,
        "total": counts.total,
        "created": counts.created,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "skipped": counts.skipped,
        "unknown": counts.unknown,
        "percent": task.progress.percent,
        "author": task.author,
        "creationDate": task.created,
        "modifiedDate": task.modified,
        "originalFile": task.original_file,
        "exportedFile": task.exported_file,
        "error": task.error,
        "errorCode": task.error_code,
        "notes": list(task.notes),
        "parts": [_part_to_json(part) for part in task.parts],
    }


def _part_to_json(part: TaskPart) -> dict[str, Any]:
    return {
        "entityType": simple_name(part.entity_type),
        "relationships": part.links,
        "needed": part.needed,
        "status": part.status.value,
        "total": part.counts.total,
        **asdict(part.counts),
    }


def failures_to_json(
    failures: Iterable[tuple[int, Problem]],
) -> list[dict[str, Any]]:
    """Return failed records for JSON: their numbers in the file and their problems."""
    return [
        {
            "itemIndex": index,
            "code": problem.code,
            "field": problem.field,
            "value": _rejected_value(problem.value),
            "message": problem.message,
        }
        for index, problem in failures
    ]


def template_to_json(template: Template) -> dict[str, Any]:
    """Return a template for JSON, with its plan."""
    plan = template.plan
    return {
        "id": template.id,
        "name": template.name,
        "action": plan.action.value,
        "entityType": plan.entity_type,
        "format": plan.format if isinstance(plan, ExportPlan) else "",
        "author": template.author,
        "creationDate": template.created,
        "plan": plan.as_dict(),
    }


def _rejected_value(text: str | None) -> object:
    """Return the rejected value with all its digits; a shortened one as a text."""
    if text is None:
        return None
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return orjson.Fragment(text)
