"""A private PostgreSQL server for the tests of a session, and databases in it.

The first test that wants a database starts the server; all workers of the session share
it, and it ends with the session, however that ends: its supervisor waits for the end of
a named pipe whose other end the session's first process holds. ``DMC_TEST_POSTGRESQL``
names a server to use in its place, by the address of a database whose user may create
others. Without a server or its programs the tests are skipped.
"""

from __future__ import annotations

import atexit
import errno
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import psutil
import pytest

FOLDER: Final = "DMC_TEST_POSTGRESQL_FOLDER"
SERVER: Final = "DMC_TEST_POSTGRESQL"
USER: Final = "dmc"
_PARENT: Final = Path("/tmp")
_PREFIX: Final = "dmc-pg-"
_NEW_S: Final = 600
"""A younger folder may be one whose session or server is about to start."""
_TOOLS: Final = Path(__file__).parents[1] / ".tools" / "postgresql"
_supervisor_of: dict[Path, subprocess.Popen[Any]] = {}
_SETTINGS: Final = {
    # What tests write need not outlive the machine; kills of processes lose nothing.
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "1h",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "timezone": "UTC",
}

_supervisors: list[subprocess.Popen[Any]] = []
"""They outlive what started them, so nobody waits for their end."""


def find_programs(copied: Path) -> Path | None:
    """Return the folder of ``initdb`` and ``postgres``; None if there is none.

    Args:
        copied: Where programs were copied to, if they were.
    """
    known = shutil.which("initdb")
    found = sorted(path.parent for path in copied.rglob("bin/initdb"))
    found += [Path(known).resolve().parent] if known else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found += sorted(path.parent for path in _TOOLS.rglob("bin/initdb"))
    return next((path for path in found if (path / "postgres").exists()), None)


def begin_session() -> None:
    """Make the folder that the processes of a test session share; start nothing."""
    if os.name != "posix" or os.environ.get(SERVER) or os.environ.get(FOLDER):
        return
    remove_dead_folders(_PARENT)
    # Short: the path of a socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_PARENT))
    folder.chmod(0o755)
    os.mkfifo(folder / "session")
    # Both ends, so that opening does not wait. It closes when this process ends.
    os.open(folder / "session", os.O_RDWR | os.O_CLOEXEC)
    os.environ[FOLDER] = str(folder)
    atexit.register(_remove_unused, folder)


def remove_dead_folders(parent: Path) -> None:
    """Remove the folders of sessions and servers that were killed some time ago."""
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            is_new = time.time() - folder.stat().st_mtime < _NEW_S
            is_dead = (
                not is_new and not _has_session(folder) and not _has_server(folder)
            )
        except (OSError, ValueError):  # somebody else's, just gone, or just starting
            continue
        if is_dead:
            shutil.rmtree(folder, ignore_errors=True)


def _has_session(folder: Path) -> bool:
    """Return True if a process holds the pipe of a session: it reads from it, too."""
    try:
        os.close(os.open(folder / "session", os.O_WRONLY | os.O_NONBLOCK))
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno == errno.ENXIO:
            return False
        raise
    return True


def _has_server(folder: Path) -> bool:
    try:
        lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return psutil.pid_exists(int(lines[0]))


def _remove_unused(folder: Path) -> None:
    if not (folder / "address").exists():
        shutil.rmtree(folder, ignore_errors=True)


@cache
def server_url() -> str:
    """Return the address of a database of the server; start the server if none runs."""
    named = os.environ.get(SERVER)
    if named:
        return named
    if FOLDER not in os.environ:
        pytest.skip("A PostgreSQL server for tests needs a POSIX system.")
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        address = folder / "address"
        if not address.exists():
            address.write_text(PrivateServer(folder).start_supervised())
        return address.read_text()


def create_database(locale: str = "") -> str:
    """Create an empty database, and return its address.

    Args:
        locale: The options of ``CREATE DATABASE`` for how texts are sorted.
    """
    return _create_database("template0", locale)


def create_installation() -> str:
    """Create a database with our tables in it, and return its address."""
    return _create_database(_template())


@contextmanager
def lent_installation() -> Iterator[str]:
    """Give the address of a database with our tables, which others get afterwards.

    To empty a database takes a tenth of the time that it takes to create one. Others
    may still be connected, but in no transaction.
    """
    url = _returned.pop() if _returned else create_installation()
    yield url
    _empty(url)
    _returned.append(url)


_returned: list[str] = []
"""The databases that wait for another test of this process."""


def _empty(url: str) -> None:
    """Delete all rows, and let the sequences begin anew."""
    import psycopg

    from dmc_widgets.installations.sql.database import content_table, tables

    listed = [
        *reversed(tables.metadata.sorted_tables),
        *content_table.metadata.sorted_tables,
    ]
    # To truncate so many tables takes longer.
    deletions = "".join(f"DELETE FROM {table.name};" for table in listed)
    sites = "INSERT INTO site VALUES ('Global'), ('Guest')"  # as in an empty one
    restarts = (
        "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S' AND "
        "relnamespace = 'public'::regnamespace"
    )
    with psycopg.connect(url) as connection:
        connection.execute("SET lock_timeout = '10s'")
        connection.execute(f"{deletions}{sites}".encode())
        connection.execute(restarts.encode())


def copy_database(url: str) -> str:
    """Copy a database that nobody is connected to, and return the copy's address."""
    return _create_database(urlsplit(url).path[1:])


