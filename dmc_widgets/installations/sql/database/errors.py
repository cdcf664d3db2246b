"""Errors of the database as errors of :mod:`dmc_widgets.errors`.

Stored bytes that are damaged are named, too. They are searched for only once some
could not be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import orjson
from sqlalchemy import Connection, exc, select

from ....errors import InstallationError, Refused, Unreachable
from ....storage.sqlite_lock import LockWaitCancelled
from .dialect import Dialect
from .tables import document, entry

_DAMAGED: Final = "The database is damaged. Restore it from a backup."

TranslatedError = tuple[type[InstallationError], str]

ERRORS: Final[dict[type[exc.SQLAlchemyError], TranslatedError]] = {
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
"""What SQLAlchemy's exceptions mean, where the driver's own code does not say it."""

_PAGE_SIZE: Final = 1000
_MAX_NAMES: Final = 3
_PLURALS: Final = {"entry": "entries", "document": "documents"}
_REMEDY: Final = (
    "Something other than this program has changed the database. Restore it from a "
    "backup, or delete what is named here and import it again."
)


def find_error(error: exc.SQLAlchemyError, dialect: Dialect) -> TranslatedError | None:
    """Return what *error* means; None for a programmer's mistake."""
    cause = getattr(error, "orig", None)
    problem = dialect.find_problem(cause) if cause is not None else None
    if problem is not None:
        return problem
    for cls in type(error).__mro__:
        if cls in ERRORS:
            return ERRORS[cls]
    return None


@contextmanager
def translate_errors(
    installation: str,
    dialect: Dialect,
    describe_damage: Callable[[], str] | None = None,
) -> Iterator[None]:
    """Raise errors of the database as errors of ours, with the cause attached.

    Args:
        installation: The installation's name for messages.
        dialect: The dialect of the database.
        describe_damage: Returns which stored bytes are not JSON. It is called if
            some could not be read.

    Raises:
        Refused: Another attempt will give the same result.
        Unreachable: Another attempt may succeed.
    """
    try:
        yield
    except orjson.JSONDecodeError as error:
        raise _damaged(installation, describe_damage) from error
    except exc.SQLAlchemyError as error:
        cause = getattr(error, "orig", None)
        if cause is not None and dialect.is_damage(cause):
            raise _damaged(installation, describe_damage) from error
        translated = find_error(error, dialect)
        if translated is None:
            raise
        error_class, reason = translated
        raise error_class(installation, reason) from error
    except LockWaitCancelled as error:
        reason = "The wait for the database was cancelled."
        raise Unreachable(installation, reason) from error


def _damaged(installation: str, describe: Callable[[], str] | None) -> Refused:
    reason = describe() if describe else _DAMAGED
    return Refused(installation, reason)


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
    for query, noun in ((entries, "entry"), (documents, "document")):
        rows = connection.execute(query.execution_options(yield_per=_PAGE_SIZE))
        damaged = [
            f"{erc!r} (id {number}) of {kind}"
            for kind, erc, number, body in rows
            if not _is_object(body)
        ]
        if damaged:
            return f"{_list_damaged(noun, damaged)} {_REMEDY}"
    return f"Bytes in the database are not the JSON that was stored. {_REMEDY}"


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(orjson.loads(body), dict)
    except orjson.JSONDecodeError:
        return False


def _list_damaged(noun: str, names: list[str]) -> str:
    if len(names) == 1:
        return f"The stored bytes of the {noun} {names[0]} are damaged."
    listed = ", ".join(names[:_MAX_NAMES])
    if len(names) > _MAX_NAMES:
        listed += f" and {len(names) - _MAX_NAMES:,} more"
    return f"The stored bytes of {len(names):,} {_PLURALS[noun]} are damaged: {listed}."
