"""What PostgreSQL's errors mean: by their code, else by what libpq says.

Where a connection fails, libpq hands on no code, and a server words its refusal in its
own language. So what libpq knows of the connection counts first, then English words,
and then which names the server's sentence holds: those of the user and of the database.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from . import content_table
from .tables import metadata

_OUR_TABLES: Final = frozenset(
    ("write_lock", *metadata.tables, *content_table.metadata.tables)
)


class PostgresProblem(NamedTuple):
    """What an error of PostgreSQL means.

    Attributes:
        is_temporary: The same statement may succeed later.
        reason: The cause and the remedy, in full sentences.
    """

    is_temporary: bool
    reason: str


CONFLICTS: Final = frozenset({"40001", "40P01", "23505", "55P03"})
"""The codes of a transaction that another one was in the way of: its view is outdated,
it waits for one that waits for it, or it inserts what that one has inserted."""

DAMAGED: Final = frozenset({"22P02", "22021"})
"""The codes of bytes that are not JSON, or not UTF-8."""

_CONFLICT: Final = PostgresProblem(
    True, "Another program changed the same things in the meantime."
)
_BROKEN: Final = PostgresProblem(True, "The connection to the database broke.")
_STARTING: Final = PostgresProblem(
    True, "The database server is starting or shutting down."
)
_ENDED: Final = PostgresProblem(
    True,
    "The database server ended the connection: it is shutting down, or an "
    "administrator ended it.",
)
_IDLE: Final = PostgresProblem(
    True,
    "The database server ended a connection that was idle (idle_session_timeout).",
)
_IDLE_IN_TRANSACTION: Final = PostgresProblem(
    True,
    "The database server ended a transaction in which it waited for this program for "
    "too long (idle_in_transaction_session_timeout).",
)
_LONG_TRANSACTION: Final = PostgresProblem(
    True,
    "The database server ended a transaction that took too long (transaction_timeout).",
)
_CREDENTIALS: Final = PostgresProblem(
    False,
    "The database server refuses the user or the password. Check both; the password "
    "may also stand in PGPASSWORD or ~/.pgpass.",
)
_ACCESS: Final = PostgresProblem(
    False,
    "The database server does not allow this connection (pg_hba.conf): check the "
    "user, the database, and whether it asks for encryption (?sslmode=require).",
)
_NO_DATABASE: Final = PostgresProblem(
    False,
    "The server has no database of this name. Create it first: createdb NAME.",
)
_DATABASE: Final = PostgresProblem(
    False,
    "The server does not open this database: it has none of this name, or the user may "
    "not connect to it. Check the name, and that the user has the privilege CONNECT.",
)
_USER: Final = PostgresProblem(
    False,
    "The database server refuses the user. Check the user and the password, and that "
    "the user may log in and has a connection left.",
)
_NOT_NOW: Final = PostgresProblem(
    True,
    "The database server takes no connection now: it is starting or shutting down, or "
    "has none left.",
)
_SERVICE: Final = PostgresProblem(
    False,
    "PGSERVICE names a service that is not in ~/.pg_service.conf, nor in the file that "
    "PGSERVICEFILE names.",
)
_CROWDED: Final = PostgresProblem(
    True, "The database server has no connection left for this user."
)
_PERMISSION: Final = PostgresProblem(
    False,
    "The user may not do this in the database. Its owner has to grant it SELECT, "
    "INSERT, UPDATE and DELETE on all tables, USAGE on all sequences, and CREATE on "
    "the schema; or the tables have to belong to it.",
)
_READ_ONLY: Final = PostgresProblem(
    False,
    "The database is read-only, as a standby is. Use the address of the primary.",
)
_FULL: Final = PostgresProblem(
    False, "The disk of the database server is full. Make room and start again."
)
_MEMORY: Final = PostgresProblem(
    True, "There is not enough memory at the database server."
)
_CANCELLED: Final = PostgresProblem(
    True, "The database server cancelled a statement that took too long."
)
_DISK: Final = PostgresProblem(
    True, "The database server could not read or write its files."
)
_DAMAGE: Final = PostgresProblem(
    False, "The files of the database are damaged. Restore it from a backup."
)
_VALUE: Final = PostgresProblem(False, "The database cannot hold a value.")
_TABLES: Final = PostgresProblem(
    False, "The database holds other tables than expected."
)
_NO_ENCRYPTION: Final = PostgresProblem(
    False,
    "The database server offers no encryption. Allow that with --insecure-http "
    "(insecure_http=True) or ?sslmode=disable where the network is your own.",
)
_CERTIFICATE: Final = PostgresProblem(
    False,
    "The certificate of the database server is not trusted. Name the file of "
    "certificates to trust with --ca-file (ca_file).",
)
_NO_HOST: Final = PostgresProblem(
    True, "The name of the database server is not known here. Check the address."
)
_NO_ANSWER: Final = PostgresProblem(
    True, "The database server does not answer at this address."
)

PROBLEMS: Final = {
    "40001": _CONFLICT,
    "40P01": _CONFLICT,
    "23505": _CONFLICT,
    "55P03": _CONFLICT,
    "28P01": _CREDENTIALS,
    "28000": _ACCESS,
    "3D000": _NO_DATABASE,
    "42501": _PERMISSION,
    "25006": _READ_ONLY,
    "25P03": _IDLE_IN_TRANSACTION,
    "25P04": _LONG_TRANSACTION,
    "53100": _FULL,
    "53200": _MEMORY,
    "53300": _CROWDED,
    "54000": _VALUE,
    "57014": _CANCELLED,
    "57P01": _ENDED,
    "57P02": _STARTING,
    "57P03": _STARTING,
    "57P04": _NO_DATABASE,
    "57P05": _IDLE,
    "42P01": _TABLES,
    "42703": _TABLES,
    "42883": _TABLES,
    "22021": _VALUE,
    "XX001": _DAMAGE,
    "XX002": _DAMAGE,
}
"""By SQLSTATE."""

CLASSES: Final = {"08": _BROKEN, "22": _VALUE, "53": _MEMORY, "58": _DISK}
"""By the first two letters of the SQLSTATE, for those that are not listed above."""

WORDS: Final = (
    ("definition of service", _SERVICE),
    ("service file", _SERVICE),
    ("permission denied for database", _DATABASE),
    ("not currently accepting connections", _DATABASE),
    ("password authentication failed", _CREDENTIALS),
    ("no password supplied", _CREDENTIALS),
    ("authentication failed", _CREDENTIALS),
    ("no pg_hba.conf entry", _ACCESS),
    ("pg_hba.conf rejects", _ACCESS),
    ("too many connections for", _CROWDED),
    ("role ", _CREDENTIALS),
    ("database system", _STARTING),  # … is starting up, … is in recovery mode
    ("database  does not exist", _NO_DATABASE),  # the name between is left out
    ("too many clients", _CROWDED),
    ("remaining connection slots", _CROWDED),
    ("does not support ssl", _NO_ENCRYPTION),
    ("certificate", _CERTIFICATE),
    ("translate host name", _NO_HOST),
    ("resolve host", _NO_HOST),
    ("name or service not known", _NO_HOST),
    ("connection refused", _NO_ANSWER),
    ("no such file", _NO_ANSWER),
    ("timeout", _NO_ANSWER),
    ("unreachable", _NO_ANSWER),
    ("closed", _BROKEN),
    ("lost", _BROKEN),
    ("terminating connection", _BROKEN),
)
"""Words of libpq, and of a server that speaks English."""

_FAILED: Final = ("connection failed", "connection is bad")
"""How psycopg begins the message of a connection that failed."""

_QUOTED: Final = re.compile(r"\"[^\"]*\"|»[^«]*«|«[^»]*»|„[^“]*“")
"""Names, which may be any words."""

_SERVER_SAYS: Final = re.compile(r"\w:  (?=\S)")
"""The severity, in any language, before what a server says: libpq puts two spaces."""


def find_problem(error: BaseException) -> PostgresProblem | None:
    """Return what a driver's error means; None if nothing says it."""
    code = getattr(error, "sqlstate", None)
    if code:
        problem = PROBLEMS.get(code) or CLASSES.get(code[:2])
        return _name_place(problem, error) if problem is _PERMISSION else problem
    text = str(error)
    connection = getattr(error, "pgconn", None)
    if connection is not None and connection.needs_password:
        return _CREDENTIALS
    # Of several attempts (IPv6 and IPv4, with and without encryption) any may tell.
    words = _QUOTED.sub("", text.lower())
    known = next((problem for said, problem in WORDS if said in words), None)
    if known is not None or not words.startswith(_FAILED):
        return known
    return _judge_refusal(text, connection)


def _name_place(problem: PostgresProblem, error: BaseException) -> PostgresProblem:
    """Add which table of ours a server's sentence, in any language, is about."""
    words = re.findall(r"\w+", str(error).partition("\n")[0])
    named = next((word for word in words if word in _OUR_TABLES), None)
    if named is None:
        return problem
    said, _, remedy = problem.reason.partition(". ")
    return problem._replace(reason=f"{said} ({named}). {remedy}")


def _judge_refusal(text: str, connection: Any) -> PostgresProblem:
    """Return what a connection failed for, by the names in a server's sentence."""
    said = _SERVER_SAYS.split(text)[1:]
    if not said:
        return _NO_ANSWER
    user = connection is not None and _names(said[0], connection.user)
    database = connection is not None and _names(said[0], connection.db)
    if user and database and connection.user != connection.db:
        return _ACCESS
    if database and not user:
        return _DATABASE
    return _USER if user else _NOT_NOW


def _names(sentence: str, name: bytes) -> bool:
    """Return True if a sentence holds a name between quotation marks of any kind."""
    pattern = rf"[^\w\s]{re.escape(name.decode(errors='replace'))}[^\w\s]"
    return bool(name) and re.search(pattern, sentence) is not None
