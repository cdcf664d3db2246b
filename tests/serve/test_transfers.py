"""The routes of files: uploads and downloads of a real server, cut and attacked."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets.serve.byte_ranges import ByteRange, UnusableRange, parse_range
from dmc_widgets.serve.transfer_routes import content_disposition
from dmc_widgets.storage import transfers
from dmc_widgets.storage.transfers import Direction, TransferStore
from dmc_widgets.workspace import Workspace
from tests.serve.test_access import Answer, Server, run_server

DATA = random.Random(7).randbytes(3_000_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("log") / "stderr"
    with run_server(folder, log) as running:
        yield running
    assert log.read_text() == ""


@pytest.fixture(scope="module")
def cookie(server: Server) -> str:
    return server.cookie()


@pytest.fixture
def store(folder: Path) -> TransferStore:
    return TransferStore(folder)


@pytest.fixture
def headers(server: Server, cookie: str) -> dict[str, str]:
    own = {"Host": server.host, "Cookie": cookie, "Origin": f"http://{server.host}"}
    return {**own, "Connection": "close"}


class Sending:
    """One upload of a kernel, and requests that bring its pieces."""

    def __init__(
        self, folder: Path, server: Server, headers: dict[str, str], size: int
    ) -> None:
        with_workspace = Workspace(folder)
        self.upload = with_workspace.new_upload("tickets.json", size)
        with_workspace.close()
        self.store = TransferStore(folder)
        self.token = self.store.add(
            Direction.UPLOAD, self.upload.part, name="t", size=size, environment={}
        )
        self.server, self.headers = server, headers
        self.target = f"/transfers/upload/{self.token}"

    def send(self, offset: object, data: bytes, **more: str) -> Answer:
        given = {"Upload-Offset": str(offset), "Content-Length": str(len(data))}
        all_headers = {**self.headers, **given, **more}
        kept = {name: value for name, value in all_headers.items() if value}
        return self.server.ask(self.target, kept, start="PATCH {} HTTP/1.1", body=data)

    def offset(self) -> str:
        answer = self.server.ask(self.target, self.headers, start="HEAD {} HTTP/1.1")
        assert answer.status == 200
        return answer.headers("Upload-Offset")[0]


@pytest.fixture
def sending(folder: Path, server: Server, headers: dict[str, str]) -> Sending:
    return Sending(folder, server, headers, len(DATA))


def test_upload_arrives_by_pieces_with_its_digest(sending: Sending) -> None:
    """The digest is made while the file arrives: it is not read again."""
    half = 1_500_000
    assert sending.send(0, DATA[:half]).status == 204
    answer = sending.send(half, DATA[half:])

    assert (answer.status, answer.headers("Upload-Offset")) == (204, ["3000000"])
    assert sending.store.digest(sending.token) == hashlib.sha256(DATA).hexdigest()
    assert sending.upload.finish().read_bytes() == DATA


def test_cut_upload_goes_on_at_the_offset_of_the_disk(sending: Sending) -> None:
    """Half a piece arrives, the connection is reset, the rest comes by another."""
    lines = {**sending.headers, "Upload-Offset": "0", "Content-Length": "2000000"}
    head = f"PATCH {sending.target} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in lines.items()
    )
    with socket.create_connection(("127.0.0.1", sending.server.port)) as channel:
        channel.sendall(head.encode() + b"\r\n" + DATA[:700_000])
    offset = int(sending.offset())
    assert 0 <= offset <= 700_000

    answer = sending.send(offset, DATA[offset:])
    while answer.status == 409:  # more of the first piece was on its way
        offset = int(answer.headers("Upload-Offset")[0])
        answer = sending.send(offset, DATA[offset:])
    assert answer.status == 204
    assert sending.store.digest(sending.token) == hashlib.sha256(DATA).hexdigest()


def test_wrong_offset_is_answered_with_the_right_one(sending: Sending) -> None:
    sending.send(0, DATA[:10])

    answer = sending.send(5, DATA[5:10])

    assert (answer.status, answer.headers("Upload-Offset")) == (409, ["10"])
    assert sending.upload.received == 10


@pytest.mark.parametrize(
    ("offset", "more", "status"),
    [
        pytest.param(0, {"Origin": "http://evil.example"}, 403, id="other-website"),
        pytest.param(0, {"Origin": ""}, 403, id="no-origin"),
        pytest.param(0, {"Cookie": ""}, 403, id="not-signed-in"),
        pytest.param(0, {"Host": "evil.example"}, 403, id="rebound-name"),
        pytest.param("-1", {}, 400, id="negative"),
        pytest.param("1e3", {}, 400, id="no-number"),
        pytest.param("9" * 30, {}, 400, id="huge"),
        pytest.param(0, {"Content-Length": "9000000"}, 413, id="too-long-a-piece"),
        pytest.param(0, {"Content-Length": "3000001"}, 400, id="longer-than-stated"),
    ],
)
def test_piece_that_should_not_come_changes_nothing(
    sending: Sending, offset: object, more: dict[str, str], status: int
) -> None:
    assert sending.send(offset, b"abc", **more).status == status
    assert sending.upload.received == 0


@pytest.mark.parametrize(
    "token",
    ["x", "A" * 43, "../../../etc/passwd", "..%2f..%2fworkspace.db", "%00" * 5],
)
@pytest.mark.parametrize("direction", list(Direction))
def test_guessed_token_finds_nothing(
    server: Server, headers: dict[str, str], direction: Direction, token: str
) -> None:
    answer = server.ask(f"/transfers/{direction}/{token}", headers)

    assert answer.status in {404, 405}
    assert "SQLite" not in answer.body


def offer(folder: Path, name: str, data: bytes, **environment: str) -> str:
    path = folder / "tasks" / "1" / "exported.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return TransferStore(folder).add(
        Direction.DOWNLOAD, path, name=name, size=len(data), environment=environment
    )


def test_download_has_its_total_a_name_and_a_tag(
    server: Server, folder: Path, headers: dict[str, str]
) -> None:
    token = offer(folder, "Kunden ü.zip", b"0123456789")

    answer = server.ask(f"/transfers/download/{token}", headers)

    assert (answer.status, answer.body) == (200, "0123456789")
    assert answer.headers("Content-Length") == ["10"]
    assert answer.headers("Accept-Ranges") == ["bytes"]
    assert answer.headers("Content-Type") == ["application/octet-stream"]
    assert answer.headers("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers("Content-Disposition") == [
        "attachment; filename=\"Kunden ?.zip\"; filename*=UTF-8''Kunden%20%C3%BC.zip"
    ]


def test_cut_download_goes_on_by_a_range(
    server: Server, folder: Path, headers: dict[str, str]
) -> None:
    """A browser asks for the rest, if the file is still the one that it began."""
    token = offer(folder, "a.zip", b"0123456789")
    target = f"/transfers/download/{token}"
    (tag,) = server.ask(target, headers).headers("ETag")
    rest = {**headers, "Range": "bytes=4-"}

    same = server.ask(target, {**rest, "If-Range": tag})
    other = server.ask(target, {**rest, "If-Range": '"another"'})
    behind = server.ask(target, {**rest, "Range": "bytes=10-"})

    assert (same.status, same.body) == (206, "456789")
    assert same.headers("Content-Range") == ["bytes 4-9/10"]
    assert (other.status, other.body) == (200, "0123456789")
    assert (behind.status, behind.headers("Content-Range")) == (416, ["bytes */10"])


def test_handle_of_another_user_is_as_good_as_none(
    server: Server, folder: Path, headers: dict[str, str]
) -> None:
    token = offer(folder, "a.zip", b"secret", DMC_USER="ada")

    assert server.ask(f"/transfers/download/{token}", headers).status == 404


def test_only_files_of_tasks_and_uploads_are_offered(
    store: TransferStore, folder: Path, tmp_path: Path
) -> None:
    """Not the database, nothing outside, and no link to either."""
    task = folder / "tasks" / "2"
    task.mkdir(parents=True, exist_ok=True)
    outside = tmp_path / "passwd"
    outside.write_text("root")
    link = task / "link.zip"
    link.symlink_to(outside)
    inner = task / "inner.zip"
    inner.symlink_to(folder / "workspace.db")

    for path in (outside, link, inner, task, folder / "workspace.db", task / "none"):
        assert not store.covers(Direction.DOWNLOAD, path)
        with pytest.raises(ValueError, match="may not be transferred"):
            store.add(Direction.DOWNLOAD, path, name="x", size=1)


def test_file_replaced_by_a_link_is_not_served(
    server: Server, folder: Path, headers: dict[str, str]
) -> None:
    token = offer(folder, "a.zip", b"abc")
    path = folder / "tasks" / "1" / "exported.zip"
    path.unlink()
    path.symlink_to("/etc/passwd")

    assert server.ask(f"/transfers/download/{token}", headers).status == 404
    path.unlink()


def test_handles_expire_and_do_not_show_their_token(
    store: TransferStore, folder: Path
) -> None:
    token = offer(folder, "a.zip", b"abc")
    assert store.find(token, Direction.DOWNLOAD) is not None
    assert store.find(token, Direction.UPLOAD) is None
    (path,) = [
        path
        for path in (folder / "transfers").iterdir()
        if path.stem == hashlib.sha256(token.encode()).hexdigest()
    ]
    assert token not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0

    old = path.stat().st_mtime - transfers.IDLE_S - 1
    os.utime(path, (old, old))

    assert store.find(token, Direction.DOWNLOAD) is None
    store.remove_stale()
    assert not path.exists()


def test_handle_is_void_a_day_after_it_was_made(
    store: TransferStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is used."""
    token = offer(folder, "a.zip", b"abc")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + transfers.AGE_S + 1)
    later = now + transfers.AGE_S
    os.utime(store._path(token), (later, later))

    assert store.find(token, Direction.DOWNLOAD) is None


