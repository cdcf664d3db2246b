"""What a plan for an entity type may choose from: fields, strategies and sites.

An entity type is named by its key, ``…ObjectEntry#C_Ticket``. The fields are the
properties of its OpenAPI document, as in Liferay.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

from starlette.responses import Response

from ...model.entity_type import EntityType, simple_name
from ...model.strategies import ImportStrategy, UpdateStrategy
from ...objects.entries.system_properties import has_site_scope
from ..api.listing import whole_list_response
from ..openapi.endpoints import entity_schema
from ..requests import ApiRequest
from ..responses import not_found_error
from ..sites import SiteDirectory

_DEFAULT_LANGUAGE: Final = "en_US"
_LOCALIZED: Final = "_i18n"
_UNSUPPORTED: Final = "x-batch-unsupported-formats"
_STRATEGIES: Final = (
    ("create", (ImportStrategy.INSERT, ImportStrategy.UPSERT)),
    ("update", (UpdateStrategy.PARTIAL_UPDATE, UpdateStrategy.UPDATE)),
)
"""The strategies that every class of Liferay declares, by type."""


def list_fields(request: ApiRequest) -> Response:
    """Answer GET of the fields that an import may fill, or that an export contains."""
    entity_type = _find_entity_type(request)
    exports = request.query("export").strip().lower() == "true"
    schema = entity_schema(request, entity_type)
    groups = {field.name: field.any_of_group for field in entity_type.fields}
    ignored = "writeOnly" if exports else "readOnly"
    fields = [
        _describe_field(name, property_, schema, groups.get(name))
        for name, property_ in _properties(schema, ignored)
    ]
    return whole_list_response(fields)


def list_strategies(request: ApiRequest) -> Response:
    """Answer GET of the strategies of an entity type."""
    _find_entity_type(request)
    strategies = [
        {"name": str(strategy), "type": type_}
        for type_, known in _STRATEGIES
        for strategy in known
    ]
    return whole_list_response(strategies)


def list_site_scopes(request: ApiRequest) -> Response:
    """Answer GET of the sites of an entity type; there are none without site scope."""
    if not has_site_scope(_find_entity_type(request)):
        return whole_list_response([])
    context = request.context
    sites = SiteDirectory(context.store.installation, context.database).ids()
    scopes = [{"label": key, "value": number} for key, number in sites.items()]
    return whole_list_response(scopes)


def list_asset_library_scopes(request: ApiRequest) -> Response:
    """Answer GET of the asset libraries of an entity type; the sandbox has none."""
    _find_entity_type(request)
    return whole_list_response([])


def get_sample_file(request: ApiRequest) -> Response:
    """Answer GET of a sample: the names and the types of all fields to import."""
    entity_type = _find_entity_type(request)
    properties = dict(_properties(entity_schema(request, entity_type), "readOnly"))
    language = request.language or _DEFAULT_LANGUAGE
    names = (
        f"{name}_{language}" if name.endswith(_LOCALIZED) else name
        for name in properties
    )
    types = (str(schema.get("type", "null")) for schema in properties.values())
    short_name = simple_name(entity_type.key).lower()
    file_name = f"{short_name}-{secrets.token_hex(4)}.csv"
    return Response(
        f"{','.join(names)}\n{','.join(types)}",
        headers={"Content-Disposition": f"attachment; filename={file_name}"},
        media_type="application/octet-stream",
    )


def _find_entity_type(request: ApiRequest) -> EntityType:
    key = request.path_text("key")
    for entity_type in request.context.store.installation.entity_types():
        if entity_type.key == key:
            return entity_type
    raise not_found_error()


def _properties(
    schema: Mapping[str, Any], ignored: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the properties of a schema that have not the *ignored* access."""
    for name, property_ in sorted(schema["properties"].items()):
        if not property_.get(ignored) and not name.startswith("x-"):
            yield name, property_


def _describe_field(
    name: str,
    property_: Mapping[str, Any],
    schema: Mapping[str, Any],
    group: str | None,
) -> dict[str, Any]:
    return {
        "anyOfGroup": group or None,
        "description": property_.get("description"),
        "name": name,
        "required": name in schema.get("required", ()),
        "type": property_.get("type"),
        "unsupportedFormats": property_.get(_UNSUPPORTED),
    }
