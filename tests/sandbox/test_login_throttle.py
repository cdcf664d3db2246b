"""Login throttling: passwords cannot be guessed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from dmc_widgets.sandbox.auth.login_throttle import LoginThrottle
from tests.sandbox.conftest import DEFINITIONS, SETTINGS, SandboxServer, run_sandbox

TOKEN = "/o/oauth2/token"
USER = SETTINGS.user


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def login_throttle(clock: Clock) -> LoginThrottle:
    return LoginThrottle(max_failures=3, window_s=60, clock=clock)


def test_wrong_passwords_close_the_throttle(
    login_throttle: LoginThrottle, clock: Clock
) -> None:
    """It opens again when the first of them is old enough."""
    for _ in range(3):
        assert login_throttle.wait_s("ada", "10.0.0.1") == 0
        login_throttle.record_failure("ada", "10.0.0.1")
        clock.now += 10

    assert login_throttle.wait_s("ada", "10.0.0.1") == 30
    clock.now += 29
    assert login_throttle.wait_s("ada", "10.0.0.1") == 1
    clock.now += 1
    assert login_throttle.wait_s("ada", "10.0.0.1") == 0


def test_other_users_and_addresses_are_not_throttled(
    login_throttle: LoginThrottle,
) -> None:
    """Neither another user nor the same one at another address waits."""
    for _ in range(3):
        login_throttle.record_failure("ada", "10.0.0.1")

    assert login_throttle.wait_s("ada", "10.0.0.1") == 60
    assert login_throttle.wait_s("bob", "10.0.0.1") == 0
    assert login_throttle.wait_s("ada", "10.0.0.2") == 0


def test_number_of_tracked_users_is_limited(login_throttle: LoginThrottle) -> None:
    for number in range(20_000):
        login_throttle.record_failure(f"user {number}", "10.0.0.1")

    assert len(login_throttle) == 10_000


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[SandboxServer]:
    """Run a sandbox that allows three wrong passwords."""
    with run_sandbox(
        tmp_path / "strict.db", replace(SETTINGS, max_wrong_passwords=3)
    ) as server:
        yield server


def sign_in(sandbox: SandboxServer, user: str, password: str) -> httpx2.Response:
    return httpx2.get(sandbox.url + DEFINITIONS, auth=(user, password))


def test_right_password_is_rejected_while_throttled(
    strict: SandboxServer,
) -> None:
    """Otherwise guessing could go on until the response differs."""
    wrong = [sign_in(strict, USER, f"guess {number}") for number in range(3)]
    throttled = sign_in(strict, USER, SETTINGS.password)

    assert [response.status_code for response in wrong] == [401, 401, 401]
    assert throttled.status_code == 429
    assert 1 <= int(throttled.headers["retry-after"]) <= 60
    assert throttled.json() == {
        "status": "TOO_MANY_REQUESTS",
        "title": "Too many wrong passwords. Wait a minute",
    }
    reader = sign_in(strict, SETTINGS.read_only_user, SETTINGS.read_only_password)
    assert reader.status_code == 200


def test_few_wrong_passwords_do_not_throttle(strict: SandboxServer) -> None:
    """Wrong passwords are counted, not requests."""
    for number in range(2):
        sign_in(strict, USER, f"guess {number}")

    right = [sign_in(strict, USER, SETTINGS.password) for _ in range(5)]

    assert {response.status_code for response in right} == {200}


def test_client_secrets_are_throttled_too(
    strict: SandboxServer,
) -> None:
    form = {"grant_type": "client_credentials", "client_id": SETTINGS.client_id}
    url = strict.url + TOKEN

    wrong = [httpx2.post(url, data={**form, "client_secret": "x"}) for _ in range(3)]
    throttled = httpx2.post(url, data={**form, "client_secret": SETTINGS.client_secret})

    assert [response.status_code for response in wrong] == [401, 401, 401]
    assert (throttled.status_code, throttled.json()["error"]) == (429, "slow_down")
    assert int(throttled.headers["retry-after"]) <= 60
