"""Downloads: only from allowed hosts, whatever they redirect to, and never endless."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan, NotPermitted, Refused, Unreachable
from dmc_widgets.model.roles import Role
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.downloads import Download, find_address, parse_source_url

pytestmark = pytest.mark.own_file  # nothing here asks the database

LOCAL = frozenset({"127.0.0.1"})


class _Files(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        place = self.headers["Host"]
        match self.path:
            case "/people.csv":
                self._answer(200, b"a\n1\n", **{"Content-Length": "4"})
            case "/open":
                self._answer(200, b"a\n1\n", **{"Content-Disposition": _NAMED})
            case "/short.csv":
                self._answer(200, b"a\n", **{"Content-Length": "9"})
            case "/moved.csv":
                self._answer(302, b"", Location=f"http://{place}/people.csv")
            case "/away.csv":
                self._answer(302, b"", Location="http://169.254.169.254/secret.csv")
            case "/circle.csv":
                self._answer(302, b"", Location="/circle.csv")
            case _:
                self._answer(404, b"")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


_NAMED = 'attachment; filename="../../etc/March 2026.csv"'


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """A server of this machine: its host and port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def read(url: str, host: str, limit: int = 1000) -> tuple[str, bytes]:
    with closing(Download(url, {host}, limit)) as download:
        return download.body.name, b"".join(download.body.pieces)


def test_file_comes_with_its_name_and_by_a_redirect_to_the_same_host(host: str) -> None:
    assert read(f"http://{host}/people.csv", host) == ("people.csv", b"a\n1\n")
    assert read(f"http://{host}/moved.csv", host) == ("people.csv", b"a\n1\n")
    assert read(f"http://{host}/open", host) == ("March 2026.csv", b"a\n1\n")


@pytest.mark.parametrize(
    ("path", "limit", "error", "text"),
    [
        ("away.csv", 1000, InvalidPlan, "169.254.169.254 is not a host that is"),
        ("circle.csv", 1000, Refused, "it redirects more than 5 times."),
        ("none.csv", 1000, Refused, "it answered 404 Not Found. Check the address."),
        ("people.csv", 3, Refused, "the file is larger than"),
        ("open", 3, Refused, "the file is larger than"),
        ("short.csv", 1000, Unreachable, "the connection broke at byte 2."),
    ],
)
def test_what_cannot_be_taken_says_why(
    host: str, path: str, limit: int, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        read(f"http://{host}/{path}", host, limit)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("file:///etc/passwd", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://a.example:port/x", "begins with https://"),
        ("https://me:secret@a.example/x", "a user or a password"),
        ("https://a.example/x y", "An address has no blanks"),
        ("https://b.example/x", "b.example is not a host that is allowed: a.example."),
        ("https://a.example:444/x", "a.example:444 is not a host that is allowed"),
        ("https://a.example.evil.example/x", "is not a host that is allowed"),
    ],
)
def test_address_is_that_of_a_file_on_an_allowed_host(url: str, text: str) -> None:
    with pytest.raises(InvalidPlan, match=text):
        parse_source_url(url, {"a.example"})


def test_private_address_has_to_be_allowed_by_itself() -> None:
    """An allowed name may come to lead into a private network at any time."""
    parts = parse_source_url("http://localhost/a.csv", {"localhost"})

    with pytest.raises(InvalidPlan, match="of this machine or of a private network"):
        find_address(parts, {"localhost"})
    assert find_address(parts, {"localhost", "127.0.0.1", "::1"}) in LOCAL | {"::1"}


def test_center_takes_files_into_the_workspace_or_leaves_nothing(
    host: str, tmp_path: Path
) -> None:
    folder = tmp_path / "imports"
    folder.mkdir()
    (folder / "a.csv").write_text("a\n1\n")
    with open_center(tmp_path) as center:  # the workspace is around the folder
        center.sources.allow([tmp_path], [host])
        assert center.sources.list_files().files == ()

    with open_center(tmp_path / "ws") as center:
        assert not center.sources.may_use
        center.sources.allow([folder], [host])
        taken = center.sources.take_file("imports", "a.csv")
        url = f"http://{host}/open"
        shown: list[tuple[int, int | None]] = []
        loaded = center.sources.download(url, lambda *now: shown.append(now))
        assert center.sources.download(url, is_cancelled=lambda: True) is None

        assert taken is not None
        assert taken.path.read_text() == "a\n1\n"
        assert loaded is not None
        assert (loaded.name, loaded.path.read_text()) == ("March 2026.csv", "a\n1\n")
        assert shown == [(4, None)]
        assert (folder / "a.csv").exists()
        assert len(list((tmp_path / "ws" / "uploads").iterdir())) == 2


def test_only_users_who_may_import_somewhere_see_the_sources(
    host: str, tmp_path: Path
) -> None:
    """The center asks, so that no form and no program can forget it."""
    workspace = Workspace(tmp_path / "ws")
    users = workspace.users
    users.add("ada", "correct horse battery", {"Production": Role.IMPORT})
    users.add("eve", "correct horse battery", {"*": Role.EXPORT})
    workspace.close()
    (tmp_path / "imports").mkdir()

    for user, may in (("ada", True), ("eve", False)):
        with Center(Workspace(tmp_path / "ws", user=user)) as center:
            center.sources.allow([tmp_path / "imports"], [host])
            assert center.sources.may_use is may

    with Center(Workspace(tmp_path / "ws", user="eve")) as center:
        center.sources.allow([tmp_path / "imports"], [host])
        for take in (
            center.sources.list_files,
            lambda: center.sources.take_file("imports", "a.csv"),
            lambda: center.sources.download(f"http://{host}/people.csv"),
        ):
            with pytest.raises(NotPermitted):
                take()
