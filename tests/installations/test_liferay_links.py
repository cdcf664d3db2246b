"""Many-to-many links at a server: sent apart from items, right on every attempt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.connect_options import ConnectOptions
from dmc_widgets.installations.liferay import open_liferay
from dmc_widgets.installations.liferay.batch_plan import plan_batch
from dmc_widgets.model.access import Access
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.ports import Batch, Installation, Item
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    DEFINITIONS,
    FAILED,
    PICKLIST,
    UPDATED,
    failure_of,
    kinds,
    read,
    ticket,
    type_named,
    write,
)
from tests.installations.canned_server import Answer, Request, problem
from tests.installations.forwarding import Sandbox, forwarded
from tests.sandbox.conftest import SETTINGS, run_sandbox

CALLER = ConnectOptions(
    access=Access(user=SETTINGS.user), secret=Secret(SETTINGS.password)
)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A server with the objects Person and Ticket, and two tickets."""
    with run_sandbox(tmp_path / "sandbox.db") as sandbox:
        opened = open_liferay(parse_address(sandbox.url), CALLER)
        write(opened, "ListTypeDefinition", PICKLIST)
        write(opened, "ObjectDefinition", *DEFINITIONS)
        write(opened, "C_Ticket", ticket("T-1"), ticket("T-2", notes="kept"))
        yield opened
        opened.close()


def person(code: str, *watched: str) -> Item:
    return {"externalReferenceCode": code, "fullName": "Ada", "watched": list(watched)}


def people(*items: Item) -> Batch:
    return Batch(task="people", number=1, items=items, policy=CONTINUE)


def watched_codes(installation: Installation) -> list[list[str]]:
    persons = read(installation, "C_Person", "watched")
    return [
        [entry["externalReferenceCode"] for entry in person["watched"]]
        for person in persons
    ]


def test_items_are_sent_without_their_links(installation: Installation) -> None:
    """A server would store the named entry anew, with nothing in it."""
    plan = plan_batch(
        people(person("P-1", "T-1")), type_named(installation, "C_Person")
    )

    (ready,) = plan.parts[0].items
    assert orjson.loads(ready.line) == {
        "externalReferenceCode": "P-1",
        "fullName": "Ada",
    }


def test_only_links_missing_from_the_list_are_ended(
    installation: Installation,
) -> None:
    """A list replaces the stored links."""
    write(installation, "C_Person", person("P-1", "T-1"), person("P-2", "T-1", "T-2"))

    changed = write(installation, "C_Person", person("P-1", "T-2"), person("P-2"))

    assert kinds(changed) == [UPDATED, UPDATED]
    assert watched_codes(installation) == [["T-2"], []]
    assert [entry["notes"] for entry in read(installation, "C_Ticket", "notes")] == [
        None,
        "kept",
    ]


def test_resumed_batch_with_links_has_the_same_outcomes(
    installation: Installation,
) -> None:
    """An entry that was missing has been added in the meantime."""
    persons = type_named(installation, "C_Person")
    write(installation, "C_Person", person("P-3", "T-1"))
    batch = people(
        person("P-1", "T-2"), person("P-2", "T-9"), person("P-3", "T-2", "T-1")
    )
    first = installation.write(persons, batch)
    write(installation, "C_Ticket", ticket("T-9"))

    second = installation.write(persons, batch)

    assert kinds(first) == kinds(second) == [CREATED, FAILED, UPDATED]
    assert (
        failure_of(first[1])[0]
        == failure_of(second[1])[0]
        == "no-such-related-object-entry"
    )
    assert watched_codes(installation) == [["T-1", "T-2"], ["T-2"]]


def test_links_lost_in_transit_are_set_by_the_next_attempt(
    installation: Installation,
) -> None:
    """The entry was stored, but its links were not."""
    persons = type_named(installation, "C_Person")
    batch = people(person("P-1", "T-1"))
    first = installation.write(persons, batch)
    write(installation, "C_Ticket", ticket("T-1", watched=[]))

    second = installation.write(persons, batch)

    assert kinds(first) == kinds(second) == [CREATED]
    assert watched_codes(installation) == [["T-1"]]


# Links that are refused


