"""Single requests for servers that cannot upsert changed fields in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dmc_widgets.model.outcome import ONE_BY_ONE, OutcomeKind
from dmc_widgets.model.strategies import ErrorStrategy, Policy, UpdateStrategy
from dmc_widgets.ports import Installation, Item
from dmc_widgets.testing.samples import (
    CREATED,
    DEFINITIONS,
    FAILED,
    PICKLIST,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    failure_of,
    kinds,
    read,
    ticket,
    write,
)
from tests.installations.canned_server import Answer, Request, problem
from tests.installations.forwarding import Sandbox, forwarded
from tests.installations.old_server import OldServer, opened

UNKNOWN = OutcomeKind.UNKNOWN
PARTIAL = Policy(
    update_strategy=UpdateStrategy.PARTIAL_UPDATE, error_strategy=ErrorStrategy.CONTINUE
)
STOP = replace(PARTIAL, error_strategy=ErrorStrategy.STOP)
_REFUSAL = 'Create strategy "UPSERT" is not supported for object entry'


class Unable:
    """A sandbox whose batch engine cannot upsert changed fields."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._ask = sandbox.forward
        self._refused: set[str] = set()

    def __call__(self, request: Request) -> Answer:
        if "/import-task/" not in request.path:
            return self._ask(request)
        params = request.params
        if params.get("updateStrategy") == "PARTIAL_UPDATE":
            self._refused.add(params["externalReferenceCode"])
            nobody = {"taskItemDelegateName": "C_Nobody"}  # the task comes to nothing
            request = replace(request, params=params | nobody)
        got = self._ask(request)
        is_task = isinstance(got.body, dict)
        if is_task and got.body.get("externalReferenceCode") in self._refused:
            return replace(got, body=got.body | {"errorMessage": _REFUSAL})
        return got


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A server with the objects Person and Ticket, and two tickets."""
    with forwarded(tmp_path) as (installation, sandbox):
        sandbox.answering = Unable(sandbox)
        write(installation, "ListTypeDefinition", PICKLIST)
        write(installation, "ObjectDefinition", *DEFINITIONS)
        write(installation, "C_Ticket", ticket("T-1"), ticket("T/2"))
        yield installation


def person(code: str, *watched: str, name: str = "Ada") -> Item:
    return {"externalReferenceCode": code, "fullName": name, "watched": list(watched)}


def test_unchanged_entry_with_links_is_unchanged(
    installation: Installation,
) -> None:
    """The response to a PATCH shows the entry without its links."""
    people = [person("P-1", "T-1"), person("P/2", "T-1", "T/2"), person("P-3")]
    write(installation, "C_Person", *people)

    outcomes = write(
        installation,
        "C_Person",
        person("P-1", "T-1"),
        person("P/2", "T-1"),
        person("P-3", name="Eve"),
        person("P/4", "T/2"),
        policy=PARTIAL,
    )

    assert kinds(outcomes) == [UNCHANGED, UPDATED, UPDATED, CREATED]
    assert {outcome.note for outcome in outcomes} == {ONE_BY_ONE}
    persons = read(installation, "C_Person", "fullName", "watched")
    codes = [
        [entry["externalReferenceCode"] for entry in person["watched"]]
        for person in persons
    ]
    assert codes == [["T-1"], ["T-1"], [], ["T/2"]]
    assert [person["fullName"] for person in persons] == ["Ada", "Ada", "Eve", "Ada"]


def test_definitions_are_patched_by_id(
    installation: Installation,
) -> None:
    """The path has the id, because there is no PATCH by code."""
    (outcome,) = write(
        installation,
        "ObjectDefinition",
        {"externalReferenceCode": "TICKET", "label": {"en_US": "Card"}},
        policy=PARTIAL,
    )

    assert outcome.kind is UPDATED
    assert read(installation, "ObjectDefinition", "label")[1]["label"] == {
        "en_US": "Card"
    }


class Old(OldServer):
    """A server whose responses to requests for one entry are set by a test."""

    def __init__(self, method: str, path: str, answer: Answer) -> None:
        super().__init__()
        self.on = f"{method} {path}"
        self.answer = answer
        self.add("A", title="old")

    def __call__(self, request: Request) -> Answer:
        if f"{request.method} {request.path}" == self.on:
            return self.answer
        return super().__call__(request)


ITEMS = [
    {"externalReferenceCode": "A", "title": "new"},
    {"externalReferenceCode": "B", "title": "new"},
]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            problem(500, "Internal Server Error", "INTERNAL_SERVER_ERROR"),
            "Internal Server Error",
        ),
        (problem(403, "Forbidden", "FORBIDDEN"), "Forbidden"),
        (Answer(b"", 413), "The server refused the record (HTTP 413)."),
    ],
    ids=["500", "403", "413"],
)
def test_refused_entry_fails_alone(answer: Answer, message: str) -> None:
    server = Old("PATCH", "/o/c/tickets/1", answer)

    with opened(server) as (installation, _):
        outcomes = write(installation, "C_Ticket", *ITEMS, policy=PARTIAL)

    assert kinds(outcomes) == [FAILED, CREATED]
    assert failure_of(outcomes[0])[2] == message


@pytest.mark.parametrize(
    "answer",
    [
        problem(401, "", "UNAUTHORIZED"),
        Answer(status=302, headers={"Location": "/c/portal/login"}),
        Answer(b"<html>Sign in</html>", 200, {"Content-Type": "text/html"}),
        problem(507, "The disk is full.", "INSUFFICIENT_STORAGE"),
    ],
    ids=["401", "302", "page", "507"],
)
def test_single_requests_end_once_the_server_takes_none(answer: Answer) -> None:
    """No record is to blame, and none after it is tried."""
    server = Old("PATCH", "/o/c/tickets/1", answer)

    with opened(server) as (installation, canned_):
        outcomes = write(installation, "C_Ticket", *ITEMS, policy=STOP)

    assert kinds(outcomes) == [UNKNOWN, UNKNOWN]
    assert outcomes[0].problem is not None
    assert "POST /o/c/tickets" not in canned_.request_lines()


def test_empty_response_to_a_patch_is_compared() -> None:
    """What became of the entry is read instead."""
    server = Old("PATCH", "/o/c/tickets/1", Answer(b"", 204))

    with opened(server) as (installation, _):
        outcomes = write(installation, "C_Ticket", *ITEMS, policy=PARTIAL)

    assert kinds(outcomes) == [UNCHANGED, CREATED]


def test_nothing_is_sent_after_a_refused_entry_under_stop() -> None:
    server = Old("PATCH", "/o/c/tickets/1", problem(400, "No", "BAD_REQUEST"))

    with opened(server) as (installation, _):
        outcomes = write(installation, "C_Ticket", *ITEMS, policy=STOP)

    assert kinds(outcomes) == [FAILED, SKIPPED]
    assert list(server.entries) == ["A"]


def test_entry_with_a_lost_response_is_not_added_again() -> None:
    """The server has stored it, but a proxy answers 502."""

    class Late(OldServer):
        def __call__(self, request: Request) -> Answer:
            answer = super().__call__(request)
            is_added = f"{request.method} {request.path}" == "POST /o/c/tickets"
            return Answer(status=502) if is_added else answer

    with opened(Late()) as (installation, canned_):
        outcomes = write(installation, "C_Ticket", *ITEMS, policy=PARTIAL)

    assert kinds(outcomes) == [CREATED, CREATED]
    assert canned_.request_lines().count("POST /o/c/tickets") == 2
