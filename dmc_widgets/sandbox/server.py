"""Runs the sandbox with uvicorn until a signal ends it.

uvicorn has no time limit for the head of a request. Without one a client that sends
a header a minute keeps its connection for ever, and some hundreds of such clients keep
everybody else out; so connections use a protocol of our own.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..errors import NotSupported
from .app import create_app
from .context import AppContext

if TYPE_CHECKING:
    from .settings import Settings
    from .tls import Certificate

KEEP_ALIVE_S: Final = 60
"""Tomcat's value: a client that polls a task finds its connection open."""

_GRACE_S: Final = 5
_TIMEOUT_BODY: Final = (
    b'{"status":"REQUEST_TIMEOUT","title":"The request\'s head came too slowly"}'
)
_TIMEOUT_RESPONSE: Final = (
    b"HTTP/1.1 408 Request Timeout\r\n"
    b"content-type: application/json\r\n"
    b"connection: close\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_TIMEOUT_BODY), _TIMEOUT_BODY)
)


def serve_sandbox(
    database: Path,
    settings: Settings,
    host: str,
    port: int,
    certificate: Certificate | None = None,
) -> None:
    """Serve the installation in *database* until Ctrl-C or a signal to terminate.

    Prints the address and the credentials as soon as it listens.

    Args:
        database: The database file; created if it does not exist.
        settings: The credentials and limits of the sandbox.
        host: The address to listen at.
        port: The port to listen at; 0 for any free one.
        certificate: The certificate to serve over HTTPS with; None for HTTP.

    Raises:
        InstallationError: The database cannot be opened.
        NotSupported: The address is in use, or is not one of this machine.
    """
    listening = _bind_socket(host, port)
    _log_to_stderr()
    # uvicorn raises the signal again once it has shut down. By default that would end
    # the process at once, with what was written last in the log beside the database.
    termination = TerminationSignal()
    signal.signal(signal.SIGTERM, termination)
    context = AppContext.open(database, settings)
    try:
        listening.listen()  # a program may connect as soon as it reads the address
        _announce(listening.getsockname(), settings, certificate)
        config = server_config(context, **_tls_options(certificate))
        termination.run(uvicorn.Server(config), listening)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends already
        context.close()
        listening.close()


def server_config(context: AppContext, **others: Any) -> uvicorn.Config:
    """Return uvicorn's configuration for a sandbox.

    Args:
        context: The open context of the sandbox.
        others: Options of uvicorn that replace ours.
    """
    seconds = context.settings.header_seconds
    options: dict[str, Any] = {
        "http": make_header_limited_protocol(seconds),
        "access_log": False,  # request_limits writes one without queries
        "log_level": logging.WARNING,
        "server_header": False,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": _GRACE_S,
    }
    return uvicorn.Config(create_app(context), **(options | others))


def _tls_options(certificate: Certificate | None) -> dict[str, Any]:
    if certificate is None:
        return {}
    return {"ssl_certfile": certificate.certfile, "ssl_keyfile": certificate.keyfile}


class TerminationSignal:
    """Handles a signal to terminate: stops the server that runs then, or later.

    It raises nothing while the signal is handled. An exception would be lost if the
    signal arrived within a callback of the garbage collector.
    """

    def __init__(self) -> None:
        self._received = 0
        self._server: uvicorn.Server | None = None

    def __call__(self, number: int, _frame: object) -> None:
        """Note the signal."""
        self._received = number
        if self._server is not None:
            self._server.should_exit = True

    def run(self, server: uvicorn.Server, listening: socket.socket) -> None:
        """Run *server*, at once to its end if the signal has arrived before.

        Raises:
            SystemExit: The signal has ended it; with the exit status that shells use.
        """
        self._server = server
        if self._received:
            server.should_exit = True
        server.run(sockets=[listening])
        if self._received:
            raise SystemExit(128 + self._received)


def _bind_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Without this a response in two parts waits 40 ms for an acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listening.bind((host, port))
    except OSError as exc:
        listening.close()
        what = f"Nothing can listen at {host} port {port}: {exc.strerror or exc}."
        raise NotSupported(what, "Choose another port or host.") from exc
    return listening


def _announce(
    address: tuple[str, int], settings: Settings, certificate: Certificate | None
) -> None:
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    scheme = "http" if certificate is None else "https"
    lines = [
        f"The sandbox is at {scheme}://{host}:{address[1]}/",
        f"  user           {settings.user}",
        f"  password       {settings.password}",
        f"  client id      {settings.client_id}",
        f"  client secret  {settings.client_secret}",
    ]
    if settings.read_only_user:
        lines += [
            f"  read-only user {settings.read_only_user}",
            f"  its password   {settings.read_only_password}",
        ]
    if certificate is not None and certificate.ca_file is not None:
        lines += [
            f"  trusted by     --ca-file {certificate.ca_file.absolute()}",
            "                 (dmc installation add; curl: --cacert)",
        ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("dmc_widgets.sandbox")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def make_header_limited_protocol(seconds: float) -> type[asyncio.Protocol]:
    """Return a protocol that gives the head of each request *seconds* to arrive."""

    class LimitedProtocol(_HeaderLimitedProtocol):
        header_seconds = seconds

    return LimitedProtocol


class _HeaderLimitedProtocol(H11Protocol):
    """HTTP/1.1 with a timer that runs until the head of a request has arrived.

    Between two requests of a connection uvicorn's own limit for idle connections
    applies; the timer starts again with the first byte of the next request.
    """

    header_seconds: float
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._start_timer()
        else:
            self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.header_seconds, self._close_late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close_late(self) -> None:
        """Close a connection without a request; answer 408 if one has begun."""
        self._timer = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            if self.conn.trailing_data[0]:
                self.transport.write(_TIMEOUT_RESPONSE)
            self.transport.close()