@pytest.mark.parametrize(
    ("name", "header"),
    [
        (
            'a"; filename="evil.exe',
            'attachment; filename="a__ filename=_evil.exe"; '
            "filename*=UTF-8''a__%20filename%3D_evil.exe",
        ),
        (
            "a\r\nSet-Cookie: x=1",
            'attachment; filename="a__Set-Cookie_ x=1"; '
            "filename*=UTF-8''a__Set-Cookie_%20x%3D1",
        ),
        (
            "../../etc/passwd",
            "attachment; filename=\"_.._etc_passwd\"; filename*=UTF-8''_.._etc_passwd",
        ),
        (
            "\u202egpj.exe",
            "attachment; filename=\"_gpj.exe\"; filename*=UTF-8''_gpj.exe",
        ),
        ("...", "attachment; filename=\"download\"; filename*=UTF-8''download"),
    ],
)
def test_name_of_a_stranger_stays_a_name(name: str, header: str) -> None:
    assert content_disposition(name) == header


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-", ByteRange(0, 10)),
        ("bytes=2-4", ByteRange(2, 3)),
        ("bytes=2-400", ByteRange(2, 8)),
        ("bytes=-3", ByteRange(7, 3)),
        ("bytes=-300", ByteRange(0, 10)),
        ("bytes=0-1,3-4", None),
        ("bytes=-", None),
        ("rows=1-2", None),
    ],
)
def test_range_is_a_part_of_the_file(header: str, part: ByteRange | None) -> None:
    assert parse_range(header, 10) == part


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=4-2", "bytes=-0"])
def test_range_outside_the_file_is_refused(header: str) -> None:
    with pytest.raises(UnusableRange):
        parse_range(header, 10)
