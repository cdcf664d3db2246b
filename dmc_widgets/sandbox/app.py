"""The application: routes from paths and methods to handlers, and its middleware."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ..model.entity_type import OBJECT_ENTRY
from ..objects.documents.definitions import DEFINITION_KIND
from ..objects.documents.document_kind import DocumentKind
from ..objects.documents.kinds import DOCUMENT_KINDS
from ..objects.documents.picklists import PICKLIST_KIND
from ..objects.parts.part_kinds import (
    DEFINITION_PARTS,
    PICKLIST_ENTRY,
    VIEW,
    PartKind,
)
from .api import (
    definitions,
    documents,
    entries,
    entry_subresources,
    picklists,
    related_entries,
)
from .auth.middleware import TOKEN_PATH, AuthMiddleware
from .auth.token_endpoint import issue_token
from .batch import endpoints as batch
from .batch.task_store import EXPORT, IMPORT
from .context import AppContext
from .openapi import endpoints as openapi
from .openapi.specification import API_DOCUMENTS
from .planner import class_keys, plans
from .request_limits import RequestLimits
from .requests import (
    ApiRequest,
    Endpoint,
    StreamHandler,
    make_endpoint,
    make_stream_endpoint,
)
from .responses import ApiError
from .served_objects import find_object_at, find_scope_name

BATCH_PLANNER_API: Final = "/o/batch-planner/v1.0"
BATCH_ENGINE_API: Final = "/o/headless-batch-engine/v1.0"
_PARAMETER: Final = re.compile(r"{\w+}")
_METHODS: Final = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")

_RESOURCES: Final = {
    resource.name: resource
    for resource in (definitions.DEFINITION_RESOURCE, picklists.PICKLIST_RESOURCE)
}
"""The resources of kinds whose documents have parts."""

EndpointsByMethod = Mapping[str, Endpoint]
RouteTable = Iterator[tuple[str, EndpointsByMethod]]


def create_app(context: AppContext) -> ASGIApp:
    """Return the application for an open context."""
    app = Starlette(
        routes=list(_routes(route_table(context))),
        exception_handlers={
            HTTPException: _http_error_response,
            Exception: _server_error_response,
        },
    )
    app.router.redirect_slashes = False
    settings = context.settings
    protected = AuthMiddleware(
        app,
        settings,
        context.tokens,
        context.login_throttle,
        partial(find_scope_name, context.store),
    )
    return RequestLimits(protected, settings.max_body_bytes, settings.body_seconds)


def route_table(context: AppContext) -> RouteTable:
    """Yield every path with its endpoints, in the order in which paths are tried."""
    make = EndpointFactory(context)
    yield from _token_routes(make)
    yield from _openapi_routes(make)
    yield from _file_routes(make)
    yield from _batch_engine_routes(make)
    yield from _planner_routes(make)
    yield from _document_routes(make)
    yield from _part_routes(make)
    yield from _picklist_entry_routes(make)
    yield from _entry_routes(make)


class EndpointFactory:
    """Makes endpoints from handlers."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    def plain(self, handler: Callable[..., Response], *arguments: Any) -> Endpoint:
        """Return an endpoint that reads the body and passes on *arguments*."""
        return make_endpoint(self._context, _bind_arguments(handler, arguments))

    def json(self, handler: Callable[..., Response], *arguments: Any) -> Endpoint:
        """Return an endpoint that accepts only bodies of JSON."""
        return make_endpoint(
            self._context, _bind_arguments(handler, arguments), takes_json=True
        )

    def stream(self, handler: Callable[..., Any], *arguments: Any) -> Endpoint:
        """Return an endpoint whose handler reads the body itself."""
        bound: StreamHandler = _bind_arguments(handler, arguments)
        return make_stream_endpoint(self._context, bound)


def _bind_arguments(
    handler: Callable[..., Any], arguments: tuple[Any, ...]
) -> Callable[..., Any]:
    return lambda request: handler(request, *arguments)


