"""Responses during a batch that are incomplete, errors, or missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dmc_widgets.errors import Refused
from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.strategies import Policy
from dmc_widgets.ports import Batch, Item
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    FAILED,
    INSERT,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    failure_of,
    kinds,
    type_named,
    write,
)
from tests.installations.canned_server import Answer, Request, problem
from tests.installations.old_server import OldServer, opened

UNKNOWN = OutcomeKind.UNKNOWN
STOP = Policy()

Meddling = Callable[[Request, Answer], Answer]


class Meddled(OldServer):
    """A server whose responses about tasks a test can change."""

    def __init__(self, meddle: Meddling) -> None:
        super().__init__()
        self.upserts_parts = True
        self.meddle = meddle
        self.broken = ""

    def __call__(self, request: Request) -> Answer:
        return self.meddle(request, super().__call__(request))

    def _carry_out(self, key: str, params: Any) -> dict[str, Any]:
        if self.broken:
            return {"executeStatus": "FAILED", "errorMessage": self.broken}
        return super()._carry_out(key, params)


class Full(OldServer):
    """A server with room for some entries, which loses its report of failures."""

    room = 2

    def put(self, item: dict[str, Any]) -> dict[str, Any]:
        if item["externalReferenceCode"] not in self.entries:
            if not self.room:
                raise OSError
            self.room -= 1
        return super().put(item)

    def _carry_out(self, key: str, params: Any) -> dict[str, Any]:
        try:
            return super()._carry_out(key, params)
        except OSError:
            message = "com.liferay.portal.kernel.exception.SystemException: Disk full"
            return {"executeStatus": "FAILED", "errorMessage": message}


class Unwilling(OldServer):
    """A server that answers one POST of a task with *answer*, and stores nothing."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer

    def __call__(self, request: Request) -> Answer:
        is_task = request.method == "POST" and "/import-task/" in request.path
        return self.answer if is_task else super().__call__(request)


class Forbidding(OldServer):
    """A server that lets nobody add entries, until a test allows it."""

    forbids = True

    def _carry_out(self, key: str, params: Any) -> dict[str, Any]:
        if not self.forbids:
            return super()._carry_out(key, params)
        message = (
            "com.liferay.portal.kernel.security.auth.PrincipalException$"
            "MustHavePermission: User ada must have ADD_OBJECT_ENTRY permission"
        )
        return {"failedItems": [{"itemIndex": 1, "message": message}]}


def is_answer_of_task(request: Request, answer: Answer) -> bool:
    path = request.path
    return "/import-task/" in path and "/content" not in path and answer.status == 200


def item(code: str, title: str = "new") -> Item:
    return {"externalReferenceCode": code, "title": title}


ITEMS = [item("A"), item("B", "bad"), item("C")]


def write_batch(server: OldServer, policy: Policy, *items: Item) -> Sequence[Outcome]:
    """Write *items* as one batch, always with the same mark."""
    with opened(server) as (installation, _):
        return write(installation, "C_Ticket", *items, policy=policy, number=1)


NO_TASKS = {
    "empty": Answer(b"", 200),
    "no-content": Answer(b"", 204),
    "page": Answer(b"<html>Sign in</html>", 200, {"Content-Type": "text/html"}),
    "text": Answer("done"),
    "list": Answer([1]),
    "null": Answer(None),
    "no-id": Answer({"executeStatus": "COMPLETED"}),
    "500": problem(500, "Internal Server Error", "INTERNAL_SERVER_ERROR"),
}


@pytest.mark.parametrize("answer", NO_TASKS.values(), ids=NO_TASKS)
def test_created_task_is_found_whatever_the_response_to_its_post(
    answer: Answer,
) -> None:
    """The server is asked for the task, and nothing is posted again."""

    def meddle(request: Request, got: Answer) -> Answer:
        is_post = is_answer_of_task(request, got) and request.method == "POST"
        return answer if is_post else got

    server = Meddled(meddle)

    assert kinds(write_batch(server, CONTINUE, *ITEMS)) == [CREATED, FAILED, CREATED]
    assert len(server.tasks) == 1


