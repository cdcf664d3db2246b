"""The sandbox, put together: which path is answered by which function."""

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

from ..model.entity import OBJECT_ENTRY
from . import batch_api as batch
from . import definitions_api as definitions
from . import documents, entries, files, related
from . import list_types_api as list_types
from . import openapi_api as openapi
from . import scopes_api as scopes
from .answers import Fault
from .batch_tasks import EXPORT, IMPORT
from .calls import Call, Endpoint, StreamHandler, endpoint, stream_endpoint
from .gate import TOKEN_PATH, Gate
from .limits import Limits
from .objects_served import object_at, served_at
from .openapi_documents import APIS
from .part_kinds import OF_DEFINITIONS, VIEW
from .rooms import Rooms
from .tokens_api import give_token

ENGINE: Final = "/o/headless-batch-engine/v1.0"
_PARAMETER: Final = re.compile(r"{\w+}")
_VERBS: Final = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")

Verbs = Mapping[str, Endpoint]
Table = Iterator[tuple[str, Verbs]]


def create_app(rooms: Rooms) -> ASGIApp:
    """Build the application over opened rooms."""
    app = Starlette(
        routes=list(_routes(table(rooms))),
        exception_handlers={HTTPException: _told, Exception: _broken},
    )
    app.router.redirect_slashes = False
    name_of = partial(object_at, rooms.store)
    settings = rooms.settings
    gate = Gate(app, settings, rooms.tokens, rooms.guesses, name_of)
    return Limits(gate, settings.max_body_bytes, settings.body_seconds)


def table(rooms: Rooms) -> Table:
    """Yield every path with its verbs, in the order in which they are tried."""
    make = Makers(rooms)
    yield from _token(make)
    yield from _openapi(make)
    yield from _files(make)
    yield from _engine(make)
    yield from _scopes(make)
    yield from _documents(make)
    yield from _parts(make)
    yield from _list_entries(make)
    yield from _entries(make)


