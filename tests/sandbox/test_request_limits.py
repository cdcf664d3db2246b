"""Limits of size, time and path length, and the access log."""

from __future__ import annotations

import base64
import logging
import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import orjson
import pytest

from tests.sandbox.conftest import (
    DEFINITIONS,
    ENGINE,
    ENTRY,
    SETTINGS,
    SandboxServer,
    run_sandbox,
)


def test_body_that_is_too_large_is_rejected(tmp_path: Path) -> None:
    """The stated length counts, or else what has arrived."""

    def pieces() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 1024

    settings = replace(SETTINGS, max_body_bytes=32 * 1024)
    url = f"{ENGINE}/import-task/{ENTRY}"
    headers = {"Content-Type": "text/csv"}
    with (
        run_sandbox(tmp_path / "small.db", settings) as sandbox,
        sandbox.client() as client,
    ):
        stated = client.post(url, content=b" " * 64 * 1024, headers=headers)
        streamed = client.post(url, content=pieces(), headers=headers)
        plain = client.post(DEFINITIONS, content=pieces())

        for response in (stated, streamed, plain):
            assert response.status_code == 413
            assert response.json() == {
                "status": "REQUEST_ENTITY_TOO_LARGE",
                "title": "The request's body is larger than 32,768 bytes",
            }
        assert not list((tmp_path / "small.db.sandbox").glob("upload-*"))


@pytest.mark.parametrize(
    ("first", "response"),
    [
        (b"", b""),
        (b"GET /o/openapi HTTP/1.1\r\nHost: sandbox\r\n", b"HTTP/1.1 408 "),
    ],
    ids=["nothing", "a part"],
)
def test_slow_request_head_is_rejected(
    tmp_path: Path, first: bytes, response: bytes
) -> None:
    """Even if it arrives in pieces; a connection with complete requests stays open."""
    settings = replace(SETTINGS, header_seconds=0.6)
    with run_sandbox(tmp_path / "slow.db", settings) as sandbox:
        address = urlsplit(sandbox.url)
        place = (address.hostname, address.port)
        began = time.monotonic()
        with socket.create_connection(place, 10) as connection:
            connection.sendall(first)
            with suppress(OSError):
                for _ in range(4 if first else 0):
                    time.sleep(0.1)
                    connection.sendall(b"X-More: a\r\n")
            got = connection.recv(1000)
        took = time.monotonic() - began
        with sandbox.client() as client:
            codes = []
            for _ in range(3):
                codes.append(client.get(DEFINITIONS).status_code)
                time.sleep(0.4)

    assert got.startswith(response)
    assert (got == b"") == (response == b"")
    assert 0.5 < took < 3.0
    assert codes == [200, 200, 200]


