"""What a database complains about, in the words of :mod:`dmc_widgets.errors`.

Which stored bytes are damaged: looked for only when some could not be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import orjson
from sqlalchemy import Connection, exc, select

from ....errors import InstallationError, Refused, Unreachable
from ....storage.sqlite_lock import LockWaitCancelled
from .tables import document, entry

_MALFORMED: Final = "malformed JSON"
"""What SQLite says where a filter or an order meets bytes that are no JSON."""

TranslatedError = tuple[type[InstallationError], str]

ERRORS: Final[dict[str | type[exc.SQLAlchemyError], TranslatedError]] = {
    # SQLite tells more by its code than by its exception.
    "SQLITE_BUSY": (Unreachable, "Another program is writing to the database."),
    "SQLITE_LOCKED": (Unreachable, "Another program is writing to the database."),
    "SQLITE_READONLY": (
        Refused,
        "The database file is read-only. Change its permissions, or copy it.",
    ),
    "SQLITE_PERM": (Refused, "The database file may not be opened by this user."),
    "SQLITE_CANTOPEN": (
        Refused,
        "The database file cannot be opened. Check its path and permissions.",
    ),
    "SQLITE_NOTADB": (Refused, "The file is no SQLite database. Name another file."),
    "SQLITE_CORRUPT": (
        Refused,
        "The database file is damaged. Take a copy from before.",
    ),
    "SQLITE_FULL": (Refused, "The disk is full. Make room and start again."),
    "SQLITE_IOERR": (Unreachable, "The disk did not read or write the database."),
    "SQLITE_NOMEM": (Unreachable, "There is not enough memory for the database."),
    "SQLITE_CONSTRAINT": (
        Unreachable,
        "Another program changed the same things in the meantime.",
    ),
    "SQLITE_ERROR": (Refused, "The database holds other tables than expected."),
    # Everything else that a driver may raise.
    exc.IntegrityError: (
        Unreachable,
        "Another program changed the same things in the meantime.",
    ),
    exc.OperationalError: (Unreachable, "The database did not answer."),
    exc.InterfaceError: (Unreachable, "The database did not answer."),
    exc.InternalError: (Unreachable, "The database did not answer."),
    exc.TimeoutError: (Unreachable, "All connections to the database are in use."),
    exc.DisconnectionError: (Unreachable, "The connection to the database broke."),
    exc.InvalidatePoolError: (Unreachable, "The connection to the database broke."),
    exc.DataError: (Refused, "The database cannot hold a value."),
    exc.ProgrammingError: (Refused, "The database holds other tables than expected."),
    exc.NotSupportedError: (Refused, "The database is too old."),
    exc.DatabaseError: (Refused, "The database cannot be used."),
    exc.DBAPIError: (Refused, "The database cannot be used."),
}
"""By SQLite's result code, else by SQLAlchemy's exception. A code with details
(``SQLITE_IOERR_WRITE``) counts as the code without them."""


def find_error(error: exc.SQLAlchemyError) -> TranslatedError | None:
    """Find what *error* means; None for a programmer's mistake."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorname", None) or ""
    while code:
        if code in ERRORS:
            return ERRORS[code]
        code = code.rpartition("_")[0]
    for cls in type(error).__mro__:
        if cls in ERRORS:
            return ERRORS[cls]
    return None


def _damage(describe: Callable[[], str] | None) -> str:
    reason: str = ERRORS["SQLITE_CORRUPT"][1]
    return describe() if describe else reason


@contextmanager
def translate_errors(
    installation: str, describe_damage: Callable[[], str] | None = None
) -> Iterator[None]:
    """Raise the database's complaints as errors of ours, with the cause attached.

    Args:
        installation: How messages name it.
        describe_damage: Names what is stored in the database and is no JSON. It is
            asked where something was.

    Raises:
        Refused: Trying again gives the same answer.
        Unreachable: Trying again may help.
    """
    try:
        yield
    except orjson.JSONDecodeError as error:
        raise Refused(installation, _damage(describe_damage)) from error
    except exc.SQLAlchemyError as error:
        if _MALFORMED in str(getattr(error, "orig", "")):
            raise Refused(installation, _damage(describe_damage)) from error
        fault = find_error(error)
        if fault is None:
            raise
        leaf, reason = fault
        raise leaf(installation, reason) from error
    except LockWaitCancelled as error:
        reason = "The wait for the database was given up: nobody wants the result."
        raise Unreachable(installation, reason) from error


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
