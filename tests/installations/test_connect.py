"""Opening an installation: what is opened, what is refused, and in which words."""

from __future__ import annotations

import importlib.metadata
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exc

from dmc_widgets.errors import (
    InstallationError,
    NotSupported,
    Refused,
    Unreachable,
)
from dmc_widgets.installations import connect, mask_url, normalize_address
from dmc_widgets.installations.connect_options import DEFAULT_OPTIONS, ConnectOptions
from dmc_widgets.installations.sql import SqlInstallation, open_sqlite
from dmc_widgets.installations.sql.database.engine import HEAD, Database
from dmc_widgets.installations.sql.database.errors import (
    ERRORS,
    find_error,
    translate_errors,
)
from dmc_widgets.installations.sql.database.sqlite import Sqlite
from dmc_widgets.installations.sql.database.tables import metadata
from dmc_widgets.installations.sql.database.upgrade import alembic_config
from dmc_widgets.model.entity_type import OBJECT_FOLDER, EntityType
from dmc_widgets.model.strategies import Policy
from dmc_widgets.ports import Batch, Item
from dmc_widgets.storage.sqlite_lock import LockWait
from tests.installations.older_databases import set_back

FOLDER = EntityType(name="ObjectFolder", label="", class_name=OBJECT_FOLDER)


@contextmanager
def sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file behind the installation's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def folder_batch(name: str) -> Batch:
    item = {"externalReferenceCode": name, "name": name, "label": {"en_US": name}}
    return Batch(task=name, number=1, items=[item], policy=Policy())


def test_a_missing_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new %20 ü.db"

    connect(f"sqlite:///{path}").close()

    assert path.is_file()


def test_a_relative_path_starts_at_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    installation = connect("sqlite:///here.db")
    monkeypatch.chdir("/")

    names = [entity_type.name for entity_type in installation.entity_types()]
    installation.close()

    assert "ObjectFolder" in names
    assert (tmp_path / "here.db").is_file()


def test_an_empty_file_becomes_an_installation(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()

    connect(f"sqlite:///{path}").close()

    with sqlite(path) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [
            (HEAD,)
        ]


def test_what_was_written_is_there_when_the_file_is_opened_again(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    first = connect(url)
    first.write(FOLDER, folder_batch("Kept"))
    first.close()

    second = connect(url)
    found = second.fetch(FOLDER, ["Kept"])
    second.close()

    assert list(found) == ["Kept"]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param(
            "mysql://me:secret@host/db",
            "'mysql://me:***@host/db' is not the address of an installation.",
            id="other-scheme",
        ),
        pytest.param(
            "target.db", "'target.db' is not the address of an installation.", id="path"
        ),
        pytest.param(
            "sqlite://target.db",
            "'sqlite://target.db' does not name a file.",
            id="two-slashes",
        ),
        pytest.param("sqlite://", "'sqlite://' does not name a file.", id="memory"),
        pytest.param(
            "sqlite:///:memory:",
            "'sqlite:///:memory:' does not name a file.",
            id="memory-too",
        ),
        pytest.param("", "'' is not the address of an installation.", id="empty"),
    ],
)
def test_other_addresses_are_refused_with_what_there_is(url: str, message: str) -> None:
    with pytest.raises(NotSupported) as caught:
        connect(url)

    assert str(caught.value) == (
        f"{message} Use sqlite:///FILE for an embedded database: "
        "sqlite:///data/target.db below the current folder, "
        "sqlite:////var/data/target.db from the root. "
        "Use postgresql://HOST/DATABASE for a database of a PostgreSQL server. "
        "Use https://HOST for a Liferay server."
    )


class PlugIn:
    """An installation of another package, as far as connecting goes."""

    def __init__(self, url: str, options: ConnectOptions) -> None:
        self.url = url
        self.options = options