def start_upload(sandbox: SandboxServer, length: int) -> socket.socket:
    """Begin to post a body with a stated length."""
    address = urlsplit(sandbox.url)
    credentials = base64.b64encode(
        f"{SETTINGS.user}:{SETTINGS.password}".encode()
    ).decode()
    head = (
        f"POST {ENGINE}/import-task/{ENTRY} HTTP/1.1\r\nHost: sandbox\r\n"
        f"Authorization: Basic {credentials}\r\nContent-Type: text/csv\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    connection = socket.create_connection((address.hostname, address.port), 10)
    connection.sendall(head.encode())
    return connection


def test_too_large_content_length_is_rejected_before_the_body(
    tmp_path: Path,
) -> None:
    settings = replace(SETTINGS, max_body_bytes=32 * 1024)
    with (
        run_sandbox(tmp_path / "small.db", settings) as sandbox,
        start_upload(sandbox, 64 * 1024) as connection,
    ):
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("pause_s", [60, 0.05], ids=["not-at-all", "byte-by-byte"])
def test_slow_body_is_rejected(tmp_path: Path, pause_s: float) -> None:
    """The connection is closed."""
    settings = replace(SETTINGS, body_seconds=0.3)
    with run_sandbox(tmp_path / "slow.db", settings) as sandbox:
        with start_upload(sandbox, 1000) as connection:
            connection.settimeout(pause_s)
            response = b""
            for _ in range(200):
                connection.sendall(b"x")
                with suppress(TimeoutError):
                    response = connection.recv(4096)
                    break
            connection.settimeout(10)
            with suppress(ConnectionResetError):  # bytes were sent after the response
                while more := connection.recv(4096):
                    response += more

        head, _, body = response.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert orjson.loads(body) == {
            "status": "REQUEST_TIMEOUT",
            "title": "The request's body came too slowly",
        }
        assert not list((tmp_path / "slow.db.sandbox").glob("upload-*"))


def test_steady_body_may_take_longer(tmp_path: Path) -> None:
    """It has an additional second for every 4 KiB."""

    def pieces() -> Iterator[bytes]:
        yield b"title\n"
        for _ in range(4):
            time.sleep(0.2)
            yield b"x" * 4096

    settings = replace(SETTINGS, body_seconds=0.4)
    with (
        run_sandbox(tmp_path / "long.db", settings) as sandbox,
        sandbox.client() as client,
    ):
        response = client.post(
            f"{ENGINE}/import-task/{ENTRY}",
            content=pieces(),
            headers={"Content-Type": "text/csv"},
        )

    assert response.status_code == 200


def test_path_that_is_too_long_is_rejected(client: httpx2.Client) -> None:
    """The limit applies to every path."""
    response = client.get("/o/c/" + "x" * 9_000)

    assert response.status_code == 414
    assert response.json()["status"] == "REQUEST_URI_TOO_LONG"


@pytest.mark.parametrize(
    "path",
    [
        "/o/c/tickets/" + "9" * 5_000,
        "/o/c/../../etc/passwd",
        "/o/c/%2e%2e%2fpasswd/1",
        "/o/c/tickets/%00",
        "/o/c/tickets/%ff",
        "/o/object-admin/v1.0/object-definitions/١",
    ],
)
def test_path_of_nothing_is_404(client: httpx2.Client, path: str) -> None:
    """No part of a path is ever used as a file name."""
    response = client.get(path)

    assert response.status_code == 404
    assert response.json()["status"] == "NOT_FOUND"


def read_log(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log lines of POSTs; other tests may log late."""
    credentials = [
        re.sub(r"\d+ms", "Nms", record.getMessage()) for record in caplog.records
    ]
    return [response for response in credentials if response.startswith("POST")]


def test_log_contains_no_secrets(
    sandbox: SandboxServer, client: httpx2.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Method, path, status, time and sizes; no query, header or body."""
    with caplog.at_level(logging.INFO, "dmc_widgets.sandbox"):
        client.post(f"{DEFINITIONS}?secret=query", json={"name": "secret body"})
        form = {"client_secret": "secret form"}
        httpx2.post(f"{sandbox.url}/o/oauth2/token", data=form)
        end = time.monotonic() + 10
        while len(read_log(caplog)) < 2 and time.monotonic() < end:
            time.sleep(0.01)  # a request is told when its answer has gone

    assert read_log(caplog) == [
        f"POST {DEFINITIONS} 400 Nms 22 bytes in, 76 out",
        "POST /o/oauth2/token 400 Nms 25 bytes in, 87 out",
    ]


def test_unexpected_exception_is_500_without_details(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The response is that of Liferay, without a traceback."""

    def broken() -> dict[str, str]:
        message = "secret"
        raise RuntimeError(message)

    monkeypatch.setattr(
        sandbox.context.store.installation, "published_definitions", broken
    )

    with sandbox.client() as client:  # its connection does not live on
        response = client.get("/o/c/tickets")

    assert response.status_code == 500
    assert response.json() == {
        "status": "INTERNAL_SERVER_ERROR",
        "title": "Internal Server Error",
    }
