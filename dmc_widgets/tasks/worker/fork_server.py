"""A process that has loaded what tasks need, and forks a worker for each of them.

Loading takes most of the time of a small task. A process that starts tasks, as a
dashboard or a notebook does, starts one server for them where the system can fork, so
that what they need is loaded once. The server opens no file, database or connection,
starts no thread, and ends with the process that started it; its workers go on.

A server is a process of its own, run as ``python -m
dmc_widgets.tasks.worker.fork_server FD`` with one end of a socket; or a fork of a
process that has opened nothing yet, as a command before it opens its workspace.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from threading import Lock, active_count
from typing import Any, Final, Protocol

from ...storage.garbage_collection import relax_garbage_collector
from ...storage.operating_system import can_fork, detached_options

_RUNNER: Final = "dmc_widgets.tasks.worker.runner"
_FIRST_MODULES: Final = (_RUNNER, "dmc_widgets.installations.sql")
"""What nearly all tasks load."""

_OTHER_MODULES: Final = (
    "dmc_widgets.installations.liferay",
    "dmc_widgets.tasks.migration.migration_task",
)
"""What some tasks load: the server does so once it has forked the first worker.

A server that is a fork of a command forks one worker for one task, so it loads none of
them.
"""

DIVIDED: Final = "--divided"
"""The first argument of a worker whose task has several workers: it forks them."""

LOCAL_CLUSTER: Final = "--local-cluster"
"""The same of a task whose workers are those of a Dask cluster of its own."""

_LENGTH_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class _Order:
    """One worker to fork: its arguments and its surroundings."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str


class _Process(Protocol):
    """The process of a server: a program of its own, or a fork of this one."""

    @property
    def pid(self) -> int: ...

    def terminate(self) -> None:
        """Ask it to end."""

    def wait(self) -> int:
        """Wait for its end; return its exit status."""