@pytest.fixture
def plug_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install two packages with adapters, one of them for another version."""
    entry_points = {
        name: EntryPoint(name, value, "dmc_widgets.installations")
        for name, value in [
            ("memory", f"{__name__}:PlugIn"),
            ("broken", "no_such_package.adapter:connect"),
        ]
    }

    def find(*, group: str, name: str) -> list[EntryPoint]:
        assert group == "dmc_widgets.installations"
        return [entry_points[name]] if name in entry_points else []

    monkeypatch.setattr(importlib.metadata, "entry_points", find)


@pytest.mark.usefixtures("plug_ins")
def test_plug_in_opens_addresses_of_its_scheme() -> None:
    """The adapter gets the address and the options as they are."""
    options = ConnectOptions(name="Other")

    installation = connect("Memory://somewhere", options)

    assert isinstance(installation, PlugIn)
    assert (installation.url, installation.options) == ("Memory://somewhere", options)


@pytest.mark.usefixtures("plug_ins")
def test_plug_in_that_cannot_be_loaded_is_named() -> None:
    with pytest.raises(NotSupported) as caught:
        connect("broken://somewhere")

    assert str(caught.value) == (
        "The plug-in 'no_such_package.adapter:connect' for addresses that begin with "
        "broken:// cannot be loaded (ModuleNotFoundError: No module named "
        "'no_such_package'). Update or reinstall its package."
    )


def test_password_in_the_address_of_a_plug_in_is_not_stored() -> None:
    with pytest.raises(NotSupported) as caught:
        normalize_address("mysql://me:secret@host/db", DEFAULT_OPTIONS, None)

    assert str(caught.value) == (
        "The address contains a password, and addresses are stored. "
        "Pass the password apart from the address."
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///a.db", "sqlite:///a.db"),
        ("sqlite:////var/a@b:c.db", "sqlite:////var/a@b:c.db"),
        ("postgresql://host/db", "postgresql://host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("postgresql://me:p@ss:w/rd@host/db", "postgresql://me:***@host/db"),
        ("https://:pw@host", "https://:***@host"),
        (
            "https://host/?client_secret=s&password=p&x=1",
            "https://host/?client_secret=***&password=***&x=1",
        ),
    ],
)
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert mask_url(url) == shown


def _folder(path: Path) -> None:
    path.mkdir()


def _no_database(path: Path) -> None:
    path.write_bytes(b"PK\3\4 this is a zip" * 100)


def _other_tables(path: Path) -> None:
    with sqlite(path) as connection:
        connection.execute("CREATE TABLE invoice (id)")


def _other_alembic(path: Path) -> None:
    with sqlite(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("CREATE TABLE invoice (id)")


def _newer(path: Path) -> None:
    connect(f"sqlite:///{path}").close()
    with sqlite(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        pytest.param(
            _folder,
            "This is a folder, not a database file. Name a file in it.",
            id="folder",
        ),
        pytest.param(
            _no_database,
            "The file is not a SQLite database. Name another file.",
            id="no-database",
        ),
        pytest.param(
            _other_tables,
            "The database holds tables of another program (invoice). "
            "Name another one, or a new one.",
            id="other-tables",
        ),
        pytest.param(
            _other_alembic,
            "The database holds tables of another program (alembic_version, invoice). "
            "Name another one, or a new one.",
            id="other-tables-with-alembic",
        ),
        pytest.param(
            _newer,
            "The database was made by a newer version of dmc-widgets (revision 0999; "
            f"this one knows {HEAD}). Update dmc-widgets.",
            id="newer",
        ),
    ],
)
def test_what_is_not_ours_is_refused(
    tmp_path: Path, prepare: Callable[[Path], None], reason: str
) -> None:
    path = tmp_path / "thing.db"
    prepare(path)

    with pytest.raises(Refused) as caught:
        connect(f"sqlite:///{path}")

    assert str(caught.value) == f"sqlite:///{path}: {reason}"


def test_a_refused_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    _other_tables(path)
    before = path.read_bytes()

    with pytest.raises(Refused):
        connect(f"sqlite:///{path}")

    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["other.db"]


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://ada:secret@host/x.db",
        "sqlite:///ada:secret@x.db",
        "SQLITE:////ada:secret@/x.db",
        "sqlite:///x.db?password=secret",
        "sqlite:///x.db?cache=shared&access_token=secret",
    ],
)
def test_a_password_in_the_address_of_a_file_is_neither_kept_nor_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = (
        "A database in a file has no users and no passwords. Leave them out of its "
        "address. Use sqlite:///FILE for an embedded database: "
    )
    for act in (connect, lambda url: normalize_address(url, DEFAULT_OPTIONS, None)):
        with pytest.raises(NotSupported) as caught:
            act(url)

        assert str(caught.value).startswith(told)
        assert "secret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        connect(f"sqlite:///{tmp_path}/no/target.db")

    assert caught.value.reason == (
        f"The folder {tmp_path}/no does not exist. Create it first."
    )


def test_a_database_that_another_program_is_writing_to_is_unreachable(
    tmp_path: Path,
) -> None:
    path = tmp_path / "busy.db"
    installation = open_sqlite(path, "busy", waiting=LockWait(limit_s=0.05))
    with sqlite(path) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(Unreachable) as caught:
            installation.write(FOLDER, folder_batch("Late"))

    assert str(caught.value) == (
        "busy: Another program is writing to the database. Try again later."
    )
    assert installation.fetch(FOLDER, ["Late"]) == {}
    installation.close()


def test_a_locked_database_is_unreachable_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "locked.db"
    open_sqlite(path, "locked").close()
    with sqlite(path) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(Unreachable) as caught:
            open_sqlite(path, "locked", waiting=LockWait(limit_s=0.05))

    assert str(caught.value) == (
        "locked: Another program is writing to the database. Try again later."
    )


class NearlyFull(Sqlite):
    """SQLite on a disk with room for one more page."""

    def open(self, installation: str) -> sqlalchemy.Engine:
        engine = super().open(installation)
        sqlalchemy.event.listen(engine, "connect", self._limit)
        return engine

    @staticmethod
    def _limit(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "full.db"
    open_sqlite(path, "full").close()
    installation = SqlInstallation(Database("full", NearlyFull(path)))
    big = {"externalReferenceCode": "B", "name": "B", "label": {"en_US": "x" * 99_999}}
    batch = Batch(task="t", number=1, items=[big], policy=Policy())

    with pytest.raises(Refused, match=r"full: The disk is full\. Make room"):
        installation.write(FOLDER, batch)

    assert installation.fetch(FOLDER, ["B"]) == {}
    installation.close()


def test_a_read_only_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "still.db"
    open_sqlite(path, "still").close()
    engine = sqlalchemy.create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")

    with (
        pytest.raises(Refused) as caught,
        translate_errors("still", Sqlite(path)),
        engine.connect() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM entry")
    engine.dispose()

    assert str(caught.value) == (
        "still: The database file is read-only. Change its permissions, or copy it."
    )
    assert isinstance(caught.value.__cause__, exc.OperationalError)


def test_several_processes_may_make_the_same_file_at_once(tmp_path: Path) -> None:
    program = "import sys, dmc_widgets.installations as i; i.connect(sys.argv[1])"
    command = [sys.executable, "-c", program, f"sqlite:///{tmp_path / 'race.db'}"]

    racers = [subprocess.Popen(command) for _ in range(6)]

    assert [racer.wait(timeout=60) for racer in racers] == [0] * 6


def test_many_threads_may_open_and_make_the_same_file_at_once(tmp_path: Path) -> None:
    """All at the same moment: switching the journal's mode meets locks, too."""
    ready = threading.Barrier(12)

    def open_it(_number: int) -> dict[str, Item]:
        ready.wait()
        with closing(open_sqlite(tmp_path / "race.db", "race")) as installation:
            return installation.fetch(FOLDER, ["none"])

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(open_it, range(12))) == [{}] * 12


