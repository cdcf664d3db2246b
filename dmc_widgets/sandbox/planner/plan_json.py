"""Plans in requests and responses: their properties, their types and their rules.

Where Liferay answers 500 to a plan that breaks a rule, the answer here is 400 with
Liferay's text.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ...model.entity_type import class_name_key
from ...objects.company_ids import COMPANY_ID
from ..responses import ApiError
from .plan_store import PlanStore, Row, StoredPlan

EXTERNAL_TYPES: Final = ("CSV", "JSON", "JSONL", "JSONT", "TXT", "XLS", "XLSX", "XML")

_MAX_LENGTH: Final = 75
_MAX_URL_LENGTH: Final = 4_000
_SHOWN_CHARACTERS: Final = 200
_IGNORED: Final = frozenset({"internalClassNameKey", "x-class-name"})
"""Read-only properties, which a request may repeat."""

_PLAN_PROPERTIES: Final[Mapping[str, str]] = {
    "active": "Boolean",
    "export": "Boolean",
    "externalType": "String",
    "externalURL": "String",
    "id": "Long",
    "internalClassName": "String",
    "mappings": "Mapping[]",
    "name": "String",
    "policies": "Policy[]",
    "size": "Integer",
    "status": "Integer",
    "taskItemDelegateName": "String",
    "template": "Boolean",
    "total": "Integer",
}
_MAPPING_PROPERTIES: Final[Mapping[str, str]] = {
    "externalFieldName": "String",
    "externalFieldType": "String",
    "id": "Long",
    "internalFieldName": "String",
    "internalFieldType": "String",
    "planId": "Long",
    "script": "String",
}
_POLICY_PROPERTIES: Final[Mapping[str, str]] = {
    "id": "Long",
    "name": "String",
    "planId": "Long",
    "value": "String",
}
_PLAN_COLUMNS: Final[Mapping[str, str]] = {
    "export": "export",
    "externalType": "external_type",
    "externalURL": "external_url",
    "internalClassName": "class_name",
    "name": "name",
    "taskItemDelegateName": "delegate",
    "template": "template",
}
MAPPING_COLUMNS: Final[Mapping[str, str]] = {
    "externalFieldName": "external_name",
    "externalFieldType": "external_type",
    "internalFieldName": "internal_name",
    "internalFieldType": "internal_type",
    "script": "script",
}
_MAPPING_LABELS: Final[Mapping[str, str]] = {
    "externalFieldName": "External field name",
    "externalFieldType": "External field type",
    "internalFieldName": "Internal field name",
    "internalFieldType": "Internal field type",
}
"""The properties that a mapping has to have, in the words of Liferay's messages."""


