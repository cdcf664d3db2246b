"""Definitions, folders and picklists: the same verbs for each.

Paths are those of the objects facts, 1.1 and 1.10.

POST adds, PUT replaces the whole, PATCH_POLICY changes single values. What comes out of
them is decided by :mod:`dmc_widgets.objects`, as in an import.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from ...installations.sql.lookup import ItemLocation
from ...model.entity_type import EntityType
from ...model.strategies import Policy
from ...objects.embedded_installation import COMPANY_ID
from ...objects.errors.entry_problems import ERC
from ...ports import Item
from ..entity_store import ADD_POLICY, PATCH_POLICY, PUT_POLICY, REPLACE_POLICY
from ..requests import ApiRequest
from ..responses import (
    ApiError,
    drop_nulls,
    json_response,
    no_content_response,
    unknown_id_error,
    unknown_key_error,
)
from .field_selection import select_fields
from .listing import action_links, count_facets, page_response, parse_list_request
from .validation import keep_known_properties, require_known_properties

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentResource:
    """One kind of documents.

    Attributes:
        entity_type: Of the documents.
        path: Of their list.
        complete: Adds what only the API shows, such as ids of parts.
    """

    entity_type: EntityType
    path: str
    complete: Callable[[ApiRequest, JsonObject], JsonObject]

    @property
    def name(self) -> str:
        """As messages call it: ``ObjectDefinition``."""
        return self.entity_type.name


def list_documents(call: ApiRequest, kind: DocumentResource) -> Response:
    """Answer GET of the list."""
    asked = parse_list_request(call)
    found = call.rooms.store.page(kind.entity_type, asked)
    facets = count_facets(call, kind.entity_type, asked)
    shown = [render_document(call, kind, each) for each in found.items]
    actions = action_links(
        call,
        create=f"POST {kind.path}",
        createBatch=f"POST {kind.path}/batch",
        deleteBatch=f"DELETE {kind.path}/batch",
        get=f"GET {kind.path}",
        updateBatch=f"PUT {kind.path}/batch",
    )
    return page_response(call, shown, found.total, actions, facets)


def add_document(call: ApiRequest, kind: DocumentResource) -> Response:
    """Answer POST to the list."""
    return _save_document(call, kind, call.item(), ADD_POLICY)


def get_document(call: ApiRequest, kind: DocumentResource) -> Response:
    """Answer GET of a document by its id."""
    return document_response(call, kind, locate_document(call, kind).key)


def replace_document(call: ApiRequest, kind: DocumentResource) -> Response:
    """Answer PUT to a document by its id."""
    item = set_erc(call.item(), locate_document(call, kind).key)
    return _save_document(call, kind, item, REPLACE_POLICY)


def patch_document(call: ApiRequest, kind: DocumentResource) -> Response:
    """Answer PATCH_POLICY of a document by its id."""
    item = set_erc(call.item(), locate_document(call, kind).key)
    return _save_document(call, kind, item, PATCH_POLICY)


def delete_document(call: ApiRequest, kind: DocumentResource) -> Response:
    """Answer DELETE of a document by its id."""
    call.rooms.store.remove(kind.entity_type, locate_document(call, kind))
    return no_content_response()


def get_document_by_erc(call: ApiRequest, kind: DocumentResource) -> Response:
    """Answer GET of a document by its ERC."""
    return document_response(call, kind, call.text("erc"))


def put_document_by_erc(call: ApiRequest, kind: DocumentResource) -> Response:
    """Answer PUT to a document by its ERC, which adds one where there is none."""
    return _save_document(
        call, kind, set_erc(call.item(), call.text("erc")), PUT_POLICY
    )


def document_response(call: ApiRequest, kind: DocumentResource, key: str) -> Response:
    """Answer with a document."""
    return json_response(render_document(call, kind, load_document(call, kind, key)))


def locate_document(call: ApiRequest, kind: DocumentResource) -> ItemLocation:
    """Return where the document stands whose id is in the path.

    Raises:
        ApiError: There is none.
    """
    number = call.number("id")
    place = call.rooms.store.locate(kind.entity_type, number)
    if place is None:
        raise unknown_id_error(kind.name, number)
    return place


def load_document(call: ApiRequest, kind: DocumentResource, key: str) -> Item:
    """Return the document of an ERC.

    Raises:
        ApiError: There is none.
    """
    found = call.rooms.store.one(kind.entity_type, key)
    if found is None:
        raise unknown_key_error(
            kind.name, externalReferenceCode=key, companyId=COMPANY_ID
        )
    return found


def load_owner(call: ApiRequest, kind: DocumentResource) -> Item:
    """Return the document that a path below it names, by id or by ERC.

    Raises:
        ApiError: There is none.
    """
    if "erc" in call.request.path_params:
        return load_document(call, kind, call.text("erc"))
    return load_document(call, kind, locate_document(call, kind).key)


def render_document(call: ApiRequest, kind: DocumentResource, item: Item) -> JsonObject:
    """Build the JSON of a document: what Liferay knows of it and the client wants."""
    shown: JsonObject = drop_nulls(keep_known_properties(kind.entity_type, item))
    path = f"{kind.path}/{shown['id']}"
    shown["actions"] = action_links(
        call, delete=f"DELETE {path}", get=f"GET {path}", update=f"PUT {path}"
    )
    return select_fields(call, dict(sorted(kind.complete(call, shown).items())))


def set_erc(item: Item, code: str) -> Item:
    """Return *item* with the ERC of the path.

    Raises:
        ApiError: It has another one. Nothing changes its code here.
    """
    if item.get(ERC) and item[ERC] != code:
        title = f"The external reference code {code} cannot be changed here"
        raise ApiError(400, title)
    return item | {ERC: code}


def _save_document(
    call: ApiRequest, kind: DocumentResource, item: Item, policy: Policy
) -> Response:
    require_known_properties(kind.entity_type, item)
    key = call.rooms.store.save(kind.entity_type, item, policy)
    return document_response(call, kind, key)