def test_many_threads_may_make_a_file_each_at_once(tmp_path: Path) -> None:
    """The background asks several installations while a person adds one."""
    started = threading.Barrier(6)

    def make(number: int) -> None:
        started.wait()
        open_sqlite(tmp_path / f"{number}.db", str(number)).close()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(make, range(6))) == [None] * 6


def test_many_threads_may_bring_an_older_file_up_to_date_at_once(
    tmp_path: Path,
) -> None:
    """One does it; the others wait for it and find it done."""
    path = tmp_path / "older.db"
    open_sqlite(path, "older").close()
    set_back(path, "0005")
    ready = threading.Barrier(8)

    def open_it(_number: int) -> dict[str, Item]:
        ready.wait()
        with closing(open_sqlite(path, "older")) as installation:
            return installation.fetch(FOLDER, ["none"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_it, range(8))) == [{}] * 8
    with sqlite(path) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version")
        assert found.fetchall() == [(HEAD,)]


def test_every_commit_is_on_the_disk_when_it_is_told(tmp_path: Path) -> None:
    """A power cut loses no batch that was said to be written.

    ``FULL`` is 2; with ``NORMAL`` a log is brought to the disk at checkpoints only.
    """
    with closing(open_sqlite(tmp_path / "safe.db", "safe")) as installation:
        found = []
        for opened in (
            installation._database.reading,
            installation._database.writing,
        ):
            with opened() as connection:
                for name in ("journal_mode", "synchronous"):
                    query = f"PRAGMA {name}"
                    found.append(connection.exec_driver_sql(query).scalar_one())

    assert found == ["wal", 2, "wal", 2]


