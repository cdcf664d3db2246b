"""Definitions, folders and picklists: the same verbs for each.

Paths are those of the objects facts, 1.1 and 1.10.

POST adds, PUT replaces the whole, PATCH changes single values. What comes out of
them is decided by :mod:`dmc_widgets.objects`, as in an import.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from ..installations.sql.finding import Place
from ..model.entity import EntityType
from ..model.strategies import Policy
from ..objects.embedded import COMPANY_ID
from ..objects.entry_faults import ERC
from ..ports import Item
from .answers import Fault, json_response, no_content, no_id, no_key, without_nulls
from .calls import Call
from .facets import facets_of
from .pages import links, listing, page_response
from .picking import picked
from .store import ADD, PATCH, PUT, REPLACE
from .strictness import only_known, require_known

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of documents.

    Attributes:
        entity_type: Of the documents.
        path: Of their list.
        complete: Adds what only the API shows, such as ids of parts.
    """

    entity_type: EntityType
    path: str
    complete: Callable[[Call, Shown], Shown]

    @property
    def name(self) -> str:
        """As messages call it: ``ObjectDefinition``."""
        return self.entity_type.name


def list_documents(call: Call, kind: Kind) -> Response:
    """Answer GET of the list."""
    asked = listing(call)
    found = call.rooms.store.page(kind.entity_type, asked)
    facets = facets_of(call, kind.entity_type, asked)
    shown = [show(call, kind, each) for each in found.items]
    actions = links(
        call,
        create=f"POST {kind.path}",
        createBatch=f"POST {kind.path}/batch",
        deleteBatch=f"DELETE {kind.path}/batch",
        get=f"GET {kind.path}",
        updateBatch=f"PUT {kind.path}/batch",
    )
    return page_response(call, shown, found.total, actions, facets)


def add_document(call: Call, kind: Kind) -> Response:
    """Answer POST to the list."""
    return _saved(call, kind, call.item(), ADD)


def get_document(call: Call, kind: Kind) -> Response:
    """Answer GET of a document by its id."""
    return document_response(call, kind, placed(call, kind).key)


def replace_document(call: Call, kind: Kind) -> Response:
    """Answer PUT to a document by its id."""
    item = with_code(call.item(), placed(call, kind).key)
    return _saved(call, kind, item, REPLACE)


def patch_document(call: Call, kind: Kind) -> Response:
    """Answer PATCH of a document by its id."""
    item = with_code(call.item(), placed(call, kind).key)
    return _saved(call, kind, item, PATCH)


def delete_document(call: Call, kind: Kind) -> Response:
    """Answer DELETE of a document by its id."""
    call.rooms.store.remove(kind.entity_type, placed(call, kind))
    return no_content()


def get_coded_document(call: Call, kind: Kind) -> Response:
    """Answer GET of a document by its ERC."""
    return document_response(call, kind, call.text("erc"))


def put_coded_document(call: Call, kind: Kind) -> Response:
    """Answer PUT to a document by its ERC, which adds one where there is none."""
    return _saved(call, kind, with_code(call.item(), call.text("erc")), PUT)


def document_response(call: Call, kind: Kind, key: str) -> Response:
    """Answer with a document."""
    return json_response(show(call, kind, stored(call, kind, key)))


def placed(call: Call, kind: Kind) -> Place:
    """Return where the document stands whose id is in the path.

    Raises:
        Fault: There is none.
    """
    number = call.number("id")
    place = call.rooms.store.locate(kind.entity_type, number)
    if place is None:
        raise no_id(kind.name, number)
    return place


def stored(call: Call, kind: Kind, key: str) -> Item:
    """Return the document of an ERC.

    Raises:
        Fault: There is none.
    """
    found = call.rooms.store.one(kind.entity_type, key)
    if found is None:
        raise no_key(kind.name, externalReferenceCode=key, companyId=COMPANY_ID)
    return found


def owner_of(call: Call, kind: Kind) -> Item:
    """Return the document that a path below it names, by id or by ERC.

    Raises:
        Fault: There is none.
    """
    if "erc" in call.request.path_params:
        return stored(call, kind, call.text("erc"))
    return stored(call, kind, placed(call, kind).key)


def show(call: Call, kind: Kind, item: Item) -> Shown:
    """Build the JSON of a document: what Liferay knows of it and the client wants."""
    shown: Shown = without_nulls(only_known(kind.entity_type, item))
    path = f"{kind.path}/{shown['id']}"
    shown["actions"] = links(
        call, delete=f"DELETE {path}", get=f"GET {path}", update=f"PUT {path}"
    )
    return picked(call, dict(sorted(kind.complete(call, shown).items())))


def with_code(item: Item, code: str) -> Item:
    """Return *item* with the ERC of the path.

    Raises:
        Fault: It has another one. Nothing changes its code here.
    """
    if item.get(ERC) and item[ERC] != code:
        title = f"The external reference code {code} cannot be changed here"
        raise Fault(400, title)
    return item | {ERC: code}


def _saved(call: Call, kind: Kind, item: Item, policy: Policy) -> Response:
    require_known(kind.entity_type, item)
    key = call.rooms.store.save(kind.entity_type, item, policy)
    return document_response(call, kind, key)
