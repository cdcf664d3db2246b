"""Rules of all paths: methods, media types, and JSON."""

from __future__ import annotations

import re

import httpx2
import pytest

from dmc_widgets.sandbox.app import route_table
from tests.sandbox.conftest import DEFINITIONS, ENGINE, SandboxServer


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (DEFINITIONS, "GET, HEAD, OPTIONS, POST"),
        (f"{DEFINITIONS}/1", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        (f"{ENGINE}/import-task/x", "DELETE, GET, HEAD, OPTIONS, POST, PUT"),
        ("/o/oauth2/token", "OPTIONS, POST"),
    ],
)
def test_options_lists_the_allowed_methods(
    client: httpx2.Client, path: str, allowed: str
) -> None:
    """As with every JAX-RS server: 200, Allow, and no body."""
    response = client.options(path)

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["allow"] == allowed


def test_unsupported_method_is_405_with_allowed_ones(client: httpx2.Client) -> None:
    response = client.patch(DEFINITIONS, json={})

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert response.json() == {
        "status": "METHOD_NOT_ALLOWED",
        "title": "HTTP 405 Method Not Allowed",
    }


def test_unknown_path_is_404(client: httpx2.Client) -> None:
    assert client.options("/o/nothing").status_code == 404


def test_head_is_get_without_the_body(client: httpx2.Client) -> None:
    """For lists, single resources, and unknown ones."""
    for path, status in ((DEFINITIONS, 200), (f"{DEFINITIONS}/999999", 404)):
        head, get = client.head(path), client.get(path)

        assert (head.status_code, head.content) == (status, b"")
        assert head.headers["content-length"] == get.headers["content-length"]


def test_other_media_types_are_rejected_on_every_route(
    sandbox: SandboxServer, client: httpx2.Client
) -> None:
    """The media type is checked before anything else, on every route."""
    headers = {"Content-Type": "text/plain"}
    requests = [
        (verb, re.sub(r"{\w+}", "1", path))
        for path, verbs in route_table(sandbox.context)
        for verb in verbs
        if verb in {"PATCH", "POST", "PUT"}
    ]

    answers = {
        (verb, path): client.request(verb, path, content=b"a", headers=headers)
        for verb, path in requests
    }

    # Paths of relationships end in two ids; batches are told of their object first.
    others = re.compile(
        rf"{ENGINE}/.*|.*/(publish|copy|token|(export-)?batch|1/1/1|object-actions/1)"
    )
    taken = {
        path for (_, path), response in answers.items() if response.status_code != 415
    }
    assert {path for path in taken if not others.fullmatch(path)} == set()
    assert answers["PUT", "/o/c/1/1"].json() == {
        "status": "UNSUPPORTED_MEDIA_TYPE",
        "title": "HTTP 415 Unsupported Media Type",
    }


@pytest.mark.parametrize(
    "stated", ["application/json; charset=UTF-8", "APPLICATION/JSON", None]
)
def test_json_media_type_may_have_parameters(
    client: httpx2.Client, stated: str | None
) -> None:
    """A charset changes nothing; no media type means JSON."""
    headers = {"Content-Type": stated} if stated else {}

    response = client.post(DEFINITIONS, content=b"{}", headers=headers)

    assert (response.status_code, response.json()["title"]) == (400, "Name is null")
