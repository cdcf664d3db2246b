"""Which stored bytes are damaged: looked for only when some could not be read."""

from __future__ import annotations

from typing import Final

import orjson
from sqlalchemy import Connection, select

from .tables import document, entry

_MOST_NAMED: Final = 3
_PAGE: Final = 1000
_REMEDY: Final = (
    "Something else than this program has changed the database. Take a copy from "
    "before, or delete what is named here and import it again."
)


def describe_damage(connection: Connection) -> str:
    """Name the entries, or else the documents, whose stored bytes are not an object.

    Reads the whole table, which takes a second for some hundred thousand entries.
    """
    entries = (
        select(document.c.name, entry.c.erc, entry.c.id, entry.c.body)
        .join(document, document.c.id == entry.c.definition_id)
        .order_by(entry.c.id)
    )
    documents = select(
        document.c.kind, document.c.erc, document.c.id, document.c.body
    ).order_by(document.c.id)
    for query, what in ((entries, "entry"), (documents, "document")):
        named = []
        for kind, erc, number, body in connection.execute(
            query.execution_options(yield_per=_PAGE)
        ):
            if not _is_sound(body):
                named.append(f"{erc!r} (id {number}) of {kind}")
        if named:
            return f"{_sentence(what, named)} {_REMEDY}"
    return f"Bytes in the database are not the JSON that was stored. {_REMEDY}"


def _is_sound(body: bytes) -> bool:
    try:
        return isinstance(orjson.loads(body), dict)
    except orjson.JSONDecodeError:
        return False


def _sentence(what: str, named: list[str]) -> str:
    if len(named) == 1:
        return f"The stored bytes of the {what} {named[0]} are damaged."
    plural = {"entry": "entries", "document": "documents"}[what]
    more = len(named) - _MOST_NAMED
    shown = ", ".join(named[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    return f"The stored bytes of {len(named):,} {plural} are damaged: {shown}."
