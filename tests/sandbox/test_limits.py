"""Sizes, paths and the log."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from tests.sandbox.conftest import DEFINITIONS, ENGINE, ENTRY, SETTINGS, Served, served


def test_a_body_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """By its stated length, and where it states none by what has come."""

    def pieces() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 1024

    settings = replace(SETTINGS, max_body_bytes=32 * 1024)
    url = f"{ENGINE}/import-task/{ENTRY}"
    headers = {"Content-Type": "text/csv"}
    with (
        served(tmp_path / "small.db", settings) as sandbox,
        sandbox.client() as client,
    ):
        stated = client.post(url, content=b" " * 64 * 1024, headers=headers)
        streamed = client.post(url, content=pieces(), headers=headers)
        plain = client.post(DEFINITIONS, content=pieces())

        for each in (stated, streamed, plain):
            assert each.status_code == 413
            assert each.json() == {
                "status": "REQUEST_ENTITY_TOO_LARGE",
                "title": "The request's body is larger than 32,768 bytes",
            }
        assert not list((tmp_path / "small.db.sandbox").glob("upload-*"))


def test_a_path_that_is_too_long_is_refused(client: httpx2.Client) -> None:
    """Whatever it asks for."""
    answer = client.get("/o/c/" + "x" * 9_000)

    assert answer.status_code == 414
    assert answer.json()["status"] == "REQUEST_URI_TOO_LONG"


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
def test_a_path_that_names_nothing_is_404(client: httpx2.Client, path: str) -> None:
    """No part of it is ever taken for a file."""
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.json()["status"] == "NOT_FOUND"


def posted(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log tells of POSTs: another test's request may be told late."""
    told = [re.sub(r"\d+ms", "Nms", each.getMessage()) for each in caplog.records]
    return [each for each in told if each.startswith("POST")]


def test_the_log_tells_no_secrets(
    sandbox: Served, client: httpx2.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Method, path, status, time and sizes; no query, header or body."""
    with caplog.at_level(logging.INFO, "dmc_widgets.sandbox"):
        client.post(f"{DEFINITIONS}?secret=query", json={"name": "secret body"})
        form = {"client_secret": "secret form"}
        httpx2.post(f"{sandbox.url}/o/oauth2/token", data=form)
        end = time.monotonic() + 10
        while len(posted(caplog)) < 2 and time.monotonic() < end:
            time.sleep(0.01)  # a request is told when its answer has gone

    assert posted(caplog) == [
        f"POST {DEFINITIONS} 400 Nms 22 bytes in, 76 out",
        "POST /o/oauth2/token 400 Nms 25 bytes in, 87 out",
    ]


def test_a_broken_handler_tells_nothing_of_itself(
    sandbox: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a mistake of the program is Liferay's, without a trace."""

    def broken() -> dict[str, str]:
        message = "secret"
        raise RuntimeError(message)

    monkeypatch.setattr(sandbox.rooms.store, "published", broken)

    with sandbox.client() as client:  # its connection does not live on
        answer = client.get("/o/c/tickets")

    assert answer.status_code == 500
    assert answer.json() == {
        "status": "INTERNAL_SERVER_ERROR",
        "title": "Internal Server Error",
    }