@pytest.fixture
def refusing(tmp_path: Path) -> Iterator[tuple[Installation, Sandbox]]:
    """The same server, with responses to links that a test can replace."""
    with forwarded(tmp_path) as (installation, sandbox):
        write(installation, "ListTypeDefinition", PICKLIST)
        write(installation, "ObjectDefinition", *DEFINITIONS)
        write(installation, "C_Ticket", ticket("T-1"), ticket("T-2"), ticket("T-3"))
        yield installation, sandbox


LINK = re.compile(r"/o/c/\w+/\d+/watched/\d+")


def refuse_links(sandbox: Sandbox, method: str, answer: Answer, first: int = 1) -> None:
    """Give these responses to the first requests for links."""
    left = [answer] * first

    def answering(request: Request) -> Answer:
        is_link = LINK.fullmatch(request.path) and request.method == method
        return left.pop() if is_link and left else sandbox.forward(request)

    sandbox.answering = answering


def test_refused_link_fails_and_says_that_the_entry_is_stored(
    refusing: tuple[Installation, Sandbox],
) -> None:
    """Its other links are set nevertheless."""
    installation, sandbox = refusing
    refuse_links(sandbox, "PUT", problem(400, "No more links", "BAD_REQUEST"))

    (outcome,) = write(installation, "C_Person", person("P-1", "T-1", "T-2", "T-3"))

    assert outcome.kind is FAILED
    assert failure_of(outcome) == (
        "refused",
        "watched",
        "The entry is stored, but its link to T-1 could not be set: No more links",
    )
    assert watched_codes(installation) == [["T-2", "T-3"]]


def test_refused_end_of_a_link_is_reported(
    refusing: tuple[Installation, Sandbox],
) -> None:
    installation, sandbox = refusing
    write(installation, "C_Person", person("P-1", "T-1", "T-2"))
    refuse_links(sandbox, "DELETE", Answer(b"", 500), first=2)

    (outcome,) = write(installation, "C_Person", person("P-1"))

    assert failure_of(outcome) == (
        "refused",
        "watched",
        "The entry is stored, but its link to T-1 could not be ended: The server "
        "refused the record (HTTP 500). (1 other link was refused as well.)",
    )


def test_link_ended_by_somebody_else_counts_as_ended(
    refusing: tuple[Installation, Sandbox],
) -> None:
    installation, sandbox = refusing
    write(installation, "C_Person", person("P-1", "T-1"))
    refuse_links(sandbox, "DELETE", problem(404, "No such link", "NOT_FOUND"))

    assert kinds(write(installation, "C_Person", person("P-1"))) == [UPDATED]


def test_entry_stored_after_a_refused_link_keeps_its_outcome(
    refusing: tuple[Installation, Sandbox],
) -> None:
    """All entries of the batch are stored before the first link is set."""
    installation, sandbox = refusing
    refuse_links(sandbox, "PUT", problem(400, "No more links", "BAD_REQUEST"))

    outcomes = write(
        installation, "C_Person", person("P-1", "T-1"), person("P-2"), policy=Policy()
    )

    assert kinds(outcomes) == [FAILED, CREATED]
    assert [entry["fullName"] for entry in read(installation, "C_Person")] == [
        "Ada",
        "Ada",
    ]


def test_entries_deleted_in_the_meantime_are_named(
    refusing: tuple[Installation, Sandbox],
) -> None:
    """A named entry is deleted between the look-up and the link."""
    installation, sandbox = refusing

    def answering(request: Request) -> Answer:
        got = sandbox.forward(request)
        if request.method == "POST" and "/import-task/" in request.path:
            where = "/o/c/tickets/by-external-reference-code/T-1"
            sandbox.forward(replace(request, method="DELETE", path=where, params={}))
        return got

    sandbox.answering = answering

    (outcome,) = write(installation, "C_Person", person("P-1", "T-1", "T-2"))

    assert failure_of(outcome)[0] == "no-such-related-object-entry"
    assert failure_of(outcome)[2].startswith(
        "The entry is stored, but its link to T-1 could not be set: "
    )
    assert watched_codes(installation) == [["T-2"]]


def test_links_are_unknown_once_access_is_revoked(
    refusing: tuple[Installation, Sandbox],
) -> None:
    installation, sandbox = refusing
    refuse_links(sandbox, "PUT", problem(401, "", "UNAUTHORIZED"))

    (outcome,) = write(installation, "C_Person", person("P-1", "T-1"))

    assert outcome.kind is OutcomeKind.UNKNOWN
