"""An old Liferay server in memory, with differences that a test can switch."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.connect_options import ConnectOptions
from dmc_widgets.installations.liferay import open_liferay
from dmc_widgets.installations.liferay.http.client import Limits
from dmc_widgets.installations.liferay.installation import LiferayInstallation
from dmc_widgets.model.access import Access
from dmc_widgets.objects.fields.encrypted import Secret
from tests.installations.canned_server import (
    DEFINITIONS,
    Answer,
    Canned,
    Request,
    canned,
    page,
    problem,
)
from tests.sandbox.conftest import SETTINGS

CALLER = ConnectOptions(
    access=Access(user=SETTINGS.user), secret=Secret(SETTINGS.password)
)
QUICK = Limits(tries=3, wait_s=0.01, longest_wait_s=0.05, poll_s=0.01, answer_s=20)
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


_TEXT = {"Content-Type": "text/plain"}
_NO_UPSERT = (
    "javax.ws.rs.NotSupportedException: "
    'Create strategy "UPSERT" is not supported for object entry'
)


class OldServer:
    """A Liferay server with one object, in memory.

    An entry whose title is *bad* is refused.

    Attributes:
        entries: The entries by code, in the order in which they were added.
        page_size: The largest page that it returns.
        filters: It supports filters.
        upserts_parts: It upserts changed fields in batches.
    """

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {}
        self.page_size = 500
        self.filters = True
        self.upserts_parts = False
        self.tasks: dict[str, dict[str, Any]] = {}
        self.contents: dict[str, bytes] = {}

    def add(self, code: str, **values: Any) -> None:
        entry = {"externalReferenceCode": code, "id": len(self.entries) + 1, **values}
        self.entries[code] = entry

    def put(self, item: dict[str, Any]) -> dict[str, Any]:
        """Add an entry, or change those of its values that *item* has."""
        code = item["externalReferenceCode"]
        if code not in self.entries:
            self.add(code)
        self.entries[code] |= item
        return self.entries[code]

    def __call__(self, request: Request) -> Answer:
        if request.path == DEFINITIONS:
            return page(TICKETS)
        if request.path.startswith("/o/headless-admin-list-type"):
            return page()
        if "/import-task/" in request.path:
            return self._task(request)
        if request.path.startswith("/o/c/tickets/"):
            return self._one(request, unquote(request.path.rpartition("/")[2]))
        if request.path == "/o/c/tickets":
            return self._list(request)
        return problem(404, "No such thing", "NOT_FOUND")

    def _list(self, request: Request) -> Answer:
        if request.method == "POST":
            return Answer(self.put(json.loads(request.body)))
        entries = list(self.entries.values())
        if "filter" in request.params:
            if not self.filters:
                return problem(400, "No filters", "BAD_REQUEST")
            entries = [
                entry
                for entry in entries
                if f"'{entry['externalReferenceCode']}'" in request.params["filter"]
            ]
        size = min(int(request.params["pageSize"]), self.page_size)
        at = (int(request.params["page"]) - 1) * size
        last = max(1, -(-len(entries) // size))
        return page(
            *entries[at : at + size],
            lastPage=last,
            pageSize=size,
            totalCount=len(entries),
        )

    def _one(self, request: Request, named: str) -> Answer:
        """Answer for an entry named by its code or, to be changed, by its id."""
        by_code = "by-external-reference-code" in request.path
        names = {
            code if by_code else str(entry["id"]): code
            for code, entry in self.entries.items()
        }
        if named not in names:
            return problem(404, "No ObjectEntry", "NOT_FOUND")
        code = names[named]
        if request.method == "PATCH" and not by_code:
            item = json.loads(request.body)
            if item.get("title") == "bad":
                return problem(400, "Title is bad", "BAD_REQUEST")
            self.put({**item, "externalReferenceCode": code})
        return Answer(self.entries[code])

    def _task(self, request: Request) -> Answer:
        key = request.path.removesuffix("/content").rpartition("/")[2]
        if request.method == "POST":
            key = request.params["externalReferenceCode"]
            if key in self.tasks:
                return Answer(f"Duplicate {key}".encode(), 400, _TEXT)
            self.contents[key] = _file_in(request)
            self.tasks[key] = {
                "id": key,
                "errorMessage": "",
                "executeStatus": "COMPLETED",
                "failedItems": [],
                "startTime": "2026-01-01T00:00:00Z",
            } | self._carry_out(key, request.params)
        if key not in self.tasks:
            return problem(404, "No task", "NOT_FOUND")
        if request.path.endswith("/content"):
            return Answer(self.contents[key])
        return Answer(self.tasks[key])

    def _carry_out(self, key: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Store the items of a task; return the properties that report failures."""
        if params["updateStrategy"] == "PARTIAL_UPDATE" and not self.upserts_parts:
            return _stopped(1, {}, _NO_UPSERT)
        failed: list[dict[str, Any]] = []
        for index, item in enumerate(_items_in(self.contents[key]), start=1):
            known = item["externalReferenceCode"] in self.entries
            if item.get("title") == "bad":
                message = "Title is bad"
            elif known and params["createStrategy"] == "INSERT":
                message = "Duplicate"
            else:
                self.put(item)
                continue
            if params["importStrategy"] == "ON_ERROR_FAIL":
                return _stopped(index, item, message)
            failed.append(_failed_item(index, item, message))
        return {"failedItems": failed}


def _failed_item(index: int, item: Any, message: str) -> dict[str, Any]:
    return {"item": json.dumps(item), "itemIndex": index, "message": message}


def _stopped(index: int, item: Any, message: str) -> dict[str, Any]:
    """Return the properties of a task that stopped at an item."""
    return {
        "errorMessage": message,
        "executeStatus": "FAILED",
        "failedItems": [_failed_item(index, item, message)],
    }


def _items_in(content: bytes) -> list[dict[str, Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [json.loads(x) for x in archive.read("batch.jsonl").splitlines()]


def _file_in(request: Request) -> bytes:
    """Return the zip archive in a multipart body."""
    start = request.body.index(b"PK\x03\x04")
    return request.body[start : request.body.rindex(b"\r\n--")]


@contextmanager
def opened(server: OldServer) -> Iterator[tuple[LiferayInstallation, Canned]]:
    with canned(server) as running:
        installation = open_liferay(parse_address(running.url), CALLER, QUICK)
        try:
            yield installation, running
        finally:
            installation.close()