def _routes(table: Iterable[tuple[str, EndpointsByMethod]]) -> Iterator[Route]:
    """Yield the routes, then those that answer the remaining methods of each path.

    Paths that differ only in the names of their parameters are the same to a client.
    """
    methods_by_path: dict[str, tuple[str, set[str]]] = {}
    for path, endpoints in table:
        yield Route(path, _dispatch_by_method(endpoints), methods=list(endpoints))
        pattern = _PARAMETER.sub("{}", path)
        _, methods = methods_by_path.setdefault(pattern, (path, set()))
        methods.update(endpoints)
    for path, methods in methods_by_path.values():
        yield Route(path, _answer_other_methods(methods), methods=list(_METHODS))


def _dispatch_by_method(endpoints: EndpointsByMethod) -> Endpoint:
    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await endpoints[method](request)

    return answer


def _answer_other_methods(methods: set[str]) -> Endpoint:
    """Answer OPTIONS, and refuse all other methods, as JAX-RS does."""
    allowed = {*methods, "OPTIONS", *({"HEAD"} if "GET" in methods else ())}
    headers = {"Allow": ", ".join(sorted(allowed))}

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(headers=headers)
        title = "HTTP 405 Method Not Allowed"
        return ApiError(405, title, headers=headers).response()

    return answer


def _token_routes(make: EndpointFactory) -> RouteTable:
    yield TOKEN_PATH, {"POST": make.plain(issue_token)}


def _openapi_routes(make: EndpointFactory) -> RouteTable:
    yield "/o/openapi", {"GET": make.plain(openapi.list_specifications)}
    yield "/o/openapi/openapi.{type}", {"GET": make.plain(openapi.get_merged_document)}
    for path in API_DOCUMENTS:
        one = make.plain(openapi.get_api_document, path)
        yield f"/o{path}/openapi.{{type}}", {"GET": one}
    one = make.plain(openapi.get_object_document)
    yield "/o/c/{plural}/openapi.{type}", {"GET": one}


def _file_routes(make: EndpointFactory) -> RouteTable:
    yield "/documents/{id}/{name}", {"GET": make.plain(entries.get_attachment_file)}


def _batch_engine_routes(make: EndpointFactory) -> RouteTable:
    take = make.stream(batch.start_import, batch.read_batch_path, 200)
    start = make.plain(batch.start_export, batch.read_batch_path, 200)
    tasks = f"{BATCH_ENGINE_API}/import-task"
    yield f"{tasks}/{{className}}", {"DELETE": take, "POST": take, "PUT": take}
    yield (
        f"{BATCH_ENGINE_API}/export-task/{{className}}/{{contentType}}",
        {"POST": start},
    )
    for direction in (IMPORT, EXPORT):
        for key in ("{id}", "by-external-reference-code/{erc}"):
            path = f"{BATCH_ENGINE_API}/{direction}-task/{key}"
            yield path, {"GET": make.plain(batch.get_task, direction)}
            content = make.plain(batch.get_content, direction)
            yield f"{path}/content", {"GET": content}
    for key in ("{id}", "by-external-reference-code/{erc}"):
        path = f"{tasks}/{key}/failed-items/report"
        yield path, {"GET": make.plain(batch.get_report)}


def _planner_routes(make: EndpointFactory) -> RouteTable:
    base = f"{BATCH_PLANNER_API}/plans"
    yield base, {"GET": make.plain(plans.list_plans), "POST": make.json(plans.add_plan)}
    yield (
        f"{base}/{{id}}",
        {
            "DELETE": make.plain(plans.delete_plan),
            "GET": make.plain(plans.get_plan),
            "PATCH": make.json(plans.patch_plan),
        },
    )
    for path, handler in (
        ("asset-library-scopes", class_keys.list_asset_library_scopes),
        ("fields", class_keys.list_fields),
        ("site-scopes", class_keys.list_site_scopes),
        ("strategies", class_keys.list_strategies),
        ("template", class_keys.get_sample_file),
    ):
        yield f"{base}/{{key}}/{path}", {"GET": make.plain(handler)}


