"""Authentication and authorization of requests."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from dmc_widgets.objects.documents.definitions import DEFINITION_KIND
from dmc_widgets.objects.documents.picklists import PICKLIST_KIND
from dmc_widgets.objects.parts.part_kinds import DEFINITION_PARTS
from dmc_widgets.sandbox.app import route_table
from dmc_widgets.sandbox.batch.task_store import TaskRequest, TaskStore
from dmc_widgets.sandbox.database import SandboxDatabase
from tests.sandbox.conftest import (
    DEFINITIONS,
    ENGINE,
    ENTRY,
    PICKLISTS,
    SETTINGS,
    Define,
    SandboxServer,
    definition,
    run_sandbox,
    wait_for_task,
)

TOKEN = "/o/oauth2/token"
FOLDERS = "/o/object-admin/v1.0/object-folders"


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
def test_request_without_credentials_is_rejected(
    sandbox: SandboxServer, method: str, path: str
) -> None:
    """Every path except that of tokens requires credentials, before anything else."""
    response = httpx2.request(method, sandbox.url + path)

    assert response.status_code == (400 if path == f"{TOKEN}/" else 401)
    if response.status_code == 401:
        assert response.json() == {
            "status": "UNAUTHORIZED",
            "title": "Authentication is required, by Basic or Bearer",
        }
        assert response.headers["www-authenticate"] == (
            'Basic realm="dmc sandbox", charset="UTF-8", Bearer'
        )


def test_every_route_requires_credentials(sandbox: SandboxServer) -> None:
    """All routes, with all methods; only the token endpoint is open."""
    routes = list_routes(sandbox)
    asked = [(verb, path) for path, verbs in routes for verb in (*verbs, "OPTIONS")]

    with httpx2.Client(base_url=sandbox.url) as stranger:
        answers = {
            (verb, path): stranger.request(verb, path).status_code
            for verb, path in asked
        }

    assert answers.pop(("POST", TOKEN)) == 400
    assert answers.pop(("OPTIONS", TOKEN)) == 200
    assert len(answers) > 150
    assert set(answers.values()) == {401}


def list_routes(sandbox: SandboxServer) -> list[tuple[str, list[str]]]:
    """Return paths and methods of all routes, with a 1 for every parameter."""
    return [
        (re.sub(r"\{\w+\}", "1", path), sorted(verbs))
        for path, verbs in route_table(sandbox.context)
    ]


@pytest.mark.parametrize(
    "credentials",
    ["test@liferay.com:wrong", "nobody:correct horse", ":", "reader@liferay.com:"],
)
def test_wrong_password_is_rejected(sandbox: SandboxServer, credentials: str) -> None:
    """The message does not say whether the user or the password is wrong."""
    user, _, password = credentials.partition(":")

    response = httpx2.get(sandbox.url + DEFINITIONS, auth=(user, password))

    assert response.status_code == 401
    assert response.json()["title"] == "The user name or the password is wrong"


@pytest.mark.parametrize("header", ["Basic", "Basic %%%", "Basic w6TDtsO8", "Digest x"])
def test_malformed_authorization_header_is_rejected(
    sandbox: SandboxServer, header: str
) -> None:
    """Credentials that cannot be decoded are wrong."""
    response = httpx2.get(sandbox.url + DEFINITIONS, headers={"Authorization": header})

    assert response.status_code == 401


def test_read_only_user_may_read_but_not_write(sandbox: SandboxServer) -> None:
    """403 names the permission, and *actions* contain no link that would be refused."""
    with onlooker(sandbox) as reader:
        seen = reader.get(DEFINITIONS)
        refused = reader.post(DEFINITIONS, json={"name": "Secret"})

    assert seen.status_code == 200
    assert list(seen.json()["actions"]) == ["get"]
    assert refused.status_code == 403
    assert refused.json() == {
        "status": "FORBIDDEN",
        "title": f"User reader@liferay.com must have ADD permission for {DEFINITIONS}",
    }


def onlooker(sandbox: SandboxServer) -> httpx2.Client:
    return sandbox.client(SETTINGS.read_only_user, SETTINGS.read_only_password)


def test_read_only_user_may_not_write_on_any_route(sandbox: SandboxServer) -> None:
    """Only tasks of the batch engine may be started by anybody."""
    routes = list_routes(sandbox)
    routes += [("/o/c/1/by-external-reference-code/batch", ["DELETE", "PATCH", "PUT"])]
    asked = [(v, path) for path, verbs in routes for v in verbs if v != "GET"]

    with onlooker(sandbox) as reader:
        passed = {
            path
            for verb, path in asked
            if path != TOKEN and reader.request(verb, path).status_code != 403
        }

    lists = f"{DEFINITIONS} {FOLDERS} {PICKLISTS} /o/c/1 /o/c/1/scopes/1".split()
    lists += [f"{DEFINITIONS}/1/{kind.path}" for kind in DEFINITION_PARTS]
    lists += [f"{PICKLISTS}/1/list-type-entries"]
    admin, picklists = DEFINITION_KIND.api, PICKLIST_KIND.api
    assert passed == {
        f"{ENGINE}/export-task/1/1",
        f"{ENGINE}/import-task/1",
        *(f"{path}/{end}" for path in lists for end in ("batch", "export-batch")),
        *(f"{admin}/{kind.path}/batch" for kind in DEFINITION_PARTS),
        f"{picklists}/list-type-entries/batch",
    }


def test_import_by_read_only_user_fails_each_item(
    sandbox: SandboxServer, client: httpx2.Client, define: Define
) -> None:
    """As in Liferay, the task is created, and runs with the permissions of its user."""
    define("Ledger")
    path = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName=C_Ledger"

    with onlooker(sandbox) as reader:
        began = reader.post(path, json=[{"title": "a"}, {"title": "b"}])
        task = wait_for_task(client, began.json())
        export = reader.post(f"{ENGINE}/export-task/{ENTRY}/JSON")

    message = (
        "com.liferay.portal.kernel.security.auth.PrincipalException$MustHavePermission:"
        " User reader@liferay.com must have ADD_OBJECT_ENTRY permission for C_Ledger"
    )
    assert (began.status_code, export.status_code) == (200, 200)
    assert task["executeStatus"] == "FAILED"
    (failed,) = task["failedItems"]
    assert (failed["itemIndex"], failed["message"]) == (1, message)
    assert client.get("/o/c/ledgers").json()["totalCount"] == 0


def test_cross_origin_write_is_rejected(
    client: httpx2.Client,
) -> None:
    """Browsers send stored credentials along; the origin names the page that asked."""
    headers = {"Origin": "https://evil.example"}

    response = client.post(DEFINITIONS, json={}, headers=headers)

    assert response.status_code == 403
    assert response.json()["title"] == "Pages of other sites may not change anything"


def test_issued_token_is_accepted(sandbox: SandboxServer) -> None:
    """Client credentials in the form get a token for ten minutes."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "dmc-sandbox",
        "client_secret": "client secret",
    }
    response = httpx2.post(sandbox.url + TOKEN, data=form)
    body = response.json()
    headers = {"Authorization": f"Bearer {body.pop('access_token')}"}

    assert body == {"token_type": "Bearer", "expires_in": 600, "scope": "everything"}
    assert response.headers["cache-control"] == "no-store"
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
def test_wrong_client_credentials_get_no_token(
    sandbox: SandboxServer, form: dict[str, str], status: int, error: str
) -> None:
    """The error is that of OAuth 2."""
    response = httpx2.post(sandbox.url + TOKEN, data=form)

    assert (response.status_code, response.json()["error"]) == (status, error)


