"""Messages when a long task ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import NameTaken, NotSupported, UnknownName
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.task import Counts, Progress, Task, TaskStatus
from dmc_widgets.tasks.notifications import Notification, format_message
from dmc_widgets.workspace import Workspace
from tests.tasks.conftest import RunImport

# Apprise loads its services when they are named; one imports what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")

TASK = Task(
    id=12,
    name="March",
    installation="Production",
    plan=ImportPlan(entity_type="x.ObjectEntry#C_Ticket"),
    author="ada",
    created="2026-11-28T18:00:00.000Z",
    modified="2026-11-28T18:02:05.000Z",
    status=TaskStatus.FAILED,
    counts=Counts(created=800, failed=2),
    progress=Progress(1, 1, 1000.0, 1125.0),
)


class Webhook(HTTPServer):
    """A service that keeps what it is sent, and answers as the test wants."""

    received: list[dict[str, Any]]
    status = 200


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.received.append(json.loads(body))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Write nothing."""

    server = Webhook(("127.0.0.1", 0), Handler)
    server.received = []
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    address = f"json://127.0.0.1:{server.server_port}/secret-token"
    monkeypatch.setenv("DMC_NOTIFY_OPS_CHAT", address)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def add(center: Center, webhook: Webhook, **choices: Any) -> Notification:
    address = f"json://127.0.0.1:{webhook.server_port}/secret-token"
    return center.notifications.add("Ops chat", address, **choices)


def ticket(number: int) -> dict[str, Any]:
    return {"externalReferenceCode": f"T-{number}", "title": "A"}


def test_webhook_is_called_when_a_task_has_ended(
    center: Center, webhook: Webhook, run_import: RunImport
) -> None:
    add(center, webhook, after_s=0)
    task = run_import([ticket(1), ticket(2)])

    (message,) = webhook.received
    assert message["title"] == "Import of C_Ticket (target): Completed"
    assert message["message"].startswith(f"Task {task.id}, test: 2 created.")
    (event,) = center.history.events(task, event="Notify")
    assert event.detail == "Sent to Ops chat."


@pytest.mark.parametrize(
    "choices",
    [{"after_s": 60}, {"after_s": 0, "only_failed": True}],
    ids=["short", "completed"],
)
def test_other_tasks_are_passed_over(
    center: Center,
    webhook: Webhook,
    run_import: RunImport,
    choices: dict[str, Any],
) -> None:
    add(center, webhook, **choices)
    run_import([ticket(1)])

    assert webhook.received == []


def test_service_that_refuses_does_not_harm_the_task(
    center: Center, webhook: Webhook, run_import: RunImport
) -> None:
    webhook.status = 500
    add(center, webhook, after_s=0)
    task = run_import([ticket(1)])

    assert task.status is TaskStatus.COMPLETED
    (event,) = center.history.events(task, event="Notify")
    assert event.detail == "Not taken by Ops chat."


def test_address_is_stored_nowhere_in_the_workspace(
    center: Center, workspace: Workspace, webhook: Webhook
) -> None:
    added = add(center, webhook)

    assert added.service == "json://127.0.0.1"
    assert center.notifications.list() == [added]
    workspace.close()
    for path in workspace.path.rglob("*"):
        if path.is_file():
            assert b"secret-token" not in path.read_bytes()


def test_test_message_arrives_at_once(center: Center, webhook: Webhook) -> None:
    add(center, webhook, after_s=3600)

    assert center.notifications.test("Ops chat")
    assert webhook.received[0]["title"] == "dmc: a test"
    center.notifications.remove("Ops chat")
    assert center.notifications.list() == []
    with pytest.raises(UnknownName):
        center.notifications.test("Ops chat")


def test_wrong_addresses_and_taken_names_are_refused(
    center: Center, webhook: Webhook
) -> None:
    add(center, webhook)
    with pytest.raises(NameTaken):
        add(center, webhook)
    with pytest.raises(NotSupported) as caught:
        center.notifications.add("Other", "no-address")
    assert str(caught.value) == (
        "The address of the notification is of no known kind. Give one of Apprise, "
        "such as mailto://user:password@example.com or jsons://hooks.example.com/path."
    )
    with pytest.raises(NotSupported) as missing:
        center.notifications.add("Other", "json://127.0.0.1/other")
    assert "DMC_NOTIFY_OTHER" in str(missing.value)


def test_message_holds_counts_and_no_value_of_a_record() -> None:
    """The error of a failed record could hold one; an error with a code does not."""
    stopped = replace(TASK, error="Record 3: 'Ada Lovelace' is too long.")
    unreachable = replace(TASK, error="Production does not answer.", error_code="x")

    assert format_message(stopped) == (
        "Import of C_Ticket (Production): Failed",
        "Task 12, March: 800 created, 2 failed.\n"
        "It took 2:05 minutes and was started by ada.\n"
        "Details: dmc task show 12",
    )
    assert "Production does not answer." in format_message(unreachable)[1]
