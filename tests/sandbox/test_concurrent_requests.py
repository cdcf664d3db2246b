"""Concurrent requests: none overwrites the change of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.sandbox.conftest import DEFINITIONS, Define, SandboxServer, field
from tests.sandbox.test_related_entries import relationship, titles

pytestmark = pytest.mark.each_database

NUMBERS = range(12)


def send_concurrently(
    sandbox: SandboxServer, send: Callable[[httpx2.Client, int], httpx2.Response]
) -> list[int]:
    """Send twelve requests, six at a time, each over a connection of its own."""

    def sent(number: int) -> int:
        with sandbox.client() as client:
            return send(client, number).status_code

    with ThreadPoolExecutor(6) as pool:
        return list(pool.map(sent, NUMBERS))


@pytest.mark.parametrize("name", ["owns", "reads"])
def test_concurrent_relations_are_all_stored(
    sandbox: SandboxServer, client: httpx2.Client, define: Define, name: str
) -> None:
    book, worm = f"Book{name.title()}", f"Worm{name.title()}"
    type_ = {"owns": "oneToMany", "reads": "manyToMany"}[name]
    books = define(book)["restContextPath"]
    relations = [relationship(name, worm.upper(), book.upper(), type_)]
    worms = define(worm, objectRelationships=relations)["restContextPath"]
    ids = [client.post(books, json={"title": f"{n:02}"}).json()["id"] for n in NUMBERS]
    owner = client.post(worms, json={"title": "W"}).json()["id"]
    path = f"{worms}/{owner}/{name}"

    statuses = send_concurrently(sandbox, lambda own, n: own.put(f"{path}/{ids[n]}"))

    assert statuses == [200] * 12
    stored = titles(client, f"{path}?pageSize=50&sort=title:asc")
    assert stored == [f"{n:02}" for n in NUMBERS]


def test_concurrently_added_fields_are_all_stored(
    sandbox: SandboxServer, client: httpx2.Client, define: Define
) -> None:
    """A lost field would be deleted with its values."""
    path = f"{DEFINITIONS}/{define('Crowd')['id']}"

    statuses = send_concurrently(
        sandbox,
        lambda own, n: own.post(f"{path}/object-fields", json=field(f"f{n}", "Text")),
    )

    assert statuses == [200] * 12
    assert _names(client.get(path).json()["objectFields"]) >= {f"f{n}" for n in NUMBERS}


def _names(fields: Iterable[dict[str, str]]) -> set[str]:
    return {field["name"] for field in fields}
