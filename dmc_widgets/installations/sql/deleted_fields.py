"""When a definition loses fields, its entries lose the values."""

from __future__ import annotations

from typing import Final

import orjson
from sqlalchemy import Connection, bindparam, delete, select, update

from ...objects.definition_fields import is_relationship, setting
from ...objects.documents import Body
from ...objects.localized import i18n_name
from ...objects.names import erc_twin
from .tables import counter, entry, relationship, unique_value

_PAGE: Final = 500  # entries rewritten in one go


def forget_fields(
    connection: Connection, definition_id: int, before: Body, after: Body
) -> None:
    """Take the values of fields that are gone out of a definition's entries.

    Args:
        connection: In the transaction that changes the definition.
        definition_id: Of the definition.
        before: Its body until now.
        after: Its body from now on.
    """
    lost = _lost(before, after)
    freed = set(lost.values()) | (_lone(before) - _lone(after))
    if freed:
        connection.execute(
            delete(unique_value).where(
                unique_value.c.definition_id == definition_id,
                unique_value.c.field.in_(freed),
            )
        )
    if not lost:
        return
    names = list(lost)
    of_definition = select(entry.c.id).where(entry.c.definition_id == definition_id)
    connection.execute(
        delete(counter).where(
            counter.c.definition_id == definition_id, counter.c.field.in_(names)
        )
    )
    connection.execute(
        delete(relationship).where(
            relationship.c.field.in_(names), relationship.c.entry_id.in_(of_definition)
        )
    )
    kept_under = set(lost.values()) | {i18n_name(name) for name in lost}
    _rewrite_entries(connection, definition_id, kept_under)


def _rewrite_entries(
    connection: Connection, definition_id: int, lost: set[str]
) -> None:
    """Rewrite bodies page by page, so that memory does not grow with the entries."""
    query = (
        select(entry.c.id, entry.c.body)
        .where(entry.c.definition_id == definition_id)
        .where(entry.c.id > bindparam("after"))
        .order_by(entry.c.id)
        .limit(_PAGE)
    )
    rewritten = (
        update(entry)
        .where(entry.c.id == bindparam("number"))
        .values(body=bindparam("shorter"))
    )
    after = 0
    while page := connection.execute(query, {"after": after}).all():
        changed = [
            {"number": number, "shorter": shorter}
            for number, body in page
            if (shorter := _without(body, lost)) is not None
        ]
        if changed:
            connection.execute(rewritten, changed)
        after = page[-1].id


def _without(body: bytes, lost: set[str]) -> bytes | None:
    """Return an entry's body without some keys; None if it has none of them."""
    values = orjson.loads(body)
    if lost.isdisjoint(values):
        return None
    return orjson.dumps(
        {name: value for name, value in values.items() if name not in lost}
    )


def _lost(before: Body, after: Body) -> dict[str, str]:
    """Return the fields that a definition no longer has, and the keys of their values.

    Entries keep a parent under the ERC twin of a Relationship field.
    """
    left = {field["name"] for field in after["objectFields"]}
    return {
        field["name"]: _kept_under(field)
        for field in before["objectFields"]
        if field["name"] not in left
    }


def _lone(body: Body) -> set[str]:
    """Return the keys of parents that have one child only."""
    return {
        _kept_under(field)
        for field in body["objectFields"]
        if field.get("relationshipType") == "oneToOne"
    }


def _kept_under(field: Body) -> str:
    if not is_relationship(field):
        return str(field["name"])
    stated = setting(field, "objectRelationshipERCObjectFieldName")
    return str(stated or erc_twin(field["name"]))