@pytest.mark.parametrize(
    "answer",
    [
        *NO_TASKS.values(),
        problem(401, "", "UNAUTHORIZED"),
        problem(403, "Forbidden", "FORBIDDEN"),
        problem(404, "No task", "NOT_FOUND"),
        Answer(status=302, headers={"Location": "/c/portal/login"}),
    ],
    ids=[*NO_TASKS, "401", "403", "404", "302"],
)
def test_task_without_progress_leaves_unknown_outcomes(
    answer: Answer,
) -> None:
    """It may still run, or the server may have forgotten it."""

    def meddle(request: Request, got: Answer) -> Answer:
        if not is_answer_of_task(request, got):
            return got
        started = Answer({**got.body, "executeStatus": "STARTED"})
        return started if request.method == "POST" else answer

    server = Meddled(meddle)

    assert kinds(write_batch(server, CONTINUE, *ITEMS)) == [UNKNOWN] * 3

    server.meddle = lambda _, got: got
    assert kinds(write_batch(server, CONTINUE, *ITEMS)) == [CREATED, FAILED, CREATED]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            problem(401, "", "UNAUTHORIZED"),
            "The user 'test@liferay.com' could not sign in. Check the name and the "
            "secret.",
        ),
        (
            problem(403, "Forbidden", "FORBIDDEN"),
            "The user 'test@liferay.com' may not add import tasks: POST "
            "/o/headless-batch-engine/v1.0/import-task/com.liferay.object.rest.dto."
            "v1_0.ObjectEntry was refused. Give the user a role that allows this. "
            "It says: Forbidden",
        ),
        (
            Answer(b"<html>nginx</html>", 413, {"Content-Type": "text/html"}),
            "A request was larger than the server, or a proxy in front of it, accepts "
            "(HTTP 413). Raise its upload limit.",
        ),
        (
            problem(507, "The disk is full.", "INSUFFICIENT_STORAGE"),
            "The server has no space left (HTTP 507). It says: The disk is full.",
        ),
        (
            Answer(status=302, headers={"Location": "/c/portal/login"}),
            "The user 'test@liferay.com' was redirected to the login page. Check the "
            "name and the secret, and that the API of the server accepts this "
            "authentication.",
        ),
        (
            problem(404, "HTTP 404 Not Found", "NOT_FOUND"),
            "The server has nothing there (HTTP 404). It says: HTTP 404 Not Found",
        ),
        (
            Answer(b"", 200),
            "The response is not from a Liferay REST API: it is a page (HTTP 200). "
            "Check the address.",
        ),
    ],
    ids=["401", "403", "413", "507", "302", "404", "empty"],
)
def test_rejected_batch_is_refused_with_the_reason(answer: Answer, reason: str) -> None:
    """Nothing of the batch is stored, so no outcome is unknown."""
    server = Unwilling(answer)

    with pytest.raises(Refused) as caught:
        write_batch(server, CONTINUE, *ITEMS)

    assert caught.value.reason == reason
    assert server.entries == {}


def test_revoked_access_during_an_import_is_reported() -> None:
    """The server would refuse to look the task up, too."""
    locked: list[str] = []

    class Locking(Unwilling):
        def __call__(self, request: Request) -> Answer:
            if request.method == "POST":
                locked.append(request.path)
            return self.answer if locked else super().__call__(request)

    with pytest.raises(Refused, match="could not sign in"):
        write_batch(Locking(problem(401, "", "UNAUTHORIZED")), CONTINUE, *ITEMS)

    assert len(locked) == 1


