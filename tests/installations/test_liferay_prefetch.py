"""Batches at a server: the next one is prepared while one is written."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import FileBroken, UnknownName, Unreachable
from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.connect_options import ConnectOptions
from dmc_widgets.installations.liferay import open_liferay
from dmc_widgets.installations.liferay.http.client import Limits
from dmc_widgets.installations.liferay.installation import LiferayInstallation
from dmc_widgets.model.access import Access
from dmc_widgets.model.batch_results import BatchResults
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.strategies import ErrorStrategy, ImportStrategy, Policy
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.ports import Batch, Item, PipelinedWriter, Query
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    PICKLIST,
    kinds,
    ticket,
    type_named,
    write,
)
from dmc_widgets.testing.samples import DEFINITIONS as BODIES
from tests.installations.canned_server import (
    DEFINITIONS,
    Answer,
    Canned,
    Request,
    canned,
    page,
    problem,
)
from tests.sandbox.conftest import SETTINGS, run_sandbox

ACCESS = Access(user=SETTINGS.user)
CALLER = ConnectOptions(access=ACCESS, secret=Secret(SETTINGS.password))
QUICK = Limits(tries=3, wait_s=0.01, poll_s=0.01, answer_s=20, give_up_s=20)
ADDING = Policy(
    import_strategy=ImportStrategy.INSERT, error_strategy=ErrorStrategy.CONTINUE
)
UPDATED, UNKNOWN = OutcomeKind.UPDATED, OutcomeKind.UNKNOWN

TICKETS: dict[str, Any] = {
    "externalReferenceCode": "TICKET",
    "id": 7,
    "name": "Ticket",
    "label": {"en_US": "Ticket"},
    "scope": "company",
    "status": {"code": 0},
    "restContextPath": "/o/c/tickets",
    "objectFields": [
        {"name": "title", "businessType": "Text", "label": {"en_US": "Title"}}
    ],
}


class SlowServer:
    """A server that accepts every task, and works on it until a test lets it end.

    Attributes:
        definitions: Of the objects that it has.
        may_end: The tasks that may end, by their marks.
        ends: Those that may after an event.
        most: Requests that were under way at the same time.
        events: Each request, and each end of a task.
    """

    def __init__(self) -> None:
        self.definitions = [TICKETS]
        self.may_end: set[str] = set()
        self.ends: dict[str, set[str]] = {}
        self.most = 0
        self.events: list[str] = []
        self._tasks: dict[str, bool] = {}
        self._under_way = 0
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Answer:
        with self._lock:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        try:
            time.sleep(0.005)
            return self._answer(request)
        finally:
            with self._lock:
                self._under_way -= 1

    def _answer(self, request: Request) -> Answer:
        if request.path == DEFINITIONS:
            return page(*self.definitions)
        if request.path.startswith("/o/headless-admin-list-type"):
            return page()
        if "/import-task/" in request.path:
            return self._task(request)
        if request.path == "/o/c/tickets":
            event = f"look {request.params.get('filter', '')}"
            self.events.append(event)
            self.may_end |= self.ends.get(event, set())
            return page()
        return problem(404, "No such thing", "NOT_FOUND")

    def _task(self, request: Request) -> Answer:
        mark = request.path.rpartition("/")[2]
        if request.method == "POST":
            mark = request.params["externalReferenceCode"]
            self._tasks[mark] = False
            self.events.append(f"post {mark}")
            self.may_end |= self.ends.get(f"post {mark}", set())
        elif "by-external-reference-code" in request.path:
            self.events.append(f"find {mark}")
        if mark not in self._tasks:
            return problem(404, "No task", "NOT_FOUND")
        if not self._tasks[mark] and request.method == "GET" and mark in self.may_end:
            self._tasks[mark] = True
            self.events.append(f"end {mark}")
        status = "COMPLETED" if self._tasks[mark] else "STARTED"
        return Answer({"id": mark, "executeStatus": status, "failedItems": []})


def one(number: int, *codes: str, policy: Policy = ADDING) -> Batch:
    items = [ticket(code) for code in codes]
    return Batch(task="t", number=number, items=items, policy=policy)


def open_installation(
    server: Canned, caller: ConnectOptions = CALLER, limits: Limits = QUICK
) -> LiferayInstallation:
    return open_liferay(parse_address(server.url), caller, limits)


def outcomes_of(
    installation: LiferayInstallation, *batches: Batch, at_once: int = 1
) -> BatchResults:
    tickets = type_named(installation, "C_Ticket")
    return installation.write_all(tickets, iter(batches), at_once)


@pytest.fixture
def target(tmp_path: Path) -> Iterator[LiferayInstallation]:
    with run_sandbox(tmp_path / "sandbox.db") as sandbox:
        target = open_liferay(parse_address(sandbox.url), CALLER, QUICK)
        write(target, "ListTypeDefinition", PICKLIST)
        write(target, "ObjectDefinition", *BODIES)
        yield target
        target.close()


def test_batch_finds_what_the_batch_before_it_stored(
    target: LiferayInstallation,
) -> None:
    """What is prepared early would be out of date for a repeated code."""
    changed = replace(
        one(2, "C", policy=CONTINUE), items=[ticket("A", notes="new"), ticket("C")]
    )

    written = list(
        outcomes_of(
            target, one(1, "A", "B", policy=CONTINUE), changed, one(3, "D", "A")
        )
    )

    assert isinstance(target, PipelinedWriter)
    assert [kinds(outcomes) for outcomes in written] == [
        [CREATED, CREATED],
        [UPDATED, CREATED],
        [CREATED, UPDATED],
    ]


def test_definitions_are_not_prepared_early(tmp_path: Path) -> None:
    with run_sandbox(tmp_path / "sandbox.db") as sandbox:
        installation = open_liferay(parse_address(sandbox.url), CALLER, QUICK)
        write(installation, "ListTypeDefinition", PICKLIST)
        batches = [
            Batch(task="d", number=number, items=[body], policy=CONTINUE)
            for number, body in enumerate(BODIES, start=1)
        ]

        written = installation.write_all(
            type_named(installation, "ObjectDefinition"), iter(batches)
        )

        assert [kinds(outcomes) for outcomes in written] == [[CREATED], [CREATED]]
        installation.close()


def test_next_batch_is_prepared_during_a_batch_and_sent_after_it() -> None:
    server = SlowServer()
    server.ends = {"look externalReferenceCode in ('B')": {"dmc-t-1", "dmc-t-2"}}
    with canned(server) as running:
        installation = open_installation(running)

        written = list(outcomes_of(installation, one(1, "A"), one(2, "B")))

        installation.close()
    assert [kinds(outcomes) for outcomes in written] == [[CREATED], [CREATED]]
    events = server.events
    assert events.index("find dmc-t-2") < events.index("end dmc-t-1")
    assert sorted(x for x in events if x.startswith("look")) == [
        "look externalReferenceCode in ('A')",
        "look externalReferenceCode in ('B')",
    ]
    assert [x for x in events if x.startswith(("post", "end"))] == [
        "post dmc-t-1",
        "end dmc-t-1",
        "post dmc-t-2",
        "end dmc-t-2",
    ]


def test_next_batch_is_not_sent_until_outcomes_are_taken() -> None:
    server = SlowServer()
    server.may_end = {"dmc-t-1"}
    with canned(server) as running:
        installation = open_installation(running)

        written = outcomes_of(installation, one(1, "A"), one(2, "B"))
        assert kinds(next(written)) == [CREATED]
        assert written.finish_begun() == []

        installation.close()
    assert "find dmc-t-2" in server.events
    assert "post dmc-t-2" not in server.events


def test_batches_at_once_have_outcomes_in_their_order() -> None:
    """The third one begins once the outcomes of the first were taken."""
    server = SlowServer()
    server.ends = {"post dmc-t-2": {"dmc-t-1", "dmc-t-2", "dmc-t-3"}}
    with canned(server) as running:
        installation = open_installation(running)
        batches = one(1, "A"), one(2, "B"), one(3, "C")

        written = outcomes_of(installation, *batches, at_once=2)
        found = [[outcome.key for outcome in next(written)]]
        third = "post dmc-t-3" in server.events
        found += [[outcome.key for outcome in outcomes] for outcomes in written]

        installation.close()
    assert found == [["A"], ["B"], ["C"]]
    assert not third
    posts = server.events.index("post dmc-t-1"), server.events.index("post dmc-t-2")
    assert max(posts) < server.events.index("end dmc-t-1")


def test_batch_waits_for_one_that_has_a_code_of_it() -> None:
    server = SlowServer()
    server.may_end = {"dmc-t-1", "dmc-t-2"}
    with canned(server) as running:
        installation = open_installation(running)

        written = [*outcomes_of(installation, one(1, "A"), one(2, "B", "a"), at_once=2)]

        installation.close()
    assert [len(outcomes) for outcomes in written] == [1, 2]
    assert [x for x in server.events if x.startswith(("post", "end"))] == [
        "post dmc-t-1",
        "end dmc-t-1",
        "post dmc-t-2",
        "end dmc-t-2",
    ]


def test_begun_batches_are_finished_and_no_other_begins() -> None:
    server = SlowServer()
    server.ends = {"post dmc-t-2": {"dmc-t-1", "dmc-t-2"}}
    with canned(server) as running:
        installation = open_installation(running)
        batches = one(1, "A"), one(2, "B"), one(3, "C")

        written = outcomes_of(installation, *batches, at_once=2)
        next(written)

        (second,) = written.finish_begun()
        assert not isinstance(second, Exception)
        assert [outcome.key for outcome in second] == ["B"]
        assert next(written, None) is None
        installation.close()
    assert "post dmc-t-3" not in server.events


def test_error_of_the_source_is_raised_after_the_running_batch() -> None:
    server = SlowServer()
    broken = FileBroken("tickets.json", "It ends too early.")

    def batches() -> Iterator[Batch]:
        yield one(1, "A")
        server.may_end = {"dmc-t-1"}
        raise broken

    with canned(server) as running:
        installation = open_installation(running)
        tickets = type_named(installation, "C_Ticket")

        written = installation.write_all(tickets, batches())

        assert kinds(next(written)) == [CREATED]
        with pytest.raises(FileBroken, match="too early"):
            next(written)
        installation.close()


def test_failed_preparation_leaves_the_running_batch_alone() -> None:
    """The object of the next batch was deleted in the meantime."""
    server = SlowServer()

    def batches() -> Iterator[Batch]:
        yield one(1, "A")
        while "post dmc-t-1" not in server.events:
            time.sleep(0.01)
        server.definitions.clear()
        server.may_end = {"dmc-t-1"}
        installation._metadata.invalidate()
        yield one(2, "B")

    with canned(server) as running:
        installation = open_installation(running)
        tickets = type_named(installation, "C_Ticket")

        written = installation.write_all(tickets, batches())

        assert kinds(next(written)) == [CREATED]
        with pytest.raises(UnknownName, match="C_Ticket"):
            next(written)
        installation.close()
    assert "post dmc-t-2" not in server.events


def test_cancelled_batch_has_unknown_outcomes() -> None:
    """Within a second, whatever the server does."""
    server = SlowServer()
    not_cancelled = threading.Event()
    not_cancelled.set()
    caller = replace(CALLER, should_continue=not_cancelled.is_set)
    with canned(server) as running:
        installation = open_installation(running, caller)
        written = outcomes_of(installation, one(1, "A"), one(2, "B"))
        threading.Timer(0.3, not_cancelled.clear).start()
        began = time.monotonic()

        assert kinds(next(written)) == [UNKNOWN]

        with pytest.raises(Unreachable, match="was cancelled"):
            next(written)
        assert time.monotonic() - began < 1.3
        installation.close()
    assert "post dmc-t-2" not in server.events


@pytest.mark.parametrize("at_once", [1, 2])
def test_requests_in_flight_stay_below_the_limit(at_once: int) -> None:
    server = SlowServer()
    server.may_end = {"dmc-t-1", "dmc-t-2"}
    caller = replace(CALLER, access=replace(ACCESS, at_once=at_once))
    codes = [f"{number:075}" for number in range(400)]
    with canned(server) as running:
        installation = open_installation(running, caller)

        written = list(
            outcomes_of(installation, one(1, *codes[:200]), one(2, *codes[200:]))
        )

        installation.close()
    assert [set(kinds(outcomes)) for outcomes in written] == [{CREATED}, {CREATED}]
    assert server.most <= at_once


def test_cancelled_reading_raises_unreachable() -> None:
    """The cancellation comes between two items, long after the call."""
    not_cancelled = threading.Event()
    not_cancelled.set()
    item: Item = {"externalReferenceCode": "A", "id": 1}

    def server(request: Request) -> Answer:
        if request.path == "/o/c/tickets":
            if request.params["page"] != "1":
                not_cancelled.clear()
                time.sleep(1)
            return page(item, lastPage=3, totalCount=3)
        return SlowServer()(request)

    caller = replace(CALLER, should_continue=not_cancelled.is_set)
    with canned(server) as running:
        installation = open_installation(running, caller)
        items = installation.read(type_named(installation, "C_Ticket"), Query())

        with pytest.raises(Unreachable, match="was cancelled"):
            list(items)
        installation.close()
