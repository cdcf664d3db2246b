"""Fetching a file for the import form: taken on the page's thread, or cancelled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center
from dmc_widgets.center.sources import ReceivedFile
from dmc_widgets.states.paths.server_source import ServerSource


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    folder = tmp_path / "imports"
    folder.mkdir()
    (folder / "a.csv").write_text("a\n1\n")
    with open_center(tmp_path / "ws") as opened:
        opened.sources.allow([folder], ["files.example.com"])
        yield opened


def wait(source: ServerSource) -> None:
    until = time.monotonic() + 30
    while source.is_busy:
        assert time.monotonic() < until, "The file did not come."
        time.sleep(0.01)
        source.poll()


def test_a_file_of_the_server_is_listed_and_taken(center: Center) -> None:
    taken: list[ReceivedFile] = []
    source = ServerSource(center)
    source.take = taken.append
    source.load()
    source.list_files()

    assert (source.has_folders, source.has_hosts) == (True, True)
    source.fetch_file(source.files[0])
    assert (source.is_busy, source.name) == (True, "a.csv")
    wait(source)

    assert [file.name for file in taken] == ["a.csv"]
    assert (source.received, source.name, source.error) == (4, "", "")


def test_what_is_refused_says_why(center: Center) -> None:
    source = ServerSource(center)
    source.url = "https://elsewhere.example/a.csv"

    source.fetch_url()
    wait(source)

    assert source.error == (
        "elsewhere.example is not a host that is allowed: files.example.com. The "
        "option --allowed-source of dmc serve allows hosts and stores."
    )
    assert source.url == "https://elsewhere.example/a.csv"


def test_a_cancelled_file_is_not_taken_and_leaves_nothing(center: Center) -> None:
    taken: list[ReceivedFile] = []
    source = ServerSource(center)
    source.take = taken.append
    source.list_files()

    source.fetch_file(source.files[0])
    source.cancel()
    source.poll()

    assert (source.is_busy, taken) == (False, [])
    uploads = center.workspace_path / "uploads"
    until = time.monotonic() + 30
    while uploads.exists() and list(uploads.iterdir()):
        assert time.monotonic() < until, "The file was left."
        time.sleep(0.01)


def test_without_folders_and_hosts_there_is_no_source(tmp_path: Path) -> None:
    with open_center(tmp_path / "ws") as center:
        source = ServerSource(center)
        source.load()

        assert (source.has_folders, source.has_hosts) == (False, False)
