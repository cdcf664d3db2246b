"""Filters and sort orders over fields of related entries."""

from __future__ import annotations

from typing import Any

import httpx2
import orjson
import pytest

from dmc_widgets.errors import NotSupported, UnknownName
from dmc_widgets.ports import Query
from tests.sandbox.conftest import ENTRY, Define, SandboxServer, field
from tests.sandbox.test_batch_verbs import run_export
from tests.sandbox.test_related_entries import relationship

pytestmark = pytest.mark.each_database

CODE = "externalReferenceCode"


@pytest.fixture(scope="module")
def library(client: httpx2.Client, define: Define) -> dict[str, int]:
    """Two presses, three authors, four novels and two members who read some."""
    define("Novel")
    define("Member")
    define(
        "Author",
        objectFields=[
            field("title", "Text"),
            field("amount", "Integer"),
            field("price", "PrecisionDecimal"),
        ],
        objectRelationships=[relationship("wrote", "AUTHOR", "NOVEL", "oneToMany")],
    )
    define(
        "Press",
        objectRelationships=[
            relationship("signed", "PRESS", "AUTHOR", "oneToMany"),
            relationship("lends", "PRESS", "MEMBER", "manyToMany"),
        ],
    )
    wrote, signed = "r_wrote_c_authorERC", "r_signed_c_pressERC"
    bodies: tuple[tuple[str, dict[str, Any]], ...] = (
        ("presses", {CODE: "P1", "title": "North Press"}),
        ("presses", {CODE: "P2", "title": "South Press"}),
        (
            "authors",
            {CODE: "A1", "title": "Ada", "amount": 30, "price": 10, signed: "P1"},
        ),
        (
            "authors",
            {CODE: "A2", "title": "bob", "amount": 20, "price": 9, signed: "P2"},
        ),
        ("authors", {CODE: "A3", "title": "Cyd", "amount": 10}),
        ("novels", {CODE: "N1", "title": "One", "amount": 1, wrote: "A1"}),
        ("novels", {CODE: "N2", "title": "Two", "amount": 2, wrote: "A1"}),
        ("novels", {CODE: "N3", "title": "Three", "amount": 3, wrote: "A2"}),
        ("novels", {CODE: "N4", "title": "Four", "amount": 4}),
        ("members", {CODE: "M1", "title": "Max", "keywords": ["vip", "old"]}),
        ("members", {CODE: "M2", "title": "Mia", "keywords": ["new"]}),
    )
    ids = {}
    for plural, body in bodies:
        response = client.post(f"/o/c/{plural}", json=body)
        assert response.status_code == 200, response.text
        ids[body[CODE]] = response.json()["id"]
    for press, member in (("P1", "M1"), ("P1", "M2"), ("P2", "M2")):
        path = f"/o/c/presses/by-external-reference-code/{press}/lends/{member}"
        assert client.put(path).status_code == 200
    return ids


def codes(client: httpx2.Client, path: str, **params: str) -> list[str]:
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    page = response.json()
    assert page["totalCount"] == len(page["items"])
    return [item[CODE] for item in page["items"]]


@pytest.mark.parametrize(
    ("plural", "filter_", "expected"),
    [
        ("novels", "wrote/title eq 'Ada'", ["N1", "N2"]),
        ("novels", "wrote/title ne 'Ada'", ["N3"]),
        ("novels", "not (wrote/title eq 'Ada')", ["N3", "N4"]),
        ("novels", "wrote/amount ge 20 and amount lt 3", ["N1", "N2"]),
        ("novels", "wrote/title in ('bob','Cyd')", ["N3"]),
        ("novels", "contains(wrote/title,'d')", ["N1", "N2"]),
        ("novels", "startswith(wrote/title,'b')", ["N3"]),
        ("novels", "wrote/id eq '{A2}'", ["N3"]),
        ("novels", "wrote/externalReferenceCode eq 'A1'", ["N1", "N2"]),
        ("novels", "wrote/externalReferenceCode eq ''", ["N4"]),
        ("novels", "wrote/externalReferenceCode ne ''", ["N1", "N2", "N3"]),
        ("novels", "wrote/signed/title eq 'South Press'", ["N3"]),
        ("novels", "wrote/signed/lends/title eq 'Max'", ["N1", "N2"]),
        ("novels", "wrote/status/any(s:s eq 0)", ["N1", "N2", "N3"]),
        ("novels", "wrote/signed/externalReferenceCode eq ''", []),
        ("authors", "signed/externalReferenceCode eq ''", ["A3"]),
        ("authors", "wrote/title eq 'Two'", ["A1"]),
        ("authors", "wrote/amount gt 0", ["A1", "A2"]),
        ("authors", "wrote/any(n:n/title eq 'One')", ["A1"]),
        ("authors", "wrote/any(n:n/title eq 'One' and n/amount eq 2)", []),
        ("authors", "wrote/title eq 'One' and wrote/amount eq 2", ["A1"]),
        ("authors", "not wrote/any(n:n/amount gt 2)", ["A1", "A3"]),
        ("authors", "wrote/any(n:n/wrote/title eq 'bob')", ["A2"]),
        ("presses", "lends/title eq 'Mia'", ["P1", "P2"]),
        ("presses", "lends/keywords/any(k:k eq 'vip')", ["P1"]),
        ("presses", "lends/any(m:m/keywords/any(k:k in ('old','x')))", ["P1"]),
        ("presses", "signed/any(a:a/wrote/any(n:n/amount eq 3))", ["P2"]),
        ("members", "lends/title eq 'South Press'", ["M2"]),
        ("members", "lends/signed/wrote/title eq 'One'", ["M1", "M2"]),
        ("members", "lends/creator/name eq 'Test Test'", ["M1", "M2"]),
    ],
)
def test_filters_follow_relationships(
    client: httpx2.Client,
    library: dict[str, int],
    plural: str,
    filter_: str,
    expected: list[str],
) -> None:
    """To parents, to children and to the other side of many-to-many."""
    found = codes(client, f"/o/c/{plural}", filter=filter_.format(**library))

    assert found == expected