def test_every_error_of_a_driver_is_translated() -> None:
    raised = {
        var
        for var in vars(exc).values()
        if isinstance(var, type) and issubclass(var, exc.DBAPIError)
    }

    assert raised <= set(ERRORS)


def test_every_exception_of_sqlite_is_translated() -> None:
    found = {
        name: find_error(_wrapped(each("oops")), Sqlite(Path("no")))
        for name, each in vars(sqlite3).items()
        if isinstance(each, type) and issubclass(each, sqlite3.Error)
    }

    assert len(found) == 9
    assert all(fault is not None for fault in found.values()), found


def test_what_is_left_of_sqlalchemys_errors_is_a_programmers_mistake() -> None:
    left = {
        name
        for name, each in vars(exc).items()
        if isinstance(each, type)
        and issubclass(each, exc.SQLAlchemyError)
        and not any(cls in ERRORS for cls in each.__mro__)
    }

    assert left & {"TimeoutError", "DisconnectionError", "DBAPIError"} == set()
    assert {"ArgumentError", "CompileError", "ResourceClosedError"} <= left


@pytest.mark.parametrize(
    ("code", "leaf"),
    [
        ("SQLITE_BUSY_SNAPSHOT", Unreachable),
        ("SQLITE_READONLY_DBMOVED", Refused),
        ("SQLITE_IOERR_WRITE", Unreachable),
        ("SQLITE_FULL", Refused),
        ("SQLITE_NOTADB", Refused),
        ("SQLITE_ERROR", Refused),
        ("SQLITE_PROTOCOL", Unreachable),
    ],
)
def test_result_codes_count_without_their_details(
    code: str, leaf: type[InstallationError]
) -> None:
    error = sqlite3.OperationalError("oops")
    error.sqlite_errorname = code

    fault = find_error(_wrapped(error), Sqlite(Path("no")))

    assert fault is not None
    assert fault[0] is leaf


def _wrapped(error: BaseException) -> exc.SQLAlchemyError:
    """Wrap a driver's error as SQLAlchemy does."""
    cls: type[exc.DBAPIError] = vars(exc).get(type(error).__name__, exc.DBAPIError)
    return cls("", None, error)


def test_the_revision_of_the_code_is_the_last_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_sqlite(path, "a").close()
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")

    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert difference == []


def test_opening_an_existing_database_needs_no_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    connect(url).close()
    program = (
        "import sys, dmc_widgets.installations as i\n"
        "assert 'sqlalchemy' not in sys.modules\n"
        f"i.connect({url!r}).close()\n"
        "assert 'alembic' not in sys.modules\n"
    )

    done = subprocess.run([sys.executable, "-c", program], check=False)

    assert done.returncode == 0
