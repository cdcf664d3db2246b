"""What a PostgreSQL server is asked for and what becomes of its refusals."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from dmc_widgets.errors import InstallationError, NotSupported, Refused, Unreachable
from dmc_widgets.installations import (
    ConnectOptions,
    connect,
    missing_secret,
    normalize_address,
)
from dmc_widgets.installations.addresses import is_same_place, parse_address
from dmc_widgets.installations.connect_options import DEFAULT_OPTIONS
from dmc_widgets.installations.postgresql_access import connection_parameters
from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.installations.sql.database.dialect import MIGRATES, WRITES
from dmc_widgets.installations.sql.database.engine import Database
from dmc_widgets.installations.sql.database.postgres_binary import (
    BinaryArray,
    BytesArray,
    IntegerArray,
    TextArray,
)
from dmc_widgets.installations.sql.database.postgres_errors import find_problem
from dmc_widgets.installations.sql.database.upgrade import upgrade_tables
from dmc_widgets.model.access import Access
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.ports import Batch, Query
from dmc_widgets.storage.sqlite_lock import LockWait
from dmc_widgets.testing.samples import (
    CREATED,
    DEFINITIONS,
    FAILED,
    PICKLIST,
    UPDATED,
    kinds,
    read,
    ticket,
    type_named,
    write,
)
from tests.installations.databases import ServerPlace, postgres
from tests.installations.test_sql_entries import WRITER
from tests.postgresql import create_database, create_installation, server_url

PASSWORD = "p@ss/wörd 1"


@pytest.fixture(scope="module")
def url() -> str:
    return create_installation()


@pytest.fixture(scope="module")
def desk(url: str) -> Iterator[SqlInstallation]:
    installation = SqlInstallation(Database("desk", postgres(url)))
    write(installation, "ListTypeDefinition", PICKLIST)
    assert kinds(write(installation, "ObjectDefinition", *DEFINITIONS)) == [CREATED] * 2
    yield installation
    installation.close()


@pytest.fixture(scope="module")
def tcp_url(url: str) -> str:
    """Return the address of a host that asks the user *ada* for a password."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS ada")
        connection.execute(f"CREATE ROLE ada LOGIN PASSWORD '{PASSWORD}'".encode())
        port = connection.info.port
    return (
        f"postgresql://ada@127.0.0.1:{port}{parse_address(url).url[13:].split('?')[0]}"
    )


def test_the_stored_address_holds_neither_user_nor_password() -> None:
    url, options = normalize_address(
        "postgres://ada:s%40cret@DB.example.com:5433/desk?sslmode=require",
        DEFAULT_OPTIONS,
        None,
    )

    assert url == "postgresql://db.example.com:5433/desk?sslmode=require"
    assert options.access == Access(user="ada")
    assert options.secret is not None
    assert options.secret.text == "s@cret"
    assert "s@cret" not in f"{options!r} {parse_address(url)!r}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://host",
        "postgresql://host/",
        "postgresql://me:123/secret@host/db",
        "postgresql://host/db?password=secret",
        "postgresql://host/db?host=elsewhere.example.com",
        "postgresql://host/db?service=other",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(url: str) -> None:
    """A host in the query would win over the one that people read."""
    with pytest.raises(NotSupported) as caught:
        connect(url)

    assert str(caught.value).startswith(
        "This is not the address of a PostgreSQL database. "
        "Write it like postgresql://db.example.com/migration."
    )
    assert "secret" not in str(caught.value)


def test_a_password_travels_encrypted_unless_somebody_allows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Libpq itself would go on without encryption."""

    def mode(url: str, **access: Any) -> str | None:
        options = ConnectOptions(access=Access(**access))
        return connection_parameters(parse_address(url), options).get("sslmode")

    assert mode("postgresql://db.example.com/desk") == "require"
    assert mode("postgresql://db.example.com/desk?sslmode=disable") == "disable"
    assert mode("postgresql://db.example.com/desk", insecure_http=True) is None
    assert mode("postgresql://db.example.com/desk", ca_file="ca") == "verify-full"
    assert mode("postgresql://localhost/desk") is None
    for stated, used in (("verify-full", "verify-full"), ("prefer", "require")):
        monkeypatch.setenv("PGSSLMODE", stated)
        assert mode("postgresql://db.example.com/desk") == used
    assert mode("postgresql:///desk?host=/run/postgresql") is None


def test_a_personal_connection_gets_no_password_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PGPASSWORD and the file of passwords belong to the account of the dashboard."""
    monkeypatch.setenv("PGPASSWORD", "shared")
    monkeypatch.setenv("DMC_PASSWORD", "shared")
    address = parse_address("postgresql://localhost/desk")
    options = ConnectOptions(access=Access(user="ada"), is_personal=True, name="mine")

    with pytest.raises(Refused, match="needs a user and a password"):
        connection_parameters(address, options)
    own = ConnectOptions(
        access=Access(user="ada"), is_personal=True, secret=Secret("own")
    )
    parameters = connection_parameters(address, own)

    assert (parameters["password"], parameters["passfile"]) == ("own", "/dev/null")
    assert missing_secret(address.url, options) == "password"
    shared = ConnectOptions(access=Access(user="ada"))
    monkeypatch.delenv("DMC_PASSWORD")
    assert missing_secret(address.url, shared) == ""


