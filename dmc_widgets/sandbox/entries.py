"""``/o/c/{plural}``: the entries of an object, one by one and in pages.

The entries of an object with sites are listed and added below
``/scopes/{scopeKey}``; each of them is also at its id. A code in a body that is not
the one in the path is refused: entries do not change their codes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from ..installations.sql.finding import Place
from ..model.strategies import Policy
from ..objects.embedded import COMPANY_ID
from ..objects.entry_faults import ERC
from ..objects.scalar_text import code_text
from ..objects.sites import site_key
from ..ports import Item
from .answers import (
    Fault,
    json_response,
    no_content,
    no_id,
    no_key,
    no_site,
    not_found,
    without_nulls,
)
from .calls import Call
from .entry_json import page_actions
from .facets import facets_of
from .nesting import show_entries
from .objects_served import Served, served_at
from .pages import listing, page_response
from .store import ADD, PATCH, PUT, REPLACE

_ENTRY: Final = "ObjectEntry"
_SCOPE: Final = "scopeKey"


@dataclass(frozen=True, slots=True)
class Target:
    """What a path names: an object, and the site or none.

    Attributes:
        served: The object.
        scope: The key of the site; empty where the object has none, or where the
            path names an entry by its id.
    """

    served: Served
    scope: str = ""


def target_of(call: Call, *, by_id: bool = False) -> Target:
    """Read the object and the site from the path.

    Raises:
        Fault: There is no such object or site, or the object has sites and the path
            names none.
    """
    store = call.rooms.store
    served = served_at(store, call.text("plural"))
    scoped = _SCOPE in call.request.path_params
    if not by_id and served.has_sites != scoped:
        raise not_found()
    scope = call.text(_SCOPE) if scoped else ""
    if scope and not store.has_site(served.entity_type, scope):
        raise no_site(scope, store.sites(served.entity_type))
    return Target(served, site_key(scope))


def list_entries(call: Call) -> Response:
    """Answer GET of the list."""
    target = target_of(call)
    served = target.served
    asked = listing(call, target.scope)
    found = call.rooms.store.page(served.entity_type, asked)
    shown = show_entries(call, served, target.scope, found.items)
    path = served.path + (f"/scopes/{target.scope}" if target.scope else "")
    actions = page_actions(call, served, path)
    facets = facets_of(call, served.entity_type, asked)
    return page_response(call, shown, found.total, actions, facets)


def add_entry(call: Call) -> Response:
    """Answer POST to the list."""
    target = target_of(call)
    return _saved(call, target.served, call.item(), ADD, target.scope)


def get_entry(call: Call) -> Response:
    """Answer GET of an entry by its id."""
    served, place = placed_entry(call)
    return entry_response(call, served, place)


def replace_entry(call: Call) -> Response:
    """Answer PUT to an entry by its id."""
    return _changed_by_id(call, REPLACE)


def patch_entry(call: Call) -> Response:
    """Answer PATCH of an entry by its id."""
    return _changed_by_id(call, PATCH)


def delete_entry(call: Call) -> Response:
    """Answer DELETE of an entry by its id."""
    served, place = placed_entry(call)
    call.rooms.store.remove(served.entity_type, place)
    return no_content()


def get_coded(call: Call) -> Response:
    """Answer GET of an entry by its ERC."""
    target = target_of(call)
    return entry_response(call, target.served, coded_place(call, target))


def put_coded(call: Call) -> Response:
    """Answer PUT to an entry by its ERC, which adds one where there is none."""
    target = target_of(call)
    item = _with_code(call.item(), call.text("erc"))
    return _saved(call, target.served, item, PUT, target.scope)


def patch_coded(call: Call) -> Response:
    """Answer PATCH of an entry by its ERC."""
    target = target_of(call)
    place = coded_place(call, target)
    item = _with_code(call.item(), place.key)
    return _saved(call, target.served, item, PATCH, target.scope)


def delete_coded(call: Call) -> Response:
    """Answer DELETE of an entry by its ERC."""
    target = target_of(call)
    call.rooms.store.remove(target.served.entity_type, coded_place(call, target))
    return no_content()


def entry_response(call: Call, served: Served, place: Place) -> Response:
    """Answer with an entry.

    Raises:
        Fault: It is not there.
    """
    found = stored_entry(call, served, place)
    shown = show_entries(call, served, place.scope, [found])
    return json_response(without_nulls(shown[0]))


def stored_entry(call: Call, served: Served, place: Place) -> Item:
    """Return an entry as the installation gives it out.

    Raises:
        Fault: It is not there.
    """
    found = call.rooms.store.one(served.entity_type, place.key, place.scope)
    if found is None:
        raise no_entry(served, place)
    return found


def no_entry(served: Served, place: Place) -> Fault:
    """Say that there is no entry of an ERC, as Liferay's finder does."""
    return no_key(
        _ENTRY,
        externalReferenceCode=place.key,
        companyId=COMPANY_ID,
        objectDefinitionId=served.definition["id"],
    )


def placed_entry(call: Call) -> tuple[Served, Place]:
    """Return the object and where the entry stands whose id is in the path.

    Raises:
        Fault: There is none.
    """
    served = target_of(call, by_id=True).served
    number = call.number("id")
    place = call.rooms.store.locate(served.entity_type, number)
    if place is None:
        raise no_id(_ENTRY, number)
    return served, place


def coded_place(call: Call, target: Target) -> Place:
    """Return where the entry stands whose ERC is in the path.

    Raises:
        Fault: There is none.
    """
    place = Place(call.text("erc"), target.scope)
    served = target.served
    if call.rooms.store.one(served.entity_type, place.key, place.scope) is None:
        raise no_entry(served, place)
    return place


def _changed_by_id(call: Call, policy: Policy) -> Response:
    served, place = placed_entry(call)
    item = _with_code(call.item(), place.key)
    return _saved(call, served, item, policy, place.scope)


def _with_code(item: dict[str, Any], code: str) -> dict[str, Any]:
    if item.get(ERC) and code_text(item[ERC]) != code:
        title = f"The external reference code {code} cannot be changed here"
        raise Fault(400, title)
    return item | {ERC: code}


def _saved(
    call: Call, served: Served, item: dict[str, Any], policy: Policy, scope: str
) -> Response:
    key = call.rooms.store.save(served.entity_type, item, policy, scope)
    return entry_response(call, served, Place(key, scope))