def _document_routes(make: EndpointFactory) -> RouteTable:
    for kind in DOCUMENT_KINDS:
        resource = _RESOURCES.get(kind.name) or documents.DocumentResource(kind)
        class_name = resource.entity_type.class_name
        yield from _batch_routes(make, resource.path, _items_of_class(class_name))
        yield (
            resource.path,
            {
                "GET": make.plain(documents.list_documents, resource),
                "POST": make.json(documents.add_document, resource),
            },
        )
        yield (
            f"{resource.path}/by-external-reference-code/{{erc}}",
            {
                "GET": make.plain(documents.get_document_by_erc, resource),
                "PUT": make.json(documents.put_document_by_erc, resource),
            },
        )
        yield (
            f"{resource.path}/{{id}}",
            {
                "DELETE": make.plain(documents.delete_document, resource),
                "GET": make.plain(documents.get_document, resource),
                "PATCH": make.json(documents.patch_document, resource),
                "PUT": make.json(documents.replace_document, resource),
            },
        )


def _part_routes(make: EndpointFactory) -> RouteTable:
    base = definitions.DEFINITION_RESOURCE.path
    for kind in DEFINITION_PARTS:
        yield from _part_batch_routes(make, base, DEFINITION_KIND, kind)
    yield f"{base}/{{id}}/publish", {"POST": make.plain(definitions.publish_definition)}
    relationships = f"{DEFINITION_KIND.api}/object-relationships"
    yield (
        f"{relationships}/by-external-reference-code/{{erc}}",
        {"PUT": make.json(definitions.put_relationship_by_erc)},
    )
    for kind in DEFINITION_PARTS:
        for key in ("{id}", "by-external-reference-code/{erc}"):
            yield (
                f"{base}/{key}/{kind.path}",
                {
                    "GET": make.plain(definitions.list_definition_parts, kind),
                    "POST": make.json(definitions.add_part, kind),
                },
            )
        endpoints = {
            "DELETE": make.plain(definitions.delete_part, kind),
            "GET": make.plain(definitions.get_part, kind),
            "PUT": make.json(definitions.replace_part, kind),
        }
        if kind.is_patched:
            endpoints["PATCH"] = make.json(definitions.patch_part, kind)
        yield f"{DEFINITION_KIND.api}/{kind.path}/{{id}}", endpoints
    copied = f"{DEFINITION_KIND.api}/{VIEW.path}/{{id}}/copy"
    yield copied, {"POST": make.plain(definitions.copy_view, VIEW)}


def _part_batch_routes(
    make: EndpointFactory, owners: str, owner: DocumentKind, kind: PartKind
) -> RouteTable:
    """Yield the batch paths of parts: new ones below an owner, others by their ids."""
    items = _items_of_owner(owner, kind)
    own = f"{owners}/{{id}}/{kind.path}"
    yield f"{own}/batch", {"POST": make.stream(batch.start_import, items, 202)}
    yield f"{own}/export-batch", {"POST": make.plain(batch.start_export, items, 202)}
    change = make.stream(batch.start_import, _items_of_class(kind.class_name), 202)
    yield f"{owner.api}/{kind.path}/batch", {"DELETE": change, "PUT": change}


def _items_of_owner(owner: DocumentKind, kind: PartKind) -> batch.BatchItemsReader:
    """Return the reader of the parts of an owner, whose id is in the path."""
    id_name = f"{owner.name[:1].lower()}{owner.name[1:]}Id"
    return lambda request: batch.BatchItems(
        kind.class_name, parameters={id_name: request.path_text("id")}
    )


def _picklist_entry_routes(make: EndpointFactory) -> RouteTable:
    path = picklists.PICKLIST_RESOURCE.path
    yield from _part_batch_routes(make, path, PICKLIST_KIND, PICKLIST_ENTRY)
    for key in ("{id}", "by-external-reference-code/{erc}"):
        yield (
            f"{picklists.PICKLIST_RESOURCE.path}/{key}/list-type-entries",
            {
                "GET": make.plain(picklists.list_picklist_entries),
                "POST": make.json(picklists.add_picklist_entry),
            },
        )
    yield (
        f"{PICKLIST_KIND.api}/list-type-entries/{{id}}",
        {
            "DELETE": make.plain(picklists.delete_picklist_entry),
            "GET": make.plain(picklists.get_picklist_entry),
            "PUT": make.json(picklists.replace_picklist_entry),
        },
    )