def test_two_addresses_may_lead_to_one_database() -> None:
    one = "postgresql://localhost/desk"

    assert is_same_place(one, "postgresql://127.0.0.1:5432/desk")
    assert not is_same_place(one, "postgresql://127.0.0.1:5433/desk")
    assert not is_same_place(one, "postgresql://127.0.0.1/other")


def test_a_password_is_used_and_shown_nowhere(
    tcp_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    options = ConnectOptions(secret=Secret(PASSWORD))

    with pytest.raises(Refused) as caught:
        connect(tcp_url, options)  # ada owns nothing

    shown = f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {caplog.text}"
    assert str(caught.value).endswith(
        "The user may not do this in the database. Its owner has to grant it SELECT, "
        "INSERT, UPDATE and DELETE on all tables, USAGE on all sequences, and CREATE "
        "on the schema; or the tables have to belong to it."
    )
    assert PASSWORD not in shown


@pytest.mark.parametrize(
    ("address", "password", "leaf", "reason"),
    [
        ("{}", "wrong", Refused, "refuses the user or the password"),
        ("{}", None, Refused, "refuses the user or the password"),
        ("{}er", PASSWORD, Refused, "The server has no database of this name"),
        ("{}?sslmode=require", PASSWORD, Refused, "offers no encryption"),
        ("postgresql://127.0.0.1:1/db", None, Unreachable, "does not answer"),
    ],
)
def test_a_server_that_refuses_is_told_in_one_sentence(
    tcp_url: str,
    address: str,
    password: str | None,
    leaf: type[InstallationError],
    reason: str,
) -> None:
    options = ConnectOptions(secret=Secret(password) if password else None)

    with pytest.raises(leaf) as caught:
        connect(address.format(tcp_url), options)

    assert reason in str(caught.value)
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "FATAL:  Passwort-Authentifizierung für Benutzer »ada« fehlgeschlagen",
            "The database server refuses the user.",
        ),
        ("FATAL:  Datenbank »lost« existiert nicht", "does not open this database"),
        ('ВАЖНО:  база данных "lost" не существует', "does not open this database"),
        (
            "FATAL:  kein pg_hba.conf-Eintrag für Host »::1«, Benutzer »ada«, "
            "Datenbank »lost«, keine Verschlüsselung",
            "does not allow this connection",
        ),
        ('FATAL:  database "lost" does not exist', "no database of this name"),
        ("FATAL:  the database system is in recovery mode", "is starting or shutting"),
        ("致命错误:  数据库系统启动中", "takes no connection now"),
        ("FATAL:  das Datenbanksystem startet", "takes no connection now"),
        ("Verbindungsaufbau abgelehnt", "does not answer at this address"),
    ],
)
def test_a_refusal_in_any_language_is_understood(said: str, reason: str) -> None:
    """A connection that fails has no code; the names in the sentence are the same."""
    connection: Any = SimpleNamespace(needs_password=False, user=b"ada", db=b"lost")
    message = f'connection failed: connection to server at "::1" failed: {said}'
    error = psycopg.OperationalError(message)
    error._pgconn = connection

    problem = find_problem(error)

    assert problem is not None
    assert reason in problem.reason
    asked: Any = SimpleNamespace(needs_password=True)
    error._pgconn = asked
    assert find_problem(error) == find_problem(
        psycopg.OperationalError("fe_sendauth: no password supplied")
    )