def test_token_expires(tmp_path: Path) -> None:
    """The error for an expired token differs from that for an unknown one."""
    settings = replace(SETTINGS, token_seconds=0.2)
    form = {"grant_type": "client_credentials", "client_id": settings.client_id}
    with run_sandbox(tmp_path / "short.db", settings) as short:
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


def request_token(url: str, asked: str = "") -> httpx2.Response:
    """Ask for a token with some of the client's scopes."""
    form = {"grant_type": "client_credentials", "client_id": SETTINGS.client_id}
    form |= {"client_secret": SETTINGS.client_secret}
    return httpx2.post(url + TOKEN, data=form | ({"scope": asked} if asked else {}))


def test_client_is_limited_to_its_scopes(tmp_path: Path) -> None:
    """Scopes cover an API or object, to read or to write; 403 names the missing one."""
    scopes = ("C_Entry.everything.read", "Liferay.Object.Admin.REST.everything")
    settings = replace(SETTINGS, client_scopes=scopes)
    with run_sandbox(tmp_path / "scopes.db", settings) as some:
        token = request_token(some.url).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        with httpx2.Client(base_url=some.url, headers=headers) as client:
            for name in ("Entry", "Bill"):
                response = client.post(DEFINITIONS, json=definition(name))
                assert response.status_code == 200, response.text
            seen = client.get("/o/c/entries")
            refused = {
                (verb, path): client.request(verb, path)
                for verb, path in (
                    ("POST", "/o/c/entries"),
                    ("GET", "/o/c/bills?page=1"),
                    ("GET", "/o/c/%62ills/1"),
                    ("DELETE", "/o/c/nothings/1"),
                    ("GET", PICKLISTS),
                    ("POST", f"{ENGINE}/import-task/{ENTRY}"),
                )
            }

    assert token["scope"] == " ".join(scopes)
    assert list(seen.json()["actions"]) == ["get"]
    assert {response.status_code for response in refused.values()} == {403}
    assert [response.json()["title"].split()[6] for response in refused.values()] == [
        "C_Entry.everything.write",
        "C_Bill.everything.read",
        "C_%62ills.everything.read",
        "C_nothings.everything.write",
        "Liferay.Headless.Admin.List.Type.everything.read",
        "Liferay.Headless.Batch.Engine.everything.write",
    ]
    assert refused["GET", PICKLISTS].json() == {
        "status": "FORBIDDEN",
        "title": "Client dmc-sandbox must have the scope "
        f"Liferay.Headless.Admin.List.Type.everything.read for {PICKLISTS}",
    }