@cache
def _template() -> str:
    """Return the name of a database with our tables, made once in a session.

    Its texts are sorted as people do, by which nothing may go wrong.
    """
    from dmc_widgets.installations import connect

    url = _create_database("template0", "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
    connect(url).close()
    return urlsplit(url).path[1:]


def _create_database(template: str, more: str = "") -> str:
    import psycopg  # most tests need none

    name = f"t{secrets.token_hex(6)}"
    statement = f"CREATE DATABASE {name} TEMPLATE {template} {more}"
    with psycopg.connect(server_url(), autocommit=True) as connection:
        connection.execute(statement.encode())
    return database_url(name)


def database_url(name: str) -> str:
    """Return the address of a database of the server."""
    parts = urlsplit(server_url())
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"


class PrivateServer:
    """A server of its own in a folder, which may be killed and started again.

    Args:
        folder: The folder; another user than root owns it from now on.
    """

    def __init__(self, folder: Path) -> None:
        programs = find_programs(folder / "programs")
        if programs is None:
            pytest.skip("There is no PostgreSQL here. `.ci/postgresql` fetches one.")
        self._programs = programs
        self._folder = folder
        self._data = folder / "data"
        self._port = _free_port()
        self._process: subprocess.Popen[Any] | None = None
        self._as_user = _other_user()

    @property
    def url(self) -> str:
        """The address of the database ``postgres``, through the socket."""
        place = {"host": str(self._folder), "port": self._port, "user": USER}
        return f"postgresql:///postgres?{urlencode(place)}"

    def database_url(self, name: str) -> str:
        """Return the address of another database of the server."""
        return self.url.replace("/postgres?", f"/{name}?")

    @property
    def pid(self) -> int:
        """The process id of the server, while it runs."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def initialize(self) -> None:
        """Make the files of the server."""
        if "user" in self._as_user:
            os.chown(self._folder, self._as_user["user"], self._as_user["group"])
            self._make_programs_readable()
        self._run("initdb", "-D", self._data, "-U", USER, "--no-sync", "-E", "UTF8")
        settings = {
            **_SETTINGS,
            "port": str(self._port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._folder),
        }
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        with (self._data / "postgresql.conf").open("a") as file:
            file.writelines(lines)
        (self._data / "pg_hba.conf").write_text(
            "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )

    def start(self) -> None:
        """Start the server, and return once it answers."""
        if self._process is not None:
            self._process.wait()  # a zombie would still hold the lock file
        command = list(map(str, [self._programs / "postgres", "-D", self._data]))
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True, **self._as_user, env=self._environment(),
            )  # fmt: skip
        wait_for_answer(self.url, self._process, self._folder / "log")

    def kill(self) -> None:
        """Kill the server and its processes, as a crash of the machine does."""
        server = psutil.Process(self.pid)
        processes = [server, *server.children()]
        for process in processes:
            process.kill()
        if self._process is not None:
            self._process.wait()
        psutil.wait_procs(processes)

    def wait(self) -> None:
        """Wait until the server answers again after one of its processes was killed."""
        assert self._process is not None
        wait_for_answer(self.url, self._process, self._folder / "log")

    def stop(self) -> None:
        """Stop the server at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()

    def start_supervised(self) -> str:
        """Start the server in the care of a process that ends with the session."""
        self.initialize()
        command = [sys.executable, "-m", "tests.postgresql", self._folder, self._port]
        with (self._folder / "log").open("ab") as log:
            # It is not waited for: it ends after this process.
            supervisor = _supervisor_of[self._folder] = subprocess.Popen(
                list(map(str, command)), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
                cwd=Path(__file__).parents[1],
            )  # fmt: skip
        _supervisors.append(supervisor)
        wait_for_answer(self.url, supervisor, self._folder / "log")
        return self.url

    def supervise(self, port: int) -> None:
        """Run the server until the session ends; then remove the folder."""
        self._port = port
        self.start()
        with (self._folder / "session").open("rb") as session:
            session.read()  # nothing is written; it returns when the session ends
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: Any, check: bool = True) -> None:
        command = [self._programs / program, *arguments]
        done = subprocess.run(
            list(map(str, command)), capture_output=True, check=False,
            cwd=self._folder, **self._as_user, env=self._environment(),
        )  # fmt: skip
        if check and done.returncode != 0:
            pytest.skip(f"{program} does not run here: {done.stderr.decode()[-300:]}")

    def _environment(self) -> dict[str, str]:
        environment = {
            name: value for name, value in os.environ.items() if name[:2] != "PG"
        }
        libraries = {path.parent for path in _TOOLS.rglob("libpq.so.5")}
        if libraries and _TOOLS in self._programs.parents:
            environment["LD_LIBRARY_PATH"] = ":".join(map(str, sorted(libraries)))
        return {**environment, "LC_ALL": "C.UTF-8"}

    def _make_programs_readable(self) -> None:
        """Copy programs that another user cannot reach, such as those below /root."""
        test = subprocess.run(
            ["test", "-x", str(self._programs / "initdb")],
            check=False, **self._as_user,
        )  # fmt: skip
        if test.returncode != 0:
            copied = self._folder / "programs"
            shutil.copytree(_TOOLS, copied, symlinks=True)
            self._programs = copied / self._programs.relative_to(_TOOLS)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _other_user() -> dict[str, Any]:
    """Return whom the server runs as: it refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    pytest.skip("PostgreSQL refuses to run as root, and there is no other user.")


def wait_for_answer(url: str, process: subprocess.Popen[Any], log: Path) -> None:
    """Wait until a server answers, or its process has ended."""
    import psycopg

    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            pytest.skip(f"PostgreSQL does not start: {log.read_text()[-300:]}")
        return


if __name__ == "__main__":
    PrivateServer(Path(sys.argv[1])).supervise(int(sys.argv[2]))