def _entry_routes(make: EndpointFactory) -> RouteTable:
    base = "/o/c/{plural}"
    for path in (base, f"{base}/scopes/{{scopeKey}}"):
        yield from _batch_routes(make, path, _items_of_object)
    for path in (base, f"{base}/scopes/{{scopeKey}}"):
        yield (
            path,
            {
                "GET": make.plain(entries.list_entries),
                "POST": make.json(entries.add_entry),
            },
        )
        yield (
            f"{path}/by-external-reference-code/{{erc}}",
            {
                "DELETE": make.plain(entries.delete_entry_by_erc),
                "GET": make.plain(entries.get_entry_by_erc),
                "PATCH": make.json(entries.patch_entry_by_erc),
                "PUT": make.json(entries.put_entry_by_erc),
            },
        )
    yield (
        f"{base}/{{id}}",
        {
            "DELETE": make.plain(entries.delete_entry),
            "GET": make.plain(entries.get_entry),
            "PATCH": make.json(entries.patch_entry),
            "PUT": make.json(entries.replace_entry),
        },
    )
    for path in (base, f"{base}/scopes/{{scopeKey}}"):
        key = f"{path}/by-external-reference-code/{{erc}}"
        yield from _entry_subresource_routes(make, key)
    yield from _entry_subresource_routes(make, f"{base}/{{id}}")
    yield from _related_entry_routes(make, base)


def _entry_subresource_routes(make: EndpointFactory, entry: str) -> RouteTable:
    permissions = {
        "GET": make.plain(entry_subresources.get_permissions),
        "PUT": make.json(entry_subresources.put_permissions),
    }
    yield f"{entry}/permissions", permissions
    run = make.plain(entry_subresources.run_object_action)
    yield f"{entry}/object-actions/{{action}}", {"PUT": run}


def _related_entry_routes(make: EndpointFactory, base: str) -> RouteTable:
    listed = {"GET": make.plain(related_entries.list_related_entries)}
    relate = {
        "DELETE": make.plain(related_entries.unrelate_entries),
        "PUT": make.plain(related_entries.relate_entries),
    }
    for path in (base, f"{base}/scopes/{{scopeKey}}"):
        coded = f"{path}/by-external-reference-code/{{erc}}/{{relationship}}"
        yield coded, listed
        yield f"{coded}/{{relatedErc}}", relate
    by_id = f"{base}/{{id}}/{{relationship}}"
    yield by_id, listed
    yield f"{by_id}/{{relatedId}}", relate


def _batch_routes(
    make: EndpointFactory, path: str, read_items: batch.BatchItemsReader
) -> RouteTable:
    take = make.stream(batch.start_import, read_items, 202)
    yield f"{path}/batch", {"DELETE": take, "POST": take, "PUT": take}
    yield (
        f"{path}/export-batch",
        {"POST": make.plain(batch.start_export, read_items, 202)},
    )


def _items_of_class(class_name: str) -> batch.BatchItemsReader:
    return lambda _: batch.BatchItems(class_name)


def _items_of_object(request: ApiRequest) -> batch.BatchItems:
    if "scopeKey" in request.http.path_params:
        served_object = entries.parse_target(request).served_object
    else:
        plural = request.path_text("plural")
        served_object = find_object_at(request.context.store, plural)
    return batch.BatchItems(OBJECT_ENTRY, served_object.entity_type.delegate)


def _http_error_response(_: Request, error: Exception) -> Response:
    """Return the response to what Starlette refuses, in JAX-RS's words."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    phrases = {404: "Not Found", 405: "Method Not Allowed"}
    detail = str(getattr(error, "detail", ""))
    title = f"HTTP {status} {phrases[status]}" if status in phrases else detail
    return ApiError(status, title, headers=getattr(error, "headers", None)).response()


def _server_error_response(_request: Request, _error: Exception) -> Response:
    """Return the response to an unexpected exception, without any details."""
    return ApiError(500, "Internal Server Error").response()