class Makers:
    """Makes endpoints of handlers."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def plain(self, handler: Callable[..., Response], *more: Any) -> Endpoint:
        """Serve a handler that wants the whole body, with arguments bound to it."""
        return endpoint(self._rooms, _bound(handler, more))

    def json(self, handler: Callable[..., Response], *more: Any) -> Endpoint:
        """Serve a handler that wants a body of JSON."""
        return endpoint(self._rooms, _bound(handler, more), takes_json=True)

    def stream(self, handler: Callable[..., Any], *more: Any) -> Endpoint:
        """Serve a handler that reads the body itself."""
        bound: StreamHandler = _bound(handler, more)
        return stream_endpoint(self._rooms, bound)


def _bound(handler: Callable[..., Any], more: tuple[Any, ...]) -> Callable[..., Any]:
    return lambda call: handler(call, *more)


def _routes(table: Iterable[tuple[str, Verbs]]) -> Iterator[Route]:
    """Make the routes, and behind them those that answer what no verb does.

    Paths that differ only in the names of their parameters are one to a client.
    """
    known: dict[str, tuple[str, set[str]]] = {}
    for path, verbs in table:
        yield Route(path, _by_verb(verbs), methods=list(verbs))
        _, allowed = known.setdefault(_PARAMETER.sub("{}", path), (path, set()))
        allowed.update(verbs)
    for path, allowed in known.values():
        yield Route(path, _otherwise(allowed), methods=list(_VERBS))


def _by_verb(verbs: Verbs) -> Endpoint:
    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await verbs[method](request)

    return answer


def _otherwise(verbs: set[str]) -> Endpoint:
    """Answer OPTIONS, and refuse all other verbs, as JAX-RS does."""
    known = {*verbs, "OPTIONS", *({"HEAD"} if "GET" in verbs else ())}
    allowed = {"Allow": ", ".join(sorted(known))}

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(headers=allowed)
        title = "HTTP 405 Method Not Allowed"
        return Fault(405, title, headers=allowed).response()

    return answer


def _token(make: Makers) -> Table:
    yield TOKEN_PATH, {"POST": make.plain(give_token)}


def _openapi(make: Makers) -> Table:
    yield "/o/openapi", {"GET": make.plain(openapi.list_documents)}
    yield "/o/openapi/openapi.{type}", {"GET": make.plain(openapi.whole_document)}
    for path in APIS:
        one = make.plain(openapi.api_document, path)
        yield f"/o{path}/openapi.{{type}}", {"GET": one}
    one = make.plain(openapi.object_document)
    yield "/o/c/{plural}/openapi.{type}", {"GET": one}


def _files(make: Makers) -> Table:
    yield "/documents/{id}/{name}", {"GET": make.plain(files.get_file)}


def _engine(make: Makers) -> Table:
    take = make.stream(batch.import_task, batch.of_path, 200)
    start = make.plain(batch.export_task, batch.of_path, 200)
    tasks = f"{ENGINE}/import-task"
    yield f"{tasks}/{{className}}", {"DELETE": take, "POST": take, "PUT": take}
    yield f"{ENGINE}/export-task/{{className}}/{{contentType}}", {"POST": start}
    for direction in (IMPORT, EXPORT):
        for key in ("{id}", "by-external-reference-code/{erc}"):
            path = f"{ENGINE}/{direction}-task/{key}"
            yield path, {"GET": make.plain(batch.get_task, direction)}
            content = make.plain(batch.get_content, direction)
            yield f"{path}/content", {"GET": content}
    for key in ("{id}", "by-external-reference-code/{erc}"):
        path = f"{tasks}/{key}/failed-items/report"
        yield path, {"GET": make.plain(batch.get_report)}


def _scopes(make: Makers) -> Table:
    path = f"{scopes.API}/plans/{{key}}/site-scopes"
    yield path, {"GET": make.plain(scopes.list_sites)}


def _documents(make: Makers) -> Table:
    for kind in (definitions.DEFINITION, definitions.FOLDER, list_types.PICKLIST):
        class_name = kind.entity_type.class_name
        yield from _batches(make, kind.path, _which(class_name))
        yield (
            kind.path,
            {
                "GET": make.plain(documents.list_documents, kind),
                "POST": make.json(documents.add_document, kind),
            },
        )
        yield (
            f"{kind.path}/by-external-reference-code/{{erc}}",
            {
                "GET": make.plain(documents.get_coded_document, kind),
                "PUT": make.json(documents.put_coded_document, kind),
            },
        )
        yield (
            f"{kind.path}/{{id}}",
            {
                "DELETE": make.plain(documents.delete_document, kind),
                "GET": make.plain(documents.get_document, kind),
                "PATCH": make.json(documents.patch_document, kind),
                "PUT": make.json(documents.replace_document, kind),
            },
        )


def _parts(make: Makers) -> Table:
    base = definitions.DEFINITION.path
    yield f"{base}/{{id}}/publish", {"POST": make.plain(definitions.publish)}
    relationships = f"{definitions.API}/object-relationships"
    yield (
        f"{relationships}/by-external-reference-code/{{erc}}",
        {"PUT": make.json(definitions.put_coded_relationship)},
    )
    for kind in OF_DEFINITIONS:
        for key in ("{id}", "by-external-reference-code/{erc}"):
            yield (
                f"{base}/{key}/{kind.path}",
                {
                    "GET": make.plain(definitions.list_definition_parts, kind),
                    "POST": make.json(definitions.add_part, kind),
                },
            )
        verbs = {
            "DELETE": make.plain(definitions.delete_part, kind),
            "GET": make.plain(definitions.get_part, kind),
            "PUT": make.json(definitions.replace_part, kind),
        }
        if kind.is_patched:
            verbs["PATCH"] = make.json(definitions.patch_part, kind)
        yield f"{definitions.API}/{kind.path}/{{id}}", verbs
    copied = f"{definitions.API}/{VIEW.path}/{{id}}/copy"
    yield copied, {"POST": make.plain(definitions.copy_view, VIEW)}


def _list_entries(make: Makers) -> Table:
    for key in ("{id}", "by-external-reference-code/{erc}"):
        yield (
            f"{list_types.PICKLIST.path}/{key}/list-type-entries",
            {
                "GET": make.plain(list_types.list_list_entries),
                "POST": make.json(list_types.add_list_entry),
            },
        )
    yield (
        f"{list_types.API}/list-type-entries/{{id}}",
        {
            "DELETE": make.plain(list_types.delete_list_entry),
            "GET": make.plain(list_types.get_list_entry),
            "PUT": make.json(list_types.replace_list_entry),
        },
    )


def _entries(make: Makers) -> Table:
    base = "/o/c/{plural}"
    yield from _batches(make, base, _of_object)
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
                "DELETE": make.plain(entries.delete_coded),
                "GET": make.plain(entries.get_coded),
                "PATCH": make.json(entries.patch_coded),
                "PUT": make.json(entries.put_coded),
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
    yield from _related(make, base)


def _related(make: Makers, base: str) -> Table:
    listed = {"GET": make.plain(related.list_related)}
    relate = {
        "DELETE": make.plain(related.unrelate),
        "PUT": make.plain(related.relate),
    }
    for path in (base, f"{base}/scopes/{{scopeKey}}"):
        coded = f"{path}/by-external-reference-code/{{erc}}/{{relationship}}"
        yield coded, listed
        yield f"{coded}/{{relatedErc}}", relate
    by_id = f"{base}/{{id}}/{{relationship}}"
    yield by_id, listed
    yield f"{by_id}/{{relatedId}}", relate


def _batches(make: Makers, path: str, which: batch.WhichItems) -> Table:
    take = make.stream(batch.import_task, which, 202)
    yield f"{path}/batch", {"DELETE": take, "POST": take, "PUT": take}
    yield f"{path}/export-batch", {"POST": make.plain(batch.export_task, which, 202)}


def _which(class_name: str) -> batch.WhichItems:
    return lambda _: batch.Batched(class_name)


def _of_object(call: Call) -> batch.Batched:
    served = served_at(call.rooms.store, call.text("plural"))
    return batch.Batched(OBJECT_ENTRY, served.entity_type.delegate)


def _told(_: Request, error: Exception) -> Response:
    """Answer what Starlette refuses in JAX-RS's words."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    phrases = {404: "Not Found", 405: "Method Not Allowed"}
    detail = str(getattr(error, "detail", ""))
    title = f"HTTP {status} {phrases[status]}" if status in phrases else detail
    return Fault(status, title, headers=getattr(error, "headers", None)).response()


def _broken(_request: Request, _error: Exception) -> Response:
    """Answer after a mistake of the program; it tells nothing of itself."""
    return Fault(500, "Internal Server Error").response()
