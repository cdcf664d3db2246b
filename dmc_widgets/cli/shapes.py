"""What the listings say in JSON. Programs rely on these names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import orjson

from ..model.entity import EntityType, Field, simple_name
from ..model.outcome import Problem
from ..model.plan import ExportPlan, Template
from ..model.task import Task, TaskPart


def entity_shape(entity_type: EntityType) -> dict[str, Any]:
    """Show an entity type without its fields, which have a listing of their own."""
    return {
        "name": entity_type.name,
        "label": entity_type.label,
        "key": entity_type.key,
        "fields": len(entity_type.fields),
        "importStrategies": sorted(entity_type.import_strategies),
        "updateStrategies": sorted(entity_type.update_strategies),
    }


def field_shape(field: Field) -> dict[str, Any]:
    """Show a field."""
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


def task_shape(task: Task) -> dict[str, Any]:
    """Show a task as lists do."""
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
        "parts": [_part_shape(part) for part in task.parts],
    }


def _part_shape(part: TaskPart) -> dict[str, Any]:
    return {
        "entityType": simple_name(part.entity_type),
        "relationships": part.links,
        "needed": part.needed,
        "status": part.status.value,
        "total": part.counts.total,
        **asdict(part.counts),
    }


def failure_shapes(
    failures: Iterable[tuple[int, Problem]],
) -> list[dict[str, Any]]:
    """Show failed records, each an item's index in the file and its problem."""
    return [
        {
            "itemIndex": index,
            "code": problem.code,
            "field": problem.field,
            "value": _value(problem.value),
            "message": problem.message,
        }
        for index, problem in failures
    ]


def template_shape(template: Template) -> dict[str, Any]:
    """Show a template with everything that it keeps."""
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


def _value(text: str | None) -> object:
    """Give the rejected value as it was, all digits kept; text that was cut as text."""
    if text is None:
        return None
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return orjson.Fragment(text)
