"""Entries that come before what they name, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dmc_widgets.installations import ConnectOptions, connect
from dmc_widgets.model.access import Access
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.testing.samples import type_named
from tests.sandbox.conftest import (
    DEFINITIONS,
    SETTINGS,
    Define,
    definition,
    run_sandbox,
)
from tests.sandbox.test_batch_verbs import run_import

pytestmark = pytest.mark.each_database

LAZY = {"lazyReferences": "true"}


def relationship_body(parent: str, child: str, deletion: str) -> dict[str, Any]:
    return {
        "name": "owns",
        "label": {"en_US": "Owns"},
        "type": "oneToMany",
        "deletionType": deletion,
        "objectDefinitionExternalReferenceCode1": parent.upper(),
        "objectDefinitionExternalReferenceCode2": child.upper(),
    }


def define_pair(define: Define, parent: str, child: str, deletion: str) -> None:
    define(child)
    relationship = relationship_body(parent, child, deletion)
    define(parent, objectRelationships=[relationship])


def codes(client: httpx2.Client, path: str, **query: str) -> list[str]:
    items = client.get(path, params=query).json()["items"]
    return [item["externalReferenceCode"] for item in items]


def test_only_the_parameter_lets_a_task_name_missing_entries(
    client: httpx2.Client, define: Define
) -> None:
    """A plain task and a single request refuse them, as Liferay does."""
    define_pair(define, "Kennel", "Hound", "cascade")
    hound = {"externalReferenceCode": "H", "title": "h", "r_owns_c_kennelERC": "K"}

    refused = run_import(client, "POST", "Hound", hound)
    single = client.post("/o/c/hounds", json=hound)
    taken = run_import(client, "POST", "Hound", hound, **LAZY)

    assert refused["executeStatus"] == "FAILED"
    assert single.status_code == 404
    assert (taken["executeStatus"], taken["failedItems"]) == ("COMPLETED", [])
    assert codes(client, "/o/c/hounds") == ["H"]


def test_a_placeholder_is_empty_and_in_no_list(
    client: httpx2.Client, define: Define
) -> None:
    define_pair(define, "Stable", "Horse", "cascade")
    horse = {"externalReferenceCode": "H", "title": "h", "r_owns_c_stableERC": "S"}
    run_import(client, "POST", "Horse", horse, **LAZY)

    placeholder = client.get("/o/c/stables/by-external-reference-code/S").json()
    child = client.get("/o/c/horses").json()["items"][0]
    page = client.get("/o/c/stables").json()

    assert placeholder["status"] == {"code": 9, "label": "empty", "label_i18n": "Empty"}
    assert "title" not in placeholder
    assert child["r_owns_c_stableId"] == placeholder["id"]
    assert (page["items"], page["totalCount"]) == ([], 0)
    assert codes(client, "/o/c/stables", filter="status eq 9") == ["S"]
    assert codes(client, "/o/c/stables", filter="status/any(x:x eq 9)") == ["S"]


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "by-code"])
def test_any_write_fills_a_placeholder(
    client: httpx2.Client, define: Define, verb: str
) -> None:
    name = f"{verb.replace('-', '').title()}Barn"
    define_pair(define, name, f"{name}Cow", "cascade")
    link = f"r_owns_c_{name[0].lower()}{name[1:]}ERC"
    cow = {"externalReferenceCode": "C", "title": "c", link: "B"}
    done = run_import(client, "POST", f"{name}Cow", cow, **LAZY)
    assert done["failedItems"] == []
    path = f"/o/c/{name.lower()}s"
    by_code = f"{path}/by-external-reference-code/B"
    number = client.get(by_code).json()["id"]
    barn: dict[str, Any] = {"externalReferenceCode": "B", "title": "b"}

    method, where = {
        "POST": ("POST", path),
        "PUT": ("PUT", f"{path}/{number}"),
        "PATCH": ("PATCH", f"{path}/{number}"),
        "by-code": ("PUT", by_code),
    }[verb]
    written = client.request(method, where, json=barn)

    assert written.status_code == 200, written.text
    assert written.json()["id"] == number
    assert written.json()["status"]["label"] == "approved"
    assert codes(client, path) == ["B"]


def test_the_last_entry_that_names_a_placeholder_takes_it_along(
    client: httpx2.Client, define: Define
) -> None:
    define_pair(define, "Hutch", "Hare", "cascade")
    for code in ("A", "B"):
        hare = {"externalReferenceCode": code, "title": "h", "r_owns_c_hutchERC": "X"}
        run_import(client, "POST", "Hare", hare, **LAZY)

    client.delete("/o/c/hares/by-external-reference-code/A")
    first = codes(client, "/o/c/hutches", filter="status eq 9")
    client.delete("/o/c/hares/by-external-reference-code/B")
    second = codes(client, "/o/c/hutches", filter="status eq 9")

    assert (first, second) == (["X"], [])


def test_the_document_of_definitions_names_the_parameter(
    client: httpx2.Client,
) -> None:
    """Programs see from it that the server has lazy references."""
    document = client.get("/o/object-admin/v1.0/openapi.json").json()

    assert document["x-lazy-references"] == "lazyReferences"


def test_an_older_version_has_no_lazy_references(tmp_path: Path) -> None:
    """A task passes over the parameter, and an installation refuses the choice."""
    settings = replace(SETTINGS, version="7.4.3.112")
    hound = {"externalReferenceCode": "H", "title": "h", "r_owns_c_kennelERC": "K"}
    access = Access(user=SETTINGS.user)
    options = ConnectOptions(access=access, secret=Secret(SETTINGS.password))
    relationship = relationship_body("Kennel", "Hound", "cascade")
    bodies = definition("Hound"), definition("Kennel")
    with run_sandbox(tmp_path / "old.db", settings) as server:
        with server.client() as client:
            for body in bodies:
                assert client.post(DEFINITIONS, json=body).status_code == 200
            kennel = f"{DEFINITIONS}/by-external-reference-code/KENNEL"
            client.post(f"{kennel}/object-relationships", json=relationship)
            task = run_import(client, "POST", "Hound", hound, **LAZY)
        installation = connect(server.url, options)
        hounds = type_named(installation, "C_Hound")
        installation.close()

    assert task["executeStatus"] == "FAILED"
    assert "NoSuchRelatedObjectEntry" in task["errorMessage"]
    assert not hounds.lazy_references
