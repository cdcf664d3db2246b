"""The controls' kernel side, spoken to as their scripts in the page do."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import DiskFull, FileUnreadable
from dmc_widgets.widgets.controls import (
    Column,
    DownloadButton,
    PagedTable,
    UploadControl,
    read_chunks,
)
from dmc_widgets.widgets.controls import download_button as download_module
from dmc_widgets.workspace import Upload


class Page:
    """Sends a control what its script would send, and keeps the answers."""

    def __init__(self, control: Any) -> None:
        self.control = control
        self.answers: list[tuple[dict[str, Any], list[bytes]]] = []
        control.send = lambda content, buffers=(): self.answers.append(
            (content, list(buffers))
        )

    def says(self, buffers: tuple[bytes, ...] = (), **content: Any) -> None:
        self.control.simulate_message(content, buffers)


@pytest.fixture
def finished() -> list[tuple[bytes, str]]:
    return []


@pytest.fixture
def upload(tmp_path: Path, finished: list[tuple[bytes, str]]) -> UploadControl:
    return UploadControl(
        lambda name, size: Upload(tmp_path / "uploads", name, size),
        lambda path, name: finished.append((path.read_bytes(), name)),
    )


def test_file_arrives_piece_by_piece(
    upload: UploadControl, finished: list[tuple[bytes, str]]
) -> None:
    """Each piece is acknowledged by the offset that comes next."""
    page = Page(upload)
    page.says(kind="begin", run="r", name="a.json", size=5)
    page.says((b"abc",), kind="piece", run="r", offset=0)
    page.says((b"de",), kind="piece", run="r", offset=3)

    assert [answer["offset"] for answer, _ in page.answers] == [0, 3, 5]
    assert (upload.state, upload.file_name, upload.size) == ("done", "a.json", 5)
    assert finished == [(b"abcde", "a.json")]


@pytest.mark.parametrize(
    ("chosen", "age_s", "offsets"),
    [
        pytest.param({"modified": 7}, 60, [3, 5], id="same-file"),
        pytest.param({"modified": 8}, 60, [0], id="changed-since"),
        pytest.param({}, 60, [0], id="nothing-known-of-it"),
        pytest.param({"modified": 7}, 0, [0], id="still-sent-by-another-page"),
    ],
)
def test_upload_of_a_page_that_is_gone_goes_on_with_the_same_file(
    tmp_path: Path, chosen: dict[str, Any], age_s: int, offsets: list[int]
) -> None:
    """The kernel that knew of it has ended with its page."""
    finished: list[bytes] = []

    def open_page() -> Page:
        return Page(
            UploadControl(
                lambda name, size: Upload(tmp_path, name, size),
                lambda path, _name: finished.append(path.read_bytes()),
            )
        )

    before = open_page()
    before.says(kind="begin", run="r", name="a.json", size=5, modified=7)
    before.says((b"abc",), kind="piece", run="r", offset=0)
    [part] = tmp_path.glob("*.part")
    at = time.time() - age_s
    os.utime(part, (at, at))

    page = open_page()
    page.says(kind="begin", run="s", name="a.json", size=5, **chosen)
    if offsets[0]:
        page.says(kind="begin", run="s", name="a.json", size=5, **chosen)  # again
        page.says((b"de",), kind="piece", run="s", offset=3)
        assert finished == [b"abcde"]
        offsets = [3, *offsets]
    assert [answer["offset"] for answer, _ in page.answers] == offsets


def test_upload_of_another_user_is_not_taken_up(tmp_path: Path) -> None:
    left = Upload(tmp_path, "a.json", 5, owner="ada")
    left.take_up(7)
    left.append(0, b"abc")
    at = time.time() - 60
    os.utime(left.part, (at, at))

    other = Upload(tmp_path, "a.json", 5, owner="bob")
    other.take_up(7)
    assert other.received == 0
    own = Upload(tmp_path, "a.json", 5, owner="ada")
    own.take_up(7)
    assert own.received == 3


def test_empty_file_is_done_at_once(
    upload: UploadControl, finished: list[tuple[bytes, str]]
) -> None:
    Page(upload).says(kind="begin", run="r", name="a.json", size=0)

    assert (upload.state, finished) == ("done", [(b"", "a.json")])


def test_cancelled_upload_leaves_nothing(upload: UploadControl, tmp_path: Path) -> None:
    page = Page(upload)
    page.says(kind="begin", run="r", name="a.json", size=5)
    page.says((b"abc",), kind="piece", run="r", offset=0)
    page.says(kind="cancel", run="r")
    page.says((b"de",), kind="piece", run="r", offset=3)  # was under way already

    assert upload.state == "idle"
    assert list((tmp_path / "uploads").iterdir()) == []


def test_unaccepted_extension_is_refused_with_the_accepted_ones(
    upload: UploadControl,
) -> None:
    Page(upload).says(kind="begin", run="r", name="photo.png", size=5)

    assert (upload.state, upload.error) == (
        "failed",
        "Choose a file of one of these kinds: .json, .jsonl, .zip, .csv.",
    )


def test_error_of_the_workspace_is_shown(tmp_path: Path) -> None:
    def no_room(_name: str, _size: int) -> Upload:
        raise DiskFull(str(tmp_path), "the disk is full.")

    control = UploadControl(no_room, lambda _path, _name: None)
    Page(control).says(kind="begin", run="r", name="a.json", size=5)

    assert (control.state, control.error) == (
        "failed",
        f"{tmp_path}: the disk is full.",
    )


def test_unusable_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    def refuse(_path: Path, name: str) -> None:
        raise FileUnreadable(name, "this is not JSON.")

    control = UploadControl(lambda name, size: Upload(tmp_path, name, size), refuse)
    Page(control).says(kind="begin", run="r", name="a.json", size=0)

    assert (control.state, control.error) == ("failed", "a.json: this is not JSON.")


def test_download_comes_in_pieces_of_one_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asks for each piece, so neither side holds the file."""
    monkeypatch.setattr(download_module, "_PIECE_BYTES", 4)
    path = tmp_path / "Export.zip"
    path.write_bytes(b"0123456789")
    page = Page(DownloadButton("Download", lambda: (path.name, read_chunks(path))))
    page.says(kind="start", run="r")
    for _ in range(4):
        page.says(kind="next", run="r")

    assert page.answers == [
        ({"kind": "open", "run": "r", "name": "Export.zip", "size": 10}, []),
        ({"kind": "piece", "run": "r", "number": 0, "last": False}, [b"0123"]),
        ({"kind": "piece", "run": "r", "number": 1, "last": False}, [b"4567"]),
        ({"kind": "piece", "run": "r", "number": 2, "last": False}, [b"89"]),
        ({"kind": "piece", "run": "r", "number": 3, "last": True}, [b""]),
    ]
    assert page.control.state == "idle"


