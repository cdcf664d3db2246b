"""Ranges of a file of a web server that ends connections, redirects, or lies."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import Refused
from dmc_widgets.sandbox.tls import make_certificate
from dmc_widgets.workspace.remote_ranges import open_http_ranges, open_ranged_file
from dmc_widgets.workspace.source_policy import SourcePolicy
from tests.counting_servers import FileServer, run_file_server

pytestmark = pytest.mark.own_file  # nothing here asks the database

CONTENT = bytes(range(256)) * 1024


class _TlsServer(FileServer):
    """A server that speaks TLS.

    Attributes:
        begun: The first byte of each connection; 22 is that of TLS.
        resets: It resets each connection some time after the answer.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__()
        self._context = context
        self.begun: list[bytes] = []
        self.resets = False

    def get_request(self) -> tuple[Any, Any]:
        plain, address = super().get_request()
        self.begun.append(plain.recv(1, socket.MSG_PEEK))
        return self._context.wrap_socket(plain, server_side=True), address

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.resets:
            request.settimeout(0.1)  # for the next request
        super().finish_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        if self.resets:
            at_once = struct.pack("ii", 1, 0)
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self.close_request(request)
        else:
            super().shutdown_request(request)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with run_file_server() as running:
        yield running


@pytest.fixture
def tls_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_TlsServer]:
    files = make_certificate(tmp_path / "tls", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(files.ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certfile, files.keyfile)
    with _TlsServer(context) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def put(server: FileServer) -> str:
    """Serve a file at an address with a secret; return the address with TLS."""
    url = server.put("/a.csv?sig=SECRET", CONTENT)
    return url.replace("http://", "https://")


def read_twice(url: str) -> list[bytes]:
    ranges = open_http_ranges(url, None)
    assert ranges is not None
    with closing(ranges):
        return [ranges.read(5, 9), ranges.read(700, 702)]


def test_connection_that_ends_with_the_answer_is_made_again_with_tls(
    tls_server: _TlsServer,
) -> None:
    """Whatever a connection asks, its host was looked up and checked for it."""
    tls_server.ends = True

    assert read_twice(put(tls_server)) == [CONTENT[5:9], CONTENT[700:702]]

    assert tls_server.begun == [b"\x16"] * 3


def test_connection_with_tls_that_is_reset_is_made_again(
    tls_server: _TlsServer,
) -> None:
    tls_server.resets = True
    ranges = open_http_ranges(put(tls_server), None)
    assert ranges is not None
    time.sleep(0.5)

    with closing(ranges):
        assert ranges.read(5, 9) == CONTENT[5:9]


def test_address_of_a_redirect_need_not_stay_valid(server: FileServer) -> None:
    """Hosts redirect to signed addresses, which are valid for some minutes."""
    server.put("/signed.csv?1", CONTENT)
    server.moved["/a.csv"] = "/signed.csv?1"
    url = f"http://127.0.0.1:{server.server_port}/a.csv"
    ranges = open_http_ranges(url, None)
    assert ranges is not None
    del server.files["/signed.csv?1"]
    server.put("/signed.csv?2", CONTENT)
    server.moved["/a.csv"] = "/signed.csv?2"

    with closing(ranges):
        assert ranges.read(5, 9) == CONTENT[5:9]
        del server.files["/signed.csv?2"]
        with pytest.raises(Refused, match=r"it answered 404 Not Found\."):
            ranges.read(5, 9)


def test_host_that_answers_with_another_range_has_no_ranges(server: FileServer) -> None:
    """Its file is copied as a whole; it was not replaced."""
    server.sends_all = True

    assert open_http_ranges(server.put("/a.csv", CONTENT), None) is None


def test_size_that_a_host_states_takes_no_memory(server: FileServer) -> None:
    server.stated_size = 2**62

    opened = open_ranged_file(server.put("/a.csv", CONTENT), SourcePolicy(is_open=True))

    assert opened is not None
    with opened:
        assert opened.read(5, 9) == CONTENT[5:9]
