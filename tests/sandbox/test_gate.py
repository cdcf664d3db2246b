"""Who may come in, and what strangers are told."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from dmc_widgets.sandbox.app import table
from tests.sandbox.conftest import DEFINITIONS, ENGINE, SETTINGS, Served, served

TOKEN = "/o/oauth2/token"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", DEFINITIONS),
        ("POST", DEFINITIONS),
        ("GET", "/o/openapi"),
        ("GET", "/o/c/tickets"),
        ("DELETE", "/o/c/tickets/1"),
        ("GET", f"{ENGINE}/import-task/1"),
        ("GET", "/no/such/path"),
        ("GET", "/"),
        ("POST", f"{TOKEN}/"),
        ("POST", "/o/oauth2%2Ftoken"),
    ],
)
def test_a_stranger_sees_and_changes_nothing(
    sandbox: Served, method: str, path: str
) -> None:
    """Every path but that of tokens asks who is there, before anything else."""
    answer = httpx2.request(method, sandbox.url + path)

    assert answer.status_code == (400 if path == f"{TOKEN}/" else 401)
    if answer.status_code == 401:
        assert answer.json() == {
            "status": "UNAUTHORIZED",
            "title": "Authentication is required, by Basic or Bearer",
        }
        assert answer.headers["www-authenticate"] == (
            'Basic realm="dmc sandbox", charset="UTF-8", Bearer'
        )


def test_no_route_is_open(sandbox: Served) -> None:
    """Whatever routes there are or will be, with whatever verb: only tokens."""
    routes = app_routes(sandbox)
    asked = [(verb, path) for path, verbs in routes for verb in (*verbs, "OPTIONS")]

    with httpx2.Client(base_url=sandbox.url) as stranger:
        answers = {
            (verb, path): stranger.request(verb, path).status_code
            for verb, path in asked
        }

    assert answers.pop(("POST", TOKEN)) == 400
    assert answers.pop(("OPTIONS", TOKEN)) == 405
    assert len(answers) > 150
    assert set(answers.values()) == {401}


def app_routes(sandbox: Served) -> list[tuple[str, list[str]]]:
    """List path and verbs of all routes, with a 1 for every part that is free."""
    return [
        (re.sub(r"\{\w+\}", "1", path), sorted(verbs))
        for path, verbs in table(sandbox.rooms)
    ]


@pytest.mark.parametrize(
    "credentials",
    ["test@liferay.com:wrong", "nobody:correct horse", ":", "reader@liferay.com:"],
)
def test_a_wrong_password_is_told(sandbox: Served, credentials: str) -> None:
    """It does not say which of the two is wrong."""
    user, _, password = credentials.partition(":")

    answer = httpx2.get(sandbox.url + DEFINITIONS, auth=(user, password))

    assert answer.status_code == 401
    assert answer.json()["title"] == "The user name or the password is wrong"


@pytest.mark.parametrize("told", ["Basic", "Basic %%%", "Basic w6TDtsO8", "Digest x"])
def test_a_malformed_header_is_no_way_in(sandbox: Served, told: str) -> None:
    """What cannot be read is not right."""
    answer = httpx2.get(sandbox.url + DEFINITIONS, headers={"Authorization": told})

    assert answer.status_code == 401


def test_a_reader_may_look_and_not_change(sandbox: Served) -> None:
    """The read-only user gets 403 for everything that could change something."""
    password = SETTINGS.read_only_password
    with sandbox.client(SETTINGS.read_only_user, password) as reader:
        seen = reader.get(DEFINITIONS)
        refused = reader.post(DEFINITIONS, json={"name": "Secret"})

    assert seen.status_code == 200
    assert refused.status_code == 403
    assert refused.json() == {
        "status": "FORBIDDEN",
        "title": "The user does not have the permission to change anything",
    }


def test_a_page_of_another_site_may_not_use_a_remembered_password(
    client: httpx2.Client,
) -> None:
    """Browsers send what they remember along; the origin tells who asked."""
    headers = {"Origin": "https://evil.example"}

    answer = client.post(DEFINITIONS, json={}, headers=headers)

    assert answer.status_code == 403
    assert answer.json()["title"] == "Pages of other sites may not change anything"


def test_a_token_opens_the_gate(sandbox: Served) -> None:
    """Client credentials come in the form, and buy a token for ten minutes."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "dmc-sandbox",
        "client_secret": "client secret",
    }
    answer = httpx2.post(sandbox.url + TOKEN, data=form)
    body = answer.json()
    headers = {"Authorization": f"Bearer {body.pop('access_token')}"}

    assert body == {"token_type": "Bearer", "expires_in": 600, "scope": "everything"}
    assert answer.headers["cache-control"] == "no-store"
    assert httpx2.get(sandbox.url + DEFINITIONS, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        (
            {
                "grant_type": "client_credentials",
                "client_id": "dmc-sandbox",
                "client_secret": "no",
            },
            401,
            "invalid_client",
        ),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({}, 400, "invalid_request"),
    ],
)
def test_a_wrong_client_gets_no_token(
    sandbox: Served, form: dict[str, str], status: int, error: str
) -> None:
    """The refusal is that of OAuth 2."""
    answer = httpx2.post(sandbox.url + TOKEN, data=form)

    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_token_ends(tmp_path: Path) -> None:
    """An expired token is told apart from one that was never given out."""
    settings = replace(SETTINGS, token_seconds=0.2)
    form = {"grant_type": "client_credentials", "client_id": settings.client_id}
    with served(tmp_path / "short.db", settings) as short:
        form["client_secret"] = settings.client_secret
        token = httpx2.post(short.url + TOKEN, data=form).json()["access_token"]
        time.sleep(0.3)
        ended, unknown = (
            httpx2.get(
                short.url + DEFINITIONS, headers={"Authorization": f"Bearer {x}"}
            )
            for x in (token, "made up")
        )

    assert ended.status_code == 401
    assert ended.json()["title"] == "The access token has expired"
    assert ended.headers["www-authenticate"] == (
        'Bearer error="invalid_token", error_description="The access token has expired"'
    )
    assert unknown.json()["title"] == "The access token is wrong"


def test_secrets_are_not_in_a_repr() -> None:
    """Settings may be logged."""
    assert "horse" not in repr(SETTINGS)
    assert "client secret" not in repr(SETTINGS)