def test_failing_download_shows_the_reason() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x"
        raise FileUnreadable(source="Export.zip", reason="it is gone.")

    page = Page(DownloadButton("Download", lambda: ("Export.zip", chunks())))
    page.says(kind="start", run="r")
    page.says(kind="next", run="r")

    assert (page.control.state, page.control.error) == (
        "failed",
        "Export.zip: it is gone.",
    )


class Numbers:
    """Rows 1 to 45, of which a query keeps those that hold it."""

    def __init__(self) -> None:
        self.last = 45

    def _matches(self, query: str) -> list[int]:
        return [number for number in range(1, self.last + 1) if query in str(number)]

    def count(self, query: str) -> int:
        return len(self._matches(query))

    def rows(
        self, offset: int, limit: int, sort: tuple[str, bool] | None, query: str
    ) -> list[dict[str, Any]]:
        numbers = sorted(self._matches(query), reverse=bool(sort and sort[1]))
        page = numbers[offset : offset + limit]
        return [{"key": str(number), "number": number} for number in page]


def ask(page: Page, **view: Any) -> list[str]:
    asked = {"request": "1", "offset": 0, "limit": 20, "sort": None, "query": ""}
    page.says(kind="ask", view={**asked, **view})
    return [row["key"] for row in page.control.page["rows"]]


def test_table_sends_one_page_at_a_time() -> None:
    page = Page(PagedTable(Numbers(), [Column("number", "Number")], label="Numbers"))

    assert ask(page, offset=40) == ["41", "42", "43", "44", "45"]
    assert ask(page, limit=10, sort=["number", True])[:2] == ["45", "44"]
    assert ask(page, query="44") == ["44"]
    assert page.control.page["total"] == 1


def test_request_past_the_end_gets_the_last_page() -> None:
    numbers = Numbers()
    page = Page(PagedTable(numbers, [Column("number", "Number")], label="Numbers"))
    ask(page, offset=40)
    numbers.last = 25
    page.control.refresh()

    assert [row["key"] for row in page.control.page["rows"]] == [
        "21",
        "22",
        "23",
        "24",
        "25",
    ]


def test_links_and_actions_reach_their_callbacks() -> None:
    calls: list[tuple[str, ...]] = []
    table = PagedTable(
        Numbers(),
        [Column("number", "Number")],
        label="Numbers",
        on_action=lambda key, action: calls.append((key, action)),
        on_link=lambda key: calls.append((key,)),
        on_select=calls.append,
    )
    page = Page(table)
    page.says(kind="action", key="7", action="delete")
    page.says(kind="link", key="8")
    table.selected = ("1", "2")

    assert calls == [("7", "delete"), ("8",), ("1", "2")]
