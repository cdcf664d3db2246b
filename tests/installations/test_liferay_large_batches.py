"""Batches that are larger than what a server takes in one request."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.connect_options import ConnectOptions
from dmc_widgets.installations.liferay import open_liferay
from dmc_widgets.installations.liferay.http.errors import Response
from dmc_widgets.installations.liferay.installation import LiferayInstallation
from dmc_widgets.model.access import Access
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.ports import Batch, Item
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    DEFINITIONS,
    FAILED,
    INSERT,
    PICKLIST,
    SKIPPED,
    kinds,
    ticket,
    type_named,
    write,
)
from tests.sandbox.conftest import SETTINGS, run_sandbox

LIMIT = 32 * 1024
CALLER = ConnectOptions(
    access=Access(user=SETTINGS.user), secret=Secret(SETTINGS.password)
)
DICE = random.Random(1)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A sandbox with tickets that takes 32 KiB at most."""
    settings = replace(SETTINGS, max_body_bytes=LIMIT)
    with run_sandbox(tmp_path / "sandbox.db", settings) as sandbox:
        opened = open_liferay(parse_address(sandbox.url), CALLER)
        write(opened, "ListTypeDefinition", PICKLIST)
        write(opened, "ObjectDefinition", *DEFINITIONS)
        opened.close()
        yield sandbox.url


@pytest.fixture
def server(url: str) -> Iterator[LiferayInstallation]:
    opened = open_liferay(parse_address(url), CALLER)
    yield opened
    opened.close()


def large_ticket(number: int, size: int = 6_000) -> Item:
    """Return a ticket whose text does not get smaller in an archive."""
    return ticket(f"T-{number}", notes=DICE.randbytes(size // 2).hex())


def tickets(number: int, *items: Item, policy: Policy = INSERT) -> Batch:
    return Batch(task="large", number=number, items=items, policy=policy)


def test_large_batch_is_written_in_smaller_ones(
    server: LiferayInstallation, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size that was taken is remembered, and a resumed batch knows its pieces."""
    statuses: list[int] = []
    request = server.client.request

    def counted(method: str, path: str, **options: Any) -> Response:
        response = request(method, path, **options)
        statuses.extend([response.status] if method == "POST" else [])
        return response

    monkeypatch.setattr(server.client, "request", counted)
    type_ = type_named(server, "C_Ticket")
    batches = [
        tickets(1, *map(large_ticket, range(20))),
        tickets(2, *map(large_ticket, range(20, 33)), policy=CONTINUE),
    ]

    written = [*server.write_all(type_, iter(batches), at_once=2)]

    assert [kinds(outcomes) for outcomes in written] == [[CREATED] * 20, [CREATED] * 13]
    assert statuses.count(413) <= 4
    before = len(statuses)
    server.write(type_, tickets(3, *map(large_ticket, range(40, 53))))
    assert 413 not in statuses[before:]
    other = open_liferay(parse_address(url), CALLER)
    assert [other.write(type_, batch) for batch in batches] == written
    assert other.recall(type_, batches[0]) == written[0]
    other.close()


def test_record_that_is_too_large_fails_alone(server: LiferayInstallation) -> None:
    """Under both error strategies."""
    huge = large_ticket(9, 200_000)

    found = write(server, "C_Ticket", large_ticket(1), huge, large_ticket(2))
    stopped = server.write(
        type_named(server, "C_Ticket"),
        tickets(5, large_ticket(3), huge, large_ticket(4), policy=Policy()),
    )

    assert kinds(found) == [CREATED, FAILED, CREATED]
    assert kinds(stopped) == [CREATED, FAILED, SKIPPED]
    problem = found[1].problem
    assert problem is not None
    assert problem.code == "request-too-large"
    assert "accepts no request that is so large (HTTP 413)." in problem.message