def test_passwords_of_libpq_are_found_where_the_user_keeps_them(
    tcp_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of passwords, and a service; ada comes in, and owns nothing."""
    password_file, services = tmp_path / "pgpass", tmp_path / "services"
    password_file.write_text(f"*:*:*:ada:{PASSWORD}\n", encoding="utf-8")
    password_file.chmod(0o600)
    services.write_text(f"[team]\npassword={PASSWORD}\n", encoding="utf-8")
    for settings in (
        {"PGPASSFILE": str(password_file)},
        {"PGSERVICE": "team", "PGSERVICEFILE": str(services)},
    ):
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            with pytest.raises(Refused, match="The user may not do this"):
                connect(tcp_url)

    monkeypatch.setenv("PGSERVICE", "other")
    with pytest.raises(Refused, match="PGSERVICE names a service that is not in"):
        connect(tcp_url)


def test_a_user_without_connections_or_without_the_database_is_told_so(
    tcp_url: str, url: str
) -> None:
    options = ConnectOptions(secret=Secret(PASSWORD))
    name = urlsplit(url).path[1:]
    for statement, leaf, reason in (
        ("ALTER ROLE ada CONNECTION LIMIT 0", Unreachable, "no connection left"),
        ("ALTER ROLE ada CONNECTION LIMIT -1", Refused, "may not do this"),
        (f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC", Refused, "does not open"),
        (f"GRANT CONNECT ON DATABASE {name} TO PUBLIC", Refused, "may not do this"),
    ):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())
        with pytest.raises(leaf, match=reason):
            connect(tcp_url, options)


def test_a_database_that_only_reads_is_read_and_says_what_is_missing(
    desk: SqlInstallation, url: str
) -> None:
    person = {"externalReferenceCode": "RO", "fullName": "x"}
    write(desk, "C_Person", person)
    settings = "options=-c%20default_transaction_read_only%3Don"
    standby = connect(f"{url}{'&' if '?' in url else '?'}{settings}")

    with pytest.raises(Refused) as caught:
        write(standby, "C_Person", {**person, "fullName": "y"})

    assert list(standby.fetch(type_named(standby, "C_Person"), ["RO"])) == ["RO"]
    standby.close()
    assert str(caught.value).endswith(
        "The database is read-only, as a standby is. Use the address of the primary."
    )


def test_a_database_of_another_program_or_encoding_is_refused() -> None:
    other = create_database()
    with psycopg.connect(other) as connection:
        connection.execute("CREATE TABLE invoices (id int)")

    with pytest.raises(Refused, match="tables of another program"):
        connect(other)


def test_a_database_of_an_older_version_gets_the_index_of_codes() -> None:
    """One that puts codes before sites; its entries are still there."""
    place = ServerPlace(create_database())
    engine = place.dialect().open("old")
    with engine.execution_options(**{WRITES: True, MIGRATES: True}).begin() as old:
        upgrade_tables(old, "0011")
    engine.dispose()
    place.rows(
        "INSERT INTO entry (definition_id, erc, status, body, created, modified)"
        " VALUES (1, 'OLD', 0, '{}', 0, 0)"
    )

    connect(place.url).close()

    query = (
        "SELECT indexdef FROM pg_indexes WHERE tablename = 'entry'"
        " AND indexdef LIKE '%erc%'"
    )
    assert place.rows(query) == [
        (
            "CREATE UNIQUE INDEX entry_definition_id_erc_scope_key ON public.entry "
            "USING btree (definition_id, erc, scope)",
        )
    ]
    assert place.rows("SELECT erc FROM entry") == [("OLD",)]


def test_a_server_that_goes_in_between_is_unreachable_and_then_back(
    desk: SqlInstallation, url: str
) -> None:
    """A connection that waited in the pool is made anew."""
    name = parse_address(url).url.split("?")[0].rpartition("/")[2]
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{name}'"
    )
    person = type_named(desk, "C_Person")
    people = [{"externalReferenceCode": f"G-{n}", "fullName": "x"} for n in range(1100)]
    write(desk, "C_Person", *people)
    items = desk.read(person, Query(filter="startswith(externalReferenceCode, 'G-')"))
    next(items)
    with psycopg.connect(server_url(), autocommit=True) as connection:
        connection.execute(cut.encode())

        with pytest.raises(Unreachable, match="ended the connection"):
            list(items)

    assert list(desk.fetch(person, ["G-1"])) == ["G-1"]


def test_two_processes_write_at_once_and_nothing_is_lost(
    desk: SqlInstallation, url: str
) -> None:
    """Both change one entry in every batch, and neither waits for the other's end."""
    command = [sys.executable, "-c", WRITER, url]

    writers = [subprocess.Popen([*command, name]) for name in ("a", "b")]

    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    codes = [entry["externalReferenceCode"] for entry in read(desk, "C_Ticket")]
    assert len(codes) == len(set(codes)) == 2 * 20 * 20 + 1


def test_batches_that_meet_take_effect_in_the_order_of_their_commits(
    desk: SqlInstallation, url: str
) -> None:
    """The second sees the first: its code is there, its unique value is taken."""
    tickets = type_named(desk, "C_Ticket")
    first_decided, second_begun = threading.Event(), threading.Event()

    def wait(_outcomes: object) -> None:
        first_decided.set()
        assert second_begun.wait(30)

    def now_ms() -> int:
        second_begun.set()  # it has looked for its mark, and has its view
        return 1

    items = [ticket("M-1", token="mine"), ticket("M-2", title="one")]
    policy = Policy(error_strategy="continue")
    first = Batch(task="m1", number=1, items=items, policy=policy, accept=wait)
    items = [ticket("M-3", token="mine"), ticket("M-2", title="two")]
    second = Batch(task="m2", number=1, items=items, policy=policy, journal=True)
    late = SqlInstallation(Database("late", postgres(url)), now_ms=now_ms)
    with ThreadPoolExecutor() as pool:
        one = pool.submit(desk.write, tickets, first)
        assert first_decided.wait(30)
        other = pool.submit(late.write, tickets, second)
        earlier, later = one.result(60), other.result(60)
    late.close()

    assert kinds(earlier) == [CREATED, CREATED]
    assert kinds(later) == [FAILED, UPDATED]
    assert later[0].problem is not None
    assert later[0].problem.field == "token"
    change = later[1].change
    assert change is not None
    assert [(each.field, each.old, each.new) for each in change.fields] == [
        ("title", "one", "two")
    ]


def test_a_writer_that_is_locked_out_gives_up_when_it_is_told_to(
    desk: SqlInstallation, url: str
) -> None:
    asked: list[bool] = []

    def should_continue() -> bool:
        asked.append(True)
        return len(asked) < 2

    waiting = LockWait(limit_s=None, should_continue=should_continue)
    other = SqlInstallation(Database("other", postgres(url, waiting)))
    with desk.rehearsal(), pytest.raises(Unreachable) as caught:
        write(other, "C_Person", {"externalReferenceCode": "W", "fullName": "x"})
    other.close()

    assert str(caught.value).startswith(
        "other: The wait for the database was cancelled."
    )
    assert len(asked) == 2
    assert (
        write(desk, "C_Person", {"externalReferenceCode": "W", "fullName": "x"})[0].kind
        is CREATED
    )


def test_letters_lose_their_case_as_in_python(url: str) -> None:
    """Every letter that changes, by itself and among others."""
    letters = [
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        if chr(code).casefold() != chr(code)
    ]
    texts = [*letters, "Straße ÄÖ", "plain", "ŉΰẞ"]
    with psycopg.connect(url) as connection:
        query = "SELECT array_agg(dmc_folded(t)) FROM unnest(%s::text[]) t"
        (folded,) = connection.execute(query, [texts]).fetchone() or ()

    assert folded == [text.casefold() for text in texts]


def test_arrays_arrive_as_they_were_packed(url: str) -> None:
    texts = ["", "ä😀", '{a,"b"}', "NULL", "\\", "x" * 70_000]
    numbers = [0, -(2**63), 2**63 - 1]
    rows: list[tuple[type[BinaryArray], str, list[Any]]] = [
        (TextArray, "text[]", texts),
        (BytesArray, "bytea[]", [text.encode() for text in texts] + [b"\0\xff"]),
        (IntegerArray, "bigint[]", numbers),
    ]
    with psycopg.connect(url) as connection:
        for array, name, values in rows:
            for sent in (values, []):
                query = f"SELECT %s, pg_typeof(%s) = '{name}'::regtype".encode()
                packed = array.pack(sent)  # type: ignore[attr-defined]
                row = connection.execute(query, [packed, packed]).fetchone()
                assert row == (sent, True)


def test_a_definition_that_entries_name_is_not_deleted(
    desk: SqlInstallation, url: str
) -> None:
    """Not by the statement of another program, either."""
    write(desk, "C_Ticket", ticket("D-1"))

    with (
        psycopg.connect(url) as connection,
        pytest.raises(psycopg.errors.ForeignKeyViolation, match="still named"),
    ):
        connection.execute("DELETE FROM document WHERE name = 'Ticket'")


def test_a_text_with_the_character_nul_is_kept_and_others_are_found(
    desk: SqlInstallation,
) -> None:
    """PostgreSQL's own texts cannot hold it."""
    item = ticket("N-1", title="nul", notes='a\0b \\u0000 "')
    assert kinds(write(desk, "C_Ticket", item)) == [CREATED]
    tickets = type_named(desk, "C_Ticket")

    for filter_ in ("contains(notes, 'b \\u0000')", "notes ne 'a' and title eq 'nul'"):
        (found,) = desk.read(tickets, Query(filter=filter_))
        assert found["notes"] == item["notes"]
