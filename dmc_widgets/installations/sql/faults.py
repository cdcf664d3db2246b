"""What a database complains about, in the words of :mod:`dmc_widgets.errors`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import orjson
from sqlalchemy import exc

from ...errors import InstallationError, Refused, Unreachable
from ...sqlite_lock import NoLongerWanted

_MALFORMED: Final = "malformed JSON"
"""What SQLite says where a filter or an order meets bytes that are no JSON."""

Fault = tuple[type[InstallationError], str]

FAULTS: Final[dict[str | type[exc.SQLAlchemyError], Fault]] = {
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


def fault_of(error: exc.SQLAlchemyError) -> Fault | None:
    """Find what *error* means; None for a programmer's mistake."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorname", None) or ""
    while code:
        if code in FAULTS:
            return FAULTS[code]
        code = code.rpartition("_")[0]
    for cls in type(error).__mro__:
        if cls in FAULTS:
            return FAULTS[cls]
    return None


def _damage(describe: Callable[[], str] | None) -> str:
    reason: str = FAULTS["SQLITE_CORRUPT"][1]
    return describe() if describe else reason


@contextmanager
def translating(
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
        fault = fault_of(error)
        if fault is None:
            raise
        leaf, reason = fault
        raise leaf(installation, reason) from error
    except NoLongerWanted as error:
        reason = "The wait for the database was given up: nobody wants the result."
        raise Unreachable(installation, reason) from error