def test_token_may_request_fewer_scopes_than_its_client(tmp_path: Path) -> None:
    """A scope that the client does not have is refused."""
    scopes = ("C_A.everything", "C_B.everything")
    with run_sandbox(
        tmp_path / "x.db", replace(SETTINGS, client_scopes=scopes)
    ) as some:
        fewer = request_token(some.url, "C_B.everything")
        other = request_token(some.url, "C_B.everything everything")

    assert fewer.json()["scope"] == "C_B.everything"
    assert (other.status_code, other.json()) == (
        400,
        {
            "error": "invalid_scope",
            "error_description": "The client has no scope everything",
        },
    )


def test_repr_contains_no_secrets() -> None:
    """Settings may be logged."""
    assert "horse" not in repr(SETTINGS)
    assert "client secret" not in repr(SETTINGS)


def test_tasks_of_older_database_are_kept(tmp_path: Path) -> None:
    """Their table has no column for the user who sent the request."""
    ledger = SandboxDatabase(tmp_path / "old")
    with ledger.transaction() as connection:
        connection.execute("ALTER TABLE task DROP COLUMN onlooker")
        connection.execute("PRAGMA user_version = 0")
    ledger.close()

    again = SandboxDatabase(tmp_path / "old")
    task = TaskStore(again).add(TaskRequest(direction="import", class_name=ENTRY))
    again.close()

    assert task.request.onlooker == ""