def test_task_that_cannot_be_looked_up_is_unknown() -> None:
    """It is not posted again, and is not reported as not stored."""

    def meddle(request: Request, got: Answer) -> Answer:
        is_engine = "/import-task/" in request.path
        if is_engine and request.method == "POST":
            return problem(500, "Internal Server Error", "INTERNAL_SERVER_ERROR")
        is_made = is_engine and got.status == 200
        return problem(403, "Forbidden", "FORBIDDEN") if is_made else got

    server = Meddled(meddle)

    assert kinds(write_batch(server, CONTINUE, *ITEMS)) == [UNKNOWN] * 3
    assert list(server.tasks) == ["dmc-contract-1"]


def test_task_without_its_file_is_classified_by_dates_of_creation() -> None:
    """An entry added in the second in which the task began counts as added by it."""

    def meddle(request: Request, got: Answer) -> Answer:
        gone = request.path.endswith("/content")
        return problem(404, "No content", "NOT_FOUND") if gone else got

    server = Meddled(meddle)
    server.add("A", title="old", dateCreated="2025-12-31T23:59:59Z")
    first = write_batch(server, CONTINUE, item("A"), item("C"))
    server.entries["C"]["dateCreated"] = "2026-01-01T00:00:00Z"

    second = write_batch(server, CONTINUE, item("A"), item("C"))

    assert kinds(first) == kinds(second) == [UPDATED, CREATED]


BAD = {"message": "Title is bad"}


@pytest.mark.parametrize(
    "failed",
    [
        [BAD],
        [{**BAD, "itemIndex": 0}],
        [{**BAD, "itemIndex": 9}],
        [{**BAD, "itemIndex": "2"}],
        [{**BAD, "itemIndex": True}],
    ],
    ids=["none", "zero", "beyond", "text", "boolean"],
)
def test_failure_without_an_item_belongs_to_the_missing_item(failed: list[Any]) -> None:
    """An item that may have failed is not reported as stored."""
    server = Meddled(_listing(failed))
    server.add("A", title="new")
    server.add("D", title="old")

    outcomes = write_batch(server, CONTINUE, *ITEMS, item("D"))

    assert kinds(outcomes) == [UNKNOWN, FAILED, CREATED, UPDATED]
    assert failure_of(outcomes[1]) == ("refused", "", "Title is bad")


@pytest.mark.parametrize("failed", [None, {}, "none"], ids=["null", "object", "text"])
def test_task_without_a_list_of_failures_is_compared(failed: Any) -> None:
    outcomes = write_batch(Meddled(_listing(failed)), CONTINUE, *ITEMS)

    assert kinds(outcomes) == [CREATED, FAILED, CREATED]
    assert (
        failure_of(outcomes[1])[2]
        == "The server refused the record and gave no reason."
    )


def test_failed_item_is_identified_by_code_before_number() -> None:
    """Some servers count from 0."""
    shown = '{"externalReferenceCode":"B","title":"bad"}'
    failed = [{**BAD, "itemIndex": 1, "item": shown}]

    outcomes = write_batch(Meddled(_listing(failed)), CONTINUE, *ITEMS)

    assert kinds(outcomes) == [CREATED, FAILED, CREATED]


def _listing(failed: Any) -> Meddling:
    def meddle(request: Request, got: Answer) -> Answer:
        if not is_answer_of_task(request, got):
            return got
        return Answer({**got.body, "failedItems": failed})

    return meddle


def test_item_stored_after_a_failure_keeps_its_outcome() -> None:
    """The server does not stop at the first failure, as it should."""

    def meddle(request: Request, got: Answer) -> Answer:
        if request.method == "POST" and "/import-task/" in request.path:
            server.put(item("C"))
            return Answer({**got.body, "executeStatus": "COMPLETED"})
        return got

    server = Meddled(meddle)

    assert kinds(write_batch(server, STOP, *ITEMS)) == [CREATED, FAILED, CREATED]


