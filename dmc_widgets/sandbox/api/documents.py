"""Definitions, folders and picklists: the same requests for each of them.

POST adds a document, PUT replaces it, PATCH changes single properties. The rules are
those of :mod:`dmc_widgets.objects`, as in an import.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from ...installations.sql.lookup import ItemLocation
from ...model.entity_type import EntityType
from ...model.strategies import Policy
from ...objects.company_ids import COMPANY_ID
from ...objects.documents.document_kind import DocumentKind
from ...objects.names import ERC
from ...ports import Item
from ..entity_store import (
    ADD_POLICY,
    DOCUMENT_TYPES,
    PATCH_POLICY,
    PUT_POLICY,
    REPLACE_POLICY,
)
from ..requests import ApiRequest
from ..responses import (
    ApiError,
    drop_nulls,
    json_response,
    no_content_response,
    unknown_id_error,
    unknown_key_error,
)
from .accumulated_errors import find_all_errors
from .field_selection import select_fields
from .listing import (
    action_links,
    count_facets,
    list_action_links,
    page_response,
    parse_list_request,
)
from .validation import keep_known_properties, require_known_properties

JsonObject = dict[str, Any]


def _return_unchanged(_request: ApiRequest, body: JsonObject) -> JsonObject:
    return body


@dataclass(frozen=True, slots=True)
class DocumentResource:
    """The REST resource of a kind of documents.

    Attributes:
        kind: The kind of documents.
        complete: Adds properties that only the API returns, such as ids of parts.
        is_batch_linked: True if the list links to the batch paths for changes, too.
    """

    kind: DocumentKind
    complete: Callable[[ApiRequest, JsonObject], JsonObject] = _return_unchanged
    is_batch_linked: bool = True

    @property
    def name(self) -> str:
        """The name in messages, such as ``ObjectDefinition``."""
        return self.kind.name

    @property
    def path(self) -> str:
        """The path of the list of documents."""
        return self.kind.path

    @property
    def entity_type(self) -> EntityType:
        """The entity type of the documents."""
        return DOCUMENT_TYPES[self.kind.name]


def list_documents(request: ApiRequest, resource: DocumentResource) -> Response:
    """Answer GET of the list."""
    list_request = parse_list_request(request)
    page = request.context.store.page(resource.entity_type, list_request)
    facets = count_facets(request, resource.entity_type, list_request)
    documents = [render_document(request, resource, item) for item in page.items]
    actions = list_action_links(
        request,
        resource.path,
        changes=resource.path if resource.is_batch_linked else "",
    )
    return page_response(request, documents, page.total, actions, facets)


def add_document(request: ApiRequest, resource: DocumentResource) -> Response:
    """Answer POST to the list."""
    return _save_document(request, resource, request.json_object(), ADD_POLICY)


def get_document(request: ApiRequest, resource: DocumentResource) -> Response:
    """Answer GET of a document by its id."""
    return document_response(request, resource, locate_document(request, resource).key)


def replace_document(request: ApiRequest, resource: DocumentResource) -> Response:
    """Answer PUT to a document by its id."""
    item = set_erc(request.json_object(), locate_document(request, resource).key)
    return _save_document(request, resource, item, REPLACE_POLICY)


def patch_document(request: ApiRequest, resource: DocumentResource) -> Response:
    """Answer PATCH of a document by its id."""
    item = set_erc(request.json_object(), locate_document(request, resource).key)
    return _save_document(request, resource, item, PATCH_POLICY)


def delete_document(request: ApiRequest, resource: DocumentResource) -> Response:
    """Answer DELETE of a document by its id."""
    request.context.store.delete_one(
        resource.entity_type, locate_document(request, resource)
    )
    return no_content_response()


def get_document_by_erc(request: ApiRequest, resource: DocumentResource) -> Response:
    """Answer GET of a document by its ERC."""
    return document_response(request, resource, request.path_text("erc"))


def put_document_by_erc(request: ApiRequest, resource: DocumentResource) -> Response:
    """Answer PUT to a document by its ERC, which adds one if there is none."""
    return _save_document(
        request,
        resource,
        set_erc(request.json_object(), request.path_text("erc")),
        PUT_POLICY,
    )


def document_response(
    request: ApiRequest, resource: DocumentResource, key: str
) -> Response:
    """Return a response with a document."""
    return json_response(
        render_document(request, resource, load_document(request, resource, key))
    )


def locate_document(request: ApiRequest, resource: DocumentResource) -> ItemLocation:
    """Return the location of the document whose id is in the path.

    Raises:
        ApiError: No document has that id.
    """
    number = request.path_number("id")
    location = request.context.store.installation.locate(resource.entity_type, number)
    if location is None:
        raise unknown_id_error(resource.name, number)
    return location


def load_document(request: ApiRequest, resource: DocumentResource, key: str) -> Item:
    """Return the document that has an ERC.

    Raises:
        ApiError: No document has that ERC.
    """
    document = request.context.store.fetch_one(resource.entity_type, key)
    if document is None:
        raise unknown_key_error(
            resource.name, externalReferenceCode=key, companyId=COMPANY_ID
        )
    return document


def load_owner(request: ApiRequest, resource: DocumentResource) -> Item:
    """Return the document that the path of its parts names, by id or by ERC.

    Raises:
        ApiError: There is no such document.
    """
    if "erc" in request.http.path_params:
        return load_document(request, resource, request.path_text("erc"))
    return load_document(request, resource, locate_document(request, resource).key)


def render_document(
    request: ApiRequest, resource: DocumentResource, item: Item
) -> JsonObject:
    """Build the JSON of a document, with the properties that the client wants."""
    body: JsonObject = drop_nulls(keep_known_properties(resource.entity_type, item))
    path = f"{resource.path}/{body['id']}"
    links = {"get": f"GET {path}", "permissions": f"PATCH {path}"}
    is_builtin = body.get(ERC) in resource.kind.builtin_ercs
    if not (body.get("system") or is_builtin):
        links["delete"] = f"DELETE {path}"
    body["actions"] = action_links(request, **links, update=f"PUT {path}")
    return select_fields(
        request, dict(sorted(resource.complete(request, body).items()))
    )


def set_erc(item: Item, code: str) -> Item:
    """Return *item* with the ERC of the path.

    Raises:
        ApiError: The item has another ERC; these requests cannot change it.
    """
    if item.get(ERC) and item[ERC] != code:
        title = f"The external reference code {code} cannot be changed here"
        raise ApiError(400, title)
    return item | {ERC: code}


def _save_document(
    request: ApiRequest, resource: DocumentResource, item: Item, policy: Policy
) -> Response:
    require_known_properties(resource.entity_type, item)
    try:
        key = request.context.store.save(resource.entity_type, item, policy)
    except ApiError as exc:
        if policy is PATCH_POLICY:
            raise
        error = find_all_errors(request, resource.name, item, policy)
        raise (error or exc) from exc
    return document_response(request, resource, key)