class PlanBody:
    """The body of a request, whose properties have the types of Liferay's classes.

    Args:
        body: The JSON object.

    Raises:
        ApiError: A property is unknown, or its value is of another type.

    Attributes:
        values: The properties of the plan that are not null.
        mappings: Those of each mapping.
        policies: Those of each policy.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.values = _read_properties(body, _PLAN_PROPERTIES, "Plan", "")
        self.mappings = _read_list(self.values, "mappings", _MAPPING_PROPERTIES)
        self.policies = _read_list(self.values, "policies", _POLICY_PROPERTIES)

    def columns(self, names: Mapping[str, str] = _PLAN_COLUMNS) -> dict[str, Any]:
        """Return the stored properties that the body states, by column."""
        return {
            column: self.values[name]
            for name, column in names.items()
            if name in self.values
        }


def render_plan(plan: StoredPlan) -> dict[str, Any]:
    """Build the JSON of a plan; size, status and total are never in it."""
    values = plan.values
    return {
        "active": True,
        "export": bool(values["export"]),
        "externalType": values["external_type"],
        "externalURL": values["external_url"],
        "id": plan.id,
        "internalClassName": values["class_name"],
        "internalClassNameKey": class_name_key(
            values["class_name"], values["delegate"]
        ),
        "mappings": [_render_mapping(row) for row in plan.mappings],
        "name": values["name"],
        "policies": [_render_policy(row) for row in plan.policies],
        "taskItemDelegateName": values["delegate"],
        "template": plan.is_template,
    }


def _render_mapping(row: Row) -> dict[str, Any]:
    values = {name: row[column] for name, column in MAPPING_COLUMNS.items()}
    return dict(sorted({**values, "id": row["id"], "planId": row["plan_id"]}.items()))


def _render_policy(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "planId": row["plan_id"],
        "value": row["value"],
    }


def require_new_plan(store: PlanStore, body: PlanBody) -> dict[str, Any]:
    """Return the columns of a new plan; a plan without a name is given one.

    Raises:
        ApiError: The plan breaks a rule.
    """
    for name in ("export", "template"):
        if name not in body.values:
            raise ApiError(400, f"Batch planner plan {name} is null")
    values = dict.fromkeys(_PLAN_COLUMNS.values(), "") | body.columns()
    require_external_type(values["external_type"])
    class_name = values["class_name"]
    if not class_name:
        raise ApiError(400, "Batch planner plan internal class name is null")
    if not values["name"] and not values["template"]:
        now_ms = time.time_ns() // 1_000_000
        short_name = class_name.rpartition(".")[2]
        values["name"] = f"{short_name} Plan Execution {now_ms}"
    require_name(store, values["name"], is_template=values["template"])
    _require_lengths(values)
    return values


def require_external_type(external_type: str) -> None:
    """Refuse a file type that plans do not have.

    Raises:
        ApiError: It is none of :data:`EXTERNAL_TYPES`.
    """
    if external_type not in EXTERNAL_TYPES:
        known = ",".join(EXTERNAL_TYPES)
        title = f"Batch planner plan external type must be one of following: {known}"
        raise ApiError(400, title)


def require_name(
    store: PlanStore, name: str, *, is_template: bool, plan_id: int = 0
) -> None:
    """Refuse a name that is missing, too long, or that of another template.

    Args:
        store: The store of plans.
        name: The name.
        is_template: The name is for a template.
        plan_id: The id of the template itself; 0 for a new one.

    Raises:
        ApiError: The name breaks a rule.
    """
    if not name:
        raise ApiError(400, "Batch planner plan name is null")
    if len(name) > _MAX_LENGTH:
        title = f"Batch planner plan name must not be longer than {_MAX_LENGTH}"
        raise ApiError(400, title)
    if is_template and store.find_template(name) not in {None, plan_id}:
        title = (
            f'Batch planner plan name "{name}" already exists for company {COMPANY_ID}'
        )
        raise ApiError(400, title)


def _require_lengths(values: Mapping[str, Any]) -> None:
    limits = {"class_name": _MAX_LENGTH, "delegate": _MAX_LENGTH}
    for column, limit in {**limits, "external_url": _MAX_URL_LENGTH}.items():
        if len(values[column]) > limit:
            label = next(n for n, c in _PLAN_COLUMNS.items() if c == column)
            title = f"Batch planner plan {label} must not be longer than {limit}"
            raise ApiError(400, title)


def new_mappings(body: PlanBody) -> list[dict[str, Any]]:
    """Return the columns of the mappings of a new plan.

    Raises:
        ApiError: A mapping lacks a name or a type, or is there twice.
    """
    rows = []
    names = set()
    for mapping in body.mappings:
        external = mapping.get("externalFieldName", "")
        internal = mapping.get("internalFieldName", "")
        if (external, internal) in names:
            title = (
                f'Batch planner mapping with external field name "{external}" and '
                f'internal field name "{internal}" already exists'
            )
            raise ApiError(400, title)
        names.add((external, internal))
        for name, label in _MAPPING_LABELS.items():
            _require_mapping_text(label, mapping.get(name, ""))
        rows.append(
            {column: mapping.get(name, "") for name, column in MAPPING_COLUMNS.items()}
        )
    return rows


def _require_mapping_text(label: str, text: str) -> None:
    if not text:
        raise ApiError(400, f"{label} is null")
    if len(text) > _MAX_LENGTH:
        raise ApiError(400, f"{label} is too long")


def new_policies(body: PlanBody) -> list[dict[str, Any]]:
    """Return the columns of the policies of a new plan.

    Raises:
        ApiError: A policy has no name, or is there twice, or is too long.
    """
    rows: dict[str, dict[str, Any]] = {}
    for policy in body.policies:
        name = policy.get("name", "").strip()
        if not name:
            raise ApiError(400, "Batch planner policy name is null")
        if name in rows:
            raise ApiError(400, f'Batch planner policy "{name}" already exists')
        value = policy.get("value", "").strip()
        if max(len(name), len(value)) > _MAX_LENGTH:
            raise ApiError(400, f'Batch planner policy "{name}" is too long')
        rows[name] = {"name": name, "value": value}
    return list(rows.values())


def _read_list(
    values: dict[str, Any], name: str, known: Mapping[str, str]
) -> list[dict[str, Any]]:
    kind = _PLAN_PROPERTIES[name].removesuffix("[]")
    return [
        _read_properties(element, known, kind, f"{name}.{place}.")
        for place, element in enumerate(values.get(name, ()))
    ]


def _read_properties(
    body: Any, known: Mapping[str, str], kind: str, path: str
) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise _mapping_error(path.rstrip("."), body, kind)
    values = {}
    for name, value in body.items():
        if name in _IGNORED or value is None:
            continue
        if name not in known:
            title = f'The property "{name}" is not defined in {kind}.'
            raise ApiError(400, title)
        convert = _CONVERSIONS[known[name]]
        converted = convert(value)
        if converted is None:
            place = path + name
            raise _mapping_error(place, value, known[name])
        values[name] = converted
    return values


def _mapping_error(path: str, value: Any, kind: str) -> ApiError:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = text[:_SHOWN_CHARACTERS]
    title = f'Unable to map JSON path "{path}" with value "{text}" to class "{kind}"'
    return ApiError(400, title, kind="InvalidFormatException")


def _to_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if isinstance(value, (list, Mapping)) else str(value)


def _to_flag(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    if isinstance(value, bool):
        return value
    return bool(value) if isinstance(value, int) else None


def _to_number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    text = str(value).strip()
    is_whole = text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal()
    return int(text) if is_whole and len(text) < _MAX_DIGITS else None


def _to_list(value: Any) -> list[Any] | None:
    return value if isinstance(value, list) else None


_MAX_DIGITS: Final = 19
_CONVERSIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "Boolean": _to_flag,
    "Integer": _to_number,
    "Long": _to_number,
    "Mapping[]": _to_list,
    "Policy[]": _to_list,
    "String": _to_text,
}