@pytest.mark.parametrize(
    ("plural", "sort", "expected"),
    [
        ("novels", "wrote/title:asc,title:asc", ["N4", "N1", "N2", "N3"]),
        ("novels", "wrote/title:desc,title:desc", ["N3", "N2", "N1", "N4"]),
        ("novels", "wrote/amount,amount:desc", ["N4", "N3", "N2", "N1"]),
        ("novels", "wrote/price:asc,title", ["N4", "N3", "N1", "N2"]),
        ("novels", "wrote/price:desc,title", ["N1", "N2", "N3", "N4"]),
        ("novels", "wrote/signed/title:desc,title:asc", ["N3", "N1", "N2", "N4"]),
        ("authors", "wrote/amount:desc", ["A2", "A1", "A3"]),
        ("authors", "wrote/title:asc", ["A3", "A1", "A2"]),
        ("members", "lends/title:desc,title:asc", ["M2", "M1"]),
    ],
)
def test_orders_follow_relationships(
    client: httpx2.Client,
    library: dict[str, int],
    plural: str,
    sort: str,
    expected: list[str],
) -> None:
    """No related entry comes first; of several the first in the order counts."""
    assert library
    assert codes(client, f"/o/c/{plural}", sort=sort) == expected


def test_lists_of_related_entries_and_exports_take_such_filters(
    client: httpx2.Client, library: dict[str, int]
) -> None:
    below = f"/o/c/authors/{library['A1']}/wrote"
    query = {
        "taskItemDelegateName": "C_Novel",
        "fieldNames": CODE,
        "filter": "wrote/signed/title eq 'North Press'",
        "sort": "wrote/title:asc,title:desc",
    }

    own = codes(client, below, filter="wrote/title eq 'Ada' and title ne 'One'")
    none = codes(client, below, filter="wrote/title eq 'bob'")
    task, _, content = run_export(client, ENTRY, "JSON", **query)

    assert (own, none) == (["N2"], [])
    assert task["executeStatus"] == "COMPLETED"
    assert orjson.loads(content) == [{CODE: "N2"}, {CODE: "N1"}]


def test_installations_take_such_filters(
    sandbox: SandboxServer, library: dict[str, int]
) -> None:
    """Also for the entries of every site, which are read without a scope."""
    assert library
    installation = sandbox.context.store.installation
    types = {entity.name: entity for entity in installation.entity_types()}
    query = Query(filter="wrote/title eq 'Ada'", sort="wrote/title,title:desc")

    found = [item[CODE] for item in installation.read(types["C_Novel"], query)]

    assert found == ["N2", "N1"]
    with pytest.raises(UnknownName, match="'wrote/nothing'"):
        installation.read(types["C_Novel"], Query(filter="wrote/nothing eq 1"))
    with pytest.raises(NotSupported, match="too many relationships"):
        installation.read(types["C_Novel"], Query(sort=f"{'wrote/' * 6}title"))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"filter": "wrot/title eq 'Ada'"},
            "There is no field to filter or sort by named 'wrot/title'. Known: ",
        ),
        (
            {"filter": "wrote/titel eq 'Ada'"},
            "There is no field to filter or sort by named 'wrote/titel'. Known: "
            "wrote/amount, wrote/creator, ",
        ),
        (
            {"filter": "wrote eq 'Ada'"},
            "The filter cannot be used at "
            "character 1: 'wrote' is a relationship. Write "
            "wrote/field eq …, with a field of the related entries.",
        ),
        (
            {"filter": "wrote/any(n:title eq 'Ada')"},
            "The filter cannot be used at "
            "character 13: the condition within any may speak of "
            "n/field only.",
        ),
        (
            {"filter": "wrote/title/any(n:n eq 'Ada')"},
            "The filter cannot be used at "
            "character 1: 'title' is not a list, so any does not "
            "apply to it.",
        ),
        (
            {"filter": "wrote/amount eq 'x'"},
            "The filter cannot be used at "
            "character 17: 'amount' is compared with a number such "
            "as 7.",
        ),
        (
            {"filter": "wrote/wrote/wrote/wrote/wrote/wrote/title eq 'x'"},
            "The path 'wrote/wrote/wrote/wrote/wrote/wrote/title' leads over too many "
            "relationships: 5 are allowed.",
        ),
        (
            {"filter": "wrote/wrote/wrote/any(a:a/wrote/wrote/wrote/title eq 'x')"},
            "The filter cannot be used at "
            "character 25: it leads over more than 5 relationships.",
        ),
        (
            {"sort": "wrote:asc"},
            "The sort cannot be used: "
            "'wrote' is a relationship. Name a field: wrote/field.",
        ),
        (
            {"sort": "wrote/keywords:asc"},
            "The sort cannot be used: "
            "'wrote/keywords' is a list, and lists have no order.",
        ),
        (
            {"sort": "wrote/nothing"},
            "There is no field to filter or sort by named 'wrote/nothing'. Known: ",
        ),
    ],
)
def test_wrong_path_is_400(
    client: httpx2.Client, library: dict[str, int], params: dict[str, str], message: str
) -> None:
    assert library
    response = client.get("/o/c/novels", params=params)

    assert response.status_code == 400
    assert response.json()["title"].startswith(message), response.json()["title"]