@pytest.mark.parametrize("policy", [CONTINUE, STOP], ids=["continue", "stop"])
def test_interrupted_batch_goes_on_once_it_is_written_again(policy: Policy) -> None:
    """What was not written is unknown, and no record is to blame for it."""
    server = Full()
    items = [item(code) for code in "ABCD"]

    first = write_batch(server, policy, *items)
    server.room = 1
    second = write_batch(server, policy, *items)
    server.room = 1
    third = write_batch(server, policy, *items)

    assert kinds(first) == [CREATED, CREATED, UNKNOWN, UNKNOWN]
    assert failure_of(first[2])[2] == (
        "The server could not carry out the batch: Disk full"
    )
    assert kinds(second) == [CREATED, CREATED, CREATED, UNKNOWN]
    assert kinds(third) == [CREATED] * 4
    assert [*server.tasks] == ["dmc-contract-1", "dmc-contract-1r", "dmc-contract-1rn"]


def test_what_was_sent_again_is_counted_as_it_was_the_first_time() -> None:
    """Also by a process that resumes it, which finds less to be sent again."""
    server = Full()
    server.room = 1
    server.add("B", title="new")
    server.add("D", title="old")
    items = [item(code) for code in "ABCDE"]

    kinds_of_each = []
    for room in (1, 9, 0):
        server.room = room
        kinds_of_each.append(kinds(write_batch(server, CONTINUE, *items)))

    assert kinds_of_each == [
        [CREATED, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN],
        [CREATED, UNCHANGED, CREATED, UPDATED, CREATED],
        [CREATED, UNCHANGED, CREATED, UPDATED, CREATED],
    ]


def test_failure_that_an_interrupted_task_did_not_report_is_found() -> None:
    server = Full()
    items = [item("A"), item("B", "bad"), item("C"), item("D")]

    first = write_batch(server, CONTINUE, *items)
    server.room = 1
    second = write_batch(server, CONTINUE, *items)

    assert kinds(first) == [CREATED, UNKNOWN, CREATED, UNKNOWN]
    assert kinds(second) == [CREATED, FAILED, CREATED, CREATED]


def test_batch_without_any_effect_is_restarted() -> None:
    """The mark of the first attempt belongs to a task that never runs again."""
    server = Meddled(lambda _, got: got)
    server.add("A", title="new")
    server.broken = "java.io.IOException: The disk is full"
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            write_batch(server, CONTINUE, *ITEMS)
        assert caught.value.reason == (
            "The server could not carry out the batch: The disk is full"
        )

    server.broken = ""
    first = write_batch(server, CONTINUE, *ITEMS)
    second = write_batch(server, CONTINUE, *ITEMS)

    assert kinds(first) == kinds(second) == [UNCHANGED, FAILED, CREATED]
    assert sorted(server.tasks) == [f"dmc-contract-1{x}" for x in ("", "n", "nn")]


def test_restart_after_a_missing_permission_is_recalled() -> None:
    """The task of the first attempt has ended, and is found first."""
    server = Forbidding()
    batch = Batch(task="t", number=1, items=[item("A")], policy=CONTINUE)
    with opened(server) as (installation, _):
        tickets = type_named(installation, "C_Ticket")
        with pytest.raises(Refused, match="may not import C_Ticket"):
            installation.write(tickets, batch)
        assert installation.recall(tickets, batch) is None
        server.forbids = False
        outcomes = installation.write(tickets, batch)

        assert installation.recall(tickets, batch) == outcomes

    assert kinds(outcomes) == [CREATED]


def test_broken_insert_task_leaves_stored_items_alone() -> None:
    server = Meddled(lambda _, got: got)
    server.add("A", title="old")
    server.broken = "The disk is full"

    with pytest.raises(Refused):
        write_batch(server, INSERT, *ITEMS)


def test_items_after_a_failure_are_skipped_under_stop() -> None:
    server = Meddled(lambda _, got: got)

    outcomes = write_batch(server, STOP, *ITEMS, item("\0"))

    assert kinds(outcomes) == [CREATED, FAILED, SKIPPED, SKIPPED]
