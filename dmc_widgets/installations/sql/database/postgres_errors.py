"""What PostgreSQL's errors mean: by their code, else by libpq's words."""

from __future__ import annotations

from typing import Final, NamedTuple


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
_CREDENTIALS: Final = PostgresProblem(
    False,
    "The database server refuses the user or the password. Check both; the password "
    "may also stand in PGPASSWORD or ~/.pgpass.",
)
_ACCESS: Final = PostgresProblem(
    False,
    "The database server admits no such connection (pg_hba.conf): check the user, "
    "the database, and whether it asks for encryption (?sslmode=require).",
)
_NO_DATABASE: Final = PostgresProblem(
    False,
    "The server has no database of this name. Create it first: createdb NAME.",
)
_CROWDED: Final = PostgresProblem(
    True, "The database server has no connection left for this user."
)
_PERMISSION: Final = PostgresProblem(
    False,
    "The user may not do this in the database. Its owner has to grant it CREATE on "
    "the schema, or the tables have to belong to it.",
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
    "53100": _FULL,
    "53200": _MEMORY,
    "53300": _CROWDED,
    "57014": _CANCELLED,
    "57P01": _STARTING,
    "57P02": _STARTING,
    "57P03": _STARTING,
    "57P04": _NO_DATABASE,
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
    ("password authentication failed", _CREDENTIALS),
    ("no password supplied", _CREDENTIALS),
    ("authentication failed", _CREDENTIALS),
    ("no pg_hba.conf entry", _ACCESS),
    ("pg_hba.conf rejects", _ACCESS),
    ("role ", _CREDENTIALS),
    ("database ", _NO_DATABASE),
    ("too many clients", _CROWDED),
    ("remaining connection slots", _CROWDED),
    ("starting up", _STARTING),
    ("shutting down", _STARTING),
    ("does not support ssl", _NO_ENCRYPTION),
    ("certificate", _CERTIFICATE),
    ("translate host name", _NO_HOST),
    ("resolve host", _NO_HOST),
    ("name or service not known", _NO_HOST),
    ("connection refused", _NO_ANSWER),
    ("no such file", _NO_ANSWER),
    ("timeout", _NO_ANSWER),
    ("unreachable", _NO_ANSWER),
    ("connection failed", _NO_ANSWER),
    ("closed", _BROKEN),
    ("lost", _BROKEN),
    ("terminating connection", _BROKEN),
)
"""Words of libpq: where a connection fails, it hands on no SQLSTATE."""


def find_problem(error: BaseException) -> PostgresProblem | None:
    """Return what a driver's error means; None if neither code nor words say it."""
    code = getattr(error, "sqlstate", None)
    if code:
        return PROBLEMS.get(code) or CLASSES.get(code[:2])
    text = str(error).lower()
    # Of several attempts (IPv6 and IPv4, with and without encryption) any may tell.
    return next((problem for words, problem in WORDS if words in text), None)