@dataclass(frozen=True, slots=True)
class _Fork:
    """A fork of this process."""

    pid: int

    def terminate(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def wait(self) -> int:
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


class ForkServer:
    """The client of a fork server, which is started when it is first needed.

    Safe between threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._connection: socket.socket | None = None
        self._process: _Process | None = None
        self._python_settings: dict[str, str] = {}

    @property
    def pid(self) -> int | None:
        """The process id of the server; None while there is none."""
        return None if self._process is None else self._process.pid

    def fork_worker(self, arguments: list[str], output: int) -> int | None:
        """Fork a worker and return its process id; None if the caller has to start it.

        Args:
            arguments: The arguments of the worker.
            output: The descriptor of the file that gets what the worker prints.

        Raises:
            OSError: The server ended before it answered. A worker may be running.
        """
        with self._lock:
            if not can_fork():
                return None
            order = _Order(arguments, dict(os.environ), os.getcwd())  # noqa: PTH109
            return self._send(order, output)

    def prepare(self) -> None:
        """Start the server and return at once, so that it is loaded when it is needed.

        Where there is no server, this does nothing.

        Raises:
            OSError: The process could not be started.
        """
        with self._lock:
            if can_fork():
                self._connect(_python_settings(dict(os.environ)))

    def fork_here(self, *modules: str) -> None:
        """Fork the server from this process, so that nothing is loaded a second time.

        What carries tasks out is loaded before. For a process that has opened nothing
        yet and has one thread. Where there is no server, or another thread, this does
        nothing: then the first worker is a process of its own. In the fork this does
        not return; it raises SystemExit, also in each worker, which ends without a
        trace of what called it.

        Args:
            modules: What its workers need besides what carries tasks out.
        """
        with self._lock:
            if not can_fork() or active_count() > 1 or self._process is not None:
                return
            for name in (_RUNNER, *modules):
                import_module(name)
            own, other = socket.socketpair()
            pid = os.fork()
            if pid:
                other.close()
                self._connection, self._process = own, _Fork(pid)
                self._python_settings = _python_settings(dict(os.environ))
                return
        own.close()
        _leave_terminal()
        sys.exit(_serve_and_carry_out(other))

    def close(self) -> None:
        """End the server; its workers go on."""
        with self._lock:
            self._disconnect()

    def _send(self, order: _Order, output: int) -> int | None:
        connection = self._connect(_python_settings(order.environment))
        try:
            _send_order(connection, order, output)
        except OSError:  # it has ended, and has forked nothing
            self._disconnect()
            return None
        answer = connection.recv(_LENGTH_BYTES)
        if not answer:
            self._disconnect()
            raise OSError(None, "The process that starts workers has ended")
        return int.from_bytes(answer, "big")

    def _connect(self, settings: dict[str, str]) -> socket.socket:
        if settings != self._python_settings:  # the server has read others
            self._disconnect()
        if self._connection is None:
            self._connection, self._process = _start_server()
            self._python_settings = settings
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.terminate()  # it may still be loading
            self._process.wait()
            self._process = None


def _python_settings(environment: dict[str, str]) -> dict[str, str]:
    """Return the variables that Python reads once, at its start."""
    return {k: v for k, v in environment.items() if k.startswith("PYTHON")}


def _start_server() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    own, other = socket.socketpair()
    with other:
        process = subprocess.Popen(
            [
                sys.executable,
                "-P",  # no file of the current folder is imported as a module
                "-m",
                __name__,
                str(other.fileno()),
            ],
            pass_fds=[other.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **detached_options(),
        )
    return own, process


def _send_order(connection: socket.socket, order: _Order, output: int) -> None:
    content = json.dumps([order.arguments, order.environment, order.folder]).encode()
    length = len(content).to_bytes(_LENGTH_BYTES, "big")
    socket.send_fds(connection, [length], [output])
    connection.sendall(content)


def _receive_order(connection: socket.socket) -> tuple[_Order, int] | None:
    """Return the next order and the file for its output; None at the end."""
    length, descriptors, _, _ = socket.recv_fds(connection, _LENGTH_BYTES, 1)
    if len(length) < _LENGTH_BYTES or not descriptors:
        return None
    missing = int.from_bytes(length, "big")
    content = bytearray()
    while len(content) < missing:
        received = connection.recv(missing - len(content))
        if not received:
            return None
        content += received
    parts: list[Any] = json.loads(content)
    return _Order(*parts), descriptors[0]


def serve(connection: socket.socket, others: Sequence[str] = ()) -> _Order | None:
    """Fork a worker for each order, until the other end of *connection* is closed.

    Args:
        connection: Receives the orders.
        others: The modules to load once there is a first worker.

    Returns:
        The order of the worker in the process of that worker; None in the server.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets ended workers
    while received := _receive_order(connection):
        order, output = received
        readable, writable = os.pipe()
        pid = os.fork()
        if pid == 0:
            connection.close()
            os.close(readable)
            _become_worker(order, output)
            os.close(writable)
            return order
        os.close(writable)
        os.close(output)
        os.read(readable, 1)  # at its end the worker has a session of its own
        os.close(readable)
        connection.sendall(pid.to_bytes(_LENGTH_BYTES, "big"))
        _load(others)
    return None


def _load(names: Sequence[str]) -> None:
    """Load modules, which stay for ever."""
    for name in names:
        import_module(name)
    gc.freeze()


def _become_worker(order: _Order, output: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    os.close(output)
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    os.chdir(order.folder)


def _leave_terminal() -> None:
    """Let this process outlive the terminal, and hold none of its streams open."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    os.close(nothing)


def _load_and_serve(connection: socket.socket) -> int:
    """Load the modules of tasks and fork workers; return the exit status."""
    relax_garbage_collector()
    _load(_FIRST_MODULES)
    return _serve_and_carry_out(connection, _OTHER_MODULES)


def _serve_and_carry_out(connection: socket.socket, others: Sequence[str] = ()) -> int:
    """Fork workers; return the exit status, in each of them that of its task."""
    gc.freeze()
    order = serve(connection, others)
    if order is None:
        return 0
    from .__main__ import main as carry_out

    return carry_out(order.arguments)


if __name__ == "__main__":
    sys.exit(_load_and_serve(socket.socket(fileno=int(sys.argv[1]))))
