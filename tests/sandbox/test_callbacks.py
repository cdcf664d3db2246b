"""Which addresses callbacks go to, and how long they may take."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from dmc_widgets.sandbox.batch.callbacks import CallbackSender, resolve_allowed_address
from dmc_widgets.sandbox.settings import Settings

CAREFUL = Settings()
LOCAL = Settings(local_callbacks=True)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::169.254.169.254]",
        "[64:ff9b:1::10.0.0.1]",
        "[fec0::1]",
        "[feff::1]",
        "192.88.99.1",
        "[::ffff:192.88.99.1]",
        "[2002:7f00:1::]",
        "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
        "[fc00::1]",
        "[fe80::1]",
        "[ff02::1]",
        "localhost",
    ],
)
def test_private_address_is_not_called(host: str) -> None:
    """Private addresses in every notation, also embedded in others."""
    assert resolve_allowed_address(urlsplit(f"http://{host}/done"), CAREFUL) is None


@pytest.mark.parametrize(
    "host", ["93.184.216.34", "[2606:2800:220:1::1]", "[64:ff9b::5db8:d822]"]
)
def test_global_address_is_called(host: str) -> None:
    parts = urlsplit(f"https://{host}/done")

    assert resolve_allowed_address(parts, CAREFUL) == parts.hostname


@pytest.mark.parametrize(
    "url",
    ["ftp://93.184.216.34/", "file:///etc/passwd", "gopher://x", "http:///x", "x"],
)
def test_url_that_is_not_http_is_not_called(url: str) -> None:
    assert resolve_allowed_address(urlsplit(url), LOCAL) is None


def test_host_with_one_private_address_is_not_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A host may have both kinds; any of them might be called."""
    addresses = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
        for address in ("93.184.216.34", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)

    assert resolve_allowed_address(urlsplit("http://both.example/"), CAREFUL) is None


@contextmanager
def run_listener(
    response: bytes, pause_s: float = 0
) -> Iterator[tuple[str, list[bytes]]]:
    """Accept calls, and answer each byte by byte."""
    taken: list[bytes] = []
    ended = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            # A caller that has what it waited for may leave before the rest is sent.
            with connection, suppress(ConnectionError):
                taken.append(b"")
                while not taken[-1].endswith(b"}"):
                    taken[-1] += connection.recv(65536)
                for at in range(len(response)):
                    if ended.wait(pause_s):
                        return
                    connection.sendall(response[at : at + 1])

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", taken
    finally:
        ended.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def send_callback(settings: Settings, url: str, seen: Callable[[], bool]) -> None:
    """Send a callback, and return when it has an effect."""
    callbacks = CallbackSender(settings)
    callbacks.send(url, 7, "COMPLETED")
    end = time.monotonic() + 5
    while not seen() and time.monotonic() < end:
        time.sleep(0.01)
    callbacks.close()


def test_callback_connects_to_the_checked_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The host is looked up only once, so it cannot change in between."""
    looked: list[str] = []
    look_up = socket.getaddrinfo

    def turning(host: str, port: int, *more: Any, **named: Any) -> Any:
        if not host.endswith(".example"):
            return look_up(host, port, *more, **named)
        looked.append(host)
        address = "127.0.0.1" if len(looked) == 1 else "127.255.255.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with run_listener(b"HTTP/1.1 204 No\r\n\r\n") as (url, taken):
        port = urlsplit(url).port
        monkeypatch.setattr(socket, "getaddrinfo", turning)
        send_callback(
            LOCAL,
            f"http://turning.example:{port}/a?b=c",
            lambda: bool(taken and taken[0].endswith(b"}")),
        )

    assert looked == ["turning.example"]
    head, _, body = taken[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a?b=c HTTP/1.1\r\nHost: turning.example:")
    assert body == b'{"7":"COMPLETED"}'


def test_redirection_is_not_followed() -> None:
    with run_listener(b"HTTP/1.1 204 No\r\n\r\n") as (second, gained):
        moved = f"HTTP/1.1 307 Go\r\nLocation: {second}/\r\n\r\n".encode()
        with run_listener(moved) as (first, taken):
            send_callback(LOCAL, first, lambda: bool(taken and taken[0].endswith(b"}")))

    assert (len(taken), len(gained)) == (1, 0)


def test_slow_response_does_not_delay_other_callbacks() -> None:
    """It delays neither the next callback nor the shutdown."""
    began = time.monotonic()
    with run_listener(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100, 0.05) as (
        slow,
        taken,
    ):
        send_callback(LOCAL, slow, lambda: bool(taken and taken[0].endswith(b"}")))

    assert time.monotonic() - began < 5


def test_log_names_skipped_host_without_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, "dmc_widgets.sandbox"):
        url = "http://ada:secret@127.0.0.1/path?token=secret"
        send_callback(CAREFUL, url, lambda: bool(caplog.records))

    assert [record.getMessage() for record in caplog.records] == [
        "Skipping callback to disallowed URL http://127.0.0.1"
    ]
