"""Differences between servers: older ones, small pages, missing features."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from operator import length_hint
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import Refused
from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.liferay import batch_plan, open_liferay
from dmc_widgets.installations.liferay.http.client import Client
from dmc_widgets.installations.liferay.installation import LiferayInstallation
from dmc_widgets.model.outcome import ONE_BY_ONE, Outcome, OutcomeKind
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.ports import Query
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    FAILED,
    PICKLIST,
    kinds,
    read,
    ticket,
    type_named,
    write,
)
from dmc_widgets.testing.samples import DEFINITIONS as BODIES
from tests.installations.canned_server import (
    DEFINITIONS,
    Answer,
    Request,
    canned,
    page,
)
from tests.installations.old_server import (
    CALLER,
    QUICK,
    TICKETS,
    OldServer,
    opened,
)
from tests.sandbox.conftest import SandboxServer, run_sandbox

PARTIAL = Policy(
    update_strategy=UpdateStrategy.PARTIAL_UPDATE, error_strategy=ErrorStrategy.CONTINUE
)


def fetch_codes(server: OldServer, *codes: str) -> tuple[list[str], int]:
    """Fetch codes; return the codes of the items, and the number of requests."""
    with opened(server) as (installation, canned_):
        tickets = type_named(installation, "C_Ticket")
        before = len(canned_.requests)
        items = installation.fetch(tickets, codes)
        return list(items), len(canned_.requests) - before


def test_many_codes_are_fetched_in_one_request() -> None:
    server = OldServer()
    codes = [f"T-{number}" for number in range(150)]
    for code in codes:
        server.add(code)

    assert fetch_codes(server, *codes) == (codes, 1)


def test_long_codes_are_divided_into_urls_of_accepted_length() -> None:
    server = OldServer()
    codes = ["ü" * 70 + str(number) for number in range(30)]
    for code in codes:
        server.add(code)
    with opened(server) as (installation, canned_):
        items = installation.fetch(type_named(installation, "C_Ticket"), codes)
        asked = [x.target for x in canned_.requests if "filter" in x.params]

    assert list(items) == codes
    assert [len(url) < 6000 for url in asked] == [True] * 3


def test_codes_are_escaped_only_where_needed() -> None:
    server = OldServer()
    with opened(server) as (installation, canned_):
        installation.fetch(type_named(installation, "C_Ticket"), ["T-1", "O'Neill&Co"])

    assert "=externalReferenceCode%20in%20('T-1','O''Neill%26Co')&" in (
        canned_.requests[-1].target
    )


def test_next_group_of_codes_is_on_its_way_while_one_is_used() -> None:
    server = OldServer()
    for number in range(3):
        server.add(f"T-{number}")
    taken: list[str] = []

    def groups() -> Iterator[tuple[str, list[str]]]:
        for codes in (["T-0", "T-9"], ["T-1"], ["T-2"]):
            taken.extend(codes)
            yield "", codes

    with opened(server) as (installation, _):
        tickets = type_named(installation, "C_Ticket")
        fetched = installation.fetch_ahead(tickets, groups())
        first = next(fetched)
        assert taken == ["T-0", "T-9", "T-1"]
        others = list(fetched)

    assert [[*items] for items in (first, *others)] == [["T-0"], ["T-1"], ["T-2"]]


def test_definitions_that_were_read_as_items_are_not_read_again() -> None:
    """They are asked for as they are; entity types may be some seconds old."""
    with opened(OldServer()) as (installation, canned_):
        definitions = type_named(installation, "ObjectDefinition")
        picklists = type_named(installation, "ListTypeDefinition")
        before = len(canned_.requests)
        for _ in range(2):
            list(installation.read(definitions, Query()))
            list(installation.read(picklists, Query()))
        installation.entity_types()
        installation.entity_types()
        paths = [request.path for request in canned_.requests[before:]]

    assert paths == 2 * [
        "/o/object-admin/v1.0/object-definitions",
        "/o/headless-admin-list-type/v1.0/list-type-definitions",
    ]


def test_server_without_filters_is_asked_for_each_code() -> None:
    server = OldServer()
    server.filters = False
    server.add("A/1")
    server.add("B")

    assert fetch_codes(server, "A/1", "B", "C") == (["A/1", "B"], 4)


def test_smaller_pages_of_a_server_are_all_read() -> None:
    server = OldServer()
    server.page_size = 2
    for number in range(5):
        server.add(f"T-{number}")
    with opened(server) as (installation, _):
        items = installation.read(
            type_named(installation, "C_Ticket"), Query(fields=("title",))
        )

        assert length_hint(items) == 5
        assert len(list(items)) == 5


@pytest.mark.parametrize("count", ["many", None, -1, 2.5])
def test_page_with_wrong_counts_is_read(count: Any) -> None:
    server = OldServer()
    server.add("T-1")

    def answering(request: Request) -> Answer:
        answer = server(request)
        if request.path == "/o/c/tickets":
            return Answer({**answer.body, "lastPage": count, "totalCount": count})
        return answer

    with canned(answering) as running:
        installation = open_liferay(parse_address(running.url), CALLER, QUICK)
        items = read(installation, "C_Ticket", "externalReferenceCode")
        installation.close()

    assert items == [{"externalReferenceCode": "T-1"}]


def test_entries_deleted_during_reading_hide_no_others() -> None:
    """The entries after them move to earlier pages."""
    server = OldServer()
    server.page_size = 2
    for number in range(10):
        server.add(f"T-{number}")
    with opened(server) as (installation, _):
        fields = ("externalReferenceCode",)
        items = installation.read(
            type_named(installation, "C_Ticket"), Query(fields=fields)
        )
        first = [next(items), next(items)]
        del server.entries["T-0"]
        codes = [entry["externalReferenceCode"] for entry in [*first, *items]]

    assert codes == [f"T-{number}" for number in range(10)]


def test_path_outside_of_object_entries_is_not_followed() -> None:
    """Credentials are sent to paths of objects only."""
    server = OldServer()
    answers = page({**TICKETS, "restContextPath": "//evil.example.com/o/c/x"})

    def answering(request: Request) -> Answer:
        return answers if request.path == DEFINITIONS else server(request)

    with canned(answering) as running:
        installation = open_liferay(parse_address(running.url), CALLER, QUICK)
        with pytest.raises(Refused, match="states no path"):
            installation.entity_types()
        installation.close()


def test_changed_fields_are_sent_singly_where_batches_cannot() -> None:
    """The outcomes are those of a batch, also when it is written again."""
    server = OldServer()
    server.add("T-1", title="old")
    server.add("T-2", title="same")
    server.add("T-3", title="old")
    items = [
        {"externalReferenceCode": "T-1", "title": "new"},
        {"externalReferenceCode": "T-2", "title": "same"},
        {"externalReferenceCode": "T-3", "title": "bad"},
        {"externalReferenceCode": "T-4", "title": "first"},
    ]
    with opened(server) as (installation, _):
        first = write(installation, "C_Ticket", *items, policy=PARTIAL, number=1)
        second = write(installation, "C_Ticket", *items, policy=PARTIAL, number=1)

    assert first[:2] == [
        Outcome(OutcomeKind.UPDATED, "T-1", note=ONE_BY_ONE),
        Outcome(OutcomeKind.UNCHANGED, "T-2", note=ONE_BY_ONE),
    ]
    assert first[2].problem is not None
    assert first[2].problem.message == "Title is bad"
    assert first[3] == Outcome(CREATED, "T-4", note=ONE_BY_ONE)
    assert second == first
    assert server.entries["T-1"]["title"] == "new"


def test_snapshot_travels_with_the_items() -> None:
    server = OldServer()
    server.add("T-1", title="old")
    with opened(server) as (installation, _):
        write(installation, "C_Ticket", ticket("T-1"), policy=PARTIAL, number=1)

    with zipfile.ZipFile(io.BytesIO(server.contents["dmc-contract-1"])) as archive:
        assert archive.namelist() == ["batch.jsonl"]
        assert archive.comment.startswith(b"dmc-before-1:")


# The sandbox as other servers


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxServer]:
    with run_sandbox(tmp_path / "sandbox.db") as sandbox:
        yield sandbox


@pytest.fixture
def installation(sandbox: SandboxServer) -> Iterator[LiferayInstallation]:
    installation = open_liferay(parse_address(sandbox.url), CALLER, QUICK)
    yield installation
    installation.close()


def test_definitions_are_created_as_stubs_on_older_servers(
    installation: LiferayInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_plan, "PLACEHOLDER_VERSION", (99,))
    write(installation, "ListTypeDefinition", PICKLIST)

    first = write(installation, "ObjectDefinition", *BODIES, number=1, task="x")
    second = write(installation, "ObjectDefinition", *BODIES, number=1, task="x")
    again = write(installation, "ObjectDefinition", *BODIES, number=2, task="x")

    assert kinds(first) == [CREATED, CREATED]
    assert [each.note for each in first] == ["", ""]
    assert second == first
    assert CREATED not in kinds(again)
    names = [entity_type.name for entity_type in installation.entity_types()]
    assert {"C_Person", "C_Ticket"} <= set(names)


def test_insert_refuses_stored_definitions_beside_stubs(
    installation: LiferayInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_plan, "PLACEHOLDER_VERSION", (99,))
    write(installation, "ListTypeDefinition", PICKLIST)
    write(installation, "ObjectDefinition", {**BODIES[1]})
    adding = replace(CONTINUE, import_strategy=ImportStrategy.INSERT)

    outcomes = write(installation, "ObjectDefinition", *BODIES, policy=adding)

    assert kinds(outcomes) == [CREATED, FAILED]


def test_many_entries_are_read_by_an_export_task(
    installation: LiferayInstallation,
) -> None:
    write(installation, "ListTypeDefinition", PICKLIST)
    write(installation, "ObjectDefinition", {**BODIES[1]})
    write(
        installation,
        "C_Ticket",
        *(ticket(f"T-{number}", level="low", price="1.50") for number in range(120)),
    )
    by_pages = read(installation, "C_Ticket")
    client: Client = installation.client
    exporting = LiferayInstallation(client, export_from=100)

    by_export = read(exporting, "C_Ticket")

    assert by_export == by_pages
    task = client.get_json("/o/headless-batch-engine/v1.0/export-task/4")
    assert (task["executeStatus"], task["processedItemsCount"]) == ("COMPLETED", 120)


def test_what_a_server_has_only_named_so_far_is_not_read() -> None:
    """Definitions and entries with the status *empty* are no items yet."""
    empty = {"code": 9, "label": "empty", "label_i18n": "Empty"}
    named = {**TICKETS, "externalReferenceCode": "GHOST", "name": "Ghost", "id": 8}
    entries = [
        {"externalReferenceCode": "A", "id": 1, "status": {"code": 0}},
        {"externalReferenceCode": "B", "id": 2, "status": empty},
    ]

    def answer(request: Request) -> Answer:
        if request.path == DEFINITIONS:
            return page(TICKETS, {**named, "status": empty})
        if request.path == "/o/c/tickets":
            return page(*entries)
        return page() if request.path.endswith("list-type-definitions") else Answer({})

    with canned(answer) as server:
        installation = open_liferay(parse_address(server.url), CALLER, QUICK)
        definitions = read(installation, "ObjectDefinition", "externalReferenceCode")
        tickets = read(installation, "C_Ticket", "externalReferenceCode")
        fetched = installation.fetch(type_named(installation, "C_Ticket"), ["A", "B"])
        installation.close()

    assert [x["externalReferenceCode"] for x in definitions] == ["TICKET"]
    assert [x["externalReferenceCode"] for x in tickets] == ["A"]
    assert list(fetched) == ["A"]
